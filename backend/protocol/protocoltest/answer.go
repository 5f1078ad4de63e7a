package protocoltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// outcome is what one way through a cell gave.
type outcome struct {
	text   []byte // for the client
	failed bool   // text is an error answer
	losses string
}

// reply compares what the client gets for the upstream's frames with its
// files; it returns all losses of the exchange.
func (ex *exchange) reply(t *testing.T, c *Cell, frames []byte) string {
	t.Helper()
	stream, whole, lost := ex.answer(t, c, frames)
	c.write(t, stream, whole)
	return lost
}

// answer feeds the upstream's frames in every way there is.
func (ex *exchange) answer(t *testing.T, c *Cell, frames []byte) (stream, whole outcome, lost string) {
	t.Helper()
	var losses llm.Losses
	events, err := c.events(ex, c.body(frames), &losses)
	slow, slowErr := c.events(ex, iotest.OneByteReader(c.body(frames)), &llm.Losses{})
	if d := cmp.Diff(events, slow, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("fed byte by byte the events differ:\n%s", d)
	}
	if (err == nil) != (slowErr == nil) || (err != nil && err.Error() != slowErr.Error()) {
		t.Errorf("fed byte by byte the error is %v, not %v", slowErr, err)
	}
	stream, whole = c.stream(ex, events, err), c.whole(ex, events, err)
	if err == nil {
		ex.checkWhole(t, c, frames, events, stream, whole)
		if c.Seals != nil {
			c.Seals.Keep(scope, collect(events))
		}
	}
	return stream, whole, joinLosses(LossLines(ex.losses, nil), joinLosses(LossLines(&losses, nil), stream.losses))
}

// Answer is what a client gets for the upstream's frames.
type Answer struct {
	Stream, Whole string // error answers begin with "HTTP"
	Losses        string
}

// Answer brings frames to the client that sent c.Inbound.Body, with all the
// checks of Run but no files.
func (c *Cell) Answer(t *testing.T, frames []byte) Answer {
	t.Helper()
	ex := c.request(t)
	if ex.err != nil {
		t.Fatalf("the request: %v", ex.err)
	}
	stream, whole, lost := ex.answer(t, c, frames)
	return Answer{Stream: string(stream.text), Whole: string(whole.text), Losses: lost}
}

// write compares the two forms of the reply with their files.
func (c *Cell) write(t *testing.T, stream, whole outcome) {
	t.Helper()
	if stream.failed {
		c.golden(t, string(stream.text), "client.error")
		return
	}
	c.golden(t, string(stream.text), "client.sse")
	if !whole.failed {
		c.golden(t, Indent(whole.text), "client.json.reply")
		if d := cmp.Diff(stream.losses, whole.losses); d != "" {
			t.Errorf("the whole reply loses other things than the stream (-stream +whole):\n%s", d)
		}
		return
	}
	c.golden(t, string(whole.text), "client.error")
}

// checkWhole checks that an answer given at once means the same as its
// stream, for the gateway and for the client.
func (ex *exchange) checkWhole(t *testing.T, c *Cell, frames []byte, events []llm.Event, stream, whole outcome) {
	t.Helper()
	if c.AsOne != nil {
		resp, err := c.Upstream.DecodeResponse(c.AsOne(t, frames), &llm.Losses{})
		if err != nil {
			t.Errorf("the answer as one: %v", err)
			return
		}
		one, err := gather(ex.encoded.Tools.Restore(llm.Validate(llm.Replay(resp))), c.Target)
		if err != nil {
			t.Errorf("the answer as one: %v", err)
		}
		if d := cmp.Diff(tidy(collect(events)), tidy(collect(one)), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("the answer as one differs (-stream +one):\n%s", d)
		}
	}
	streamed, atOnce := HeardStream(t, c.Client.Name(), stream.text), HeardWhole(t, c.Client.Name(), whole.text)
	if c.Client.Name() == llm.OpenAIChat && !ex.req.StreamUsage {
		if streamed.Usage != "" {
			t.Error("the stream tells the usage, which was not asked for")
		}
		atOnce.Usage = ""
	}
	if d := cmp.Diff(streamed, atOnce); d != "" {
		t.Errorf("the client hears different things (-stream +whole):\n%s", d)
	}
}

// body is the upstream's answer as it arrives.
func (c *Cell) body(frames []byte) io.Reader {
	if c.Break == nil {
		return bytes.NewReader(frames)
	}
	return io.MultiReader(bytes.NewReader(frames), iotest.ErrReader(c.Break))
}

func (c *Cell) events(ex *exchange, r io.Reader, losses *llm.Losses) ([]llm.Event, error) {
	return gather(ex.encoded.Tools.Restore(llm.Validate(c.Upstream.DecodeStream(r, losses))), c.Target)
}

// gather lists events and stamps seals with their origin, as the relay does.
func gather(stream llm.Stream, target protocol.Target) (out []llm.Event, err error) {
	for ev, err := range stream {
		if err != nil {
			return out, err
		}
		if ev.Part != nil && ev.Part.Seal != nil {
			part := *ev.Part
			part.Seal = stamp(part.Seal, target)
			ev.Part = &part
		}
		if ev.Seal != nil {
			ev.Seal = stamp(ev.Seal, target)
		}
		out = append(out, ev)
	}
	return out, nil
}

func stamp(s *llm.Seal, target protocol.Target) *llm.Seal {
	out := *s
	if out.Model == "" {
		out.Model = target.Model
	}
	if out.Realm == "" {
		out.Realm = target.Realm
	}
	return &out
}

// tidy takes the white space out of raw JSON, so that replies compare.
func tidy(resp *llm.Response) *llm.Response {
	strip := func(n *llm.Native) { n.Rest = json.RawMessage(compact(n.Rest)) }
	for i := range resp.Choices {
		c := &resp.Choices[i]
		strip(&c.Close.Native)
		for j := range c.Parts {
			strip(&c.Parts[j].Native)
			for k := range c.Parts[j].Citations {
				strip(&c.Parts[j].Citations[k].Native)
			}
			if call := c.Parts[j].Call; call != nil {
				call.Args = string(rawjson.Compact(nil, []byte(call.Args)))
			}
		}
	}
	return resp
}

func collect(events []llm.Event) *llm.Response {
	c := llm.NewCollector()
	for _, ev := range events {
		c.Add(ev)
	}
	return c.Response()
}

// protocolReply has ids that count up, so that two calls never share one.
func (c *Cell) protocolReply(ex *exchange) protocol.Reply {
	r := Reply(ex.req)
	r.Model, r.SSE = ex.req.Model, !c.JSONList
	minted := 0
	r.Mint = func(n int, alphabet string) string {
		minted++
		tail := fmt.Sprint(minted)
		return strings.Repeat(alphabet[:1], n-len(tail)) + tail
	}
	return r
}

// stream encodes the events one by one; a fault before the first event of the
// answer is an error answer, one after it an error in the stream.
func (c *Cell) stream(ex *exchange, events []llm.Event, cause error) outcome {
	losses := &llm.Losses{}
	enc := c.Client.NewStreamEncoder(c.protocolReply(ex), losses)
	var out []byte
	begun := false
	for _, ev := range events {
		begun = begun || (ev.Kind != llm.EventOpen && ev.Kind != llm.EventMeter)
		var err error
		if out, err = enc.Encode(out, ev); err != nil {
			cause = errors.Join(cause, err)
			break
		}
	}
	switch {
	case cause == nil:
		out = enc.End(out)
	case begun:
		out = enc.Error(out, fault.From(cause))
	default:
		return c.failure(cause)
	}
	return outcome{text: out, losses: LossLines(losses, nil)}
}

func (c *Cell) whole(ex *exchange, events []llm.Event, cause error) outcome {
	if cause != nil {
		return c.failure(cause)
	}
	losses := &llm.Losses{}
	body, err := c.Client.EncodeResponse(collect(events), c.protocolReply(ex), losses)
	if err != nil {
		return c.failure(err)
	}
	return outcome{text: body, losses: LossLines(losses, nil)}
}

func (c *Cell) failure(err error) outcome {
	return outcome{text: []byte(ErrorAnswer(c.Client, fault.From(err))), failed: true}
}
