package crossing

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

// talk makes turns of a text: u says, m says, c calls, r results.
func talk(text string) (turns []llm.Turn) {
	for _, kind := range text {
		switch kind {
		case 'u':
			turns = append(turns, llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart("u")}})
		case 'm':
			turns = append(turns, llm.Turn{Role: llm.RoleModel, Parts: []llm.Part{llm.TextPart("m")}})
		case 'c':
			turns = append(turns, llm.Turn{Role: llm.RoleModel, Parts: []llm.Part{{Kind: llm.KindCall, Call: &llm.Call{ID: "c"}}}})
		case 'r':
			turns = append(turns, llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{{Kind: llm.KindResult, Result: &llm.Result{CallID: "c"}}}})
		}
	}
	return turns
}

func spell(turns []llm.Turn) string {
	var b strings.Builder
	for _, t := range turns {
		switch p := t.Parts[0]; {
		case p.Call != nil:
			b.WriteByte('c')
		case p.Result != nil:
			b.WriteByte('r')
		default:
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func one(*llm.Turn) int64 { return 1 }

func TestTruncate(t *testing.T) {
	for _, c := range []struct {
		from  string
		limit int64
		want  string
	}{
		{"umumu", 5, "umumu"}, {"umumu", 4, "umu"}, {"umumu", 2, "u"}, {"umumu", 1, "u"}, {"umumu", 0, "umumu"},
		{"ucrmumu", 5, "umu"}, {"umucrcrcr", 7, "ucrcrcr"}, {"umucrcrcr", 6, "ucrcr"}, {"umucrcrcr", 1, "ucr"}, {"crcr", 1, "crcr"}, {"", 1, ""},
	} {
		var losses llm.Losses
		req := &llm.Request{Turns: talk(c.from)}
		out := Truncate(req, c.limit, 0, one, &losses)
		if got := spell(out.Turns); got != c.want || (got != c.from) != (len(losses.List()) == 1) || spell(req.Turns) != c.from {
			t.Errorf("%s to %d: %s, want %s; %v", c.from, c.limit, got, c.want, losses.List())
		}
	}
}

// TestTruncateLaw: what is left is an end of the conversation, or the user's last
// word and an end of what followed; no result loses its call.
func TestTruncateLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(1, 6).Draw(t, "steps") {
			b.WriteString("u" + strings.Repeat("cr", rapid.IntRange(0, 4).Draw(t, "rounds")) + rapid.SampledFrom([]string{"", "m"}).Draw(t, "end"))
		}
		from := b.String()
		limit := rapid.Int64Range(1, int64(len(from))).Draw(t, "limit")
		got := spell(Truncate(&llm.Request{Turns: talk(from)}, limit, 0, one, &llm.Losses{}).Turns)
		lastStep := from[strings.LastIndexByte(from, 'u'):]
		whole := strings.HasSuffix(from, got)
		cut := strings.HasPrefix(got, "u") && strings.HasSuffix(lastStep[1:], got[1:])
		if got[0] != 'u' || !whole && !cut || strings.HasPrefix(got, "ur") {
			t.Fatalf("%s to %d: %s", from, limit, got)
		}
		if int64(len(got)) > limit && len(got) > 3 {
			t.Fatalf("%s to %d: %s is too long", from, limit, got)
		}
	})
}
