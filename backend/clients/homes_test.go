package clients

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/fault"
)

// home is what a user of one client has: hostile but legal files, with keys of our names in other scopes.
type home map[string]string // texts by name under the home directory

// foreign are texts in those files that are the user's, and to what the user changes them: right beside our
// keys where that can be.
func foreign() map[string][2]string {
	return map[string][2]string{
		".claude/settings.json":               {`"FOO": "bar"`, `"FOO": "baz", "NEW": "1"`},
		".codex/config.toml":                  {`model_provider = "other"`, `model_provider = "other2"`},
		".gemini/.env":                        {`GOOGLE_CLOUD_PROJECT="my project"`, `GOOGLE_CLOUD_PROJECT="your project"`},
		".gemini/settings.json":               {`"enforcedType": null`, `"enforcedType": "x"`},
		".config/kilo/kilo.json":              {`"timeout": 600000`, `"timeout": 5, "more": []`},
		".config/opencode/opencode.jsonc":     {`"edit": "ask"`, `"edit": "allow"`},
		".qwen/.env":                          {`TAVILY_API_KEY=tvly-x`, `TAVILY_API_KEY=tvly-yy`},
		".qwen/settings.json":                 {`"approvalMode":"yolo"`, `"approvalMode":"default"`},
		".config/crush/crush.json":            {`"context_window": 64000`, `"context_window": 128000`},
		".local/share/crush/crush.json":       {`"recent_models":{`, `"recent_models":{"small":[],`},
		".cline/data/settings/providers.json": {`"model": "claude-sonnet-4-5"`, `"model": "claude-opus-4-5"`},
		".continue/config.yaml":               {`temperature: 0.2`, `temperature: 0.7`},
		".factory/settings.json":              {`"displayName": "Mine [proxy]"`, `"displayName": "Mine [direct]"`},
		".config/zed/settings.json":           {`"max_tokens": 1 }`, `"max_tokens": 2 }`},
	}
}

func homeOf(t *testing.T, client string) home {
	t.Helper()
	root := filepath.Join("testdata", "homes", client)
	out := home{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		out[filepath.ToSlash(name)] = string(raw)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no files of %s: %v", client, err)
	}
	return out
}

func (h home) each(change func(name, text string) string) home {
	out := home{}
	for name, text := range h {
		out[name] = change(name, text)
	}
	return out
}

// write puts the files down, and behind links where they are to be links.
func (h home) write(p *place, mode fs.FileMode, linked bool) {
	p.t.Helper()
	for name, text := range h {
		if !linked {
			p.write(name, text, mode)
			continue
		}
		p.write("dotfiles/"+name, text, mode)
		link := filepath.Join(p.home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			p.t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(p.home, "dotfiles", filepath.FromSlash(name)), link); err != nil {
			p.t.Skip("no symbolic links here")
		}
	}
}

// trait is a way in which files can be odd.
type trait struct {
	name   string
	mode   fs.FileMode
	linked bool
	change func(name, text string) string
}

func traits() []trait {
	same := func(_, text string) string { return text }
	return []trait{
		{"as they are", 0o600, false, same},
		{"CRLF", 0o644, false, func(_, text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }},
		{"BOM", 0o600, false, func(_, text string) string { return bom + text }},
		{"BOM and CRLF", 0o600, false, func(_, text string) string { return bom + strings.ReplaceAll(text, "\n", "\r\n") }},
		{"no newline at the end", 0o600, false, func(_, text string) string { return strings.TrimRight(text, "\n") }},
		{"blank lines at the end", 0o600, false, func(_, text string) string { return text + "\n\n  \n" }},
		{"links", 0o600, true, same},
		{"write-protected", 0o400, false, same},
		{"write-protected behind links", 0o440, true, same},
		{"huge", 0o600, false, func(name, text string) string { return strings.Replace(text, foreign()[name][0], hugeOf(name), 1) }},
	}
}

