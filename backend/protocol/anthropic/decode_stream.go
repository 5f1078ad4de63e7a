package anthropic

import (
	"bytes"
	"errors"
	"io"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// DecodeStream reads the events of a streamed message. It is complete with
// message_stop; a stop reason and then the end of the stream is accepted too.
// Behind message_stop the rest is read until the upstream closes, so that the
// connection can be used again.
func (Upstream) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		scanner := sse.NewScanner(r, 0)
		defer scanner.Release()
		d := newAnswerDecoder(losses)
		send := func(events []llm.Event, err error) bool {
			for _, ev := range events {
				if !yield(ev, nil) {
					return false
				}
			}
			if err != nil {
				yield(llm.Event{}, err)
			}
			return err == nil
		}
		for {
			frame, err := scanner.Next()
			switch {
			case err != nil && d.closed:
				return
			case err != nil && d.complete():
				send(d.ended())
				return
			case err != nil:
				send(nil, wire.ReadError(upstreamName, err))
				return
			}
			data := wire.FrameData(frame)
			if data == nil || d.closed || string(data) == "[DONE]" {
				continue
			}
			data = bytes.Clone(data) // what is decoded outlives the scanner's buffer
			if err := wire.CheckFrame(upstreamName, data, frame); err != nil {
				send(nil, err)
				return
			}
			if !send(d.event(data)) {
				return
			}
		}
	}
}

// ended closes a message whose last event is missing.
func (d *answerDecoder) ended() ([]llm.Event, error) {
	d.out = d.out[:0]
	err := d.end()
	return d.out, err
}

// DecodeResponse reads a message that came at once.
func (Upstream) DecodeResponse(body []byte, losses *llm.Losses) (*llm.Response, error) {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return nil, wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	if rawjson.KindOf(body) != rawjson.KindObject {
		return nil, wire.Malformed(upstreamName, "the upstream's answer is not an object", nil)
	}
	events, err := newAnswerDecoder(losses).whole(body)
	if err != nil {
		return nil, err
	}
	c := llm.NewCollector()
	for _, ev := range events {
		c.Add(ev)
	}
	return c.Response(), nil
}

// isFault tells a fault of the upstream from an error of reading, which are
// both of one type.
func isFault(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	return ok && f.Provider != ""
}
