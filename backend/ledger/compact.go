package ledger

import (
	"bytes"
	"context"
	"maps"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/relay"
)

// Compact answers POST /v1/responses/compact: the model sums the conversation
// up, and the summary comes back in an envelope of ours that any upstream's
// request can be made of.
func (l *Ledger) Compact(ctx context.Context, w http.ResponseWriter, call relay.Call) *fault.Error {
	if err := wellFormed(call); err != nil {
		return err
	}
	t, err := l.prepare(ctx, call, nil)
	if err != nil {
		return err
	}
	if t.ask.Previous != "" && t.parent == "" {
		l.opts.Relay.Serve(ctx, w, call) // its decoder refuses the id
		return nil
	}
	own, _ := responses.InputItems(t.ask.Input, wire.Mint, t.resolve)
	items := responses.Join(append(t.history[:len(t.history):len(t.history)], own))
	items = responses.Fold(items)
	t.call.Inbound.Body = responses.CompactRequest(t.body, items)
	c := &capture{header: http.Header{}}
	l.opts.Relay.Serve(ctx, c, t.call)
	if c.status == 0 {
		return nil // the client left
	}
	maps.Copy(w.Header(), c.header)
	if c.status != http.StatusOK {
		w.WriteHeader(c.status)
		_, _ = w.Write(c.body.Bytes()) // a client that left
		return nil
	}
	answer, ok := responses.Compacted(items, c.body.Bytes(), t.start.Unix(), wire.Mint)
	if !ok {
		w.Header().Del("Content-Length")
		return errNoSummary()
	}
	writeJSON(w, answer)
	return nil
}

// wellFormed decodes a request only to refuse it if need be: what is made of it
// would hide what is wrong with it. What leans on the store is looked at later.
func wellFormed(call relay.Call) *fault.Error {
	in := call.Inbound
	in.Body = responses.Edit{Detach: true}.Apply(in.Body)
	ask := responses.ReadAsk(in.Body)
	if ask.References || len(ask.Input) == 0 {
		return nil
	}
	if _, err := (responses.Client{}).DecodeRequest(in, nil); err != nil {
		return fault.From(err)
	}
	return nil
}

// capture keeps an answer of the relay.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is where the relay puts its reply headers.
func (c *capture) Header() http.Header { return c.header }

// WriteHeader notes the status.
func (c *capture) WriteHeader(status int) { c.status = status }

// Write keeps the body, which the relay bounds.
func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }
