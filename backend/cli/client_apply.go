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
	if v.Model = admin.SuggestModel(served, state.Pool); v.Model != "" {
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
