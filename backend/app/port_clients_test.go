package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"antigravity-tools/backend/admin"
	coding "antigravity-tools/backend/clients"
	"antigravity-tools/backend/provider"
)

// Every guide that the window shows has live values in it.
func TestGuidesHoldLiveValues(t *testing.T) {
	v := admin.ClientValues{Root: "http://10.1.2.3:9000", Key: "sk-agt-fake-key", Model: "model-1", SmallModel: "model-1"}
	list, err := clientsPort{}.Guides(v)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(coding.Catalog()) + len(sdks()); len(list) != want {
		t.Errorf("%d guides, want %d", len(list), want)
	}
	for _, g := range list {
		text := ""
		for _, s := range g.Snippets {
			text += s.Code
		}
		for _, f := range g.Files {
			text += f.Text
		}
		if !strings.HasPrefix(g.BaseURL, v.Root) || !strings.Contains(text, v.Root) || !strings.Contains(text, v.Key) {
			t.Errorf("%s: base URL %q; the texts lack the address or the key", g.ID, g.BaseURL)
		}
		if g.Protocol == "" || g.Summary == "" || g.Ways == nil || g.Troubles == nil || g.Notes == nil {
			t.Errorf("%s: something is missing: %+v", g.ID, g)
		}
	}
}

// The port carries a client through plan, apply and restore in a home of its own.
func TestClientsPort(t *testing.T) {
	home := t.TempDir()
	for name, value := range map[string]string{"HOME": home, "USERPROFILE": home, "CLAUDE_CONFIG_DIR": "", "ANTHROPIC_API_KEY": ""} {
		t.Setenv(name, value)
	}
	p := clientsPort{dataDir: t.TempDir()}
	const root, name = "http://127.0.0.1:8045", "claude-code"
	v := admin.ClientValues{Root: root, Key: "sk-agt-fake-key-of-a-test", KeyName: "k", Model: "big", SmallModel: "small"}
	all, err := p.List(t.Context(), root)
	if err != nil || all.Home != home || len(all.Clients) != len(coding.Catalog()) {
		t.Fatalf("%+v %v", all, err)
	}
	plan, err := p.Plan(t.Context(), name, v)
	if err != nil || !plan.Changed || plan.Backups == "" || strings.Contains(plan.Files[0].Diff, v.Key) {
		t.Fatalf("the plan shows the key or nothing: %+v %v", plan, err)
	}
	if err := p.Apply(t.Context(), name, v); err != nil {
		t.Fatal(err)
	}
	one, err := p.Status(t.Context(), name, root)
	if err != nil || one.State != admin.ClientSetUp || one.Model != "big" || one.SmallModel != "small" || one.KeyName != "k" {
		t.Errorf("%+v %v", one, err)
	}
	if back, err := p.PlanRestore(t.Context(), name, root); err != nil || back.RestoreOf == "" || back.Files[0].Action != "remove" {
		t.Errorf("%+v %v", back, err)
	}
	if err := p.Restore(t.Context(), name); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(home, ".claude")); err == nil {
		t.Error("the home is not as it was")
	}
	if _, err := p.Show(t.Context(), "nope", root); err == nil {
		t.Error("an unknown client is no error")
	}
}

func TestFieldsOfTheAddAccountDialog(t *testing.T) {
	for want, f := range map[admin.FieldType]provider.Field{
		admin.FieldSecret:    {Name: "api_key", Secret: true, Example: "sk-…"},
		admin.FieldMultiline: {Name: "api_key", Secret: true, Lines: true},
		admin.FieldURL:       {Name: "base_url", Example: "https://example.com"},
		admin.FieldText:      {Name: "project"},
	} {
		if got := fieldDTO(f); got.Type != want || got.Secret != f.Secret {
			t.Errorf("%+v: %s, want %s", f, got.Type, want)
		}
	}
}
