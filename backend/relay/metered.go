package relay

import (
	"bytes"
	"context"
	"net/http"
	"sync"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/sse"
)

// maxUnmetered bounds how many accounts are remembered.
const maxUnmetered = 1024

// unmetered remembers the accounts whose server refuses to be asked for usage.
// It is safe for concurrent use; a restart forgets, and learns at the cost of one
// request.
type unmetered struct {
	mu   sync.Mutex
	seen map[string]struct{} // by account and address
}

func placeOf(acc *account.Account) string { return acc.ID + " " + acc.Credential.BaseURL }

func (u *unmetered) has(acc *account.Account) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.seen[placeOf(acc)]
	return ok
}

func (u *unmetered) add(acc *account.Account) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.seen == nil || len(u.seen) >= maxUnmetered {
		u.seen = map[string]struct{}{}
	}
	u.seen[placeOf(acc)] = struct{}{}
}

// metering is how an attempt comes by the usage of its stream. The zero value
// leaves it to the client's own request.
type metering struct {
	by     protocol.Metered // who asked, on our behalf; nil if we did not ask
	before []byte           // a client's body without our question
}

// hides tells a frame that the client did not ask for.
func (m *metering) hides(f sse.Frame) bool { return m.before != nil && m.by.UsageOnly(f) }

// plain is the body without our question.
func (m *metering) plain(body []byte) []byte {
	if m.before != nil {
		return m.before
	}
	return m.by.DropUsage(body)
}

// askUsage lets a stream tell its usage, also where the client did not ask: the
// records want it (mapping.md section 1).
func (a *attempt) askUsage() {
	m, ok := a.upstream.(protocol.Metered)
	if !ok || !a.x.stream || a.x.call.Operation != provider.Generate || a.identity && a.x.op != nil {
		return
	}
	knows := !a.x.relay.unmetered.has(a.lease.Account)
	ask := metering{by: m}
	switch {
	case !a.identity && knows:
		a.metering = ask // EncodeRequest has asked
	case !a.identity:
		a.encoded.Body = ask.plain(a.encoded.Body)
	case knows:
		body, asked := m.AskUsage(a.encoded.Body)
		if !asked {
			ask.before = a.encoded.Body
			a.encoded.Body, a.metering = body, ask
		}
	}
}

// first sends the request. A server that does not know our question for usage is
// asked once more without it, and not again.
func (a *attempt) first(ctx context.Context) (*http.Response, *fault.Error) {
	resp, err := a.post(ctx, a.encoded.Body)
	if err == nil || a.metering.by == nil || !a.refusesUsage(err) {
		return resp, err
	}
	a.encoded.Body, a.metering = a.metering.plain(a.encoded.Body), metering{}
	resp, err = a.post(ctx, a.encoded.Body)
	if err == nil {
		a.x.relay.unmetered.add(a.lease.Account)
	}
	return resp, err
}

// refusesUsage tells a refusal that speaks of the question, in whatever shape.
func (a *attempt) refusesUsage(err *fault.Error) bool {
	return (err.Class == fault.InvalidRequest || err.Class == fault.UpstreamInvalid) &&
		bytes.Contains(a.refusal, []byte(a.metering.by.UsageWord()))
}
