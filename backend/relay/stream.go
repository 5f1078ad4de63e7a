package relay

import (
	"context"
	"errors"
	"io"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/sse"
)

// maxFrame bounds one frame of an upstream's stream (an image comes whole),
// maxAnswer an answer that is not streamed; in bytes.
const (
	maxFrame  = 64 << 20
	maxAnswer = 256 << 20
)

// translateStream turns the upstream's events into the client's, one by one:
// each reaches the client before the next is waited for (see prompt). What comes before the first
// model event is held back, so that until then another account may be tried.
func (a *attempt) translateStream(ctx context.Context, resp *http.Response) *fault.Error {
	x := a.x
	seals := llm.NewCollector()
	var held []llm.Event
	started := false
	for ev, err := range a.answerEvents(ctx, resp, seals) {
		if err != nil {
			return fault.From(err)
		}
		ev = a.observe(ev)
		seals.Add(ev)
		if started = started || startsAnswer(ev) || x.down.started(); !started {
			held = append(held, ev)
			continue
		}
		if held != nil {
			if err := x.down.send(held...); err != nil {
				return err
			}
			held = nil
		}
		if err := x.down.send(ev); err != nil {
			return err
		}
	}
	if !seals.Complete() {
		return incomplete()
	}
	x.relay.opts.Custody.Keep(x.call.KeyID, seals.Response())
	return x.down.end()
}

// translateWhole turns one answer into the client's. It takes the way of a
// stream, so that both are read and restored by the same code.
func (a *attempt) translateWhole(ctx context.Context, resp *http.Response) *fault.Error {
	x := a.x
	c := llm.NewCollector()
	for ev, err := range a.answerEvents(ctx, resp, c) {
		if err != nil {
			return fault.From(err)
		}
		ev = a.observe(ev)
		c.Add(ev)
	}
	if !c.Complete() {
		return incomplete()
	}
	reply := c.Response()
	x.relay.opts.Custody.Keep(x.call.KeyID, reply)
	if x.partial {
		x.taken = reply
		return nil
	}
	return x.answerWhole(reply)
}

func incomplete() *fault.Error {
	return fault.Wrap(fault.UpstreamProtocol, "the provider's answer broke off before its end", llm.ErrIncomplete).WithCode("incomplete_response")
}

// broke is the fault of a body that could not be read to its end, unless the
// reader told one of its own: that the client has gone.
func broke(err error, message string) *fault.Error {
	if own, ok := errors.AsType[*fault.Error](err); ok {
		return own
	}
	return fault.Wrap(fault.UpstreamProtocol, message, err)
}

// startsAnswer tells whether an event is part of the answer itself; with the
// first one the call is committed to its account.
func startsAnswer(ev llm.Event) bool {
	return ev.Kind != llm.EventOpen && ev.Kind != llm.EventMeter
}

// observe notes what the records tell and stamps seals with their origin.
func (a *attempt) observe(ev llm.Event) llm.Event {
	a.watch.touch()
	switch ev.Kind {
	case llm.EventMeter:
		a.x.meter(ev.Usage)
	case llm.EventPartOpen:
		a.x.record.FirstEvent(a.x.relay.opts.Now())
		if ev.Part.Seal != nil || ev.Part.Call != nil {
			part := *ev.Part
			part.Seal = a.stamp(part.Seal)
			part.Call = a.named(part.Call)
			ev.Part = &part
		}
	case llm.EventDelta:
		ev.Seal = a.stamp(ev.Seal)
	case llm.EventClose:
		a.x.record.Ended(ev.Close.Reason)
	}
	return ev
}

// named gives a call that came without an id one, in the form of the client's
// protocol (mapping.md section 21), before custody and the client see it: both
// must know it by the same id.
func (a *attempt) named(c *llm.Call) *llm.Call {
	if c == nil || c.ID != "" {
		return c
	}
	out := *c
	prefix := "call_"
	if a.x.call.Protocol == llm.Anthropic {
		prefix = "toolu_"
	}
	out.ID = prefix + wire.Mint(24, wire.Base62)
	return &out
}

