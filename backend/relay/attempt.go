package relay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/rawjson"
)

// maxErrorBody bounds what is read of an upstream's error, in bytes.
const maxErrorBody = 1 << 20

// attempt is one try on one account.
type attempt struct {
	x        *exchange
	lease    *account.Lease
	provider provider.Provider
	upstream protocol.Upstream
	identity bool // client and upstream speak the same protocol: bytes pass
	target   protocol.Target
	encoded  protocol.Encoded
	way      provider.Way           // how the upstream does an operation
	embeds   protocol.EmbedUpstream // nil unless vectors are asked for
	draws    bool                   // by the upstream's own operation for pictures
	inputs   int                    // texts of the present call for vectors
	learned  bool                   // the provider learned from a refusal how else to ask
	metering metering
	refusal  []byte // the body of the upstream's latest refusal
	watch    *watchdog
	bodies   []*prompt // of the answers taken: one, and one for each leg that went on with it
	start    time.Time
}

// attempt makes one try. It returns nil when the exchange is over: answered,
// or ended with an error that the client has got.
func (x *exchange) attempt(ctx context.Context, lease *account.Lease) *fault.Error {
	p := x.relay.opts.Providers[lease.Account.Provider]
	a := &attempt{x: x, lease: lease, provider: p, start: x.relay.opts.Now()}
	a.choose()
	ctx, cancel := context.WithCancelCause(ctx)
	a.watch = startWatchdog(x.limits, cancel)
	err := a.do(ctx)
	a.watch.stop()
	if err != nil && ctx.Err() != nil {
		err = fault.From(context.Cause(ctx))
	}
	cancel(nil)
	return a.done(err)
}

// choose settles in which protocol, and how, the upstream is asked.
func (a *attempt) choose() {
	x := a.x
	ask := provider.Ask{Model: a.lease.Model, Client: x.call.Protocol, Request: x.request}
	a.upstream = provider.ProtocolOf(a.provider, a.lease.Account.Credential, ask)
	a.chooseWay()
}

// done ends the lease and writes the attempt's line in the record. The same
// refusal from two accounts means the request: it is final.
func (a *attempt) done(err *fault.Error) *fault.Error {
	x := a.x
	if err != nil && err.Provider == "" {
		named := *err
		named.Provider = a.provider.Kind()
		err = &named
	}
	twice := false
	if x.unfit { // the account was not asked
		a.lease.Done(account.Outcome{Err: fault.New(fault.Cancelled, "the request does not fit this account")})
	} else {
		twice = x.refusals.Add(a.lease, account.Outcome{Err: err})
	}
	x.record.Attempted(a.lease, a.start, x.relay.opts.Now(), err)
	if twice {
		final := *err
		final.Scope = fault.ScopeRequest
		x.sameTried = true
		return &final
	}
	return err
}

func (a *attempt) do(ctx context.Context) *fault.Error {
	x := a.x
	if !a.counts() {
		return a.estimate()
	}
	if err := a.encode(ctx); err != nil {
		return err
	}
	if err := a.strict(); err != nil {
		return a.unfit(err)
	}
	x.tellLosses()
	x.record.Serve(a.lease, a.upstream.Name(), a.identity)
	x.down.served(a.provider.Kind(), a.lease.Model)
	if x.limits.ExposeAccount {
		x.down.account(a.lease.Account.Name)
	}
	a.askUsage()
	resp, err := a.first(ctx) //nolint:bodyclose // close does it
	switch {
	case err == nil:
	case a.learned: // what it learned it knows now, so this happens once for each fact
		a.learned = false
		a.choose()
		return a.do(ctx)
	case x.call.Operation == provider.CountTokens && err.Class == fault.NotFound && a.upstream.Name() == llm.Responses:
		return a.estimate() // a server of this protocol without its count
	default:
		return err
	}
	defer a.close()
	x.down.passHeaders(resp.Header)
	if err := a.answer(ctx, resp); err != nil {
		return err
	}
	a.settle()
	return nil
}

