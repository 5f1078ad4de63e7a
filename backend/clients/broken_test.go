package clients

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/fault"
)

func TestBrokenFilesAreLeftAlone(t *testing.T) {
	table := map[string]struct{ name, text, where string }{
		"claude-code": {".claude/settings.json", "{\n  \"a\": 1\n  \"b\": 2\n}", "settings.json:3:3"},
		"codex":       {".codex/config.toml", "a = 1\n[t\n", "config.toml:2:3"},
		"gemini-cli":  {".gemini/settings.json", "{\n  \"a\": \xff }", "settings.json:2:8"},
		"continue":    {".continue/config.yaml", "name: x\nmodels: [\n", "config.yaml:2:9"},
		"opencode":    {".config/opencode/opencode.json", "\xff\xfe{\x00}\x00", "opencode.json:1:1"},
	}
	for name, c := range table {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			p.write(c.name, c.text, 0o600)
			before := p.snapshot()
			_, err := p.setup.Plan(name, ours, "")
			pub := fault.Public(err)
			if pub.Code != "broken_file" || !strings.Contains(pub.Message, c.where) {
				t.Errorf("%+v, want %s", pub, c.where)
			}
			if got := p.state(name); got != StateBroken {
				t.Errorf("state %s", got)
			}
			if d := cmp.Diff(before, p.snapshot()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestBrokenLater: restore does not touch any file of a client while one of them cannot be read.
func TestBrokenLater(t *testing.T) {
	p := newPlace(t)
	p.apply("gemini-cli", ours)
	p.write(".gemini/settings.json", "{", 0o600)
	before := p.snapshot()
	if _, err := p.setup.PlanRestore("gemini-cli"); fault.Public(err).Code != "broken_file" {
		t.Errorf("%v", err)
	}
	if d := cmp.Diff(before, p.snapshot()); d != "" {
		t.Error(d)
	}
}

func TestAFailedWriteTakesTheOthersBack(t *testing.T) {
	p := newPlace(t)
	before := p.snapshot()
	plan, err := p.setup.Plan("gemini-cli", ours, "")
	if err != nil {
		t.Fatal(err)
	}
	// The second file's folder cannot be made: a file is in the way.
	plan.steps[1].old.target = filepath.Join(p.write("in-the-way", "", 0o600), "settings.json")
	if err := p.setup.Apply(context.Background(), plan); fault.Public(err).Code != "file_unwritable" {
		t.Fatalf("%v", err)
	}
	if err := os.Remove(filepath.Join(p.home, "in-the-way")); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, p.snapshot()); d != "" {
		t.Error(d)
	}
	if got := p.state("gemini-cli"); got != StateNone {
		t.Errorf("state %s", got)
	}
}

func TestAPlanThatIsOutOfDateIsRefused(t *testing.T) {
	p := newPlace(t)
	p.write(".claude/settings.json", "{}", 0o600)
	plan, err := p.setup.Plan("claude-code", ours, "")
	if err != nil {
		t.Fatal(err)
	}
	p.write(".claude/settings.json", `{"a":1}`, 0o600)
	if err := p.setup.Apply(context.Background(), plan); fault.Public(err).Code != "changed_meanwhile" {
		t.Errorf("%v", err)
	}
	if got := p.read(".claude/settings.json"); got != `{"a":1}` {
		t.Errorf("%q", got)
	}
}

func TestBackupsAreBoundedAndPrivate(t *testing.T) {
	p := newPlace(t)
	p.write(".claude/settings.json", "{}", 0o644)
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	p.setup.now = func() time.Time { now = now.Add(time.Second); return now }
	for i := range keptBackups + 3 {
		v := ours
		v.Model = strings.Repeat("m", i+1)
		p.apply("claude-code", v)
	}
	list, err := os.ReadDir(p.setup.backupDir("claude-code"))
	if err != nil || len(list) != keptBackups {
		t.Fatalf("%d backups, %v", len(list), err)
	}
	for _, one := range list {
		if info, err := one.Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", one.Name(), info.Mode(), err)
		}
	}
	record, err := os.ReadFile(p.setup.recordPath("claude-code"))
	if err != nil || bytes.Contains(record, []byte(ours.Key)) {
		t.Errorf("the record holds the key (%v)", err)
	}
}
