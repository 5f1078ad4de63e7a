package custody

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"antigravity-tools/backend/fault"
)

// Stored is one response of the Responses protocol, kept for the client key
// that made it. It is immutable once it was handed over.
type Stored struct {
	Scope   string // id of the client key, "" for clients without one
	ID      string
	Parent  string // the response that it went on from, "" for the first
	Created time.Time
	// Hidden: its client deleted it, but later responses are built upon it.
	Hidden bool
	Input  []byte   // JSON array: what this turn added to its parent's, each item with an id
	Body   []byte   // the response object, as the client got it
	Items  []string // ids of the items of Input and of the output
}

type storedKey struct{ scope, id string }

func (s *Stored) key() storedKey { return storedKey{s.Scope, s.ID} }

func (s *Stored) size() int {
	return responseOverhead + len(s.Input) + len(s.Body) + len(s.Items)*itemOverhead
}

// ResponseRepository keeps responses over restarts. What is older than since
// does not exist for a reader, unless a younger one is built upon it.
type ResponseRepository interface {
	// LoadResponse gives one response, hidden ones too; nil if there is none.
	LoadResponse(ctx context.Context, scope, id string) (*Stored, error)
	// FindItem gives the id of the latest response that holds an item, "" if
	// none does.
	FindItem(ctx context.Context, scope, item string) (string, error)
	SaveResponses(ctx context.Context, responses []*Stored) error
	// NoteResponse puts a response where it outlives the program at once, until
	// SaveResponses has written it. TurnNotes comes before a batch is taken,
	// which holds all that was noted before; ClearNotes comes when it is
	// written.
	NoteResponse(s *Stored) error
	TurnNotes() error
	ClearNotes() error
	// DeleteResponse removes a response, or hides one that others are built
	// upon. It tells whether there was one to be seen.
	DeleteResponse(ctx context.Context, scope, id string) (bool, error)
	// PurgeResponses deletes what is older than before or hidden, but for what
	// younger ones are built upon; then the oldest until at most count of bytes
	// in all are left.
	PurgeResponses(ctx context.Context, before time.Time, count int, bytes int64) error
}

// Bounds of the stored responses.
const (
	MaxResponses      = 20_000    // on disk
	MaxResponseBytes  = 512 << 20 // on disk
	maxChain          = 2000      // responses that one can be built upon
	maxStored         = 64 << 20  // one response with its input
	recentResponses   = 2000      // in memory
	recentBytes       = 48 << 20  // in memory
	pendingResponses  = 1000      // waiting for the disk
	pendingBytes      = 128 << 20 // waiting for the disk
	responseOverhead  = 400
	itemOverhead      = 80
	responsesDeadline = 10 * time.Second
	batchGap          = 100 * time.Millisecond // from one batch to the next: each waits for the disk
	roomWait          = 2 * time.Second        // for the database, when it does not keep up
)

// Responses keeps stored responses: the latest in memory, all of them in a
// repository. What was put is found at once; one owner goroutine (Run) writes it
// as soon as it can. It is safe for concurrent use.
type Responses struct {
	repo      ResponseRepository
	log       *slog.Logger
	now       func() time.Time
	retention func() time.Duration

	writing chan struct{} // holds a token while pending ones are written; never taken with mu
	noting  sync.RWMutex  // held from a note to its mark; a batch begins between them
	mu      sync.Mutex    // short; no I/O under it
	recent  *simplelru.LRU[storedKey, *Stored]
	items   map[storedKey]string // of recent ones: item → response
	bytes   int
	pending map[storedKey]*Stored
	waiting int // bytes of pending
	wake    chan struct{}
	dropped atomic.Int64
}

// NewResponses returns an empty store. retention is read anew each time; 0 keeps
// nothing.
func NewResponses(repo ResponseRepository, log *slog.Logger, now func() time.Time, retention func() time.Duration) *Responses {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if now == nil {
		now = time.Now
	}
	r := &Responses{
		repo: repo, log: log, now: now, retention: retention,
		items: map[storedKey]string{}, pending: map[storedKey]*Stored{}, wake: make(chan struct{}, 1),
		writing: make(chan struct{}, 1),
	}
	r.recent, _ = simplelru.NewLRU(recentResponses, func(_ storedKey, s *Stored) { r.forget(s) })
	return r
}

// Keeps tells whether responses are kept at all.
func (r *Responses) Keeps() bool { return r.retention() > 0 }

