package doctor

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestGuides: a verdict about a client that has a guide names it, and it is there.
func TestGuides(t *testing.T) {
	guides, err := filepath.Glob("../../docs/clients/*.md")
	if err != nil || len(guides) < 11 {
		t.Fatalf("%v %v", guides, err)
	}
	for _, a := range actors() {
		v := Diagnose(Seen{Method: "POST", Path: "/v1/v1/chat/completions", Header: a.header}, site())
		_, err := os.Stat(filepath.Join("../..", v.Guide))
		if v.Guide != "" && err != nil || v.Guide == "" && guideOf(a.name) != "" {
			t.Errorf("%s: %q %v", a.name, v.Guide, err)
		}
	}
	for _, file := range guides {
		named := func(a actor) bool { return guideOf(a.name) == "docs/clients/"+filepath.Base(file) }
		if filepath.Base(file) == "base-urls.md" {
			continue // of mistakes, not of a client
		}
		if filepath.Base(file) != "README.md" && !slices.ContainsFunc(actors(), named) {
			t.Errorf("no verdict names %s", file)
		}
	}
}
