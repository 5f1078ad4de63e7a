package clients

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/clients anew")

// TestGuides holds docs/clients to the data that the program works with.
func TestGuides(t *testing.T) {
	list, err := Guides(DocValues())
	if err != nil {
		t.Fatal(err)
	}
	docs := filepath.Join("..", "..", "docs", "clients")
	pages := map[string]string{"README.md": GuideIndex(list)}
	for _, g := range list {
		pages[filepath.Base(g.Doc)] = g.Markdown()
	}
	if *update {
		for name, text := range pages {
			if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	have, err := os.ReadDir(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range have {
		shown := strings.Contains(pages["README.md"], "("+one.Name()+")") // pictures, and the page of another judge
		if _, ok := pages[one.Name()]; !ok && !shown {
			t.Errorf("docs/clients/%s belongs to no client", one.Name())
		}
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff(want, strings.ReplaceAll(string(got), "\r\n", "\n")); d != "" {
			t.Errorf("docs/clients/%s is not what the data says (go test ./backend/clients -run TestGuides -update): %s", name, d)
		}
	}
}

func TestGuidesAreComplete(t *testing.T) {
	list, err := Guides(ours)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range list {
		c, err := find(g.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(g.BaseURL, ours.Root) || !strings.HasPrefix(g.Request, "POST "+ours.Root+"/v1") {
			t.Errorf("%s: base %q, request %q", g.Name, g.BaseURL, g.Request)
		}
		if g.Key == "" || g.Models == "" || len(g.Ways) == 0 || len(g.Troubles) < 6 || c.Manual.Source == "" || len(g.Snippets) < 4 {
			t.Errorf("%s: the guide lacks something: %+v", g.Name, g)
		}
		text := g.Markdown()
		for _, left := range []string{"{root}", "{key}", "{model}", "{small}", "{base}"} {
			if strings.Contains(text, left) {
				t.Errorf("%s: %s was not filled in", g.Name, left)
			}
		}
	}
}

func TestGuideOfKiloCodeSaysGemini(t *testing.T) {
	g, err := GuideOf("kilo-code", ours)
	if err != nil {
		t.Fatal(err)
	}
	steps := strings.Join(g.Ways[0].Steps, "\n")
	if g.Protocol != "Gemini" || g.BaseURL != "http://127.0.0.1:8045" || !strings.Contains(steps, "Tick Use custom base URL and enter http://127.0.0.1:8045") {
		t.Errorf("%+v", g)
	}
	if _, err := GuideOf("nope", ours); err == nil {
		t.Error("a guide of nobody")
	}
}

func TestSnippetsHoldLiveValues(t *testing.T) {
	v := Values{Root: "http://10.0.0.1:9000", Key: `k'"\`, Model: "m-1"}
	seen := map[string]int{}
	for _, s := range Snippets(v) {
		seen[s.Language]++
		if !strings.Contains(s.Text, "http://10.0.0.1:9000") || strings.Contains(s.Text, "{") && strings.Contains(s.Text, "{key}") {
			t.Errorf("%s %s: %s", s.Protocol, s.Language, s.Text)
		}
		want := `k'\"\\`
		if s.Highlight == "sh" {
			want = `k'\''\"\\`
		}
		if !strings.Contains(s.Text, want) {
			t.Errorf("%s %s: the key is not quoted: %s", s.Protocol, s.Language, s.Text)
		}
	}
	if d := cmp.Diff(map[string]int{"curl": 4, "python": 4, "typescript": 4, "go": 4, "env": 3}, seen); d != "" {
		t.Error(d)
	}
}
