package admin

import (
	"context"
	"errors"
	"slices"
	"testing"

	"antigravity-tools/backend/fault"
)

// fakeClients is one client with one file; its plan shows what it was asked to write.
type fakeClients struct {
	Clients
	now     CodingClient
	applied []ClientValues
	fail    error
	file    string // the diff of every plan
}

func (f *fakeClients) Status(context.Context, string, string) (CodingClient, error) {
	return f.now, nil
}

func (f *fakeClients) Show(context.Context, string, string) (CodingClient, error) {
	return CodingClient{State: ClientSetUp}, nil
}

func (f *fakeClients) Plan(_ context.Context, name string, _ ClientValues) (ClientPlan, error) {
	return ClientPlan{Name: name, Changed: true, Files: []ClientFilePlan{{Path: "f", Action: "change", Diff: f.file}}}, nil
}

func (f *fakeClients) Apply(_ context.Context, _ string, v ClientValues) error {
	if f.fail == nil {
		f.applied = append(f.applied, v)
	}
	return f.fail
}

func (f *fakeClients) PlanRestore(_ context.Context, name, _ string) (ClientPlan, error) {
	return ClientPlan{Name: name, Files: []ClientFilePlan{{Path: "f", Action: "remove", Diff: f.file}}}, nil
}

func (f *fakeClients) Restore(context.Context, string) error { return f.fail }

// clientKeys is a keyring that can reveal and revoke.
type clientKeys struct {
	fakeKeys
	revoked []string
}

func (k *clientKeys) Reveal(_ context.Context, ref string) (RevealedKey, error) {
	return RevealedKey{ID: ref, Secret: "secret of " + ref}, nil
}

func (k *clientKeys) Create(_ context.Context, req CreateKeyRequest) (CreatedKey, error) {
	k.created = append(k.created, req.Name)
	return CreatedKey{Key: Key{ID: "made", Name: req.Name, Enabled: true}, Secret: "secret of made"}, nil
}

func (k *clientKeys) Revoke(_ context.Context, ref string) error {
	k.revoked = append(k.revoked, ref)
	return nil
}

type servedModels []Model

func (s servedModels) List(context.Context) ([]Model, error) { return s, nil }

func newClients(t *testing.T, now CodingClient, keys ...Key) (*API, *fakeClients, *clientKeys) {
	t.Helper()
	now.Name = "codex"
	c, k := &fakeClients{now: now, file: "+x"}, &clientKeys{fakeKeys: fakeKeys{list: keys}}
	return New(t.Context(), Deps{
		Clients: c, Keys: k, Models: servedModels{{ID: "gemini-2.5-pro"}, {ID: "gemini-3.1-pro-preview"}},
		Server: &fakeServer{status: ServerStatus{BaseURLs: BaseURLs{Gemini: "http://127.0.0.1:8045"}}},
	}), c, k
}

