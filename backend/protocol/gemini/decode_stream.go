package gemini

import (
	"bytes"
	"errors"
	"io"
	"os"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"

	"context"
)

// DecodeStream reads the frames of streamGenerateContent?alt=sse. A reply is
// complete with the finishReason of every candidate seen; there is no other
// end mark, so the rest is read until the upstream closes: a further candidate
// or the usage may follow, and the connection can be used again. What goes
// wrong after that point no longer matters.
func (Upstream) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		scanner := sse.NewScanner(r, 0)
		defer scanner.Release()
		d := newReplyDecoder(losses)
		for {
			complete := d.complete()
			frame, err := scanner.Next()
			var events []llm.Event
			if err != nil {
				err = readError(err)
			} else {
				events, err = d.sseFrame(frame)
			}
			if err != nil && complete {
				return
			}
			for _, ev := range events {
				if !yield(ev, nil) {
					return
				}
			}
			if err != nil {
				yield(llm.Event{}, err)
				return
			}
		}
	}
}

// readError is the fault of a stream that could not be read on. What the
// reader itself words as a fault or as the context's end stays that.
func readError(err error) error {
	if errors.Is(err, io.EOF) {
		return cutStream(nil)
	}
	if errors.Is(err, sse.ErrFrameTooLarge) {
		return malformed("the upstream sent an event that is too large", err)
	}
	if _, ok := errors.AsType[*fault.Error](err); ok || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return fault.From(err)
	}
	return cutStream(err)
}

// DecodeResponse reads the answer of generateContent; it is the stream of one
// frame, gathered.
func (Upstream) DecodeResponse(body []byte, losses *llm.Losses) (*llm.Response, error) {
	if err := rawjson.Check(body, maxDepth); err != nil {
		return nil, malformed("the upstream's answer is not JSON", err)
	}
	d := newReplyDecoder(losses)
	events, err := d.frame(body)
	c := llm.NewCollector()
	for _, ev := range events {
		c.Add(ev)
	}
	switch {
	case err != nil && fault.From(err).Code == protocol.CodeEmpty:
		return c.Response(), err // what it used counts where nothing is an answer
	case err != nil:
		return nil, err
	}
	for _, ev := range d.checkpoint() {
		c.Add(ev)
	}
	if !d.complete() {
		return nil, cutStream(nil)
	}
	return c.Response(), nil
}

// sseFrame reads one event of the stream. Its bytes are copied once: parts of
// the reply outlive the scanner's buffer.
func (d *replyDecoder) sseFrame(f sse.Frame) ([]llm.Event, error) {
	data := f.Data
	if len(bytes.TrimSpace(data)) == 0 {
		data = f.Bare
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "[DONE]" {
		return nil, nil
	}
	data = bytes.Clone(data)
	if err := rawjson.Check(data, maxDepth); err != nil {
		if fe := frameError(data); fe != nil { // errors come with defects
			return nil, fe
		}
		if f.Unterminated {
			return nil, cutStream(err)
		}
		return nil, malformed("the upstream sent an event that is not JSON", err)
	}
	return d.frame(data)
}

// frameError is the fault that a frame reports, nil if it reports none.
func frameError(data []byte) error {
	obj := errorObject(data)
	if obj == nil {
		return nil
	}
	e := parseError(data)
	status := int(e.code)
	if status < 400 || status > 599 {
		status = statusOf(e.status)
	}
	return e.classify(status)
}

func statusOf(name string) int {
	for _, status := range []int{400, 401, 403, 404, 409, 429, 499, 501, 503, 504} {
		if statusName(status) == name {
			return status
		}
	}
	return 500
}
