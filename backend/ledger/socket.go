package ledger

import (
	"context"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/sse"
)

// Turn answers one response.create of a socket: each event goes to send as one
// JSON text, valid during the call alone. The body is that of POST /v1/responses
// with the members that only a socket has. It returns when the turn has ended.
func (l *Ledger) Turn(ctx context.Context, call relay.Call, local *Local, send func(event []byte)) {
	ask := responses.ReadAsk(call.Inbound.Body)
	emit := func(event []byte) {
		send(responses.InStream(event, ask.StreamID))
	}
	t, err := l.prepare(ctx, call, local)
	switch {
	case err != nil:
		status, body := responses.Client{}.EncodeError(err, call.RequestID)
		emit(responses.ErrorFrame(status, body, nil))
	case t.ask.Background:
		status, body := responses.Client{}.EncodeError(fault.Invalid("background", "background: not over a socket, which has its own way to go on"), call.RequestID)
		emit(responses.ErrorFrame(status, body, nil))
	case t.ask.Prepare:
		t.ready(emit)
	default:
		on := true
		t.call.Inbound.Body = responses.Edit{Stream: &on}.Apply(t.call.Inbound.Body)
		s := &sink{header: http.Header{}, event: func(f *sse.Frame) {
			if len(f.Data) > 0 {
				emit(f.Data)
			}
		}}
		t.answer(ctx, t.watch(s), true)
		if s.status != 0 && s.status != http.StatusOK {
			emit(responses.ErrorFrame(s.status, s.rest, s.header))
		}
	}
}

// ready answers a request that only prepares the next one: nothing is asked of
// an upstream, and what came is remembered.
func (t *turn) ready(emit func([]byte)) {
	t.keep = false // there is nothing yet that could be read
	id := responses.NewResponseID(wire.Mint)
	if t.ask.Previous != "" && len(t.history) == 0 {
		status, body := responses.Client{}.EncodeError(fault.Invalid("previous_response_id", "previous_response_id: no response with this id is stored here").
			WithCode("previous_response_not_found"), "")
		emit(responses.ErrorFrame(status, body, nil))
		return
	}
	t.list()
	begun := t.shown.Apply(responses.EmptyResponse(t.body, id, t.start.Unix(), responses.StatusInProgress))
	ended := t.shown.Apply(responses.EmptyResponse(t.body, id, t.start.Unix(), responses.StatusCompleted))
	t.done(id, ended)
	emit(responses.EventOf("response.created", begun))
	emit(responses.Numbered(responses.EventOf("response.completed", ended), 1))
}
