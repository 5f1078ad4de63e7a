package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"antigravity-tools/backend/admin"
)

func (e *env) keyCommand() *cobra.Command {
	return group("key", "Manage the API keys of clients",
		e.keyCreate(), e.keyList(), e.keyShow(),
		e.keyVerb("disable", "Keep a key but refuse it", "DisableKey"),
		e.keyVerb("enable", "Let a key in again", "EnableKey"),
		e.keyRevoke(), e.keyRotate())
}

func (e *env) keyCreate() *cobra.Command {
	var name, expires string
	c := &cobra.Command{
		Use: "create --name NAME", Short: "Make a key and print it alone on its line", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if strings.TrimSpace(name) == "" {
				return usagef("key create needs --name")
			}
			at, err := parseExpiry(expires, time.Now())
			if err != nil {
				return err
			}
			return e.with(cmd.Context(), func(s service) error {
				var made admin.CreatedKey
				if err := s.call(cmd.Context(), "CreateKey", &made, admin.CreateKeyRequest{Name: name, ExpiresAt: at}); err != nil {
					return err
				}
				_, err := fmt.Fprintln(e.Stdout, made.Secret)
				return err
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "a name of your choice")
	c.Flags().StringVar(&expires, "expires", "", "when it ends: 30d, 12h, 2027-01-31 or an RFC 3339 time")
	return c
}

// parseExpiry reads a duration from now (with d for days), a local date (its end) or a time.
func parseExpiry(text string, now time.Time) (*string, error) {
	if text == "" {
		return nil, nil
	}
	var at time.Time
	if d, err := parseSpan(text); err == nil {
		at = now.Add(d)
	} else if day, err := time.ParseInLocation(time.DateOnly, text, time.Local); err == nil {
		at = day.AddDate(0, 0, 1)
	} else if t, err := time.Parse(time.RFC3339, text); err == nil {
		at = t
	} else {
		return nil, usagef("--expires %q is no duration (30d, 12h), date (2027-01-31) or time", text)
	}
	if !at.After(now) {
		return nil, usagef("--expires %q lies in the past", text)
	}
	s := at.UTC().Format(time.RFC3339)
	return &s, nil
}

// parseSpan reads a Go duration, or a whole number of days or weeks.
func parseSpan(text string) (time.Duration, error) {
	unit := map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if n := len(text); n > 1 {
		if u, ok := unit[text[n-1]]; ok {
			count, err := strconv.ParseUint(text[:n-1], 10, 16)
			return time.Duration(count) * u, err
		}
	}
	return time.ParseDuration(text)
}

func (e *env) keyList() *cobra.Command {
	return listCommand(e, "List keys", "ListKeys", e.keyTable)
}

func (e *env) keyTable(list []admin.Key) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(e.Stdout, "no keys; make one with `key create --name NAME`")
		return err
	}
	rows := [][]string{{"NAME", "PREFIX", "ENABLED", "CREATED", "LAST USED", "EXPIRES", "ID"}}
	for _, k := range list {
		rows = append(rows, []string{k.Name, k.Prefix, yesNo(k.Enabled), local(&k.CreatedAt), local(k.LastUsedAt), local(k.ExpiresAt), k.ID})
	}
	return e.printTable(rows)
}

func (e *env) keyShow() *cobra.Command {
	var asJSON, reveal bool
	c := &cobra.Command{
		Use: "show KEY", Short: "Show one key; --reveal prints it again", Args: exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				ref := admin.KeyRef{ID: args[0]}
				if reveal {
					var shown admin.RevealedKey
					if err := s.call(cmd.Context(), "RevealKey", &shown, ref); err != nil {
						return err
					}
					_, err := fmt.Fprintln(e.Stdout, shown.Secret)
					return err
				}
				var k admin.Key
				if err := s.call(cmd.Context(), "ShowKey", &k, ref); err != nil {
					return err
				}
				if asJSON {
					return e.printJSON(k)
				}
				return e.keyTable([]admin.Key{k})
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().BoolVar(&reveal, "reveal", false, "print the key itself, alone on its line")
	return c
}

func (e *env) keyVerb(name, short, verb string) *cobra.Command {
	return &cobra.Command{
		Use: name + " KEY", Short: short, Args: exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var k admin.Key
				if err := s.call(cmd.Context(), verb, &k, admin.KeyRef{ID: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(e.Stdout, "%s is now %sd\n", printable(k.Name), name)
				return err
			})
		},
	}
}

func (e *env) keyRevoke() *cobra.Command {
	return &cobra.Command{
		Use: "revoke KEY", Short: "Remove a key for good", Args: exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				if err := s.call(cmd.Context(), "RevokeKey", nil, admin.KeyRef{ID: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(e.Stdout, "revoked %s\n", printable(args[0]))
				return err
			})
		},
	}
}

func (e *env) keyRotate() *cobra.Command {
	return &cobra.Command{
		Use: "rotate KEY", Short: "Give a key a new secret and print it alone on its line", Args: exactly("KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.with(cmd.Context(), func(s service) error {
				var made admin.CreatedKey
				if err := s.call(cmd.Context(), "RotateKey", &made, admin.KeyRef{ID: args[0]}); err != nil {
					return err
				}
				_, err := fmt.Fprintln(e.Stdout, made.Secret)
				return err
			})
		},
	}
}