func TestClientPlanChoosesKeyAndModels(t *testing.T) {
	at := "2026-01-01T00:00:00Z"
	mine := Key{ID: "k1", Name: "codex", Enabled: true}
	other := Key{ID: "k2", Name: "laptop", Enabled: true}
	table := []struct {
		name              string
		now               CodingClient
		keys              []Key
		req               ClientPlanRequest
		key, model, small string
		isNew, known      bool
	}{
		{"nothing yet", CodingClient{}, nil, ClientPlanRequest{}, "codex", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview", true, true},
		{"a key of the client's name", CodingClient{}, []Key{other, mine}, ClientPlanRequest{}, "codex", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview", false, true},
		{"that key is disabled", CodingClient{}, []Key{{ID: "k1", Name: "codex"}}, ClientPlanRequest{}, "codex 2", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview", true, true},
		{"set up before", CodingClient{SetUpAt: &at, KeyName: "laptop", Model: "old", SmallModel: "tiny"}, []Key{mine, other}, ClientPlanRequest{}, "laptop", "old", "tiny", false, false},
		{"its key is gone", CodingClient{SetUpAt: &at, KeyName: "gone", Model: "old"}, []Key{mine}, ClientPlanRequest{}, "codex", "old", "old", false, false},
		{"chosen", CodingClient{SetUpAt: &at, KeyName: "codex", Model: "old"}, []Key{mine, other}, ClientPlanRequest{KeyID: "k2", Model: "gemini-2.5-pro", SmallModel: "s"}, "laptop", "gemini-2.5-pro", "s", false, true},
		{"the user's own model is none of ours", CodingClient{Model: "gpt-4"}, nil, ClientPlanRequest{}, "codex", "gemini-3.1-pro-preview", "gemini-3.1-pro-preview", true, true},
	}
	for _, row := range table {
		api, _, keys := newClients(t, row.now, row.keys...)
		row.req.Name = "codex"
		p, err := api.ClientPlan(row.req)
		if err != nil || p.KeyName != row.key || p.Model != row.model || p.SmallModel != row.small || p.KeyIsNew != row.isNew || p.ModelKnown != row.known {
			t.Errorf("%s: %+v %v", row.name, p, err)
		}
		if len(keys.created) > 0 || p.Digest == "" {
			t.Errorf("%s: a plan makes no key and has a digest: %v %q", row.name, keys.created, p.Digest)
		}
	}
}

func TestClientPlanRefuses(t *testing.T) {
	for code, req := range map[string]ClientPlanRequest{
		"key_unusable":    {KeyID: "nope"},
		"invalid_request": {Model: `a"b`},
	} {
		api, _, _ := newClients(t, CodingClient{})
		if _, err := api.ClientPlan(req); fault.Public(err).Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	api, _, _ := newClients(t, CodingClient{})
	api.deps.Models = nil
	if _, err := api.ClientPlan(ClientPlanRequest{}); fault.Public(err).Code != "no_model" {
		t.Errorf("nothing is served: %v", err)
	}
}

func TestClientApplyWritesWhatWasShown(t *testing.T) {
	api, c, keys := newClients(t, CodingClient{})
	plan, err := api.ClientPlan(ClientPlanRequest{Name: "codex"})
	if err != nil {
		t.Fatal(err)
	}
	req := ClientApplyRequest{Name: "codex", Digest: plan.Digest}
	c.file = "+y"
	if _, err := api.ClientApply(req); fault.Public(err).Code != "changed_meanwhile" || len(keys.created) > 0 {
		t.Errorf("applied what was not shown: %v, made %v", err, keys.created)
	}
	if _, err := api.ClientApply(ClientApplyRequest{Name: "codex", Model: "gemini-2.5-pro", Digest: plan.Digest}); err == nil {
		t.Error("applied with another model than shown")
	}
	c.file, c.fail = "+x", errors.New("disk full")
	if _, err := api.ClientApply(req); err == nil || !slices.Equal(keys.revoked, []string{"made"}) {
		t.Errorf("a key that nobody has stays: %v, revoked %v", err, keys.revoked)
	}
	c.fail = nil
	if got, err := api.ClientApply(req); err != nil || got.State != ClientSetUp {
		t.Errorf("apply: %+v %v", got, err)
	}
	want := ClientValues{Root: "http://127.0.0.1:8045", Key: "secret of made", KeyName: "codex", Model: "gemini-3.1-pro-preview", SmallModel: "gemini-3.1-pro-preview"}
	if len(c.applied) != 1 || c.applied[0] != want {
		t.Errorf("wrote %+v", c.applied)
	}
}

func TestClientRestoreTakesBackWhatWasShown(t *testing.T) {
	api, c, _ := newClients(t, CodingClient{})
	plan, err := api.ClientPlanRestore(ClientRef{Name: "codex"})
	if err != nil {
		t.Fatal(err)
	}
	c.file = "-z"
	if _, err := api.ClientRestore(ClientRestoreRequest{Name: "codex", Digest: plan.Digest}); fault.Public(err).Code != "changed_meanwhile" {
		t.Errorf("restored what was not shown: %v", err)
	}
	c.file = "+x"
	if _, err := api.ClientRestore(ClientRestoreRequest{Name: "codex", Digest: plan.Digest}); err != nil {
		t.Error(err)
	}
}

func TestSuggestModel(t *testing.T) {
	table := []struct {
		served []string
		pool   PoolCounts
		want   string
	}{
		{[]string{"gemini-2.5-flash", "gemini-2.5-pro"}, PoolCounts{Ready: 1}, "gemini-2.5-pro"},
		{[]string{"claude-sonnet-4-5-20250929", "claude-sonnet-4-5", "gemini-2.5-pro"}, PoolCounts{Ready: 1}, "claude-sonnet-4-5"},
		{[]string{"claude-sonnet-4-5", "claude-sonnet-5-5"}, PoolCounts{Ready: 1}, "claude-sonnet-5-5"},
		{[]string{"loopback"}, PoolCounts{Loopback: true}, "loopback"},
		{[]string{"llama3"}, PoolCounts{Ready: 1}, ""},
	}
	for _, row := range table {
		var list []Model
		for _, id := range row.served {
			list = append(list, Model{ID: id})
		}
		if got := SuggestModel(list, row.pool); got != row.want {
			t.Errorf("%v: %q, want %q", row.served, got, row.want)
		}
	}
}

func (f *fakeClients) Guides(v ClientValues) ([]ConnectGuide, error) {
	return []ConnectGuide{{
		ID: "codex", BaseURL: v.Root + "/v1", Notes: []string{}, Ways: []GuideWay{{Steps: []string{"Enter " + v.Key + " and " + v.Model}}},
		Snippets: []Snippet{{Code: v.Root + " " + v.Key}},
	}}, nil
}

func TestConnectGuidesAreFilledIn(t *testing.T) {
	api, _, _ := newClients(t, CodingClient{}, Key{ID: "k1", Name: "laptop", Enabled: true})
	server := &fakeServer{status: ServerStatus{Port: 9000, Effective: "strict"}}
	api.deps.Server = server
	list, err := api.ConnectGuides(ConnectGuidesRequest{KeyID: "k1", Host: "::1", Model: "m1"})
	if err != nil {
		t.Fatal(err)
	}
	g := list[0]
	if want := "http://[::1]:9000 secret of k1"; g.Snippets[0].Code != want || g.Steps[0].Value != "http://[::1]:9000/v1" {
		t.Errorf("%q, %+v", g.Snippets[0].Code, g.Steps)
	}
	if !g.Steps[1].Secret || g.Steps[1].Value != "secret of k1" || g.Ways[0].Steps[0] != "Enter secret of k… and m1" || len(g.Notes) != 0 {
		t.Errorf("the key stands in the open: %+v", g)
	}
	server.status.Effective = "off"
	if list, err = api.ConnectGuides(ConnectGuidesRequest{}); err != nil || len(list[0].Notes) != 1 || list[0].Steps[1].Secret {
		t.Errorf("without a key: %+v %v", list, err)
	}
	if got := list[0].Steps[2].Value; got != "gemini-3.1-pro-preview" {
		t.Errorf("the model of guides is %s", got)
	}
	if _, err := api.ConnectGuides(ConnectGuidesRequest{Host: "x"}); err != nil {
		t.Error(err)
	}
}
