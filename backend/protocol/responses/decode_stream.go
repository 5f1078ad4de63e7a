package responses

import (
	"errors"
	"io"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeStream reads the events of a streamed response. It is complete with
// response.completed, .incomplete or .failed.
func (Upstream) DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		wire.DecodeStream(r, upstreamName, newAnswerDecoder(losses))(yield)
	}
}

// Frame implements wire.FrameDecoder.
func (d *answerDecoder) Frame(raw []byte) ([]llm.Event, error) {
	d.out = d.out[:0]
	return d.out, d.named(d.event(raw))
}

// named makes an error of reading one of the upstream.
func (d *answerDecoder) named(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); err == nil || ok && f.Provider != "" {
		return err
	}
	return wire.Malformed(upstreamName, "the upstream sent an event of another form than its protocol's", err)
}

// Done implements wire.FrameDecoder: the mark is no part of this protocol, but
// some servers end every stream with it.
func (d *answerDecoder) Done() ([]llm.Event, error) { return nil, nil }

// Over implements wire.FrameDecoder.
func (d *answerDecoder) Over() bool { return d.closed }

// Ended implements wire.FrameDecoder: nothing but its own event ends a response.
func (d *answerDecoder) Ended() (events []llm.Event, ok bool, err error) { return nil, d.closed, nil }

// DecodeResponse reads a response that came at once.
func (Upstream) DecodeResponse(body []byte, losses *llm.Losses) (*llm.Response, error) {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return nil, wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	if rawjson.KindOf(body) != rawjson.KindObject {
		return nil, wire.Malformed(upstreamName, "the upstream's answer is not an object", nil)
	}
	d := newAnswerDecoder(losses)
	if err := d.named(d.finish(body, "")); err != nil {
		return nil, err
	}
	c := llm.NewCollector()
	for _, ev := range d.out {
		c.Add(ev)
	}
	return c.Response(), nil
}

// DecodeError classifies an answer whose status is not 2xx.
func (Upstream) DecodeError(status int, header http.Header, body []byte) *fault.Error {
	return wire.OpenAIFault(upstreamName, status, header, body)
}

// errorEvent is the fault of an event "error", which tells it flat or in a
// member "error".
func errorEvent(raw []byte) error {
	e := wire.ReadOpenAIError(raw)
	if e.Kind == "error" {
		e.Kind = ""
	}
	return wire.OpenAIStreamFault(upstreamName, e)
}

// failed is the fault of a response that failed, nil if it did not.
func failed(response []byte) error {
	raw, ok := rawjson.Get(response, "error")
	if !ok || rawjson.IsNull(raw) {
		return nil
	}
	return wire.OpenAIStreamFault(upstreamName, wire.ReadOpenAIError(response))
}