// hugeOf is a text of the user's grown by a megabyte, in a form that the file takes.
func hugeOf(name string) string {
	old, long := foreign()[name][0], strings.Repeat("x", 1<<20)
	if i := strings.LastIndexAny(old, `"`); strings.HasSuffix(old, `"`) {
		return old[:i] + long + `"`
	}
	if strings.HasSuffix(name, ".env") {
		return old + long
	}
	if strings.HasSuffix(name, ".yaml") {
		return old + ", note: " + long
	}
	return `"note": "` + long + `", ` + old
}

// answering stands for the gateway: it answers each client's call in its own protocol.
func answering(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("X-Goog-Api-Key")
		if key == "" {
			key = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		}
		client := ""
		switch path := r.URL.Path; {
		case path == "/v1/messages":
			client = "claude-code"
		case path == "/v1/responses":
			client = "codex"
		case path == "/v1/chat/completions":
			client = "qwen-code"
		case strings.HasPrefix(path, "/v1beta/models/"+ours.Model+":"):
			client = "gemini-cli"
		}
		if client == "" || key != ours.Key {
			t.Errorf("%s %s with the key %q", r.Method, r.URL.Path, key)
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, answers[client])
	}))
	t.Cleanup(s.Close)
	return s
}

// TestHomes: for each client a home directory with odd files. Apply, verify and restore give back the same
// bytes, and applying twice changes nothing the second time.
func TestHomes(t *testing.T) {
	gateway := answering(t)
	v := ours
	v.Root = gateway.URL
	for _, c := range Catalog() {
		for _, odd := range traits() {
			t.Run(c.Name+"/"+odd.name, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				if c.KeyEnv != "" {
					p.env[c.KeyEnv] = v.Key
				}
				homeOf(t, c.Name).each(odd.change).write(p, odd.mode, odd.linked)
				before := p.snapshot()
				if plan := p.apply(c.Name, v); !plan.Changed || strings.Contains(fmt.Sprint(plan.Files), v.Key) || strings.Contains(fmt.Sprint(plan.Files), "sk-theirs-0123456789") {
					t.Errorf("the plan shows a key, or nothing: %+v", plan.Files)
				}
				applied := p.snapshot()
				if d := cmp.Diff(slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(applied))); d != "" {
					t.Errorf("files: %s", d)
				}
				got, err := p.setup.Verify(context.Background(), c.Name)
				if err != nil || !got.OK || got.Answer != "Hello there." || got.Model != v.Model {
					t.Errorf("verify: %+v %v", got, err)
				}
				if again := p.apply(c.Name, v); again.Changed || cmp.Diff(applied, p.snapshot()) != "" {
					t.Errorf("a second apply: %+v", again.Files)
				}
				p.restore(c.Name)
				if d := cmp.Diff(before, p.snapshot()); d != "" {
					t.Errorf("restore: %.2000s", d)
				}
			})
		}
	}
}

// TestHomesKeepEdits: what the user changes after apply, beside our keys and at both ends of the file, is
// there after restore, and nothing else is.
func TestHomesKeepEdits(t *testing.T) {
	for _, c := range Catalog() {
		for _, odd := range traits()[:4] {
			t.Run(c.Name+"/"+odd.name, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				was := homeOf(t, c.Name).each(odd.change)
				was.write(p, odd.mode, false)
				p.apply(c.Name, ours)
				later := func(name, text string) string {
					change := foreign()[name]
					out := strings.Replace(text, change[0], change[1], 1)
					if out == text {
						t.Fatalf("%s: nothing to change in %s", name, text)
					}
					return out
				}
				for name := range was {
					p.write(name, later(name, p.read(name)), odd.mode)
				}
				p.restore(c.Name)
				for name, text := range was {
					if d := cmp.Diff(later(name, text), p.read(name)); d != "" {
						t.Errorf("%s: %s", name, d)
					}
				}
			})
		}
	}
}

