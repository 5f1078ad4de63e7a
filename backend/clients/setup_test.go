package clients

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"antigravity-tools/backend/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ours = Values{Root: "http://127.0.0.1:8045", Key: "sk-agt-fake-key-of-the-client", Model: "gemini-2.5-pro", Small: "gemini-2.5-flash"}

// place is a home directory of its own.
type place struct {
	t     *testing.T
	home  string
	env   map[string]string
	setup *Setup
}

func newPlace(t *testing.T) *place {
	p := &place{t: t, home: t.TempDir(), env: map[string]string{}}
	p.setup = New(filepath.Join(t.TempDir(), "clients"), System{
		OS: runtime.GOOS, Home: p.home, Getenv: func(name string) string { return p.env[name] },
		LookPath: func(string) (string, error) { return "", exec.ErrNotFound },
	})
	return p
}

func (p *place) write(name, text string, mode fs.FileMode) string {
	p.t.Helper()
	path := filepath.Join(p.home, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func (p *place) read(name string) string {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.home, filepath.FromSlash(name)))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(raw)
}

func (p *place) apply(name string, v Values) *Plan {
	p.t.Helper()
	plan, err := p.setup.Plan(name, v, name)
	if err != nil {
		p.t.Fatalf("plan: %v", err)
	}
	if err := p.setup.Apply(context.Background(), plan); err != nil {
		p.t.Fatalf("apply: %v", err)
	}
	return plan
}

func (p *place) restore(name string) *Plan {
	p.t.Helper()
	plan, err := p.setup.PlanRestore(name)
	if err != nil {
		p.t.Fatalf("plan of the restore: %v", err)
	}
	if err := p.setup.Apply(context.Background(), plan); err != nil {
		p.t.Fatalf("restore: %v", err)
	}
	return plan
}

func (p *place) state(name string) State {
	p.t.Helper()
	list, err := p.setup.List(ours.Root)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, one := range list {
		if one.Name == name {
			return one.State
		}
	}
	p.t.Fatalf("%s is not listed", name)
	return ""
}

// snapshot is all that lies in the home directory: names, kinds, modes, contents, links.
func (p *place) snapshot() map[string]string {
	p.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(p.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := info.Mode().String()
		switch {
		case info.Mode()&fs.ModeSymlink != 0:
			to, _ := os.Readlink(path)
			text += " -> " + to
		case info.Mode().IsRegular():
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += "\n" + string(raw)
		}
		out[path] = text
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// mainFile is a file of the client in each of the formats that it has, relative to the home directory.
func mainFiles(c Client) map[string]Format {
	out := map[string]Format{}
	for _, f := range c.Files {
		out[f.Dir.Home+"/"+f.Names[len(f.Names)-1]] = f.Format
	}
	return out
}

// hostile is one odd but legal file per format and trait.
func hostile() map[string]map[Format]string {
	huge := strings.Repeat("x", 512<<10)
	return map[string]map[Format]string{
		"absent": {},
		"empty":  {JSON: "", TOML: "", Env: "", YAML: ""},
		"bare":   {JSON: "{}", TOML: "# nothing", Env: "# nothing", YAML: "# nothing"},
		"comments": {
			JSON: "// head\n{\n  /* a */ \"z\": [1, /* two */ 2], // tail\n  \"env\": { \"X\": \"1\" /* x */ }, // env\n  \"provider\": {\n    // mine\n    \"google\": { \"options\": { \"timeout\": 1 } },\n  },\n}\n// end\n",
			TOML: "# head\n\nz = 1 # tail\n\n[mcp_servers.x] # x\ncommand = 'y'\n# end",
			YAML: "# head\nname: Mine # mine\nmodels: # all\n  # the best\n  - name: theirs # x\n    model: &m m-0\n\n  # other\n  - {name: second, model: *m}\n# end",
			Env:  "# head\nZ=1 # tail\n\n# GEMINI_API_KEY=commented\n# end",
		},
		"crlf": {
			JSON: "{\r\n\t\"a\": 1,\r\n\t\"env\": {\r\n\t\t\"b\": \"2\"\r\n\t}\r\n}\r\n",
			TOML: "a = 1\r\n\r\n[t]\r\nmodel = \"theirs\"\r\n", Env: "A=1\r\nexport B='2'\r\n",
			YAML: "# c\r\nschema: v1\r\nmodels:\r\n- name: theirs\r\n  prompt: |\r\n    two\r\n    lines\r\nz: 1\r\n",
		},
		"bom":  {JSON: bom + "{\n  \"a\": 1\n}\n", TOML: bom + "[t]\na = 1\n", Env: bom + "A=1\n", YAML: bom + "name: x\nmodels: []\n"},
		"huge": {JSON: "{\"a\": \"" + huge + "\"}", TOML: "a = \"" + huge + "\"\n[t]\n", Env: "A=" + huge, YAML: "name: " + huge + "\n"},
		"ours": {
			JSON: `{"env":{"ANTHROPIC_BASE_URL":"https://example.org","ANTHROPIC_AUTH_TOKEN":"sk-theirs-0123456789"},"model":"theirs","security":{"auth":{"selectedType":"oauth-personal","x":1}},"provider":{"google":{"options":{"apiKey":"sk-theirs-0123456789"},"models":{"gemini-2.5-pro":{"name":"mine"}}}}}`,
			TOML: "model = 'theirs'\nmodel_provider = \"openai\"\n[model_providers.antigravity]\nbase_url = 'https://example.org'\n",
			YAML: "name: Mine\nmodels:\n  - name: Antigravity Tools\n    provider: openai\n    model: theirs\n    apiKey: sk-theirs-0123456789 # mine\n  - name: theirs\n",
			Env:  "GEMINI_API_KEY=\"sk-theirs-0123456789\" # mine\nOPENAI_API_KEY='sk-theirs-0123456789'\nGEMINI_MODEL=theirs",
		},
		"scopes": {
			JSON: "{\n  \"profiles\": { \"env\": { \"ANTHROPIC_BASE_URL\": \"x\" }, \"provider\": { \"google\": 1 } },\n  \"projects\": [ { \"env\": { \"ANTHROPIC_MODEL\": \"y\" } } ]\n}",
			TOML: "[profiles.x]\nmodel = \"a\"\nmodel_provider = \"b\"\n[[list]]\nmodel = 1\n[list.model_providers.antigravity]\nname = 'no'\n",
			YAML: "agents:\n  - models:\n      - name: Antigravity Tools\n        apiKey: not-ours\ncontext:\n  models:\n    - name: Antigravity Tools\n",
			Env:  "MY_GEMINI_API_KEY=x\nTEXT='\nGEMINI_API_KEY=inside\n'\n",
		},
	}
}

func TestApplyAndRestoreLeaveTheHomeAsItWas(t *testing.T) {
	for _, c := range Catalog() {
		for trait, texts := range hostile() {
			modes := []fs.FileMode{0o600}
			if trait == "comments" {
				modes = []fs.FileMode{0o600, 0o644, 0o400}
			}
			for _, mode := range modes {
				t.Run(c.Name+"/"+trait+"/"+mode.String(), func(t *testing.T) {
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

func TestTheFileThatExistsIsChosen(t *testing.T) {
	p := newPlace(t)
	p.write(".config/opencode/opencode.jsonc", "{ // mine\n}\n", 0o600)
	p.write(".config/opencode/opencode.json", "{}\n", 0o600)
	plan := p.apply("opencode", ours)
	if got := filepath.Base(plan.Files[0].Path); got != "opencode.jsonc" {
		t.Errorf("%s was edited", got)
	}
}
