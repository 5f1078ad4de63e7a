package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
)

func (e *env) accountCommand() *cobra.Command {
	return group("account", "Manage upstream accounts",
		e.accountAdd(), e.accountList(), e.accountShow(),
		e.accountVerb("enable", "Let an account take requests", "EnableAccount"),
		e.accountVerb("disable", "Keep an account but send it nothing", "DisableAccount"),
		e.accountRemove(), e.accountTest())
}

func (e *env) accountAdd() *cobra.Command {
	var req admin.AddAccountRequest
	var fromStdin, test bool
	c := &cobra.Command{
		Use: "add --provider KIND --name NAME", Short: "Add an account", Args: noArgs,
		Long: "Adds an account. Its secret (an API key, the JSON key of a service account, a refresh token) is read from standard input or a prompt, never from the command line.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if req.Provider == "" || strings.TrimSpace(req.Name) == "" {
				return usagef("account add needs --provider and --name")
			}
			req.SkipTest = !test
			return e.addAccount(cmd.Context(), req, fromStdin)
		},
	}
	f := c.Flags()
	f.StringVar(&req.Provider, "provider", "", "kind of account: gemini, vertex, google, anthropic or openai")
	f.StringVar(&req.Name, "name", "", "a name of your choice")
	f.StringVar(&req.BaseURL, "base-url", "", "another address than the provider's own")
	f.StringVar(&req.Auth, "auth", "", "vertex: adc uses the application-default credentials that GOOGLE_APPLICATION_CREDENTIALS or this machine has, instead of a key")
	f.StringVar(&req.Project, "project", "", "vertex, google: the Google Cloud project")
	f.StringVar(&req.Location, "location", "", "vertex: global, us, eu or a region")
	f.StringVar(&req.API, "api", "", "openai: which protocol the server is spoken to in: auto, chat or responses")
	f.BoolVar(&fromStdin, "api-key-stdin", false, "read the key from standard input even on a terminal")
	f.StringSliceVar(&req.Models, "models", nil, "use the account for these models only (a,b)")
	f.BoolVar(&test, "test", false, "try the key first and save nothing if it is refused")
	return c
}

func (e *env) addAccount(ctx context.Context, req admin.AddAccountRequest, fromStdin bool) error {
	return e.with(ctx, func(s service) error {
		field, err := secretField(ctx, s, req.Provider)
		if err != nil {
			return err
		}
		if req.Auth == "" { // otherwise there is none to give
			if req.APIKey, err = e.readKey(field.Label, fromStdin, field.Required); err != nil {
				return err
			}
		}
		if req.Models == nil {
			req.Models = []string{}
		}
		var res admin.AddAccountResult
		if err := s.call(ctx, "AddAccount", &res, req); err != nil {
			return err
		}
		if !res.Saved {
			return e.printTest(*res.Test)
		}
		_, err = fmt.Fprintf(e.Stdout, "added %s (%s)\n", printable(res.Account.Name), res.Account.ID)
		return err
	})
}

// secretField describes the secret that accounts of this kind are opened with.
func secretField(ctx context.Context, s service, kind string) (admin.ProviderField, error) {
	var list []admin.ProviderDescriptor
	if err := s.call(ctx, "ProviderDescriptors", &list); err != nil {
		return admin.ProviderField{}, err
	}
	var kinds []string
	for _, d := range list {
		if d.Kind == kind {
			if i := slices.IndexFunc(d.Fields, func(f admin.ProviderField) bool { return f.Name == "api_key" }); i >= 0 {
				return d.Fields[i], nil
			}
			return admin.ProviderField{Label: "API key", Required: true}, nil
		}
		kinds = append(kinds, d.Kind)
	}
	return admin.ProviderField{}, usagef("--provider must be one of: %s", strings.Join(kinds, ", "))
}

func (e *env) accountList() *cobra.Command {
	return listCommand(e, "List accounts and their state", "ListAccounts", e.accountTable)
}

