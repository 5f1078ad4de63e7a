package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

func (e *env) configCommand() *cobra.Command {
	return group("config", "Read and change settings", e.configList(), e.configGet(), e.configSet(), e.configUnset())
}

func (e *env) configList() *cobra.Command {
	return listCommand(e, "List all settings", "ListSettings", func(list []admin.Setting) error {
		rows := [][]string{{"KEY", "VALUE", "DEFAULT", "NOTE"}}
		for _, one := range list {
			rows = append(rows, []string{one.Key, one.Value, one.Default, note(one)})
		}
		return e.printTable(rows)
	})
}

func note(one admin.Setting) string {
	if one.Locked {
		return "locked by " + one.LockedBy
	}
	if one.Changed {
		return "changed"
	}
	return ""
}

func (e *env) configGet() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "get KEY", Short: "Print one setting", Args: exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var list []admin.Setting
				if err := s.call(cmd.Context(), "ListSettings", &list); err != nil {
					return err
				}
				for _, one := range list {
					if one.Key != args[0] {
						continue
					}
					if asJSON {
						return e.printJSON(one)
					}
					_, err := fmt.Fprintln(e.Stdout, one.Value)
					return err
				}
				return unknownSetting(args[0])
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func unknownSetting(key string) error {
	return fault.New(fault.NotFound, "there is no setting "+strconv.Quote(key)).WithCode("unknown_setting").
		WithHint("`config list` shows all of them")
}

func (e *env) configSet() *cobra.Command {
	return &cobra.Command{
		Use: "set KEY VALUE", Short: "Change one setting; a running gateway picks it up at once",
		Long: "A secret needs no VALUE, and is better given without: it is read from standard input or a prompt then, and\n" +
			"stands in no shell's history.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil // of a secret; RunE tells
			}
			return exactly("KEY", "VALUE")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				if len(args) == 1 {
					value, err := e.readSetting(cmd, s, args[0])
					if err != nil {
						return err
					}
					args = append(args, value)
				}
				req := admin.SetSettingsRequest{Changes: []admin.SettingChange{{Key: args[0], Value: args[1]}}}
				if args[0] == lanSetting && slices.Contains([]string{"true", "on", "yes", "1"}, strings.ToLower(strings.TrimSpace(args[1]))) {
					return e.lanOn(cmd.Context(), s)
				}
				return e.changed(s.call, cmd, "SetSettings", req)
			})
		},
	}
}

// readSetting takes the value of a secret setting from standard input or a prompt; any other has to stand
// on the command line.
func (e *env) readSetting(cmd *cobra.Command, s service, key string) (string, error) {
	var list []admin.Setting
	if err := s.call(cmd.Context(), "ListSettings", &list); err != nil {
		return "", err
	}
	for _, one := range list {
		if one.Key == key && one.Type == admin.SettingSecret {
			return e.readSecret(key, false)
		}
	}
	return "", exactly("KEY", "VALUE")(cmd, []string{key})
}

func (e *env) configUnset() *cobra.Command {
	return &cobra.Command{
		Use: "unset KEY", Short: "Return one setting to its default", Args: exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				return e.changed(s.call, cmd, "UnsetSettings", admin.UnsetSettingsRequest{Keys: args})
			})
		},
	}
}

// lanSetting is the LAN switch.
const lanSetting = "proxy.allow_lan_access"

// lanOn turns the LAN switch on as the window does: a key is made if there is
// none, and shown this once.
func (e *env) lanOn(ctx context.Context, s service) error {
	var res admin.SetLANResult
	if err := s.call(ctx, "SetLAN", &res, admin.SetLANRequest{Enabled: true}); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.Stdout, "%s = true\n", lanSetting); err != nil || res.NewKey == nil {
		return err
	}
	_, err := fmt.Fprintf(e.Stdout, "clients need a key now; this one was made for them (key show %s --reveal shows it again):\n%s\n",
		printable(res.NewKey.Key.Name), res.NewKey.Secret)
	return err
}