// Dropped counts responses that were not written because they were too large or
// the disk could not keep up.
func (r *Responses) Dropped() int64 { return r.dropped.Load() }

// Put keeps a response, replacing the one with its id. It does not wait for the
// disk; whoever asks from now on finds it.
func (r *Responses) Put(s *Stored) {
	if r.fits(s) && !r.put(s) {
		r.drop(tooSlow)
	}
}

// PutNow is Put that returns when the response is written down, so that it
// outlives the program from then on; the database is not waited for unless it
// does not keep up. On an error the response is kept as Put keeps it.
func (r *Responses) PutNow(ctx context.Context, s *Stored) error {
	if !r.fits(s) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, roomWait)
	defer cancel()
	for {
		queued, err := r.note(s)
		if queued || err != nil {
			return err
		}
		if err := r.flush(ctx); err != nil {
			r.drop(tooSlow)
			return err
		}
	}
}

const tooSlow = "responses are not stored: the database does not keep up"

// note writes a response down and marks it to be written to the database. The
// note comes first: a batch holds all that was noted before it began.
func (r *Responses) note(s *Stored) (queued bool, err error) {
	r.noting.RLock()
	defer r.noting.RUnlock()
	err = r.repo.NoteResponse(s)
	return r.put(s), err
}

// fits tells whether a response is to be kept and can be.
func (r *Responses) fits(s *Stored) bool {
	if !r.Keeps() {
		return false
	}
	if s.size() > maxStored {
		r.drop("a response is too large to be stored")
		return false
	}
	return true
}

// put places a response in memory and in the queue; false if that is full.
func (r *Responses) put(s *Stored) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remember(s)
	return r.queue(s)
}

// remember places a response in memory. Under the lock.
func (r *Responses) remember(s *Stored) {
	k := s.key()
	r.recent.Remove(k) // runs the eviction hook, which Add would not
	r.recent.Add(k, s)
	r.bytes += s.size()
	for _, id := range s.Items {
		r.items[storedKey{s.Scope, id}] = s.ID
	}
	for r.bytes > recentBytes && r.recent.Len() > 1 {
		r.recent.RemoveOldest()
	}
}

// forget is the eviction hook. Under the lock.
func (r *Responses) forget(s *Stored) {
	r.bytes -= s.size()
	for _, id := range s.Items {
		if k := (storedKey{s.Scope, id}); r.items[k] == s.ID {
			delete(r.items, k)
		}
	}
}

// queue marks a response to be written; false if too much waits already. Under
// the lock.
func (r *Responses) queue(s *Stored) bool {
	k := s.key()
	old, ok := r.pending[k]
	if !ok && (len(r.pending) >= pendingResponses || r.waiting+s.size() > pendingBytes) {
		return false
	}
	if ok {
		r.waiting -= old.size()
	}
	r.pending[k] = s
	r.waiting += s.size()
	r.again()
	return true
}

func (r *Responses) drop(why string) {
	if r.dropped.Add(1) == 1 {
		r.log.Warn(why)
	}
}

// Get gives a response that its client may see; nil if there is none.
func (r *Responses) Get(ctx context.Context, scope, id string) (*Stored, error) {
	s, err := r.load(ctx, scope, id)
	if err != nil || s == nil || s.Hidden || r.expired(s) {
		return nil, err
	}
	return s, nil
}

func (r *Responses) expired(s *Stored) bool {
	return !s.Created.After(r.now().Add(-r.retention()))
}

// load finds a response in memory, among those that wait for the disk, or on it.
func (r *Responses) load(ctx context.Context, scope, id string) (*Stored, error) {
	k := storedKey{scope, id}
	r.mu.Lock()
	s, ok := r.pending[k]
	if !ok {
		s, ok = r.recent.Get(k)
	}
	r.mu.Unlock()
	if ok {
		return s, nil
	}
	ctx, cancel := context.WithTimeout(ctx, responsesDeadline)
	defer cancel()
	s, err := r.repo.LoadResponse(ctx, scope, id)
	if err != nil || s == nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if newer, ok := r.pending[k]; ok {
		return newer, nil
	}
	r.remember(s)
	return s, nil
}

