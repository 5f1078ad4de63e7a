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
	c.Flags().StringVar(&f.small, "small-model", "", "the model for its side tasks; without it the small one of the same family, if one is served")
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
	var served []admin.Model
	if err := s.call(ctx, "Models", &served); err != nil {
		return err
	}
	v, keyName, err := e.clientValues(ctx, s, now, served, state, f)
	if err != nil {
		return err
	}
	isNew := v.Key == ""
	if isNew {
		v.Key = admin.NewKeyText
	}
	plan, err := setup.Plan(name, v, keyName)
	if err != nil {
		return err
	}
	if !f.dryRun {
		if isNew { // made only once it is clear that it can be written
			var made admin.CreatedKey
			if err := s.call(ctx, "CreateKey", &made, admin.CreateKeyRequest{Name: keyName}); err != nil {
				return err
			}
			v.Key = made.Secret
			if plan, err = setup.Plan(name, v, keyName); err != nil {
				return err
			}
		}
		if err := setup.Apply(ctx, plan); err != nil {
			return err
		}
	}
	for _, model := range slices.Compact([]string{v.Model, v.Small}) {
		if !admin.IsServed(served, model) {
			plan.Warnings = append(plan.Warnings, "no account serves "+model+" now; `antigravity-tools account list` tells why")
		}
	}
	with := "the model " + v.Model
	if v.Small != v.Model {
		with += " (side tasks: " + v.Small + ")"
	}
	return e.planned(plan, f, "the settings of "+plan.Title+" use "+v.Root+" with "+with+" and the key "+keyName)
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

// clientValues chooses what goes into the client's files: an empty Key has yet to be made under keyName.
func (e *env) clientValues(ctx context.Context, s service, now app.ClientStatus, served []admin.Model, state admin.State, f clientFlags) (v app.ClientValues, keyName string, err error) {
	v.Root = state.Server.BaseURLs.Gemini
	want, before := admin.ClientChoice{Key: f.key, Model: f.model, SmallModel: f.small}, admin.ClientChoice{}
	if now.SetUpAt != nil {
		before = admin.ClientChoice{Key: now.KeyName, Model: now.Model, SmallModel: now.SmallModel}
	}
	v.Model, v.Small, err = admin.ChooseModels(want, before, served, state.Pool)
	switch public := fault.Public(err); {
	case public.Code == "no_model":
		return v, "", fault.New(fault.InvalidRequest, public.Message).WithCode(public.Code).
			WithHint("name one with --model; `curl " + v.Root + "/v1/models` lists them")
	case err != nil:
		return v, "", usagef("%s", public.Message)
	}
	var keys []admin.Key
	if err := s.call(ctx, "ListKeys", &keys); err != nil {
		return v, "", err
	}
	name, key, err := admin.ChooseKey(keys, now.Name, want, before)
	if err != nil || key == nil {
		return v, name, err
	}
	var shown admin.RevealedKey
	err = s.call(ctx, "RevealKey", &shown, admin.KeyRef{ID: key.ID})
	v.Key = shown.Secret
	return v, name, err
}
