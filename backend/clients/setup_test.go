package clients

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"antigravity-tools/backend/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestApplyAndRestoreLeaveTheHomeAsItWas(t *testing.T) {
	for _, c := range Catalog() {
		for trait, texts := range hostile() {
			modes := []fs.FileMode{0o600}
			if trait == "comments" {
				modes = []fs.FileMode{0o600, 0o644, 0o400}
			}
			for _, mode := range modes {
				t.Run(c.Name+"/"+trait+"/"+mode.String(), func(t *testing.T) {
					t.Parallel()
					p := newPlace(t)
					for name, format := range mainFiles(c) {
						if text, ok := texts[format]; ok {
							p.write(name, text, mode)
						}
					}
					before := p.snapshot()
					plan := p.apply(c.Name, ours)
					if !plan.Changed {
						t.Fatal("nothing was changed")
					}
					for _, f := range plan.Files {
						if strings.Contains(f.Diff, ours.Key) || strings.Contains(f.Diff, "sk-theirs-0123456789") {
							t.Errorf("the diff shows a key:\n%s", f.Diff)
						}
					}
					if got := p.state(c.Name); got != StateSetUp {
						t.Errorf("state %s after apply", got)
					}
					applied := p.snapshot()
					if again := p.apply(c.Name, ours); again.Changed {
						t.Errorf("a second apply changes %+v", again.Files)
					}
					if d := cmp.Diff(applied, p.snapshot()); d != "" {
						t.Errorf("a second apply: %s", d)
					}
					other := ours
					other.Root, other.Model, other.Small = "http://127.0.0.1:9000", "gemini-3.1-pro-preview", ""
					p.apply(c.Name, other)
					if got := p.state(c.Name); got != StateOutdated {
						t.Errorf("state %s after a move", got)
					}
					p.restore(c.Name)
					if d := cmp.Diff(before, p.snapshot()); d != "" {
						t.Errorf("restore: %s", d)
					}
					if _, err := p.setup.PlanRestore(c.Name); fault.Public(err).Code != "not_set_up" {
						t.Errorf("a second restore: %v", err)
					}
				})
			}
		}
	}
}

// edited is a user's edit that does not touch our keys: it adds a line of theirs at the top.
func edited(format Format, text string) string {
	nl := newline([]byte(text))
	switch format {
	case JSON:
		if i := strings.IndexByte(text, '{'); i >= 0 {
			return text[:i] + "{ /* added later */" + text[i+1:]
		}
	default:
		head := ""
		if rest, ok := strings.CutPrefix(text, bom); ok {
			head, text = bom, rest
		}
		return head + "# added later" + nl + text
	}
	return text
}

func TestRestoreKeepsLaterEdits(t *testing.T) {
	for _, c := range Catalog() {
		for trait, texts := range hostile() {
			if len(texts) == 0 || trait == "empty" || trait == "bare" || trait == "huge" {
				continue
			}
			t.Run(c.Name+"/"+trait, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				for name, format := range mainFiles(c) {
					p.write(name, texts[format], 0o600)
				}
				p.apply(c.Name, ours)
				for name, format := range mainFiles(c) {
					p.write(name, edited(format, p.read(name)), 0o600)
				}
				p.restore(c.Name)
				for name, format := range mainFiles(c) {
					if d := cmp.Diff(edited(format, texts[format]), p.read(name)); d != "" {
						t.Errorf("%s: %s", name, d)
					}
				}
			})
		}
	}
}

func TestLaterEditsSurviveASecondApplyToo(t *testing.T) {
	p := newPlace(t)
	p.write(".claude/settings.json", "{\n  \"hooks\": {}\n}\n", 0o600)
	p.apply("claude-code", ours)
	p.write(".claude/settings.json", strings.Replace(p.read(".claude/settings.json"), `"hooks": {}`, `"hooks": {}, "mine": 1`, 1), 0o600)
	other := ours
	other.Model = "another"
	p.apply("claude-code", other)
	p.restore("claude-code")
	if got, want := p.read(".claude/settings.json"), "{\n  \"hooks\": {}, \"mine\": 1\n}\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWhatTheUserChangedIsTheirs: a key of ours with another value is not put back, and the file that we
// made stays while something of the user's is in it.
func TestWhatTheUserChangedIsTheirs(t *testing.T) {
	p := newPlace(t)
	p.apply("claude-code", ours)
	text := strings.Replace(p.read(".claude/settings.json"), ours.Root, "https://example.org", 1)
	p.write(".claude/settings.json", text, 0o600)
	if got := p.state("claude-code"); got != StateChanged {
		t.Errorf("state %s", got)
	}
	p.restore("claude-code")
	tree, err := jsonEditor{}.tree([]byte(p.read(".claude/settings.json")))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"env": map[string]any{"ANTHROPIC_BASE_URL": "https://example.org"}}
	if d := cmp.Diff(want, tree); d != "" {
		t.Error(d)
	}
	if got := p.state("claude-code"); got != StateElsewhere {
		t.Errorf("state %s after the restore", got)
	}
}

