package ledger

import (
	"context"
	"fmt"
	"time"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/relay"
)

// turn is one request of a conversation and what is to be kept of it.
type turn struct {
	ledger *Ledger
	ask    responses.Ask
	call   relay.Call // with the history in its body
	scope  string
	keep   bool   // in the store
	local  *Local // of its socket, nil without one
	parent string // "" if the turn goes on from nothing, or from what only its socket knows
	shown  responses.Shown
	body   []byte // as the client sent it
	// history is what stands in front of the input, for a socket's memory.
	history [][]byte
	found   map[string][]byte // items that the input refers to
	opening *opening          // what comes in front of the answer, nil if nothing does
	input   chan listed       // the input in the form in which it is kept
	start   time.Time
}

// listed is an input in the form in which it is stored.
type listed struct {
	items []byte
	ids   []string
}

// plain tells that nothing of the request leans on the store nor goes there, and
// that it is not to be compacted.
func (t *turn) plain() bool {
	return !t.keep && t.local == nil && t.parent == "" && t.found == nil && !t.compacts()
}

func (t *turn) compacts() bool { return t.ask.Compacts || t.ask.Threshold > 0 }

// prepare reads what a request says about stored responses and puts what it
// leans on into its body. An id that is not known stays in the body: the
// protocol's decoder refuses it, so that the call is recorded like any other.
func (l *Ledger) prepare(ctx context.Context, call relay.Call, local *Local) (*turn, *fault.Error) {
	t := &turn{
		ledger: l, ask: responses.ReadAsk(call.Inbound.Body), call: call, scope: call.KeyID, local: local,
		body: call.Inbound.Body, start: l.opts.Now(),
	}
	t.keep = !t.ask.NoStore && l.opts.Store.Keeps()
	detach := t.ask.Background || local != nil
	known, err := t.goOn(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.references(ctx); err != nil {
		return nil, err
	}
	edit := responses.Edit{History: t.history, Detach: known || detach, Managed: t.ask.Threshold > 0}
	if t.found != nil {
		edit.Input = t.resolved()
	}
	if !known && t.ask.Previous != "" {
		edit.Detach = false // so that it is refused
	}
	if edit.Detach || edit.Managed || edit.Input != nil {
		t.call.Inbound.Body = edit.Apply(t.body)
		if limit := l.opts.MaxBody(); int64(len(t.call.Inbound.Body)) > limit {
			return nil, fault.New(fault.TooLarge, fmt.Sprintf("The request with the stored conversation before it is larger than %d bytes, the limit set by proxy.max_body_bytes.", limit)).
				WithCode("request_too_large").WithHint("Compact the conversation, or raise proxy.max_body_bytes.")
		}
		t.shown.Store = t.keep
	}
	t.fold()
	return t, nil
}

// fold leaves out what an earlier compaction stands for.
func (t *turn) fold() {
	input, ok := t.ask.Input, true
	if len(t.history) > 0 || t.found != nil {
		input, ok = rawjson.Get(t.call.Inbound.Body, "input")
	}
	if folded := responses.Fold(input); ok && len(folded) != len(input) {
		t.call.Inbound.Body = responses.Edit{Input: folded}.Apply(t.call.Inbound.Body)
	}
}

// lost tells that the request leans on what is not known, which the protocol's
// decoder refuses.
func (t *turn) lost() bool {
	return t.ask.Previous != "" && t.shown.Previous == "" || t.ask.References && t.found == nil
}

// goOn finds what the request goes on from.
func (t *turn) goOn(ctx context.Context) (known bool, err *fault.Error) {
	if t.ask.Previous == "" {
		return false, nil
	}
	if items, parent, ok := t.local.lookup(t.ask.Previous); ok {
		t.history, t.parent, t.shown.Previous = items, parent, t.ask.Previous
		return true, nil
	}
	chain, cause := t.ledger.opts.Store.Chain(ctx, t.scope, t.ask.Previous)
	if cause != nil {
		return false, unread(cause)
	}
	if len(chain) == 0 {
		return false, nil
	}
	if last := responses.Status(chain[len(chain)-1].Body); responses.Unfinished(last) {
		return false, fault.Invalid("previous_response_id", "previous_response_id: the response is not finished yet (its status is %s)", last).
			WithCode("previous_response_not_finished")
	}
	for _, s := range chain {
		t.history = append(t.history, s.Input, responses.Output(s.Body))
	}
	t.parent, t.shown.Previous = t.ask.Previous, t.ask.Previous
	return true, nil
}

// references finds the items that the input names.
func (t *turn) references(ctx context.Context) *fault.Error {
	if !t.ask.References {
		return nil
	}
	found := map[string][]byte{}
	for id := range responses.References(t.ask.Input) {
		if _, ok := found[id]; ok {
			continue
		}
		item, err := t.item(ctx, id)
		if err != nil {
			return err
		}
		if item == nil {
			return nil // the decoder names it
		}
		found[id] = item
	}
	t.found = found
	return nil
}

func (t *turn) item(ctx context.Context, id string) ([]byte, *fault.Error) {
	if item := t.local.item(id); item != nil {
		return item, nil
	}
	s, err := t.ledger.opts.Store.WithItem(ctx, t.scope, id)
	if err != nil {
		return nil, unread(err)
	}
	if s == nil {
		return nil, nil
	}
	if item := responses.FindItem(responses.Output(s.Body), id); item != nil {
		return item, nil
	}
	return responses.FindItem(s.Input, id), nil
}

func (t *turn) resolve(id string) []byte { return t.found[id] }

// resolved is the input with the items in place of their names.
func (t *turn) resolved() []byte {
	return responses.Resolve(t.ask.Input, t.resolve)
}

// list begins to bring the input into the form in which it is kept, beside the
// call: the wait for the upstream is longer.
func (t *turn) list() {
	t.input = make(chan listed, 1)
	go func() { // ends by itself
		items, ids := responses.InputItems(t.ask.Input, wire.Mint, t.resolve)
		t.input <- listed{items, ids}
	}()
}

// done keeps the finished turn; body is the response object as the client is
// about to see it. What the client has seen the end of is written.
func (t *turn) done(id string, body []byte) {
	in := t.listed()
	t.local.keep(id, t, in, body)
	if !t.keep {
		return
	}
	if err := t.ledger.opts.Store.PutNow(context.Background(), t.record(id, in, body)); err != nil {
		t.ledger.opts.Log.Warn("a response is answered before it is written", "request_id", t.call.RequestID, "error", fault.From(err))
	}
}

// listed waits for what list began.
func (t *turn) listed() listed {
	in := <-t.input
	t.input <- in
	return in
}

func (t *turn) record(id string, in listed, body []byte) *custody.Stored {
	items, ids := in.items, in.ids
	if t.parent == "" && len(t.history) > 0 {
		// It goes on from what only its socket knows: all of it is its input.
		items = responses.Join(append(t.history[:len(t.history):len(t.history)], items))
		ids = responses.ItemIDs(items)
	}
	return &custody.Stored{
		Scope: t.scope, ID: id, Parent: t.parent, Created: t.start, Input: items, Body: body,
		Items: append(ids[:len(ids):len(ids)], responses.ItemIDs(responses.Output(body))...),
	}
}
