package llm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
)

func word(t *rapid.T, label string) string {
	return rapid.SampledFrom([]string{"", "a", "b c", "é🙂", "{\"x\":1}", "\u2028"}).Draw(t, label)
}

func drawSeal(t *rapid.T) *llm.Seal {
	if rapid.Bool().Draw(t, "unsealed") {
		return nil
	}
	return &llm.Seal{Issuer: llm.IssuerGoogle, Data: word(t, "seal")}
}

func drawPart(t *rapid.T) llm.Part {
	p := llm.Part{Seal: drawSeal(t)}
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		p.Kind, p.Text, p.Refusal = llm.KindText, word(t, "text"), rapid.Bool().Draw(t, "refusal")
		for range rapid.IntRange(0, 2).Draw(t, "citations") {
			p.Citations = append(p.Citations, llm.Citation{URL: word(t, "url"), End: 1})
		}
	case 1:
		p.Kind, p.Text = llm.KindReasoning, word(t, "thought")
	case 2:
		p.Kind, p.Call = llm.KindCall, &llm.Call{Kind: llm.CallFunction, ID: word(t, "id"), Name: "f", Args: word(t, "args")}
	case 3:
		p.Kind, p.Media = llm.KindMedia, &llm.Media{MIME: "image/png", Data: word(t, "data")}
	case 4:
		p.Kind, p.Code = llm.KindCode, &llm.Code{Text: word(t, "code")}
	default:
		p.Kind, p.Native = llm.KindOpaque, llm.Native{Protocol: llm.Gemini, Rest: []byte(`{}`)}
	}
	return p
}

func drawResponse(t *rapid.T) *llm.Response {
	r := &llm.Response{ID: word(t, "response"), Model: "m"}
	if rapid.Bool().Draw(t, "metered") {
		r.Usage = &llm.Usage{Input: 3, Output: 4}
	}
	for range rapid.IntRange(1, 3).Draw(t, "choices") {
		var ch llm.Choice
		for range rapid.IntRange(0, 5).Draw(t, "parts") {
			ch.Parts = append(ch.Parts, drawPart(t))
		}
		if rapid.Bool().Draw(t, "logprobs") {
			ch.Logprobs = []llm.TokenLogprob{{Token: "a", Logprob: "-1"}}
		}
		ch.Close = llm.Close{Reason: llm.ReasonLength, Detail: word(t, "detail")}
		r.Choices = append(r.Choices, ch)
	}
	return r
}

func TestCollectUndoesReplay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawResponse(t)
		before := drawnAgain(want)
		got, err := llm.Collect(llm.Validate(llm.Replay(want)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		if d := cmp.Diff(before, want); d != "" {
			t.Fatalf("the response was changed:\n%s", d)
		}
	})
}

// drawnAgain copies what Replay and Collect could touch.
func drawnAgain(r *llm.Response) *llm.Response {
	out := *r
	out.Choices = nil
	for _, ch := range r.Choices {
		parts := ch.Parts
		ch.Parts = nil
		for _, p := range parts {
			if p.Call != nil {
				call := *p.Call
				p.Call = &call
			}
			p.Citations = append([]llm.Citation(nil), p.Citations...)
			ch.Parts = append(ch.Parts, p)
		}
		out.Choices = append(out.Choices, ch)
	}
	return &out
}

func TestReplayStops(t *testing.T) {
	r := &llm.Response{Usage: &llm.Usage{}, Choices: []llm.Choice{{Parts: []llm.Part{llm.TextPart("a"), llm.TextPart("b")}}}}
	for limit := 1; limit < 10; limit++ {
		n := 0
		for range llm.Replay(r) {
			if n++; n == limit {
				break
			}
		}
		if n > limit {
			t.Errorf("%d events after a stop at %d", n, limit)
		}
	}
}

func TestCollectFaults(t *testing.T) {
	open := llm.Event{Kind: llm.EventOpen, ID: "x"}
	boom := errors.New("boom")
	cut := func(yield func(llm.Event, error) bool) { yield(open, nil) }
	failed := func(yield func(llm.Event, error) bool) { _ = yield(open, nil) && yield(llm.Event{}, boom) }
	for want, stream := range map[error]llm.Stream{llm.ErrIncomplete: cut, boom: failed} {
		resp, err := llm.Collect(stream)
		if !errors.Is(err, want) || resp.ID != "x" {
			t.Errorf("%v %v, want %v", resp, err, want)
		}
	}
}

func TestValidate(t *testing.T) {
	part := &llm.Part{Kind: llm.KindText}
	open, end := llm.Event{Kind: llm.EventOpen}, llm.Event{Kind: llm.EventClose, Close: &llm.Close{}}
	begin := func(i int) llm.Event { return llm.Event{Kind: llm.EventPartOpen, Index: i, Part: part} }
	shut := func(i int) llm.Event { return llm.Event{Kind: llm.EventPartClose, Index: i} }
	delta := func(i int) llm.Event { return llm.Event{Kind: llm.EventDelta, Index: i} }
	meter := llm.Event{Kind: llm.EventMeter, Usage: &llm.Usage{}}
	table := []struct {
		name   string
		events []llm.Event
		ok     bool
	}{
		{"overlap", []llm.Event{open, begin(0), begin(1), delta(0), shut(1), delta(0), shut(0), end, meter}, true},
		{"no open", []llm.Event{begin(0)}, false},
		{"two opens", []llm.Event{open, open}, false},
		{"index skipped", []llm.Event{open, begin(1)}, false},
		{"opened twice", []llm.Event{open, begin(0), shut(0), begin(0)}, false},
		{"no part", []llm.Event{open, {Kind: llm.EventPartOpen}}, false},
		{"delta unopened", []llm.Event{open, delta(0)}, false},
		{"delta after close", []llm.Event{open, begin(0), shut(0), delta(0)}, false},
		{"closed twice", []llm.Event{open, begin(0), shut(0), shut(0)}, false},
		{"left open", []llm.Event{open, begin(0), end}, false},
		{"after the end", []llm.Event{open, end, begin(0)}, false},
		{"end without payload", []llm.Event{open, {Kind: llm.EventClose}}, false},
	}
	for _, row := range table {
		var err error
		for _, e := range llm.Validate(func(yield func(llm.Event, error) bool) {
			for _, ev := range row.events {
				if !yield(ev, nil) {
					return
				}
			}
		}) {
			err = e
		}
		if (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// An envelope brings back any seal, whatever bytes its data holds.
func TestEnvelope(t *testing.T) {
	plain := rapid.StringMatching(`[a-z0-9.:/@-]{0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		seal := &llm.Seal{
			Issuer: llm.Issuer(plain.Draw(t, "issuer")), Model: plain.Draw(t, "model"), Realm: plain.Draw(t, "realm"),
			Data: string(rapid.SliceOf(rapid.Byte()).Draw(t, "data")),
			Slot: rapid.SampledFrom([]string{"call:0", "call:12", "text", "reasoning", "redacted", "compaction"}).Draw(t, "slot"),
		}
		seal.Redacted = seal.Slot == "redacted"
		text := seal.Envelope(seal.Slot)
		got, ok := llm.ParseEnvelope(text)
		if !ok || cmp.Diff(seal, got) != "" || !strings.HasPrefix(text, llm.EnvelopePrefix) {
			t.Fatalf("%v %+v from %q", ok, got, text)
		}
		if d := cmp.Diff(seal, llm.OpenSeal(text, "other")); d != "" {
			t.Fatal(d)
		}
	})
}

func TestNoEnvelope(t *testing.T) {
	for _, text := range []string{"", "gAAAA", "YWd0MQ", "YWd0MQ==", "YWd0MQBhAGI=", "YWd0MQ!!", "CiQB"} {
		if s, ok := llm.ParseEnvelope(text); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
	if llm.OpenSeal("", llm.IssuerGoogle) != nil {
		t.Error("a seal of nothing")
	}
	own := llm.OpenSeal("abc", llm.IssuerGoogle)
	if own.Data != "abc" || own.Issuer != llm.IssuerGoogle || own.Wire(llm.IssuerGoogle, "text") != "abc" {
		t.Errorf("%+v", own)
	}
	if _, ok := llm.ParseEnvelope(own.Wire(llm.IssuerOpenAI, "text")); !ok {
		t.Error("a foreign seal travels in an envelope")
	}
}
