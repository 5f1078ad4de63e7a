package cli

import (
	"context"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
)

type caller func(ctx context.Context, verb string, out any, args ...any) error

// changed runs a verb that changes settings and prints what they are now.
func (e *env) changed(call caller, cmd *cobra.Command, verb string, req any) error {
	var now []admin.Setting
	if err := call(cmd.Context(), verb, &now, req); err != nil {
		return err
	}
	for _, one := range now {
		if _, err := fmt.Fprintf(e.Stdout, "%s = %s\n", one.Key, printable(one.Value)); err != nil {
			return err
		}
	}
	return nil
}

func (e *env) usageCommand() *cobra.Command {
	var req admin.UsageRequest
	var asJSON, asCSV bool
	groups := []string{"model", "account", "key", "client"}
	c := &cobra.Command{
		Use: "usage", Short: "Sum requests and tokens", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(groups, req.By) {
				return usagef("--by must be one of: %s", strings.Join(groups, ", "))
			}
			if asJSON && asCSV {
				return usagef("choose --json or --csv")
			}
			if _, err := parseSpan(req.Since); err != nil {
				return usagef("--since %q is no duration such as 24h or 7d", req.Since)
			}
			return e.with(cmd.Context(), func(s service) error {
				var r admin.UsageReport
				if err := s.call(cmd.Context(), "Usage", &r, req); err != nil {
					return err
				}
				switch {
				case asJSON:
					return e.printJSON(r)
				case asCSV:
					return e.usageCSV(r)
				default:
					return e.printTable(usageRows(r, true))
				}
			})
		},
	}
	c.Flags().StringVar(&req.By, "by", "model", "group by model, account, key or client")
	c.Flags().StringVar(&req.Since, "since", "7d", "how far back: 24h, 7d")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&asCSV, "csv", false, "print CSV")
	return c
}

func usageRows(r admin.UsageReport, total bool) [][]string {
	rows := [][]string{{"name", "requests", "errors", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"}}
	add := func(name string, n ...int64) {
		row := []string{name}
		for _, v := range n {
			row = append(row, strconv.FormatInt(v, 10))
		}
		rows = append(rows, row)
	}
	for _, u := range r.Rows {
		add(u.Name, u.Requests, u.Errors, u.InputTokens, u.CachedTokens, u.OutputTokens, u.ReasoningTokens)
	}
	if t := r.Totals; total {
		add("total", t.Requests, t.Errors, t.InputTokens, t.CachedTokens, t.OutputTokens, t.ReasoningTokens)
	}
	return rows
}

func (e *env) usageCSV(r admin.UsageReport) error {
	rows := usageRows(r, false)
	for _, row := range rows[1:] {
		// A spreadsheet would run a cell that begins like a formula.
		if row[0] != "" && strings.ContainsRune("=+-@\t\r", rune(row[0][0])) {
			row[0] = "'" + row[0]
		}
	}
	return csv.NewWriter(e.Stdout).WriteAll(rows)
}

func (e *env) dbCommand() *cobra.Command {
	return group("db", "Look after the database",
		&cobra.Command{
			Use: "backup FILE", Short: "Copy the database into a new file, whether or not a gateway runs", Args: exactly("FILE"),
			RunE: func(cmd *cobra.Command, args []string) error {
				file, err := filepath.Abs(args[0])
				if err != nil {
					return err
				}
				if err := app.BackupDatabase(cmd.Context(), e.dataDir, file); err != nil {
					return err
				}
				_, err = fmt.Fprintln(e.Stdout, "copied to "+file)
				return err
			},
		},
		e.dbVerb("check", "Check the database for damage", "CheckDatabase"),
		e.dbVerb("vacuum", "Give unused space back", "VacuumDatabase"))
}

func (e *env) dbVerb(name, short, verb string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var r admin.DatabaseReport
				if err := s.call(cmd.Context(), verb, &r); err != nil {
					return err
				}
				if !r.OK {
					for _, line := range r.Problems {
						fmt.Fprintln(e.Stderr, printable(line))
					}
					fmt.Fprintln(e.Stderr, "error: the database is damaged; keep a copy and go back to a backup")
					return exitError{1}
				}
				_, err := fmt.Fprintf(e.Stdout, "ok, %d bytes, schema %s\n", r.Size, r.Schema)
				return err
			})
		},
	}
}

func (e *env) passwordCommand() *cobra.Command {
	var fromStdin bool
	set := &cobra.Command{
		Use: "set", Short: "Set the admin password of the web console", Args: noArgs,
		Long: "Sets the admin password. It is read from standard input or a prompt, never from the command line.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := e.readSecret("New admin password", fromStdin)
			if err != nil {
				return err
			}
			if err := e.setPassword(cmd.Context(), password); err != nil {
				return err
			}
			_, err = fmt.Fprintln(e.Stdout, "the admin password is set")
			return err
		},
	}
	set.Flags().BoolVar(&fromStdin, "stdin", false, "read it from standard input even on a terminal")
	return group("admin-password", "Manage the password of the web console", set)
}