// encode prepares the body for this account's upstream. Every attempt starts
// from the original request.
func (a *attempt) encode(ctx context.Context) *fault.Error {
	x := a.x
	a.target = protocol.Target{
		Model: a.lease.Model, Caps: provider.CapsIn(a.provider, a.lease.Account.Credential, a.lease.Model, a.upstream.Name()).With(a.lease.Announced),
		Realm:  a.lease.Account.Realm,
		Stream: x.stream, DropSeals: x.dropSeals, NoPrefill: x.noPrefill,
	}
	x.issuer, x.room.sent = a.target.Caps.Issuer, 0
	a.freshLosses()
	switch {
	case x.op != nil && a.identity:
		return a.encodeNative()
	case a.embeds != nil:
		return a.encodeEmbed(ctx)
	}
	if a.identity && a.untouched() {
		body, err := a.ownBody()
		if err != nil {
			return err
		}
		a.encoded.Body = body
		if r, ok := a.upstream.(protocol.Repairer); ok && x.call.Operation == provider.Generate {
			a.encoded.Body = r.Repair(a.encoded.Body, a.target, x.losses)
		}
		return nil
	}
	if err := x.decode(); err != nil {
		return err
	}
	x.applySuffix()
	if ed, ok := a.upstream.(protocol.Editor); ok && a.identity && x.call.Operation == provider.Generate {
		body, err := ed.Edit(x.call.Inbound.Body, x.request, a.target, x.losses)
		if err != nil {
			return fault.From(err)
		}
		a.encoded.Body = body
		return nil
	}
	req := a.truncate(a.one())
	if x.dropSeals {
		x.losses.Adapt("seal.rejected", "", "")
	}
	if !x.dropSeals {
		req = x.relay.opts.Custody.Restore(ctx, x.call.KeyID, req, a.target.Caps.Issuer)
	}
	req, err := x.inlineMedia(ctx, req, a.target.Caps)
	if err != nil {
		return a.unfit(fault.From(err))
	}
	if x.call.Operation == provider.CountTokens {
		counter := a.upstream.(protocol.Counter) // do has checked that it is one
		a.encoded, err = counter.EncodeCount(req, a.target, x.losses)
	} else {
		a.encoded, err = a.upstream.EncodeRequest(req, a.target, x.losses)
	}
	if err != nil {
		return a.unfit(fault.From(err))
	}
	return nil
}

// untouched tells whether the client's bytes may go up as they are: no suffix
// of the model name sets reasoning, no seal of another vendor is in them, and
// the upstream has refused none of its own. (Nor do they hold what this
// endpoint of the protocol never takes.)
func (a *attempt) untouched() bool {
	x := a.x
	body := x.call.Inbound.Body
	named := x.call.Inbound.Model != "" || a.lease.Model == x.model // by the path, or rightly by the body
	named = named && x.decision.Model == x.decision.Asked || a.renamed()
	return named && !x.dropSeals && !x.noPrefill && !hasEnvelope(body) && !refuses(a.target.Caps, body)
}

// refuses tells whether a body of the endpoint's own protocol holds what it does
// not take. A text of Refused counts wherever it stands: a body that is written
// anew without need loses nothing.
func refuses(caps family.Caps, body []byte) bool {
	return slices.ContainsFunc(caps.Refused, func(text string) bool { return bytes.Contains(body, []byte(text)) }) ||
		slices.ContainsFunc(caps.RefusedMembers, func(name string) bool {
			_, ok := rawjson.Get(body, name)
			return ok
		})
}

// renamed tells a body that names its model with the mark of a large context
// window: the name is all that has to change in it.
func (a *attempt) renamed() bool {
	bare, marked := family.StripContext(a.x.model)
	return marked && bare == a.lease.Model && a.x.call.Inbound.Model == ""
}

// ownBody is the client's body, with the upstream's name of the model.
func (a *attempt) ownBody() ([]byte, *fault.Error) {
	body := a.x.call.Inbound.Body
	if !a.renamed() {
		return body, nil
	}
	body, err := rawjson.Set(body, rawjson.AppendString(nil, a.lease.Model), "model")
	if err != nil {
		return nil, fault.Invalid("model", "the request is not JSON: %v", err)
	}
	return body, nil
}

// post sends a body to the attempt's upstream; the answer is a good one, which
// close lets go of.
func (a *attempt) post(ctx context.Context, body []byte) (*http.Response, *fault.Error) {
	resp, err := a.send(ctx, body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		defer resp.Body.Close()
		return nil, a.refused(resp)
	}
	answer := &prompt{ReadCloser: resp.Body, down: a.x.down}
	a.bodies, resp.Body = append(a.bodies, answer), answer
	return resp, nil
}

func (a *attempt) send(ctx context.Context, body []byte) (*http.Response, *fault.Error) {
	if err := a.x.down.push(); err != nil {
		return nil, err
	}
	call := provider.Call{
		Operation: a.asked(), Model: a.lease.Model, Stream: a.x.stream, ContentType: a.contentType(),
		Header: vendorHeaders(a.x.call.Inbound.Header, a.upstream.Name()), Protocol: a.upstream.Name(), Body: body,
	}
	resp, req, ferr := a.call(ctx, call)
	if ferr != nil {
		return nil, ferr
	}
	if r, ok := a.provider.(provider.Renewer); ok && resp.StatusCode == http.StatusUnauthorized && r.Renew(a.lease.Account.Credential, req) {
		_ = resp.Body.Close()
		if resp, _, ferr = a.call(ctx, call); ferr != nil {
			return nil, ferr
		}
	}
	if u, ok := a.provider.(provider.Unwrapper); ok && resp.StatusCode/100 == 2 {
		resp.Body = u.Unwrap(call, resp.Body)
		resp.ContentLength = -1
	}
	return resp, nil
}

