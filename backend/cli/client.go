package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
	"antigravity-tools/backend/fault"
)

// newKeyText stands in a plan for a key that apply would make.
const newKeyText = "sk-agt-NEW-KEY-TO-BE-MADE"

func (e *env) clientCommand() *cobra.Command {
	return group("client", "Set coding clients up to use this gateway",
		e.clientList(), e.clientShow(), e.clientApply(), e.clientVerify(), e.clientRestore())
}

// withClients opens the set-up and asks the service where the gateway answers.
func (e *env) withClients(ctx context.Context, run func(s service, setup *app.ClientSetup, state admin.State) error) error {
	setup, err := app.OpenClients(e.dataDir)
	if err != nil {
		return err
	}
	return e.with(ctx, func(s service) error {
		var state admin.State
		if err := s.call(ctx, "State", &state); err != nil {
			return err
		}
		if strings.HasSuffix(state.Server.BaseURLs.Gemini, ":0") {
			return fault.New(fault.InvalidRequest, "the gateway has no port of its own while it does not run").WithCode("no_port").
				WithHint("start it, or `config set proxy.port N`")
		}
		return run(s, setup, state)
	})
}

func (e *env) clientList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List the clients that can be set up, and how they stand", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.withClients(cmd.Context(), func(_ service, setup *app.ClientSetup, state admin.State) error {
				list, err := setup.List(state.Server.BaseURLs.Gemini)
				if err != nil {
					return err
				}
				if asJSON {
					return e.printJSON(list)
				}
				rows := [][]string{{"NAME", "CLIENT", "INSTALLED", "STATE", "BASE URL", "MODEL"}}
				for _, one := range list {
					rows = append(rows, []string{one.Name, one.Title, yesNo(one.Installed), string(one.State), dash(one.BaseURL), dash(one.Model)})
				}
				return e.printTable(rows)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (e *env) clientShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "show NAME", Short: "Show one client: version, files, what they hold, what gets in the way", Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withClients(cmd.Context(), func(_ service, setup *app.ClientSetup, state admin.State) error {
				one, err := setup.Show(cmd.Context(), args[0], state.Server.BaseURLs.Gemini)
				if err != nil {
					return err
				}
				if asJSON {
					return e.printJSON(one)
				}
				return e.clientText(one)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (e *env) clientText(one app.ClientStatus) error {
	rows := [][]string{
		{"client", one.Title}, {"installed", dash(one.Binary)}, {"version", dash(one.Version)}, {"state", string(one.State)},
		{"base URL", dash(one.BaseURL)}, {"model", dash(one.Model)}, {"key", dash(one.KeyName)},
		{"set up", local(one.SetUpAt)}, {"backups", one.Backups},
	}
	for _, f := range one.Files {
		text := f.Path
		if f.Error != "" {
			text = f.Error
		} else if !f.Exists {
			text += " (does not exist)"
		}
		rows = append(rows, []string{"file", text})
	}
	if err := e.printTable(rows); err != nil {
		return err
	}
	return e.remarks(one.Warnings, one.Notes)
}

func (e *env) remarks(warnings, notes []string) error {
	for _, w := range warnings {
		if _, err := fmt.Fprintln(e.Stdout, "warning: "+printable(w)); err != nil {
			return err
		}
	}
	for _, n := range notes {
		if _, err := fmt.Fprintln(e.Stdout, "note: "+printable(n)); err != nil {
			return err
		}
	}
	return nil
}

// clientFlags are those of `client apply`.
type clientFlags struct {
	model, small, key string
	dryRun, asJSON    bool
}

func (e *env) clientApply() *cobra.Command {
	var f clientFlags
	c := &cobra.Command{
		Use: "apply NAME", Short: "Write this gateway's address, a key and a model into the client's settings", Args: exactly("NAME"),
		Long: "Changes our keys in the client's settings files and nothing else, after a backup. Without --key the\n" +
			"client gets a key of its own, named after it. `client restore NAME` takes it all back.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withClients(cmd.Context(), func(s service, setup *app.ClientSetup, state admin.State) error {
				return e.applyClient(cmd.Context(), s, setup, state, args[0], f)
			})
		},
	}
	c.Flags().StringVar(&f.model, "model", "", "the model that the client uses")
	c.Flags().StringVar(&f.small, "small-model", "", "the model for its side tasks; without it the same")
	c.Flags().StringVar(&f.key, "key", "", "the name of the client key to use")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what would be written and write nothing")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return c
}

func (e *env) applyClient(ctx context.Context, s service, setup *app.ClientSetup, state admin.State, name string, f clientFlags) error {
	now, err := setup.Status(name, state.Server.BaseURLs.Gemini)
	if err != nil {
		return err
	}
	v := app.ClientValues{Root: state.Server.BaseURLs.Gemini}
	var served []admin.Model
	if err := s.call(ctx, "Models", &served); err != nil {
		return err
	}
	if err := chooseModels(&v, now, served, state, f); err != nil {
		return err
	}
	key, err := chooseKey(ctx, s, now, f.key)
	if err != nil {
		return err
	}
	v.Key = key.secret
	if v.Key == "" {
		v.Key = newKeyText
	}
	plan, err := setup.Plan(name, v, key.name)
	if err != nil {
		return err
	}
	if !f.dryRun {
		if key.secret == "" { // made only once it is clear that it can be written
			var made admin.CreatedKey
			if err := s.call(ctx, "CreateKey", &made, admin.CreateKeyRequest{Name: key.name}); err != nil {
				return err
			}
			v.Key = made.Secret
			if plan, err = setup.Plan(name, v, key.name); err != nil {
				return err
			}
		}
		if err := setup.Apply(ctx, plan); err != nil {
			return err
		}
	}
	if !isServed(served, v.Model) {
		plan.Warnings = append(plan.Warnings, "no account serves "+v.Model+" now; `antigravity-tools account list` tells why")
	}
	return e.planned(plan, f, "the settings of "+plan.Title+" use "+v.Root+" with the model "+v.Model+" and the key "+key.name)
}