// TestHomesKeepTheUsersOwnBase: a base URL of ours that the user has changed since is the user's.
func TestHomesKeepTheUsersOwnBase(t *testing.T) {
	const mine = "https://mine.example"
	for _, c := range Catalog() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			was := homeOf(t, c.Name)
			was.write(p, 0o600, false)
			p.apply(c.Name, ours)
			for name := range was {
				p.write(name, strings.ReplaceAll(p.read(name), ours.Root, mine), 0o600)
			}
			p.restore(c.Name)
			found := false
			for name := range was {
				text := p.read(name)
				found = found || strings.Contains(text, mine)
				if strings.Contains(text, ours.Root) {
					t.Errorf("%s: %s", name, text)
				}
			}
			if !found {
				t.Error("the user's base URL is gone")
			}
		})
	}
}

// TestHomesThatAreBroken: each file of each client, broken at a line: it is named with the line, and none of
// the client's files is touched, by apply or by a restore.
func TestHomesThatAreBroken(t *testing.T) {
	for _, c := range Catalog() {
		whole := homeOf(t, c.Name)
		for name, text := range whole {
			for kind, breakAt := range map[string]func(string, int) string{"garbage": garbageAt, "no UTF-8": noUTF8At} {
				if kind == "garbage" && strings.HasSuffix(name, ".env") {
					continue // any line is legal in such a file
				}
				for _, line := range []int{1, 3} {
					if line > strings.Count(text, "\n") {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%s/%d", c.Name, name, kind, line), func(t *testing.T) {
						t.Parallel()
						p := newPlace(t)
						whole.write(p, 0o600, false)
						p.write(name, breakAt(text, line), 0o600)
						before := p.snapshot()
						_, err := p.setup.Plan(c.Name, ours, "")
						want := filepath.Base(name) + fmt.Sprintf(":%d:", line)
						if pub := fault.Public(err); pub.Code != "broken_file" || !strings.Contains(pub.Message, want) {
							t.Errorf("%+v, want %s", pub, want)
						}
						if got := p.state(c.Name); got != StateBroken {
							t.Errorf("state %s", got)
						}
						if d := cmp.Diff(before, p.snapshot()); d != "" {
							t.Error(d)
						}
						brokenSince(t, c, whole, name, breakAt, line)
					})
				}
			}
		}
	}
}

// brokenSince breaks a file after the set-up.
func brokenSince(t *testing.T, c Client, whole home, name string, breakAt func(string, int) string, line int) {
	t.Helper()
	p := newPlace(t)
	whole.write(p, 0o600, false)
	p.apply(c.Name, ours)
	p.write(name, breakAt(p.read(name), line), 0o600)
	before := p.snapshot()
	if _, err := p.setup.PlanRestore(c.Name); fault.Public(err).Code != "broken_file" {
		t.Errorf("restore: %v", err)
	}
	if d := cmp.Diff(before, p.snapshot()); d != "" {
		t.Error(d)
	}
}

// garbageAt puts a line before the given one that is legal in none of the formats there.
func garbageAt(text string, line int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(slices.Insert(lines, line-1, "@@ oops\n"), "")
}

func noUTF8At(text string, line int) string {
	lines := strings.SplitAfter(text, "\n")
	lines[line-1] = "\xff" + lines[line-1]
	return strings.Join(lines, "")
}

// TestEveryHomeIsThere: no client without a fixture, and no fixture file that the client would not read.
func TestEveryHomeIsThere(t *testing.T) {
	changes := foreign()
	for _, c := range Catalog() {
		p := newPlace(t)
		var paths []string
		for _, f := range c.Files {
			paths = append(paths, p.setup.system.paths(f)...)
		}
		files := homeOf(t, c.Name)
		for name, text := range files {
			if !slices.Contains(paths, filepath.Join(p.home, filepath.FromSlash(name))) {
				t.Errorf("%s does not read %s", c.Name, name)
			}
			if !strings.Contains(text, changes[name][0]) {
				t.Errorf("%s: %q is not in it", name, changes[name][0])
			}
		}
		if len(files) != len(c.Files) {
			t.Errorf("%s: %d files of %d (%s)", c.Name, len(files), len(c.Files), runtime.GOOS)
		}
	}
}
