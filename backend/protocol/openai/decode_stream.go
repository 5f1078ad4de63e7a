package openai

import (
	"io"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeStream reads the chunks of a streamed completion. It is complete with
// the finish reason of every choice and then [DONE] or the end of the stream:
// the usage comes between the two.
func (Upstream) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		wire.DecodeStream(r, upstreamName, &answerDecoder{losses: losses})(yield)
	}
}

// Done implements wire.FrameDecoder.
func (d *answerDecoder) Done() ([]llm.Event, error) {
	d.over = true
	return d.end()
}

// Over implements wire.FrameDecoder.
func (d *answerDecoder) Over() bool { return d.over }

// Ended implements wire.FrameDecoder.
func (d *answerDecoder) Ended() (events []llm.Event, ok bool, err error) {
	if !d.finished() {
		return nil, false, nil
	}
	events, err = d.end()
	return events, true, err
}

// DecodeResponse reads a completion; it is the stream of one chunk, gathered.
func (Upstream) DecodeResponse(body []byte, losses *llm.Losses) (*llm.Response, error) {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return nil, wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	d := &answerDecoder{losses: losses}
	events, err := d.Frame(body)
	if err != nil {
		return nil, err
	}
	c := llm.NewCollector()
	for _, ev := range events {
		c.Add(ev)
	}
	if events, err = d.end(); err != nil {
		return nil, err
	}
	for _, ev := range events {
		c.Add(ev)
	}
	return c.Response(), nil
}
