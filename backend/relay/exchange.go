package relay

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/routing"
	"antigravity-tools/backend/traffic"
)

const (
	// maxAttempts bounds the loop, whatever the number of accounts.
	maxAttempts = 10
	// samePause lies before a second attempt on the only account.
	samePause = 250 * time.Millisecond
)

// exchange is one call on its way. It lives on the goroutine that serves the
// call; only its downstream is shared, with the keep-alive timer.
type exchange struct {
	relay  *Relay
	call   Call
	limits Limits
	client protocol.Client
	op     protocol.Operation // the client's, nil for a conversation
	down   *downstream

	model    string        // asked for, suffix and all
	request  *llm.Request  // decoded; nil while the body passes through unread
	many     several       // calls that one request for vectors takes
	partial  bool          // this is one part of a request
	taken    *llm.Response // the reply to it
	stream   bool
	decision routing.Decision
	losses   *llm.Losses // of the request, and of its way to the present attempt's target
	record   *traffic.Exchange

	decoded []llm.Loss // those of the client's side
	unfit   bool       // the present attempt's target cannot take the request

	refusals  account.Refusals
	exclude   map[string]bool // accounts that failed this request
	last      *fault.Error    // of the last attempt
	lastID    string          // of its account
	room      truncation
	dropSeals bool       // a seal was refused: resend without
	noPrefill bool       // a last turn of the model's was refused: resend with a question behind it
	issuer    llm.Issuer // whose seals the latest attempt could send
	sameTried bool       // the last account had its second attempt
	considers []account.Considered
	fetched   map[string]llm.Media // by URL: media that a target does not fetch itself
}

func newExchange(r *Relay, w http.ResponseWriter, call Call, limits Limits) *exchange {
	x := &exchange{
		relay: r, call: call, limits: limits,
		client: r.opts.Clients[call.Protocol],
		losses: &llm.Losses{}, exclude: map[string]bool{},
		record: newRecord(call),
	}
	if op, ok := r.opts.Operations[OperationKey{call.Operation, call.Protocol}]; ok {
		x.op, x.client = op, op
	}
	x.down = newDownstream(w, x.client, call.RequestID)
	if call.Opened {
		x.down.opened(x.reply(), x.losses)
	}
	return x
}

// run is a request's way from its decoded body to the end of its answer.
func (x *exchange) run(ctx context.Context) {
	if err := x.read(); err != nil {
		x.fail(err)
		return
	}
	if begin := x.relay.opts.Begin; begin != nil {
		begin(*x.record)
	}
	if x.stream {
		x.down.startStream(x.reply(), x.losses)
		defer x.down.stop()
	}
	if err := x.serve(ctx, nil); err != nil {
		x.fail(err)
	}
}

// serve is the attempt loop: nil once the request is answered. The first
// attempt is on the account that is leased, if one is.
func (x *exchange) serve(ctx context.Context, lease *account.Lease) *fault.Error {
	deadline := x.relay.opts.Now().Add(x.limits.MaxWait)
	for attempt := 1; ; attempt++ {
		if lease == nil {
			var err error
			if lease, err = x.acquire(ctx, deadline); err != nil {
				if x.retrySame(ctx, attempt) {
					continue
				}
				return x.unserved(ctx, err)
			}
		}
		if parts := x.apart(lease); parts != nil {
			return x.together(ctx, lease, parts)
		}
		ferr := x.attempt(ctx, lease)
		if ferr == nil && x.unfinished() {
			attempt, lease = 0, nil // the next texts have attempts of their own
			continue
		}
		if ferr == nil {
			return nil
		}
		x.last, x.lastID = ferr, lease.Account.ID
		passed := x.passOver(lease)
		if !passed && (x.down.started() || attempt >= maxAttempts || !x.again(ferr)) {
			return x.final(ctx, ferr)
		}
		lease = nil
	}
}

// read decodes as much of the request as its way needs: all of it, unless
// some provider speaks the client's own protocol and the path names the
// model; and it decides where the model name goes.
func (x *exchange) read() *fault.Error {
	x.model, x.stream = x.call.Inbound.Model, x.call.Stream
	passes := x.relay.native[x.call.Protocol] && x.model != "" && !bytes.Contains(x.call.Inbound.Body, []byte(`"file:`))
	if x.op != nil {
		if err := x.ask(); err != nil {
			return err
		}
	} else if !passes {
		if err := x.decode(); err != nil {
			return err
		}
		if x.model == "" {
			x.model = x.request.Model
			x.stream = x.request.Stream && x.call.Operation == provider.Generate
		}
	}
	x.record.ModelAsked = x.model
	x.record.Streamed = x.stream
	decision, err := x.relay.opts.Resolver.Resolve(x.model, bareModel(x.model))
	if err != nil {
		return err
	}
	x.decision = decision
	return nil
}

