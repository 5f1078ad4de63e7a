// Package ledger serves what of the Responses protocol outlives one call:
// stored responses and what leans on them (previous_response_id, references to
// items, background runs, compaction, the turns of a socket). It stands in front
// of the relay: it puts the history into a request's body before the relay sees
// it, and keeps the answer that the relay writes. The relay, the codecs and the
// upstreams know nothing of it, so it works over all of them.
//
// A request that neither leans on a stored response nor is to be stored goes to
// the relay untouched.
package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/relay"
)

// Relay answers calls.
type Relay interface {
	Serve(ctx context.Context, w http.ResponseWriter, call relay.Call)
}

// Store keeps responses; custody.Responses is one.
type Store interface {
	Keeps() bool
	Get(ctx context.Context, scope, id string) (*custody.Stored, error)
	Chain(ctx context.Context, scope, id string) ([]*custody.Stored, error)
	WithItem(ctx context.Context, scope, item string) (*custody.Stored, error)
	Put(s *custody.Stored)
	PutNow(ctx context.Context, s *custody.Stored) error
	Delete(ctx context.Context, scope, id string) (bool, error)
}

// Options are the parts of a Ledger.
type Options struct {
	Relay Relay
	Store Store
	// MaxBody is the limit of a request's body in bytes, which holds for one
	// with its history too.
	MaxBody func() int64
	Log     *slog.Logger
	Now     func() time.Time
}

// Ledger is safe for concurrent use.
type Ledger struct {
	opts Options

	life  context.Context //nolint:containedctx // of the background runs; ends in Close
	end   context.CancelFunc
	mu    sync.Mutex // runs
	runs  map[runKey]*run
	tasks sync.WaitGroup
}

// New returns a Ledger. Close ends what runs in the background.
func New(opts Options) *Ledger {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	l := &Ledger{opts: opts, runs: map[runKey]*run{}}
	l.life, l.end = context.WithCancel(context.Background())
	return l
}

// Close ends the background runs and waits for them.
func (l *Ledger) Close() {
	l.end()
	l.tasks.Wait()
}

// Create answers POST /v1/responses. An error is one that the relay was not
// asked about; all others w carries.
func (l *Ledger) Create(ctx context.Context, w http.ResponseWriter, call relay.Call) *fault.Error {
	t, err := l.prepare(ctx, call, nil)
	if err != nil {
		return err
	}
	switch {
	case t.ask.Background:
		return l.background(ctx, w, t)
	case t.plain():
		l.opts.Relay.Serve(ctx, w, t.call)
	default:
		t.answer(ctx, t.watch(w), t.ask.Stream)
	}
	return nil
}

// Count answers POST /v1/responses/input_tokens.
func (l *Ledger) Count(ctx context.Context, w http.ResponseWriter, call relay.Call) *fault.Error {
	t, err := l.prepare(ctx, call, nil)
	if err != nil {
		return err
	}
	l.opts.Relay.Serve(ctx, w, t.call)
	return nil
}

// unread is the fault of a store that does not answer.
func unread(err error) *fault.Error {
	return fault.Wrap(fault.Internal, "The stored responses cannot be read at the moment.", err).WithCode("storage_error")
}

func unknown(id string) *fault.Error {
	if len(id) > maxShown {
		id = id[:maxShown]
	}
	return fault.New(fault.NotFound, fmt.Sprintf("Response with id %q not found.", id)).WithCode("response_not_found").WithParam("response_id")
}

// maxShown bounds how much of a caller's id an error repeats.
const maxShown = 80

var _ Store = (*custody.Responses)(nil)
