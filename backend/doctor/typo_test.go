package doctor

import (
	"testing"

	"pgregory.net/rapid"
)

// slowEdits is the plain recursive definition.
func slowEdits(x, y []rune) int {
	if len(x) == 0 || len(y) == 0 {
		return len(x) + len(y)
	}
	cost := 1
	if x[0] == y[0] {
		cost = 0
	}
	d := min(slowEdits(x[1:], y)+1, slowEdits(x, y[1:])+1, slowEdits(x[1:], y[1:])+cost)
	if len(x) > 1 && len(y) > 1 && x[0] == y[1] && x[1] == y[0] {
		d = min(d, slowEdits(x[2:], y[2:])+1)
	}
	return d
}

func TestEditsAgreeWithDefinition(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("abé")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		want := min(slowEdits([]rune(a), []rune(b)), maxEdits+1)
		if got := edits(a, b); got != want {
			t.Fatalf("%q %q: %d, want %d", a, b, got, want)
		}
	})
}
