package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
	"antigravity-tools/backend/fault"
)

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
			done := "the settings of " + plan.Title + " are as they were"
			if len(plan.Notes) > 0 { // somebody has changed them since
				done = "this program's keys are taken out of the settings of " + plan.Title
			}
			return e.planned(plan, f, done)
		},
	}
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what would be written and write nothing")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return c
}

func (e *env) clientVerify() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "verify NAME", Short: "Ask the client one question, with what its settings hold, and show the answer", Args: exactly("NAME"),
		Long: "Starts the client's own program, if it is installed and can answer without a terminal, in an empty folder\n" +
			"and for two minutes at most. Otherwise, and where the client fails, the call that it would make is made.",
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
	asked, status := "POST "+out.URL, "no answer"
	switch {
	case out.Command != "" && out.OK:
		asked, status = "$ "+out.Command, fmt.Sprintf("answered after %d ms", out.LatencyMS)
	case out.Command != "":
		asked = "$ " + out.Command
	case out.Status != 0:
		status = fmt.Sprintf("%d after %d ms", out.Status, out.LatencyMS)
	}
	lines := []string{asked, "model " + out.Model + ": " + status, out.Error, out.Answer}
	if out.Note != "" {
		lines = append(lines, "note: "+out.Note)
	}
	for _, text := range lines {
		for line := range strings.Lines(text) {
			if _, err := fmt.Fprintln(e.Stdout, strings.TrimRight(printable(strings.TrimRight(line, "\n")), " ")); err != nil {
				return err
			}
		}
	}
	return nil
}