// Chain gives a response that its client may see together with all that it is
// built upon, the oldest first; nil if there is none, or if a part of it is no
// longer kept.
func (r *Responses) Chain(ctx context.Context, scope, id string) ([]*Stored, error) {
	s, err := r.Get(ctx, scope, id)
	if err != nil || s == nil {
		return nil, err
	}
	chain := []*Stored{s}
	for s.Parent != "" {
		if len(chain) >= maxChain {
			return nil, nil
		}
		if s, err = r.load(ctx, scope, s.Parent); err != nil || s == nil {
			return nil, err
		}
		chain = append(chain, s)
	}
	for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
		chain[i], chain[j] = chain[j], chain[i]
	}
	return chain, nil
}

// WithItem gives the latest response that holds an item; nil if there is none.
func (r *Responses) WithItem(ctx context.Context, scope, item string) (*Stored, error) {
	r.mu.Lock()
	id, ok := r.items[storedKey{scope, item}]
	r.mu.Unlock()
	if !ok {
		ctx, cancel := context.WithTimeout(ctx, responsesDeadline)
		defer cancel()
		var err error
		if id, err = r.repo.FindItem(ctx, scope, item); err != nil || id == "" {
			return nil, err
		}
	}
	return r.Get(ctx, scope, id)
}

// Delete removes a response for good, and tells whether there was one. One that
// others are built upon can no longer be read, and goes with the last of them.
func (r *Responses) Delete(ctx context.Context, scope, id string) (bool, error) {
	if s, err := r.Get(ctx, scope, id); err != nil || s == nil {
		return false, err
	}
	if err := r.flush(ctx); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, responsesDeadline)
	defer cancel()
	if err := r.lock(ctx); err != nil { // what is put meanwhile is written after
		return false, err
	}
	defer r.unlock()
	found, err := r.repo.DeleteResponse(ctx, scope, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recent.Remove(storedKey{scope, id})
	return found, err
}

// Run writes and purges until ctx ends; then it writes what is left. What is put
// while nothing is being written is on its way to the disk at once; under load a
// batch begins every batchGap, so that the disk is asked to settle ten times a
// second at most.
func (r *Responses) Run(ctx context.Context) {
	purge := time.NewTicker(purgeEvery)
	defer purge.Stop()
	r.purge(ctx)
	pause := time.Duration(0)
	var last time.Time // of the end of a batch
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			continue
		case <-purge.C:
			r.purge(ctx)
			continue
		case <-r.wake:
		}
		// pause is that of a write that failed.
		if wait := max(pause, batchGap-time.Since(last)); wait > 0 {
			select {
			case <-ctx.Done():
				continue
			case <-time.After(wait):
			}
		}
		err := r.flush(ctx)
		last = time.Now()
		if err == nil {
			pause = 0
			continue
		}
		if pause == 0 && ctx.Err() == nil {
			r.log.Warn("responses not stored, trying again", "error", fault.From(err))
		}
		pause = min(max(pause*2, writeEvery), maxBackoff)
		r.again()
	}
	if err := r.flush(context.WithoutCancel(ctx)); err != nil {
		r.log.Error("responses not stored", "error", fault.From(err))
	}
}

func (r *Responses) again() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Responses) lock(ctx context.Context) error {
	select {
	case r.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the writer of responses: %w", ctx.Err())
	}
}

func (r *Responses) unlock() { <-r.writing }

// flush writes what is pending; on an error it stays pending. When it returns,
// all that was put before the call is written.
func (r *Responses) flush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, responsesDeadline)
	defer cancel()
	if err := r.lock(ctx); err != nil {
		return err
	}
	defer r.unlock()
	batch, err := r.batch()
	if err != nil || len(batch) == 0 {
		return err
	}
	if err := r.repo.SaveResponses(ctx, batch); err != nil {
		return err
	}
	if err := r.repo.ClearNotes(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range batch {
		if k := s.key(); r.pending[k] == s { // not replaced meanwhile
			delete(r.pending, k)
			r.waiting -= s.size()
		}
	}
	return nil
}

// batch takes what is pending.
func (r *Responses) batch() ([]*Stored, error) {
	r.noting.Lock()
	defer r.noting.Unlock()
	if err := r.repo.TurnNotes(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	batch := make([]*Stored, 0, len(r.pending))
	for _, s := range r.pending {
		batch = append(batch, s)
	}
	return batch, nil
}

func (r *Responses) purge(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, responsesDeadline)
	defer cancel()
	if err := r.repo.PurgeResponses(ctx, r.now().Add(-r.retention()), MaxResponses, MaxResponseBytes); err != nil && ctx.Err() == nil {
		r.log.Warn("old responses not purged", "error", fault.From(err))
	}
}
