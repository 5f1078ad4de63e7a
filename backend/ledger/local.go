package ledger

import (
	"bytes"
	"slices"
	"sync"

	"antigravity-tools/backend/protocol/responses"
)

// maxLocal is how many responses one socket remembers: the latest of each of its
// streams.
const maxLocal = 8

// Local is the memory of one socket: its latest responses and all that they are
// built upon, so that a client that stores nothing need not send everything
// anew. It is safe for concurrent use. The methods of a nil *Local know nothing.
type Local struct {
	mu    sync.Mutex
	known []known // the oldest first
	limit int
}

// known is a response that is remembered. It does not change.
type known struct {
	id      string
	stored  bool     // it is in the store too
	history [][]byte // arrays of items
	size    int
}

// NewLocal returns the memory of a socket; limit bounds it, in bytes.
func NewLocal(limit int64) *Local { return &Local{limit: int(limit)} }

func (m *Local) all() []known {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.known)
}

// lookup gives what a response is built upon, itself included; parent is the id
// under which the store knows it, "" if it does not.
func (m *Local) lookup(id string) (history [][]byte, parent string, ok bool) {
	for _, k := range m.all() {
		if k.id == id && id != "" {
			if k.stored {
				parent = id
			}
			return k.history, parent, true
		}
	}
	return nil, "", false
}

func (m *Local) item(id string) []byte {
	all := m.all()
	for i := len(all) - 1; i >= 0; i-- {
		for _, items := range all[i].history {
			if item := responses.FindItem(items, id); item != nil {
				return item
			}
		}
	}
	return nil
}

// keep remembers a turn that has ended, in place of the one that it goes on
// from.
func (m *Local) keep(id string, t *turn, in listed, body []byte) {
	if m == nil {
		return
	}
	history := append(t.history[:len(t.history):len(t.history)], in.items, bytes.Clone(responses.Output(body)))
	if t.opening != nil { // from here on a summary stands for the rest
		history = [][]byte{responses.Fold(responses.Join(history))}
	}
	k := known{id: id, stored: t.keep, history: history}
	for _, items := range history {
		k.size += len(items)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = slices.DeleteFunc(m.known, func(old known) bool { return old.id == t.ask.Previous })
	m.known = append(m.known, k)
	size := 0
	for _, k := range m.known {
		size += k.size
	}
	for len(m.known) > maxLocal || size > m.limit && len(m.known) > 0 {
		size -= m.known[0].size
		m.known = slices.Delete(m.known, 0, 1)
	}
}
