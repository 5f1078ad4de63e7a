package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/fault"
)

func TestLegacyFileIsUsedWhereItIsTheOnlyOne(t *testing.T) {
	p := newPlace(t)
	p.write(".continue/config.json", "{\n  \"models\": []\n}\n", 0o600)
	before := p.snapshot()
	plan := p.apply("continue", ours)
	if got := filepath.Base(plan.Files[0].Path); got != "config.json" {
		t.Errorf("%s was edited", got)
	}
	if got := p.state("continue"); got != StateSetUp {
		t.Errorf("state %s", got)
	}
	p.restore("continue")
	if d := cmp.Diff(before, p.snapshot()); d != "" {
		t.Error(d)
	}
}

func TestLinksStayLinks(t *testing.T) {
	p := newPlace(t)
	p.write("dotfiles/claude.json", "{\n}\n", 0o640)
	link := filepath.Join(p.home, ".claude", "settings.json")
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..", "dotfiles", "claude.json"), link); err != nil {
		t.Skip("no symbolic links here")
	}
	before := p.snapshot()
	p.apply("claude-code", ours)
	if !strings.Contains(p.read("dotfiles/claude.json"), ours.Root) {
		t.Error("the file behind the link was not edited")
	}
	p.restore("claude-code")
	if d := cmp.Diff(before, p.snapshot()); d != "" {
		t.Error(d)
	}
	if err := os.Remove(filepath.Join(p.home, "dotfiles", "claude.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := p.setup.Plan("claude-code", ours, ""); fault.Public(err).Code != "broken_link" {
		t.Errorf("a link that leads nowhere: %v", err)
	}
}

func TestTheFileThatExistsIsChosen(t *testing.T) {
	p := newPlace(t)
	p.write(".config/opencode/opencode.jsonc", "{ // mine\n}\n", 0o600)
	p.write(".config/opencode/opencode.json", "{}\n", 0o600)
	plan := p.apply("opencode", ours)
	if got := filepath.Base(plan.Files[0].Path); got != "opencode.jsonc" {
		t.Errorf("%s was edited", got)
	}
}