func (e *env) accountTable(list []admin.Account) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(e.Stdout, "no accounts; add one with `account add --provider gemini --name NAME`")
		return err
	}
	rows := [][]string{{"NAME", "PROVIDER", "STATE", "UNTIL", "QUOTA LEFT", "LAST USED", "ID", "REASON"}}
	for _, a := range list {
		reason := a.Reason
		if a.Link != "" {
			reason += ": " + a.Link
		}
		rows = append(rows, []string{a.Name, a.Provider, string(a.State), local(a.Until), quotaLeft(a.Quotas), local(a.LastUsedAt), a.ID, reason})
	}
	return e.printTable(rows)
}

// quotaLeft is what is left in a few words, "-" where the provider does not tell.
func quotaLeft(quotas []admin.Quota) string {
	if len(quotas) == 0 {
		return "-"
	}
	var words []string
	for _, q := range quotas {
		words = append(words, q.Group+" "+percent(q.Remaining))
	}
	return strings.Join(words, ", ")
}

// percent rounds down, so that 100 % means untouched, but never to nothing.
func percent(part float64) string {
	if part > 0 && part < 0.01 {
		return "<1 %"
	}
	const grain = 1e-9 // 0.29 is 28.999… hundredths
	return strconv.Itoa(int(part*100+grain)) + " %"
}

func (e *env) accountShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "show ACCOUNT", Short: "Show one account", Args: exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var a admin.Account
				if err := s.call(cmd.Context(), "ShowAccount", &a, admin.AccountRef{ID: args[0]}); err != nil {
					return err
				}
				if asJSON {
					return e.printJSON(a)
				}
				return e.printTable(accountRows(a))
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func accountRows(a admin.Account) [][]string {
	rows := [][]string{
		{"name", a.Name}, {"id", a.ID}, {"provider", a.Provider}, {"base URL", a.BaseURL},
		{"state", string(a.State)}, {"reason", a.Reason}, {"until", local(a.Until)},
		{"models", strings.Join(a.Models, ", ")}, {"last used", local(a.LastUsedAt)},
	}
	if a.Link != "" {
		rows = append(rows, []string{"to do", "open " + a.Link})
	}
	for _, q := range a.Quotas {
		for _, m := range q.Models {
			left := percent(m.Remaining) + " left"
			if m.ResetAt != nil {
				left += ", full again " + local(m.ResetAt)
			}
			rows = append(rows, []string{"quota of " + m.Model, left})
		}
	}
	return rows
}

func (e *env) accountVerb(name, short, verb string) *cobra.Command {
	return &cobra.Command{
		Use: name + " ACCOUNT", Short: short, Args: exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var a admin.Account
				if err := s.call(cmd.Context(), verb, &a, admin.AccountRef{ID: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(e.Stdout, "%s is now %s\n", printable(a.Name), a.State)
				return err
			})
		},
	}
}

func (e *env) accountRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove ACCOUNT", Short: "Remove an account", Args: exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var gone admin.RemovedAccount
				if err := s.call(cmd.Context(), "RemoveAccount", &gone, admin.AccountRef{ID: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(e.Stdout, "removed %s\n", printable(gone.Name))
				return err
			})
		},
	}
}

func (e *env) accountTest() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "test ACCOUNT", Short: "Call the upstream with an account's key", Args: exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var t admin.AccountTest
				if err := s.call(cmd.Context(), "TestAccount", &t, admin.AccountRef{ID: args[0]}); err != nil {
					return err
				}
				if !asJSON {
					return e.printTest(t)
				}
				if err := e.printJSON(t); err != nil || t.OK {
					return err
				}
				return exitError{1}
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// printTest tells the outcome: on standard output when all is well, else on standard error with code 1.
func (e *env) printTest(t admin.AccountTest) error {
	if t.OK {
		_, err := fmt.Fprintf(e.Stdout, "%s (%d ms)\n", printable(t.Summary), t.LatencyMS)
		return err
	}
	line := "error: " + strings.TrimSuffix(t.Summary, ".")
	for _, more := range []string{t.Detail, t.Hint} {
		if more != "" {
			line += "; " + strings.TrimSuffix(more, ".")
		}
	}
	fmt.Fprintln(e.Stderr, printable(line))
	return exitError{1}
}
