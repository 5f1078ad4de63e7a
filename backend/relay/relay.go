// Package relay is the one way from a client's request to its answer: decode,
// acquire an account, encode, send, and carry the answer back. It owns the only
// retry loop of the program and the commit point of every answer: before the
// first model event any fault may move the call to another account, after it a
// fault ends the stream with the protocol's own error.
//
// It knows no router and no database: what it needs of accounts, seals and
// records are small interfaces.
package relay

import (
	"context"
	"net/http"
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/egress"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/routing"
	"antigravity-tools/backend/traffic"
)

// Pool hands out accounts.
type Pool interface {
	// AcquireWithin leases an account, waiting at most for wait when all are
	// limited.
	AcquireWithin(ctx context.Context, need account.Need, wait time.Duration) (*account.Lease, error)
}

// Resolver decides which providers may serve a model name.
type Resolver interface {
	Resolve(asked, base string) (routing.Decision, *fault.Error)
}

// Custody keeps seals for clients that cannot carry them.
type Custody interface {
	// Restore returns the request with the seals it lost on its way through
	// the client; req itself is not changed.
	Restore(ctx context.Context, scope string, req *llm.Request, issuer llm.Issuer) *llm.Request
	// Keep stores the seals of a finished reply.
	Keep(scope string, resp *llm.Response)
	// MarkBad forgets the seals of a history that its issuer refused.
	MarkBad(scope string, req *llm.Request, issuer llm.Issuer)
}

// Fetcher gets what an https URL of a request points to, from public addresses
// only. param names the field, for the error.
type Fetcher interface {
	Fetch(ctx context.Context, url, param string) (egress.Fetched, error)
}

// Limits are the settings that the relay reads, anew for each request.
type Limits struct {
	FirstByte     time.Duration // per attempt, 0 = none
	Idle          time.Duration // between upstream events, 0 = none
	Total         time.Duration // per request, 0 = none
	MaxWait       time.Duration // for an account to become free
	ExposeAccount bool          // name the account in a reply header
	Strict        bool          // refuse a request rather than drop part of it
}

// Options are the parts that a Relay is made of.
type Options struct {
	Clients map[llm.Protocol]protocol.Client
	// Operations are the clients' operations beside conversation.
	Operations map[OperationKey]protocol.Operation
	Providers  map[string]provider.Provider
	Pool       Pool
	Resolver   Resolver
	Custody    Custody
	Fetcher    Fetcher
	// HTTPClient returns the client whose transport reaches an account's upstream.
	HTTPClient func(acc account.Account) *http.Client
	Limits     func() Limits
	// Suggest words which models an unknown name may have meant, "" for none;
	// nil suggests nothing.
	Suggest func(model string) string
	// Begin takes a copy of the record as it is when the request was read; nil
	// if nobody wants it. It must not block.
	Begin func(traffic.Exchange)
	// Finish takes the record of every exchange; it must not block.
	Finish func(*traffic.Exchange)
	Now    func() time.Time
}

// Relay relays calls. It is safe for concurrent use and keeps no state of its
// own but for what it has learned of servers.
type Relay struct {
	opts Options
	// native holds the protocols that some provider speaks: a request in one
	// of them may pass through unread.
	native map[llm.Protocol]bool
	// unmetered is learned, and bounded.
	unmetered unmetered
}

// New returns a Relay of the given parts.
func New(opts Options) *Relay {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Suggest == nil {
		opts.Suggest = func(string) string { return "" }
	}
	r := &Relay{opts: opts, native: map[llm.Protocol]bool{}}
	for _, p := range opts.Providers {
		r.native[p.Protocol("").Name()] = true
	}
	return r
}

// Call is one request of a client, its body read and checked.
type Call struct {
	Protocol  llm.Protocol
	Operation provider.Operation
	Inbound   protocol.Inbound
	// Stream asks for a streamed answer where the path says so; where the
	// body does, it is ignored.
	Stream bool
	SSE    bool // false for a Gemini stream without alt=sse
	// Opened: the client has the headers of a stream already, and comments; what
	// fails is told within it.
	Opened bool

	Method     string
	Path       string // without the query, which may hold a key
	RequestID  string
	ClientName string // the program, told by its headers; "" if unknown
	KeyID      string // of the client key, "" without one
	KeyName    string
	Start      time.Time
}

// Serve answers one call. It returns when the answer has been written or the
// client has gone; w carries every error, in the caller's protocol.
func (r *Relay) Serve(ctx context.Context, w http.ResponseWriter, call Call) {
	limits := r.opts.Limits()
	if limits.Total > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limits.Total)
		defer cancel()
	}
	x := newExchange(r, w, call, limits)
	defer x.end()
	x.run(ctx)
}
