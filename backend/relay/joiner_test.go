package relay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

// joined passes legs through a joiner, as resumed does.
func joined(seamless bool, legs []*llm.Response) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		j := joiner{seamless: seamless}
		for n, leg := range legs {
			if n > 0 {
				j.nextLeg()
			}
			for ev := range llm.Replay(leg) {
				if ev.Kind == llm.EventClose && n < len(legs)-1 {
					continue
				}
				for _, out := range j.join(ev) {
					if !yield(out, nil) {
						return
					}
				}
			}
		}
	}
}

func drawLeg(t *rapid.T, n int) *llm.Response {
	var parts []llm.Part
	for i := range rapid.IntRange(0, 3).Draw(t, "parts") {
		p := llm.Part{Kind: rapid.SampledFrom([]llm.PartKind{llm.KindText, llm.KindText, llm.KindReasoning, llm.KindCall}).Draw(t, "kind")}
		if p.Kind == llm.KindCall {
			p.Call = &llm.Call{Kind: llm.CallFunction, ID: fmt.Sprint("c", n, "-", i), Name: "f", Args: `{"a":1}`}
		} else {
			p.Text = rapid.StringOfN(rapid.RuneFrom([]rune("aé🙂 ")), 1, 5, -1).Draw(t, "text")
			if rapid.IntRange(0, 3).Draw(t, "seal") == 0 {
				p.Seal = &llm.Seal{Data: "s"}
			}
		}
		if p.Kind == llm.KindText {
			runes := utf8.RuneCountInString(p.Text)
			p.Citations = []llm.Citation{{Start: runes - 1, End: runes, URL: "https://a", Cited: p.Text[strings.LastIndex(p.Text, lastRune(p.Text)):]}}
		}
		parts = append(parts, p)
	}
	return &llm.Response{ID: fmt.Sprint("r", n), Choices: []llm.Choice{{Parts: parts, Close: llm.Close{Reason: llm.ReasonEnd}}},
		Usage: &llm.Usage{Input: int64(n + 1), Output: 2, CacheRead: 1}}
}

func lastRune(s string) string {
	_, size := utf8.DecodeLastRuneInString(s)
	return s[len(s)-size:]
}

// TestJoinerLaws: joined legs are one valid stream with one Open, whose text is the
// legs' text in order, whose usage is their sum, and whose citations still mark what
// they marked.
func TestJoinerLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seamless := rapid.Bool().Draw(t, "seamless")
		var legs []*llm.Response
		var want []llm.Part
		var use llm.Usage
		for n := range rapid.IntRange(1, 4).Draw(t, "legs") {
			leg := drawLeg(t, n)
			legs = append(legs, leg)
			use = use.Plus(*leg.Usage)
			for i, p := range leg.Choices[0].Parts {
				if last := len(want) - 1; i == 0 && n > 0 && last >= 0 && seamless &&
					p.Kind == want[last].Kind && p.Kind != llm.KindCall && p.Seal == nil && want[last].Seal == nil {
					shift := utf8.RuneCountInString(want[last].Text)
					want[last].Text += p.Text
					for _, c := range p.Citations {
						c.Start, c.End = c.Start+shift, c.End+shift
						want[last].Citations = append(slices.Clip(want[last].Citations), c)
					}
					continue
				}
				want = append(want, p)
			}
		}
		got, err := llm.Collect(llm.Validate(joined(seamless, legs)))
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != "r0" || *got.Usage != use {
			t.Fatalf("id %s usage %+v, want %+v", got.ID, *got.Usage, use)
		}
		if len(got.Choices) != 1 || fmt.Sprintf("%+v", dump(got.Choices[0].Parts)) != fmt.Sprintf("%+v", dump(want)) {
			t.Fatalf("got  %v\nwant %v", dump(got.Choices[0].Parts), dump(want))
		}
		for _, p := range got.Choices[0].Parts {
			for _, c := range p.Citations {
				if r := []rune(p.Text); string(r[c.Start:c.End]) != c.Cited {
					t.Fatalf("%q is cited as %q", string(r[c.Start:c.End]), c.Cited)
				}
			}
		}
	})
}

func dump(parts []llm.Part) (out []string) {
	for _, p := range parts {
		line := fmt.Sprintf("%s %q seal=%v cites=%v", p.Kind, p.Text, p.Seal != nil, p.Citations)
		if p.Call != nil {
			line += p.Call.ID + p.Call.Args
		}
		out = append(out, line)
	}
	return out
}

// A leg without parts between two others: the text behind it opens anew, its end
// was told already or is told now, and the stream stays valid either way.
func TestJoinerEmptyLeg(t *testing.T) {
	text := func(s string) *llm.Response {
		return &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{llm.TextPart(s)}}}, Usage: &llm.Usage{}}
	}
	empty := &llm.Response{Choices: []llm.Choice{{}}}
	got, err := llm.Collect(llm.Validate(joined(true, []*llm.Response{text("a"), empty, text("b")})))
	if err != nil {
		t.Fatal(err)
	}
	whole := ""
	for _, p := range got.Choices[0].Parts {
		whole += p.Text
	}
	if whole != "ab" {
		t.Errorf("%q", whole)
	}
}