func isServed(list []admin.Model, id string) bool {
	return slices.ContainsFunc(list, func(m admin.Model) bool { return m.ID == id })
}

// planned prints a plan and what came of it.
func (e *env) planned(plan *app.ClientPlan, f clientFlags, done string) error {
	if f.asJSON {
		return e.printJSON(struct {
			*app.ClientPlan
			DryRun bool `json:"dry_run"`
		}{plan, f.dryRun})
	}
	for _, file := range plan.Files {
		if file.Diff == "" {
			continue
		}
		for line := range strings.Lines(file.Diff) {
			if _, err := fmt.Fprintln(e.Stdout, strings.TrimRight(printable(line), " ")); err != nil {
				return err
			}
		}
	}
	if err := e.remarks(plan.Warnings, plan.Notes); err != nil {
		return err
	}
	switch {
	case !plan.Changed:
		done = "nothing to change: " + done
	case f.dryRun:
		done = "nothing was written; without --dry-run " + done
	}
	_, err := fmt.Fprintln(e.Stdout, printable(done))
	return err
}

// chooseModels takes the models of the flags, else those of an earlier set-up, else one that is served.
func chooseModels(v *app.ClientValues, now app.ClientStatus, served []admin.Model, state admin.State, f clientFlags) error {
	v.Model, v.Small = f.model, f.small
	if v.Model == "" && now.SetUpAt != nil && now.Model != "" {
		v.Model = now.Model
		if v.Small == "" {
			v.Small = now.SmallModel
		}
	}
	if strings.ContainsAny(v.Model+v.Small, "\"'\\{}\r\n\t ") {
		return usagef("a model's name has no quotes, braces or blanks in it")
	}
	if v.Model != "" {
		return nil
	}
	for _, id := range []string{"gemini-3.1-pro-preview", "gemini-2.5-pro", "gemini-2.5-flash"} {
		if isServed(served, id) {
			v.Model = id
			return nil
		}
	}
	if state.Pool.Loopback && state.Pool.Ready == 0 {
		v.Model = "loopback"
		return nil
	}
	return fault.New(fault.InvalidRequest, "no model was chosen").WithCode("no_model").
		WithHint("name one with --model; `curl " + v.Root + "/v1/models` lists them")
}

// chosenKey is a client key by name; without a secret it has yet to be made.
type chosenKey struct{ name, secret string }

// chooseKey takes the key that was named, else the one of an earlier set-up, else the one that is named
// after the client.
func chooseKey(ctx context.Context, s service, now app.ClientStatus, chosen string) (chosenKey, error) {
	names := []string{chosen}
	if chosen == "" {
		names = []string{now.KeyName, now.Name}
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		key, err := revealedKey(ctx, s, name)
		if err == nil || chosen != "" || fault.Public(err).Code != "unknown_key" {
			return key, err
		}
	}
	return chosenKey{name: now.Name}, nil
}

func revealedKey(ctx context.Context, s service, name string) (chosenKey, error) {
	var k admin.Key
	if err := s.call(ctx, "ShowKey", &k, admin.KeyRef{ID: name}); err != nil {
		return chosenKey{}, err
	}
	if !k.Enabled || k.Expired {
		return chosenKey{}, fault.New(fault.InvalidRequest, "the key "+k.Name+" is disabled or has expired").WithCode("key_unusable").
			WithHint("`key enable " + k.Name + "`, or choose another with --key")
	}
	var shown admin.RevealedKey
	if err := s.call(ctx, "RevealKey", &shown, admin.KeyRef{ID: k.ID}); err != nil {
		return chosenKey{}, err
	}
	return chosenKey{k.Name, shown.Secret}, nil
}

func (e *env) clientRestore() *cobra.Command {
	var f clientFlags
	c := &cobra.Command{
		Use: "restore NAME", Short: "Take our keys out of the client's settings again", Args: exactly("NAME"),
		Long: "Gives the settings files their bytes from before `client apply`. Where you have edited one since, your\n" +
			"edits stay: our keys alone are taken out, and the values that they replaced are put back.",
		RunE: func(cmd *cobra.Command, args []string) error {
			setup, err := app.OpenClients(e.dataDir)
			if err != nil {
				return err
			}
			plan, err := setup.PlanRestore(args[0])
			if err != nil {
				return err
			}
			if !f.dryRun {
				if err := setup.Apply(cmd.Context(), plan); err != nil {
					return err
				}
			}
			return e.planned(plan, f, "the settings of "+plan.Title+" are as they were")
		},
	}
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what would be written and write nothing")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return c
}

func (e *env) clientVerify() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "verify NAME", Short: "Make the call that the client would make, with what its settings hold", Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			setup, err := app.OpenClients(e.dataDir)
			if err != nil {
				return err
			}
			out, err := setup.Verify(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				err = e.printJSON(out)
			} else {
				err = e.verification(out)
			}
			if err == nil && !out.OK {
				return exitError{1}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func (e *env) verification(out app.ClientVerification) error {
	text := out.Error
	if out.OK {
		text = out.Answer
	}
	status := "no answer"
	if out.Status != 0 {
		status = fmt.Sprintf("%d after %d ms", out.Status, out.LatencyMS)
	}
	_, err := fmt.Fprintf(e.Stdout, "POST %s\nmodel %s: %s\n%s\n", printable(out.URL), printable(out.Model), status, printable(text))
	return err
}