// TestWhatTheClientNeedsStays: in a file that we made and that the user has added to, the frame without
// which the client refuses the file is left, and what the client has changed by itself does not keep ours.
func TestWhatTheClientNeedsStays(t *testing.T) {
	p := newPlace(t)
	p.apply("continue", ours)
	p.write(".continue/config.yaml", p.read(".continue/config.yaml")+"rules:\n  - be kind\n", 0o600)
	p.restore("continue")
	if got, want := p.read(".continue/config.yaml"), "name: Main Config\nversion: \"1.0.0\"\nschema: v1\nrules:\n  - be kind\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}

	p.apply("cline", ours)
	name := ".cline/data/settings/providers.json"
	text := strings.Replace(p.read(name), clineTime, "2026-11-23T09:00:00.000Z", 1)
	text = strings.Replace(text, "\"version\": 1,", "\"version\": 1,\n  \"modes\": {},", 1)
	p.write(name, text, 0o600)
	p.restore("cline")
	if _, err := os.Stat(filepath.Join(p.home, ".cline", "data", "settings", "providers.json")); err == nil {
		t.Errorf("left behind: %s", p.read(name))
	}
	p.apply("cline", ours)
	p.write(name, strings.Replace(text, "\"providers\": {", "\"providers\": {\"other\": {\"settings\": {\"provider\": \"other\"}},", 1), 0o600)
	p.restore("cline")
	tree, err := jsonEditor{}.tree([]byte(p.read(name)))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := lookup(tree, []string{"version"}); !ok || len(tree["providers"].(map[string]any)) != 1 {
		t.Errorf("%v", tree)
	}
}

// TestRestoreTellsOfEdits: what stays in a file because somebody has changed it since is told, and nothing else.
func TestRestoreTellsOfEdits(t *testing.T) {
	p := newPlace(t)
	notes := func() string {
		t.Helper()
		plan, err := p.setup.PlanRestore("claude-code")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(plan.Notes, "\n")
	}
	p.write(".claude/settings.json", "{\"theme\": \"dark\"}", 0o600)
	p.apply("claude-code", ours)
	if got := notes(); got != "" {
		t.Errorf("nobody has changed anything: %s", got)
	}
	p.write(".claude/settings.json", strings.Replace(p.read(".claude/settings.json"), "dark", "light", 1), 0o600)
	if got := notes(); !strings.Contains(got, "settings.json was changed since: our keys go") {
		t.Errorf("not told: %q", got)
	}
	p.restore("claude-code")
	if got := p.read(".claude/settings.json"); got != "{\"theme\": \"light\"}" {
		t.Errorf("%q", got)
	}
}

// A client that refuses comments stays as it was: deaf to its file. Whoever set it up is told.
func TestCommentsThatAClientRefusesAreTold(t *testing.T) {
	for text, told := range map[string]bool{
		"{\n\t// mine\n\t\"theme\": \"dark\"\n}":       true,
		"{\"permissions\": {\"allow\": [\"Bash\",]}}":  true,
		"\ufeff{\"theme\": \"dark // not a comment\"}": false,
		"": false,
	} {
		p := newPlace(t)
		p.write(".claude/settings.json", text, 0o600)
		plan, err := p.setup.Plan("claude-code", ours, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(plan.Warnings, "\n"); strings.Contains(got, "which Claude Code refuses") != told {
			t.Errorf("of %q it says %q", text, got)
		}
	}
}

// Other clients take them: nothing is told.
func TestCommentsThatAClientTakes(t *testing.T) {
	p := newPlace(t)
	p.write(".gemini/settings.json", "{\n\t// mine\n\t\"theme\": \"dark\",\n}", 0o600)
	p.write(".codex/config.toml", "# mine\n", 0o600)
	for _, name := range []string{"gemini-cli", "codex"} {
		plan, err := p.setup.Plan(name, ours, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(plan.Warnings, "\n"); strings.Contains(got, "comments") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestConflictsAreTold(t *testing.T) {
	p := newPlace(t)
	p.write(".claude/settings.json", `{"apiKeyHelper":"x"}`, 0o600)
	p.env["ANTHROPIC_API_KEY"] = "sk-ant-fake"
	plan, err := p.setup.Plan("claude-code", ours, "")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(plan.Warnings, "\n")
	for _, want := range []string{"apiKeyHelper is set", "variable ANTHROPIC_API_KEY is set"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	if strings.Contains(text, "sk-ant-fake") {
		t.Error("a warning shows a key")
	}
}
