package crossing_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
)

// legal is Anthropic's rule for ids, with OpenAI's length.
func legal(id string) bool {
	return id != "" && len(id) <= 64 && strings.IndexFunc(id, func(r rune) bool { return !wordRune(r) }) < 0
}

func TestLegalCallIDs(t *testing.T) {
	long := strings.Repeat("x", 65)
	turns := []llm.Turn{
		u(tx("q")),
		m(c("ok_1", "f"), c("bad id", "f"), c(long, "f"), c("", "f"), c("", "f")),
		u(r("ok_1", "1"), r("bad id", "2"), r(long, "3"), r("", "4"), r("", "5"), tx("y")),
		m(c("", "f")),
		u(r("", "6")),
	}
	before := show(turns)
	got := crossing.LegalCallIDs(turns, legal)
	calls, results := idsOf(got)
	if d := cmp.Diff(calls, results); d != "" {
		t.Errorf("calls and results differ:\n%s", d)
	}
	if calls[0] != "ok_1" || calls[1] != "call_"+calls[1][5:] || len(calls[1]) != 45 {
		t.Errorf("%q", calls)
	}
	if show(turns) != before {
		t.Error("the input was changed")
	}
}

func idsOf(turns []llm.Turn) (calls, results []string) {
	for _, turn := range turns {
		for _, p := range turn.Parts {
			if p.Call != nil {
				calls = append(calls, p.Call.ID)
			}
			if p.Result != nil {
				results = append(results, p.Result.CallID)
			}
		}
	}
	return calls, results
}

// After Normalize all ids are legal, different, the same on call and result,
// and the same when the history is sent again with more behind it.
func TestLegalCallIDLaws(t *testing.T) {
	ids := rapid.SampledFrom([]string{"a", "a", "b b", "b b", "", "", strings.Repeat("é", 40), strings.Repeat("é", 40) + "x"})
	rapid.Check(t, func(t *rapid.T) {
		var turns []llm.Turn
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			model, user := m(tx("step")), u()
			for _, id := range rapid.SliceOfN(ids, 1, 4).Draw(t, "ids") {
				model.Parts = append(model.Parts, c(id, "f"))
				user.Parts = append(user.Parts, r(id, "out"))
			}
			turns = append(turns, model, user)
		}
		cut := 2 * rapid.IntRange(1, len(turns)/2).Draw(t, "cut")
		short, long := &llm.Request{Turns: turns[:cut]}, &llm.Request{Turns: turns}
		crossing.Normalize(short, nil)
		crossing.Normalize(long, nil)
		all := crossing.LegalCallIDs(long.Turns, legal)
		calls, results := idsOf(all)
		if d := cmp.Diff(calls, results); d != "" {
			t.Fatalf("calls and results differ:\n%s", d)
		}
		seen := map[string]bool{}
		for _, id := range calls {
			if !legal(id) || seen[id] {
				t.Fatalf("%q is illegal or stands twice", id)
			}
			seen[id] = true
		}
		if !strings.HasPrefix(show(all), show(crossing.LegalCallIDs(short.Turns, legal))) {
			t.Fatal("ids depend on what follows")
		}
		if d := cmp.Diff(show(all), show(crossing.LegalCallIDs(all, legal))); d != "" {
			t.Fatalf("legal ids were changed:\n%s", d)
		}
	})
}
