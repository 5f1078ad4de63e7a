package protocoltest

import (
	"fmt"

	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

// Shape limits what Events draws.
type Shape struct {
	Choices  int  // at most; 0 means 1
	Logprobs bool // on the first text part
	Custom   bool // calls of freeform tools
}

// Events draws a valid stream: parts of all kinds, which may overlap in time,
// text in pieces that cut runes of several bytes nowhere, seals, citations,
// meters.
func Events(t *rapid.T, shape Shape) []llm.Event {
	g := &generator{t: t, shape: shape}
	g.add(llm.Event{Kind: llm.EventOpen, ID: "up", Model: "served"})
	choices := rapid.IntRange(1, max(shape.Choices, 1)).Draw(t, "choices")
	for c := range choices {
		g.choice(c)
	}
	g.meter()
	return g.events
}

type generator struct {
	t      *rapid.T
	shape  Shape
	events []llm.Event
}

func (g *generator) add(ev llm.Event) { g.events = append(g.events, ev) }

func (g *generator) chance(label string, percent int) bool {
	return rapid.IntRange(0, 99).Draw(g.t, label) < percent
}

func (g *generator) meter() {
	n := rapid.Int64Range(0, 5000)
	u := &llm.Usage{
		Input: n.Draw(g.t, "input"), CacheRead: n.Draw(g.t, "read"), CacheWrite: n.Draw(g.t, "write"),
		Output: n.Draw(g.t, "output"), Reasoning: n.Draw(g.t, "reasoning"), ReasoningKnown: true,
	}
	u.CacheLong = u.CacheWrite / 3
	if g.chance("kinds", 50) {
		u.InputKinds = llm.Modalities{Text: n.Draw(g.t, "text in"), Image: n.Draw(g.t, "image in"), Audio: n.Draw(g.t, "audio in"), Video: n.Draw(g.t, "video in")}
		u.OutputKinds = llm.Modalities{Text: n.Draw(g.t, "text out"), Audio: n.Draw(g.t, "audio out")}
	}
	g.add(llm.Event{Kind: llm.EventMeter, Usage: u})
}

// openPart is a part in the making, with the deltas that are still to come.
type openPart struct {
	index  int
	deltas []llm.Event
}

func (g *generator) choice(choice int) {
	parts := rapid.IntRange(0, 6).Draw(g.t, "parts")
	var open []*openPart
	next := 0
	for next < parts || len(open) > 0 {
		if next < parts && (len(open) == 0 || g.chance("open", 40)) {
			open = append(open, g.open(choice, next))
			next++
			continue
		}
		i := rapid.IntRange(0, len(open)-1).Draw(g.t, "which")
		p := open[i]
		if len(p.deltas) > 0 {
			g.add(p.deltas[0])
			p.deltas = p.deltas[1:]
			continue
		}
		g.add(llm.Event{Kind: llm.EventPartClose, Choice: choice, Index: p.index})
		open = append(open[:i], open[i+1:]...)
		if g.chance("meter", 10) {
			g.meter()
		}
	}
	end := &llm.Close{Reason: rapid.SampledFrom([]llm.Reason{
		llm.ReasonEnd, llm.ReasonTool, llm.ReasonLength, llm.ReasonFilter, llm.ReasonStopSequence,
		llm.ReasonContext, llm.ReasonRecitation, llm.ReasonPause,
	}).Draw(g.t, "reason")}
	if end.Reason == llm.ReasonStopSequence {
		end.StopSequence = "STOP"
	}
	g.add(llm.Event{Kind: llm.EventClose, Choice: choice, Close: end})
}

func pieces() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"Hello", " world", "é", "日本", "🙂", "\n", "\"quoted\"", "<b>&amp;</b>", "\u2028", "\t", "a\\b", "", "data: [DONE]",
	})
}

func (g *generator) open(choice, index int) *openPart {
	p := &openPart{index: index}
	delta := func(ev llm.Event) {
		ev.Kind, ev.Choice, ev.Index = llm.EventDelta, choice, index
		p.deltas = append(p.deltas, ev)
	}
	part := &llm.Part{}
	switch rapid.IntRange(0, 13).Draw(g.t, "kind") {
	case 0, 1, 2:
		part.Kind = llm.KindText
		part.Refusal = g.chance("refusal", 10)
		g.text(part, index, delta)
	case 3, 4:
		part.Kind = llm.KindReasoning
		g.pieces(func(s string) { delta(llm.Event{Text: s}) })
		if g.chance("sealed", 30) {
			delta(llm.Event{Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "sig-reasoning"}})
		}
	case 5, 6, 7:
		part.Kind = llm.KindCall
		g.call(part, index, delta)
	case 8:
		part.Kind, part.Media = llm.KindMedia, &llm.Media{MIME: "image/png", Data: "iVBORw0KGgo="}
	case 10:
		part.Kind, part.Search = llm.KindOpaque, &llm.Search{ID: "s1", Queries: []string{"who won"}}
	case 11:
		part.Kind, part.Search = llm.KindOpaque, &llm.Search{
			ID: rapid.SampledFrom([]string{"s1", "s2"}).Draw(g.t, "search"), Failed: g.chance("failed", 20),
			Sources: []llm.Citation{{URL: "https://example.com/b", Title: "B"}},
		}
	case 12:
		part.Kind, part.Loading = llm.KindOpaque, &llm.Loading{ID: "l1", Args: `{"query":"weather"}`}
	case 13:
		part.Kind, part.Loading = llm.KindOpaque, &llm.Loading{
			ID: "l1", Output: true, Failed: g.chance("failed", 20), Tools: []llm.ToolOrigin{{Name: "weather"}},
		}
	default:
		part.Kind, part.Code = llm.KindCode, &llm.Code{Language: "python", Text: "print(1)"}
	}
	g.add(llm.Event{Kind: llm.EventPartOpen, Choice: choice, Index: index, Part: part})
	return p
}

func (g *generator) pieces(f func(string)) {
	for range rapid.IntRange(0, 4).Draw(g.t, "pieces") {
		f(pieces().Draw(g.t, "piece"))
	}
}

func (g *generator) text(part *llm.Part, index int, delta func(llm.Event)) {
	g.pieces(func(s string) {
		ev := llm.Event{Text: s}
		if g.shape.Logprobs && index == 0 && !part.Refusal && s != "" {
			ev.Logprobs = []llm.TokenLogprob{{Token: s, Logprob: "-0.25"}}
		}
		delta(ev)
	})
	if g.chance("cited", 20) {
		delta(llm.Event{Citation: &llm.Citation{URL: "https://example.com/a", Title: "A", Cited: "quote"}})
	}
}

func (g *generator) call(part *llm.Part, index int, delta func(llm.Event)) {
	call := &llm.Call{Kind: llm.CallFunction, Name: fmt.Sprintf("tool_%d", index), ID: fmt.Sprintf("call_%d", index)}
	if g.chance("anonymous", 10) {
		call.ID = ""
	}
	args := rapid.SampledFrom([][]string{
		nil, {"{}"}, {`{"a":`, `"x`, `y"}`}, {`{"n":12345678901234567890,"u":"é"}`},
	}).Draw(g.t, "args")
	if g.shape.Custom && g.chance("custom", 30) {
		call.Kind, args = llm.CallCustom, []string{"free ", "text\n"}
	}
	part.Call = call
	if g.chance("sealed", 30) {
		part.Seal = &llm.Seal{Issuer: llm.IssuerGoogle, Model: "gemini", Data: "AAAA+sig=="}
	}
	for _, a := range args {
		delta(llm.Event{Args: a})
	}
}
