package relay

import (
	"bytes"
	"context"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// maxResumes bounds how often one answer is gone on with (mapping.md section
// 16): behind the last one the client is told that the answer is unfinished.
const maxResumes = 5

// answerEvents is the upstream's answer as the client may see it: an answer
// that the upstream leaves unfinished is asked on for, and its legs are joined
// into one. The consumer adds each event to sofar before it takes the next.
//
// A leg is asked for on the same account as the first. When one fails, the
// answer fails: before the commit point the whole of it is tried again, as any
// other, after it the client gets the protocol's error.
func (a *attempt) answerEvents(ctx context.Context, resp *http.Response, sofar *llm.Collector) llm.Stream {
	if r, ok := a.upstream.(protocol.Resumer); ok {
		return a.encoded.Tools.Restore(a.resumed(ctx, resp, r, sofar))
	}
	return a.encoded.Tools.Restore(a.leg(resp))
}

// leg decodes one answer of the upstream.
func (a *attempt) leg(resp *http.Response) llm.Stream {
	if a.x.stream {
		return a.silence(a.upstream.DecodeStream(resp.Body, a.x.losses))
	}
	return func(yield func(llm.Event, error) bool) {
		body, ferr := readAll(resp)
		if ferr != nil {
			yield(llm.Event{}, ferr)
			return
		}
		decoded, err := a.upstream.DecodeResponse(body, a.x.losses)
		if a.saidNothing(err) {
			reply := llm.Response{}
			if decoded != nil { // what it used is known
				reply = *decoded
			}
			reply.Choices = []llm.Choice{{Close: llm.Close{Reason: llm.ReasonEnd}}}
			decoded, err = &reply, nil
		}
		if err != nil {
			yield(llm.Event{}, err)
			return
		}
		llm.Replay(decoded)(yield)
	}
}

// saidNothing tells the fault of an answer without a word, where that is one.
func (a *attempt) saidNothing(err error) bool {
	q, ok := a.x.op.(protocol.Quiet)
	return err != nil && ok && q.MayBeSilent() && fault.From(err).Code == protocol.CodeEmpty
}

// silence ends an answer without a word well, where that is one.
func (a *attempt) silence(leg llm.Stream) llm.Stream {
	if _, ok := a.x.op.(protocol.Quiet); !ok {
		return leg
	}
	return func(yield func(llm.Event, error) bool) {
		for ev, err := range leg {
			if a.saidNothing(err) {
				yield(llm.Event{Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonEnd}}, nil)
				return
			}
			if !yield(ev, err) {
				return
			}
		}
	}
}

// resumed yields the events of all legs.
func (a *attempt) resumed(ctx context.Context, resp *http.Response, r protocol.Resumer, sofar *llm.Collector) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		c := continued{attempt: a, resumer: r, sofar: sofar, joiner: joiner{seamless: r.Seamless()}, sent: a.encoded.Body}
		c.legs(ctx, resp, yield)
	}
}

// continued is an answer that may have further legs.
type continued struct {
	attempt *attempt
	resumer protocol.Resumer
	sofar   *llm.Collector
	joiner  joiner
	sent    []byte // the body of the present leg
}

// legs yields the events of a leg and of all that follow. The attempt closes their
// bodies.
func (c *continued) legs(ctx context.Context, resp *http.Response, yield func(llm.Event, error) bool) {
	for {
		var next []byte
		ok := pullLeg(c.attempt.leg(resp), &c.joiner, yield, func(end *llm.Close) bool {
			next = c.next(end)
			return next != nil
		})
		if !ok || next == nil {
			return
		}
		further, err := c.attempt.post(ctx, next) //nolint:bodyclose // as above: the attempt closes it
		if err != nil {
			yield(llm.Event{}, err)
			return
		}
		c.sent, resp = next, further
		c.joiner.nextLeg()
	}
}

// next is the body that asks for the rest; nil when the answer is whole, long
// enough, or stands still.
func (c *continued) next(end *llm.Close) []byte {
	if c.joiner.legs >= maxResumes || !unfinished(end) || !c.roomLeft() {
		return nil
	}
	next, ok := c.resumer.Resume(c.attempt.encoded.Body, c.sofar.Response(), end)
	if !ok || bytes.Equal(next, c.sent) {
		return nil
	}
	return next
}

// roomLeft tells whether the answer is still below the client's limit. Every
// leg is asked for with that limit, as the same request is.
func (c *continued) roomLeft() bool {
	limit := c.attempt.x.request.Sampling.MaxTokens
	return limit == nil || c.joiner.total().TotalOutput() < *limit
}

// unfinished tells the ends behind which an answer may go on.
func unfinished(end *llm.Close) bool {
	return end.Reason == llm.ReasonPause || end.Reason == llm.ReasonLength
}

// pullLeg yields the events of one leg. goesOn is asked at its Close, which is
// kept from the client when there is a further leg; what stands behind it is
// read on, the usage may come last. It is false when the consumer has had enough,
// or the stream failed.
func pullLeg(leg llm.Stream, j *joiner, yield func(llm.Event, error) bool, goesOn func(*llm.Close) bool) bool {
	for ev, err := range leg {
		if err != nil && j.legs > 0 && fault.From(err).Code == protocol.CodeEmpty {
			ev, err = llm.Event{Kind: llm.EventClose, Close: &llm.Close{Reason: llm.ReasonEnd}}, nil // all was said
		}
		if err != nil {
			yield(llm.Event{}, err)
			return false
		}
		if ev.Kind == llm.EventClose && goesOn(ev.Close) {
			continue
		}
		for _, out := range j.join(ev) {
			if !yield(out, nil) {
				return false
			}
		}
	}
	return true
}
