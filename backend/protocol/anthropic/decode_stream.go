package anthropic

import (
	"errors"
	"io"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeStream reads the events of a streamed message. It is complete with
// message_stop; a stop reason and then the end of the stream is accepted too.
func (Upstream) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		wire.DecodeStream(r, upstreamName, newAnswerDecoder(losses))(yield)
	}
}

// Done implements wire.FrameDecoder: the mark is no part of this protocol.
func (d *answerDecoder) Done() ([]llm.Event, error) { return nil, nil }

// Over implements wire.FrameDecoder.
func (d *answerDecoder) Over() bool { return d.closed }

// Ended implements wire.FrameDecoder: it closes a message whose last event is
// missing.
func (d *answerDecoder) Ended() (events []llm.Event, ok bool, err error) {
	if d.stop == nil {
		return nil, false, nil
	}
	d.out = d.out[:0]
	err = d.end()
	return d.out, true, err
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
