package traffic

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"antigravity-tools/backend/bus"
)

// Problem is a kind of request that reached no route: one line of "Base URL
// problems".
type Problem struct {
	ID         string // stable for the same client, path and code
	Code       string // contract section 4
	Method     string
	Path       string // without the query
	Client     string // "" if unknown
	Protocol   string
	Message    string
	UseBaseURL string // what to enter
	RewriteTo  string // the route it means, "" if none
	Count      int64
	First      time.Time
	Last       time.Time
}

// maxProblems bounds the list; the one seen longest ago makes room.
const (
	maxProblems = 200
	maxPath     = 300
)

// Problems counts requests to paths that are no routes, grouped by client,
// path and code. It is safe for concurrent use.
type Problems struct {
	changed bus.Topic[struct{}]
	mu      sync.Mutex
	list    map[string]*Problem
}

// NewProblems returns an empty list.
func NewProblems() *Problems { return &Problems{list: map[string]*Problem{}} }

// Changed tells that List has changed.
func (p *Problems) Changed() *bus.Topic[struct{}] { return &p.changed }

// Add counts one request. ID, Count, First and Last of seen are ignored.
func (p *Problems) Add(seen Problem, now time.Time) {
	seen.Path = tidyPath(seen.Path)
	seen.ID = problemID(seen)
	p.mu.Lock()
	if old := p.list[seen.ID]; old != nil {
		seen.Count, seen.First = old.Count, old.First
	} else {
		seen.First = now
		p.makeRoom()
	}
	seen.Count++
	seen.Last = now
	p.list[seen.ID] = &seen
	p.mu.Unlock()
	p.changed.Publish(struct{}{})
}

// tidyPath drops the query, which may hold a key, and bounds the rest.
func tidyPath(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path = strings.ToValidUTF8(path, "�")
	if len(path) > maxPath {
		path = strings.ToValidUTF8(path[:maxPath], "") + "…"
	}
	return Redact(path)
}

func problemID(p Problem) string {
	sum := sha256.Sum256([]byte(p.Client + "\x00" + p.Path + "\x00" + p.Code))
	return hex.EncodeToString(sum[:8])
}

// makeRoom drops the problem that was seen longest ago. Under the lock.
func (p *Problems) makeRoom() {
	if len(p.list) < maxProblems {
		return
	}
	var oldest *Problem
	for _, x := range p.list {
		if oldest == nil || x.Last.Before(oldest.Last) {
			oldest = x
		}
	}
	delete(p.list, oldest.ID)
}

// List gives the problems, the latest first.
func (p *Problems) List() []Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Problem, 0, len(p.list))
	for _, x := range p.list {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(a, b Problem) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Clear empties the list.
func (p *Problems) Clear() {
	p.mu.Lock()
	clear(p.list)
	p.mu.Unlock()
	p.changed.Publish(struct{}{})
}
