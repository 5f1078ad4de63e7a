package relay

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
)

// partsAtOnce bounds how many parts of one request are under way at a time.
const partsAtOnce = 4

// apart makes the parts of a request that is more than the account's upstream
// does in one call; nil if one call does.
func (x *exchange) apart(lease *account.Lease) []*exchange {
	if x.stream || x.partial {
		return nil
	}
	if embed, ok := x.op.(protocol.EmbedClient); ok {
		return x.texts(embed, lease)
	}
	s, ok := x.client.(protocol.Splitter)
	if !ok {
		return nil
	}
	p := x.relay.opts.Providers[lease.Account.Provider]
	way, most := provider.WayOf(p, lease.Account.Credential, x.call.Operation, lease.Model), 1
	if d := drawer(p, x.call.Operation, way); d != nil {
		most = d.MaxPictures()
	} else if way != provider.AsChat {
		return nil
	}
	if x.decode() != nil {
		return nil // the attempt will say so
	}
	x.applySuffix()
	var children []*exchange
	if parts := s.Split(x.request, most); len(parts) > 1 {
		for _, part := range parts {
			children = append(children, x.child(part))
		}
	}
	return children
}

// texts makes a part for each as many texts of a request for vectors as one call
// takes; nil if one call takes all of them.
func (x *exchange) texts(client protocol.EmbedClient, lease *account.Lease) []*exchange {
	e, ok := x.relay.opts.Providers[lease.Account.Provider].(provider.Embedder)
	if !ok {
		return nil
	}
	up := e.Embeddings(lease.Model)
	if up.Name() == x.call.Protocol || x.decodeEmbed(client) != nil { // its bytes pass, or the attempt will say so
		return nil
	}
	all := x.many.embed
	if len(all.Inputs) <= up.MaxInputs() {
		return nil
	}
	var children []*exchange
	for inputs := range slices.Chunk(all.Inputs, up.MaxInputs()) {
		part := *all
		part.Inputs = inputs
		child := x.child(x.request)
		child.many.embed = &part
		children = append(children, child)
	}
	return children
}

// together asks for all parts of the request, some at once, each with an
// attempt loop of its own; the first has the lease. The request is answered
// whole or not at all: the first part that fails for good ends the others, and
// its fault is the answer. What the others have used is in the record all the
// same.
func (x *exchange) together(ctx context.Context, lease *account.Lease, children []*exchange) *fault.Error {
	within, cancel := context.WithCancel(ctx) // its cause is no fault: no account is blamed for being called off
	defer cancel()
	var (
		running sync.WaitGroup
		once    sync.Once
		failed  *fault.Error
		slots   = make(chan struct{}, partsAtOnce)
	)
	for i, child := range children {
		first := lease
		if i > 0 {
			first = nil
		}
		slots <- struct{}{} // a part that ends gives its place back, whatever happened
		if within.Err() != nil && first == nil {
			break
		}
		running.Go(func() {
			defer func() { <-slots }()
			if err := child.serve(within, first); err != nil {
				once.Do(func() { failed = err })
				cancel()
			}
		})
	}
	running.Wait()
	return x.join(ctx, children, failed)
}

// child is an exchange for one part. What it would write goes nowhere: its
// reply is kept.
func (x *exchange) child(part *llm.Request) *exchange {
	return &exchange{
		relay: x.relay, call: x.call, limits: x.limits, client: x.client, op: x.op,
		down:  newDownstream(unwritten(http.Header{}), x.client, x.call.RequestID),
		model: x.model, request: part, decision: x.decision, partial: true,
		losses: &llm.Losses{}, decoded: x.decoded, record: newRecord(x.call), exclude: map[string]bool{},
	}
}

// join makes one record of the parts' and, if none failed, the answer.
func (x *exchange) join(ctx context.Context, children []*exchange, failed *fault.Error) *fault.Error {
	var reply llm.Response
	var used llm.Usage
	x.losses.Reset(x.decoded)
	for _, c := range children {
		x.record.Include(c.record)
		x.losses.Add(c.losses.List()...)
		if u := c.record.Usage; u != nil {
			used = used.Plus(*u)
			reply.Usage = &used
		}
		if c.taken != nil {
			reply.ID, reply.Model = c.taken.ID, c.taken.Model
			reply.Choices = append(reply.Choices, c.taken.Choices...)
		}
		x.many.vectors.Vectors = append(x.many.vectors.Vectors, c.many.vectors.Vectors...)
	}
	if reply.Usage != nil {
		x.record.Meter(&used)
	}
	x.down.headers(children[0].down)
	if failed != nil {
		return x.final(ctx, failed)
	}
	if x.many.embed != nil {
		x.many.used = used
		return x.answerVectors()
	}
	return x.answerWhole(&reply)
}

// answerWhole writes a reply that is not streamed.
func (x *exchange) answerWhole(reply *llm.Response) *fault.Error {
	out, err := x.client.EncodeResponse(reply, x.reply(), x.losses)
	if err != nil {
		return fault.From(err)
	}
	x.tellLosses()
	return x.down.whole(http.StatusOK, x.responseType(), out)
}

// unwritten is the writer of an exchange whose answer is kept.
type unwritten http.Header

func (w unwritten) Header() http.Header       { return http.Header(w) }
func (unwritten) Write(b []byte) (int, error) { return len(b), nil }
func (unwritten) WriteHeader(int)             {}