// stamp adds to a seal who issued it, which no wire format tells.
func (a *attempt) stamp(s *llm.Seal) *llm.Seal {
	if s == nil {
		return nil
	}
	out := *s
	if issuer := a.target.Caps.Issuer; issuer != "" && a.upstream.Name() == llm.Gemini {
		out.Issuer = issuer // other vendors' models stand behind Google's protocol too
	}
	if out.Model == "" {
		out.Model = a.lease.Model
	}
	if out.Realm == "" {
		out.Realm = a.target.Realm
	}
	return &out
}

// passStream copies a stream of the client's own protocol frame by frame and
// only watches it.
func (a *attempt) passStream(resp *http.Response) *fault.Error {
	x := a.x
	watch := a.observer()
	frames := sse.NewScanner(resp.Body, maxFrame)
	defer frames.Release()
	// What an answer that broke off has used counts too.
	defer func() { x.record.Observed(watch.Seen()) }()
	pass := x.down.passer(x.call.SSE)
	silence, metering := a.watch, a.metering
	started := false
	for {
		frame, err := frames.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return broke(err, "the provider's stream broke off")
		}
		silence.touch()
		if err := watch.Frame(frame); err != nil {
			failed := fault.From(err)
			// Gemini's servers write some errors bare, as no event: no client
			// takes them for one.
			if !started || len(frame.Data) == 0 || !reported(failed) {
				return failed
			}
			return x.passFault(pass, frames, frame, failed)
		}
		if !started && watch.Seen().Started {
			started = true
			x.record.FirstEvent(x.relay.opts.Now())
		}
		if metering.hides(frame) {
			continue // the client did not ask for it
		}
		if err := pass(frame, started); err != nil {
			return err
		}
	}
	if !watch.Seen().Complete {
		return incomplete()
	}
	return x.down.endPassed()
}

// reported tells a fault that the upstream itself put into its stream, in the
// client's own protocol; what breaks the protocol, and what concerns our
// credential alone, is told in our words.
func reported(err *fault.Error) bool {
	return err.Class != fault.UpstreamProtocol && err.Class != fault.UpstreamAuth
}

// passFault passes the frame by which the upstream ends a stream that has begun
// with an error, and what stands behind it. Nothing of ours follows.
func (x *exchange) passFault(pass func(sse.Frame, bool) *fault.Error, frames *sse.Scanner, frame sse.Frame, failed *fault.Error) *fault.Error {
	for err := error(nil); err == nil; frame, err = frames.Next() {
		if lost := pass(frame, true); lost != nil {
			return lost
		}
	}
	if lost := x.down.endPassed(); lost != nil {
		return lost
	}
	return failed
}

// passWhole copies an answer of the client's own protocol.
func (a *attempt) passWhole(resp *http.Response) *fault.Error {
	x := a.x
	body, err := readAll(resp)
	if err != nil {
		return err
	}
	x.record.FirstEvent(x.relay.opts.Now())
	watch := a.observer()
	if err := watch.Body(body); err != nil {
		return fault.From(err)
	}
	x.record.Observed(watch.Seen())
	return x.down.whole(resp.StatusCode, resp.Header.Get("Content-Type"), body)
}

// count answers a token count.
func (a *attempt) count(resp *http.Response) *fault.Error {
	x := a.x
	body, ferr := readAll(resp)
	if ferr != nil {
		return ferr
	}
	x.record.FirstEvent(x.relay.opts.Now())
	if a.identity {
		return x.down.whole(resp.StatusCode, resp.Header.Get("Content-Type"), body)
	}
	usage, err := a.decodeCount(body)
	if err != nil {
		return fault.From(err)
	}
	return x.down.whole(http.StatusOK, "application/json", x.client.EncodeCount(usage))
}

func readAll(resp *http.Response) ([]byte, *fault.Error) {
	size := resp.ContentLength
	if size > maxAnswer {
		return nil, fault.New(fault.UpstreamProtocol, "the provider's answer is too large")
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, broke(err, "the provider's answer broke off")
	}
	if len(body) > maxAnswer {
		return nil, fault.New(fault.UpstreamProtocol, "the provider's answer is too large")
	}
	return body, nil
}
