// Package custody keeps the seals (thought signatures, encrypted reasoning) of
// replies for clients that cannot carry them, and puts them back into the
// history that such a client sends with its next turn.
//
// An entry is found by (client key, call id) or by (client key, hash of a
// text); neither is stored in the clear. Entries live in a bounded memory and
// in a Repository, which is asked only for a history that has calls or unsigned
// parts that the memory knows nothing of. Writing is done by one owner goroutine,
// off the path of requests.
package custody

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"antigravity-tools/backend/llm"
)

// Key finds an entry: a hash of the client key's id and what the client sends
// back (a call id or a text).
type Key [sha256.Size]byte

// The namespaces of keys.
const (
	byCall      = "call"
	byText      = "text"      // all text of a model turn
	byReasoning = "reasoning" // the text of one reasoning part
	byMedia     = "media"     // the data of one picture that the model made
)

func keyOf(scope, space string, texts ...string) Key {
	h := sha256.New()
	for _, s := range []string{scope, "\x00", space, "\x00"} {
		h.Write([]byte(s))
	}
	for _, s := range texts {
		h.Write([]byte(s))
	}
	return Key(h.Sum(nil))
}

// Entry is one seal in custody.
type Entry struct {
	Key  Key
	Seal llm.Seal
	// Reasoning tells that the seal belongs to a reasoning part, whose text
	// is Text, that stood before the call that the entry is found by.
	Reasoning bool
	Text      string
	// Args are the arguments of the call that the seal signs, as the model
	// wrote them; empty if they are not worth keeping.
	Args string
	At   time.Time
}

// absent marks a key that the repository has no entry for.
func (e *Entry) absent() bool { return e.Seal.Data == "" }

func (e *Entry) size() int {
	return entryOverhead + len(e.Seal.Data) + len(e.Seal.Model) + len(e.Text) + len(e.Args)
}

// Repository keeps entries over restarts.
type Repository interface {
	// LoadSeals gives the entries of those keys that it has.
	LoadSeals(ctx context.Context, keys []Key) ([]Entry, error)
	SaveSeals(ctx context.Context, entries []Entry) error
	DeleteSeals(ctx context.Context, keys []Key) error
	// PurgeSeals deletes what is older than before, then the oldest until at
	// most count entries of bytes in all are left.
	PurgeSeals(ctx context.Context, before time.Time, count int, bytes int64) error
}

// Bounds of the store.
const (
	Keeps         = 30 * 24 * time.Hour
	MaxEntries    = 100_000  // on disk
	MaxBytes      = 64 << 20 // on disk
	memoryEntries = 20_000
	memoryBytes   = 16 << 20
	maxSeal       = 1 << 20 // one seal with its text
	maxArgs       = 8 << 10 // longer arguments are not kept beside their seal
	maxPending    = 5000    // changes that wait for the disk
	maxKeys       = 2000    // looked up for one request
	entryOverhead = 160
	loadDeadline  = 2 * time.Second
)

// Store keeps seals. It is safe for concurrent use; Run writes what it keeps.
type Store struct {
	repo Repository
	log  *slog.Logger
	now  func() time.Time

	mu      sync.Mutex // short; no I/O under it
	memory  *simplelru.LRU[Key, *Entry]
	bytes   int
	pending map[Key]*Entry // not yet written; an absent entry is a deletion
	wake    chan struct{}
	dropped atomic.Int64
}

// New returns a Store. A nil repository keeps seals in memory alone.
func New(repo Repository, log *slog.Logger, now func() time.Time) *Store {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if now == nil {
		now = time.Now
	}
	s := &Store{repo: repo, log: log, now: now, pending: map[Key]*Entry{}, wake: make(chan struct{}, 1)}
	s.memory, _ = simplelru.NewLRU(memoryEntries, func(_ Key, e *Entry) { s.bytes -= e.size() })
	return s
}

