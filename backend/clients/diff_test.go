package clients

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDiffLeadsFromOneTextToTheOther applies each diff to what it was made from.
func TestDiffLeadsFromOneTextToTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "d\n"}), 0, 30)
		a, b := strings.Join(gen.Draw(t, "a"), ""), strings.Join(gen.Draw(t, "b"), "")
		var from, to string
		for _, l := range align(lines([]byte(a)), lines([]byte(b))) {
			if l.op != '+' {
				from += l.text
			}
			if l.op != '-' {
				to += l.text
			}
		}
		if from != a || to != b {
			t.Fatalf("%q and %q, want %q and %q", from, to, a, b)
		}
	})
}

func TestDiffReadsAsUnified(t *testing.T) {
	got := diff("f", []byte("1\n2\n3\n4\n5\n6\n7\n8\n9"), []byte("1\n2\n3\n4\nfive\n6\n7\n8\n9"))
	want := "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("--- f\n+++ f\n@@ -0,0 +1,1 @@\n+x\n\\ No newline at end of file\n", diff("f", nil, []byte("x"))); d != "" {
		t.Error(d)
	}
}