// call makes one call of the upstream.
func (a *attempt) call(ctx context.Context, call provider.Call) (*http.Response, *http.Request, *fault.Error) {
	req, err := a.provider.Prepare(ctx, a.lease.Account.Credential, call)
	if err != nil {
		return nil, nil, fault.From(err)
	}
	// An upstream follows no redirects and has no cookies: the transport is enough.
	resp, err := a.x.relay.opts.HTTPClient(*a.lease.Account).Transport.RoundTrip(req)
	if err != nil {
		return nil, nil, transportFault(ctx, err)
	}
	return resp, req, nil
}

// transportFault words a connection that failed; the cause stays private, it
// may hold addresses.
func transportFault(ctx context.Context, err error) *fault.Error {
	if cause := context.Cause(ctx); cause != nil {
		return fault.From(cause)
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.Wrap(fault.Timeout, "the provider did not answer in time", err)
	}
	return fault.Wrap(fault.UpstreamProtocol, "the connection to the provider failed", err)
}

func (a *attempt) refused(resp *http.Response) *fault.Error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if err != nil && len(body) == 0 {
		return fault.Wrap(fault.UpstreamProtocol, "the provider's error answer broke off", err)
	}
	a.refusal = body
	f := a.provider.Classify(resp.StatusCode, resp.Header, body)
	if p, ok := a.provider.(provider.Polyglot); ok {
		call := provider.Call{Operation: a.asked(), Model: a.lease.Model, Protocol: a.upstream.Name()}
		a.learned = p.Refused(a.lease.Account.Credential, call, resp.StatusCode, f)
	}
	f.Provider = a.provider.Kind()
	return f
}

// answer carries the upstream's answer to the client.
func (a *attempt) answer(ctx context.Context, resp *http.Response) *fault.Error {
	switch {
	case a.x.call.Operation == provider.CountTokens:
		return a.count(resp)
	case a.embeds != nil && !a.identity:
		return a.answerEmbed(resp)
	case a.identity && a.x.passesBytes():
		return a.passBytes(resp)
	case a.identity && a.x.op != nil && !streams(resp):
		return a.passWhole(resp)
	case a.identity && a.x.stream:
		return a.passStream(resp)
	case a.identity:
		return a.passWhole(resp)
	case a.x.stream:
		return a.translateStream(ctx, resp)
	default:
		return a.translateWhole(ctx, resp)
	}
}

// watchdog ends an attempt whose upstream is silent for too long. Its owner
// is the attempt; touch is called once per event and costs one atomic store.
type watchdog struct {
	start  time.Time
	last   atomic.Int64 // nanoseconds since start; 0: nothing arrived yet
	limits Limits
	cancel context.CancelCauseFunc
	mu     sync.Mutex // timer, between its setting and its first firing
	timer  *time.Timer
}

func startWatchdog(limits Limits, cancel context.CancelCauseFunc) *watchdog {
	d := &watchdog{limits: limits, cancel: cancel, start: time.Now()}
	d.mu.Lock()
	defer d.mu.Unlock()
	if limits.FirstByte > 0 {
		d.timer = time.AfterFunc(limits.FirstByte, d.check)
	} else if limits.Idle > 0 {
		d.timer = time.AfterFunc(limits.Idle, d.check)
	}
	return d
}

func (d *watchdog) touch() { d.last.Store(int64(time.Since(d.start)) | 1) }

func (d *watchdog) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
}

// check runs on the timer's goroutine.
func (d *watchdog) check() {
	d.mu.Lock()
	defer d.mu.Unlock()
	limit, last := d.limits.Idle, time.Duration(d.last.Load())
	message := "the provider fell silent in the middle of its answer"
	if last == 0 {
		limit, message = d.limits.FirstByte, "the provider did not begin to answer in time"
	}
	if limit <= 0 { // only the other limit is set
		d.timer.Reset(max(d.limits.Idle, d.limits.FirstByte))
		return
	}
	if left := last + limit - time.Since(d.start); left > 0 {
		d.timer.Reset(left)
		return
	}
	d.cancel(fault.New(fault.Timeout, message))
}

// contentType is that of the body that goes up.
func (a *attempt) contentType() string {
	if a.x.op != nil && a.identity {
		return a.x.call.Inbound.Header.Get("Content-Type")
	}
	return ""
}