// Dropped counts entries that were not written because the disk could not keep
// up; they are still served from memory as long as that holds them.
func (s *Store) Dropped() int64 { return s.dropped.Load() }

// Keep stores the seals of a finished reply for the client key scope ("" for
// clients without one). It does not wait for the disk.
func (s *Store) Keep(scope string, resp *llm.Response) {
	for i := range resp.Choices {
		s.keepTurn(scope, resp.Choices[i].Parts)
	}
}

func (s *Store) keepTurn(scope string, parts []llm.Part) {
	var texts []string
	var textSeal *llm.Seal
	var thought *llm.Part // sealed reasoning that waits for its first call
	for i := range parts {
		p := &parts[i]
		switch p.Kind {
		case llm.KindText:
			texts = append(texts, p.Text)
			if p.Seal != nil {
				textSeal = p.Seal
			}
		case llm.KindReasoning:
			if p.Seal == nil {
				continue
			}
			thought = p
			if p.Text != "" {
				s.keep(keyOf(scope, byReasoning, p.Text), Entry{Seal: *p.Seal})
			}
		case llm.KindMedia:
			if p.Seal != nil && p.Media.Data != "" {
				s.keep(keyOf(scope, byMedia, p.Media.Data), Entry{Seal: *p.Seal})
			}
		case llm.KindCall:
			if p.Call.ID == "" {
				continue
			}
			if p.Seal != nil {
				s.keep(keyOf(scope, byCall, p.Call.ID), Entry{Seal: *p.Seal, Args: argsOf(p.Call)})
			} else if thought != nil {
				s.keep(keyOf(scope, byCall, p.Call.ID), Entry{Seal: *thought.Seal, Reasoning: true, Text: thought.Text})
			}
			thought = nil
		}
	}
	if textSeal != nil && anyText(texts) {
		s.keep(keyOf(scope, byText, texts...), Entry{Seal: *textSeal})
	}
}

func anyText(texts []string) bool {
	for _, t := range texts {
		if t != "" {
			return true
		}
	}
	return false
}

func (s *Store) keep(key Key, e Entry) {
	if e.Seal.Data == "" || e.size() > maxSeal {
		return
	}
	e.Key, e.At = key, s.now()
	e.Seal = *e.Seal.Clone() // a reply's text must not live on through it
	e.Text, e.Args = strings.Clone(e.Text), strings.Clone(e.Args)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(&e)
	s.queue(&e)
}

// put places an entry in memory. Under the lock.
func (s *Store) put(e *Entry) {
	s.memory.Remove(e.Key) // runs the eviction hook, which Add would not
	s.memory.Add(e.Key, e)
	s.bytes += e.size()
	for s.bytes > memoryBytes {
		s.memory.RemoveOldest()
	}
}

// queue marks a change to be written. Under the lock.
func (s *Store) queue(e *Entry) {
	if s.repo == nil {
		return
	}
	if _, ok := s.pending[e.Key]; !ok && len(s.pending) >= maxPending {
		if s.dropped.Add(1) == 1 {
			s.log.Warn("seals are dropped: the database does not keep up")
		}
		return
	}
	s.pending[e.Key] = e
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// MarkBad forgets the seals of a history that their issuer refused, so that
// they are not tried again. Those that memory knows to be another's stay: the
// conversation may go back there.
func (s *Store) MarkBad(scope string, req *llm.Request, issuer llm.Issuer) {
	keys := make([]Key, 0, 16)
	for i := range req.Turns {
		if t := &req.Turns[i]; t.Role == llm.RoleModel {
			keys = append(keys, turnKeys(scope, t, true)...)
		}
		if len(keys) > maxKeys {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range keys {
		if e, ok := s.memory.Peek(k); ok && !e.absent() && e.Seal.Issuer != issuer {
			continue
		}
		gone := &Entry{Key: k, At: s.now()}
		s.put(gone)
		s.queue(gone)
	}
}