// decode fills the canonical request, once.
func (x *exchange) decode() *fault.Error {
	if x.request != nil {
		return nil
	}
	req, err := x.client.DecodeRequest(x.call.Inbound, x.losses)
	if err != nil {
		return fault.From(err)
	}
	if req.Model == "" {
		req.Model = x.call.Inbound.Model
	}
	if err := refuseLocal(req); err != nil {
		return err
	}
	crossing.Normalize(req, x.losses)
	x.request, x.decoded = req, x.losses.List()
	return nil
}

// bareModel is a model name without the marks that clients add: a large
// context window, and an effort or budget in parentheses.
func bareModel(model string) string {
	bare := &llm.Request{Model: model}
	family.ApplySuffix(bare)
	return bare.Model
}

// applySuffix lets the suffix of the model name set the reasoning, unless the
// model is really called so.
func (x *exchange) applySuffix() {
	if x.decision.Model != x.request.Model {
		family.ApplySuffix(x.request)
	}
}

// acquire leases an account, waiting for one until the deadline if all are
// limited: some clients never retry a 429.
func (x *exchange) acquire(ctx context.Context, deadline time.Time) (*account.Lease, error) {
	need := account.Need{
		Asked: x.model, Exclude: x.exclude, Affinity: x.affinity(), Record: &x.considers,
		Able: x.able, Ability: x.call.Operation.Verb(),
	}
	for _, c := range x.decision.Candidates {
		need.Candidates = append(need.Candidates, account.Candidate{Provider: c.Provider, Model: c.Model})
	}
	wait := deadline.Sub(x.relay.opts.Now())
	lease, err := x.relay.opts.Pool.AcquireWithin(ctx, need, max(wait, 0))
	x.record.Decide(x.considers)
	return lease, err
}

// again decides whether a failed attempt may be followed by another one.
func (x *exchange) again(err *fault.Error) bool {
	if err.Code == protocol.CodeSealRejected && !x.dropSeals {
		return x.resendWithoutSeals()
	}
	if err.Code == protocol.CodePrefill && !x.noPrefill {
		x.noPrefill = x.decode() == nil
		return x.noPrefill
	}
	if x.shorten(err) {
		return true
	}
	if err.Disposition() == fault.Never {
		return false
	}
	// Another account is better than the same one again, even for a fault that
	// is no account's; retrySame has its turn when there is none. A limited
	// account may be taken again when its cooldown ends within the wait.
	x.exclude[x.lastID] = true
	return true
}

// retrySame gives the last account one more chance when there is no other and
// its fault may have been a passing one.
func (x *exchange) retrySame(ctx context.Context, attempt int) bool {
	if x.last == nil || x.sameTried || attempt >= maxAttempts {
		return false
	}
	switch x.last.Class {
	case fault.UpstreamProtocol, fault.Overloaded, fault.Internal:
	default:
		return false
	}
	x.sameTried = true
	delete(x.exclude, x.lastID)
	timer := time.NewTimer(samePause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (x *exchange) resendWithoutSeals() bool {
	if x.decode() != nil {
		return false
	}
	x.dropSeals = true
	x.relay.opts.Custody.MarkBad(x.call.KeyID, x.request, x.issuer)
	return true
}

// unserved is the error when no account is left: what the last attempt taught,
// unless that was an upstream's refusal of our credential, which is none of
// the client's business.
func (x *exchange) unserved(ctx context.Context, err error) *fault.Error {
	f := fault.From(err)
	if x.last == nil || x.last.Class == fault.UpstreamAuth || f.Class == fault.RateLimited || f.Class == fault.QuotaExhausted {
		return x.final(ctx, f)
	}
	return x.final(ctx, x.last)
}

// final tells a client that left and a deadline that passed from faults.
func (x *exchange) final(ctx context.Context, err *fault.Error) *fault.Error {
	if ctx.Err() == nil {
		return err
	}
	return fault.From(context.Cause(ctx))
}

// reply is what the encoder of the answer needs to know.
func (x *exchange) reply() protocol.Reply {
	reply := protocol.Reply{
		RequestID: x.call.RequestID, Model: x.model, Request: x.request,
		Created: x.call.Start, SSE: x.call.SSE, Mint: wire.Mint,
	}
	if reply.Request == nil {
		reply.Request = &llm.Request{Model: x.model, Stream: x.stream}
	}
	reply.InputEstimate = EstimateInput(reply.Request)
	return reply
}

// fail ends the exchange with an error to the client.
func (x *exchange) fail(err *fault.Error) {
	if err.Code == "model_not_found" {
		err = err.WithSentence(x.relay.opts.Suggest(x.model))
	}
	x.record.Fail(err)
	x.down.fail(err)
}

// end finishes the exchange. An answer of bytes that broke off has no place for
// an error: the client must see the connection break instead.
func (x *exchange) end() {
	x.finish()
	if x.down.broken() {
		panic(http.ErrAbortHandler)
	}
}

func (x *exchange) finish() {
	x.record.Status = x.down.status()
	x.record.BytesOut = x.down.written()
	x.record.Losses = x.losses.List()
	x.record.Latency = x.relay.opts.Now().Sub(x.call.Start)
	x.relay.opts.Finish(x.record)
}
