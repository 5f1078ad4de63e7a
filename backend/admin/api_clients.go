package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"antigravity-tools/backend/fault"
)

// verifyTimeout is longer than the waits for a client's program and for the call, which report their own ends.
const verifyTimeout = 200 * time.Second

// ClientList tells how every coding client of this machine stands to the gateway.
func (a *API) ClientList() (ClientOverview, error) {
	if a.deps.Clients == nil {
		return ClientOverview{}, missing("the set-up of clients")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Clients.List(ctx, a.root())
}

// ClientShow tells the same of one client, with the version that its program names.
func (a *API) ClientShow(req ClientRef) (CodingClient, error) {
	if a.deps.Clients == nil {
		return CodingClient{}, missing("the set-up of clients")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	return a.deps.Clients.Show(ctx, req.Name, a.root())
}

// ClientPlan works out what setting a client up would write.
func (a *API) ClientPlan(req ClientPlanRequest) (ClientPlan, error) {
	ctx, done := a.begin(verbTimeout)
	defer done()
	_, plan, err := a.planClient(ctx, req)
	return plan, err
}

// ClientApply writes what a plan showed. A plan that reads differently now is refused, so that nothing
// is written that was not seen.
func (a *API) ClientApply(req ClientApplyRequest) (CodingClient, error) {
	ctx, done := a.begin(verbTimeout)
	defer done()
	v, plan, err := a.planClient(ctx, ClientPlanRequest{Name: req.Name, KeyID: req.KeyID, Model: req.Model, SmallModel: req.SmallModel})
	if err != nil {
		return CodingClient{}, err
	}
	if err := seen(plan, req.Digest); err != nil {
		return CodingClient{}, err
	}
	var made *CreatedKey
	if plan.KeyIsNew { // made only once it is clear that it can be written
		key, err := a.deps.Keys.Create(ctx, CreateKeyRequest{Name: plan.KeyName})
		if err != nil {
			return CodingClient{}, err
		}
		made, v.Key = &key, key.Secret
	}
	if err := a.deps.Clients.Apply(ctx, req.Name, v); err != nil {
		if made != nil { // nobody has it
			err = errors.Join(err, a.deps.Keys.Revoke(ctx, made.Key.ID))
		}
		return CodingClient{}, err
	}
	return a.deps.Clients.Show(ctx, req.Name, a.root())
}

// ClientPlanRestore works out how to take a set-up back.
func (a *API) ClientPlanRestore(req ClientRef) (ClientPlan, error) {
	if a.deps.Clients == nil {
		return ClientPlan{}, missing("the set-up of clients")
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	plan, err := a.deps.Clients.PlanRestore(ctx, req.Name, a.root())
	plan.Digest = digestOf(plan)
	return plan, err
}

// ClientRestore takes a set-up back: our keys leave the client's files, and what they replaced returns.
func (a *API) ClientRestore(req ClientRestoreRequest) (CodingClient, error) {
	plan, err := a.ClientPlanRestore(ClientRef{Name: req.Name})
	if err != nil {
		return CodingClient{}, err
	}
	if err := seen(plan, req.Digest); err != nil {
		return CodingClient{}, err
	}
	ctx, done := a.begin(verbTimeout)
	defer done()
	if err := a.deps.Clients.Restore(ctx, req.Name); err != nil {
		return CodingClient{}, err
	}
	return a.deps.Clients.Show(ctx, req.Name, a.root())
}

// ClientVerify asks the client one question, with what its own settings hold: by its own program, else by
// the call that it would make.
func (a *API) ClientVerify(req ClientRef) (ClientVerification, error) {
	if a.deps.Clients == nil {
		return ClientVerification{}, missing("the set-up of clients")
	}
	ctx, done := a.begin(verifyTimeout)
	defer done()
	return a.deps.Clients.Verify(ctx, req.Name)
}

// root is the gateway's address without a version, as clients of this machine reach it.
func (a *API) root() string { return a.serverStatus().BaseURLs.Gemini }

// seen refuses to write what was not shown.
func seen(plan ClientPlan, digest string) error {
	if plan.Digest == digest {
		return nil
	}
	return fault.New(fault.InvalidRequest, "the files of "+plan.Title+" are not as the plan showed them").WithCode("changed_meanwhile").
		WithHint("look at the new plan, then apply it")
}

// digestOf is the fingerprint of what a plan shows.
func digestOf(p ClientPlan) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q %q %v\n", p.Name, p.Root, p.Model, p.SmallModel, p.KeyName, p.KeyIsNew)
	for _, f := range p.Files {
		fmt.Fprintf(sum, "%q %q %q\n", f.Path, f.Action, f.Diff)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (a *API) planClient(ctx context.Context, req ClientPlanRequest) (ClientValues, ClientPlan, error) {
	var v ClientValues
	if a.deps.Clients == nil || a.deps.Keys == nil {
		return v, ClientPlan{}, missing("the set-up of clients")
	}
	now, err := a.deps.Clients.Status(ctx, req.Name, a.root())
	if err != nil {
		return v, ClientPlan{}, err
	}
	served, err := a.Models()
	if err != nil {
		return v, ClientPlan{}, err
	}
	if v, err = a.clientValues(ctx, now, req, served); err != nil {
		return v, ClientPlan{}, err
	}
	isNew := v.Key == ""
	if isNew {
		v.Key = NewKeyText
	}
	plan, err := a.deps.Clients.Plan(ctx, req.Name, v)
	if err != nil {
		return v, ClientPlan{}, err
	}
	plan.Root, plan.Model, plan.SmallModel, plan.KeyName, plan.KeyIsNew = v.Root, v.Model, v.SmallModel, v.KeyName, isNew
	plan.ModelKnown, plan.SmallKnown = IsServed(served, v.Model), IsServed(served, v.SmallModel)
	plan.Digest = digestOf(plan)
	return v, plan, nil
}

// clientValues chooses what goes into a client's files. An empty Key has yet to be made.
func (a *API) clientValues(ctx context.Context, now CodingClient, req ClientPlanRequest, served []Model) (ClientValues, error) {
	v := ClientValues{Root: a.root()}
	want := ClientChoice{Key: req.KeyID, Model: req.Model, SmallModel: req.SmallModel}
	before := now.choice()
	var err error
	if v.Model, v.SmallModel, err = ChooseModels(want, before, served, a.counts()); err != nil {
		return v, err
	}
	keys, err := a.deps.Keys.List(ctx)
	if err != nil {
		return v, err
	}
	name, key, err := ChooseKey(keys, now.Name, want, before)
	if v.KeyName = name; err != nil || key == nil {
		return v, err
	}
	shown, err := a.deps.Keys.Reveal(ctx, key.ID)
	v.Key = shown.Secret
	return v, err
}

// choice is what an earlier set-up of ours chose.
func (c CodingClient) choice() ClientChoice {
	if c.SetUpAt == nil {
		return ClientChoice{}
	}
	return ClientChoice{Key: c.KeyName, Model: c.Model, SmallModel: c.SmallModel}
}
