package traffic

import (
	"maps"
	"slices"
	"sync"

	"antigravity-tools/backend/bus"
)

// Bounds of the ring.
const (
	ringSize  = 500
	ringBytes = 4 << 20
)

// Log keeps the last exchanges and tells subscribers of each. It is safe for
// concurrent use.
type Log struct {
	feed  bus.Topic[*Exchange]
	mu    sync.RWMutex
	ring  []*Exchange // oldest first
	bytes int
	total int64
	// running holds what is being answered, as it was when it began.
	running map[string]*Exchange
}

// NewLog returns an empty Log.
func NewLog() *Log {
	return &Log{ring: make([]*Exchange, 0, ringSize), running: map[string]*Exchange{}}
}

// maxRunning bounds the running exchanges that are shown.
const maxRunning = 1000

// Begin shows an exchange that has begun, until Finish takes its record. It
// never waits for a reader.
func (l *Log) Begin(x Exchange) {
	x.Running = true
	x.Path = clip(x.Path)
	l.mu.Lock()
	if len(l.running) >= maxRunning {
		l.mu.Unlock()
		return
	}
	l.running[x.ID] = &x
	l.mu.Unlock()
	l.feed.Publish(&x)
}

// Feed carries every exchange twice: when it has begun and when it is over.
func (l *Log) Feed() *bus.Topic[*Exchange] { return &l.feed }

// Finish takes a finished record. It never waits for a reader.
func (l *Log) Finish(x *Exchange) {
	x.Losses = x.Losses[:min(len(x.Losses), maxLosses)]
	x.Path = clip(x.Path)
	size := x.size()
	l.mu.Lock()
	drop := 0
	l.bytes += size
	for drop < len(l.ring) && (len(l.ring)-drop >= ringSize || l.bytes > ringBytes) {
		l.bytes -= l.ring[drop].size()
		l.ring[drop] = nil
		drop++
	}
	l.ring = append(l.ring[drop:], x)
	delete(l.running, x.ID)
	l.total++
	l.mu.Unlock()
	l.feed.Publish(x)
}

// Recent gives up to limit exchanges, newest first, older than the one with
// the id before ("": from the newest, those that still run in front); more tells whether there are further
// ones. An id that is no longer kept gives none.
func (l *Log) Recent(limit int, before string) (list []*Exchange, more bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	i := len(l.ring) - 1
	if before != "" {
		i = l.index(before) - 1
	} else {
		list = l.newestRunning(limit)
	}
	for ; i >= 0 && len(list) < limit; i-- {
		list = append(list, l.ring[i])
	}
	return list, i >= 0
}

// newestRunning is called under the lock.
func (l *Log) newestRunning(limit int) []*Exchange {
	list := slices.SortedFunc(maps.Values(l.running), func(a, b *Exchange) int { return b.Start.Compare(a.Start) })
	return list[:min(limit, len(list))]
}

// Get gives one exchange by its request id, nil if it is not kept.
func (l *Log) Get(id string) *Exchange {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if i := l.index(id); i >= 0 {
		return l.ring[i]
	}
	return l.running[id]
}

// Total counts the exchanges since the start of the program.
func (l *Log) Total() int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.total
}

func (l *Log) index(id string) int {
	for i := len(l.ring) - 1; i >= 0; i-- {
		if l.ring[i].ID == id {
			return i
		}
	}
	return -1
}
