package doctor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNearestModels(t *testing.T) {
	names := []string{"gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro", "gemini-3-pro-preview", "gemini-embedding-001",
		"openai/gpt-4o", "llama3:8b", "claude-sonnet-4-5", "loopback"}
	table := []struct {
		asked string
		first string // empty: nothing resembles it
	}{
		{"gemini-2.5-flsh", "gemini-2.5-flash"},
		{"Gemini-2.5-Pro", "gemini-2.5-pro"},
		{"gemini-flash", "gemini-2.5-flash"},
		{"gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash"},
		{"models/gemini-2.5-pro", "gemini-2.5-pro"},
		{"google/gemini-2.5-pro(high)", "gemini-2.5-pro"},
		{"claude-sonnet-4-5[1m]", "claude-sonnet-4-5"},
		{"claude-sonnet-4-5-20250929", "claude-sonnet-4-5"},
		{"gpt-4o", "openai/gpt-4o"},
		{"gemini-3-pro", "gemini-3-pro-preview"},
		{"llama3-8b", "llama3:8b"},
		{"loopbck", "loopback"},
		{"mistral-large", ""},
		{"", ""},
		{"()", ""},
	}
	for _, row := range table {
		got := NearestModels(row.asked, names)
		if len(got) > maxNear || row.first == "" && len(got) > 0 || row.first != "" && (len(got) == 0 || got[0] != row.first) {
			t.Errorf("%q: %q, want %q first", row.asked, got, row.first)
		}
	}
	if got := DidYouMean([]string{"a", "b", "c"}); got != `Did you mean "a", "b" or "c"?` {
		t.Error(got)
	}
	if DidYouMean(nil) != "" || DidYouMean([]string{"a"}) != `Did you mean "a"?` {
		t.Error("one or none")
	}
}

// TestNearestIsBounded: whatever is asked and whatever upstreams call their models,
// the answer is short, of the list, and holds the name that is one letter off.
func TestNearestIsBounded(t *testing.T) {
	name := rapid.StringMatching(`[a-z]{3,8}-[0-9]\.[0-9](-(pro|flash|mini))?`)
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.OneOf(name, rapid.String()), 0, 30).Draw(t, "names")
		meant := name.Draw(t, "meant")
		at := rapid.IntRange(0, len(meant)-1).Draw(t, "at")
		asked := meant[:at] + "x" + meant[at+1:]
		got := NearestModels(asked, append(names, meant))
		if len(got) > maxNear {
			t.Fatalf("%d names", len(got))
		}
		for _, g := range got {
			if g != meant && !slices.Contains(names, g) {
				t.Fatalf("%q is of no list", g)
			}
		}
		if len(got) == 0 {
			t.Fatalf("%q: not found for %q", meant, asked)
		}
		NearestModels(rapid.String().Draw(t, "any"), names)
	})
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("%s-%d", strings.Repeat("m", 4000), i)
	}
	if got := testing.AllocsPerRun(1, func() { NearestModels(strings.Repeat("n", 1<<20), many) }); got > 5000 {
		t.Errorf("%v allocations", got)
	}
}
