package ledger

import (
	"bytes"

	"antigravity-tools/backend/protocol/responses"
)

// Local is the memory of one socket: the latest response and all that it is
// built upon, so that a client that stores nothing need not send everything
// anew. The methods of a nil *Local know nothing.
type Local struct {
	id      string
	stored  bool     // it is in the store too
	history [][]byte // arrays of items
	limit   int
}

// NewLocal returns the memory of a socket; limit bounds it, in bytes.
func NewLocal(limit int64) *Local { return &Local{limit: int(limit)} }

func (m *Local) lookup(id string) ([][]byte, bool) {
	if m == nil || m.id != id || id == "" {
		return nil, false
	}
	return m.history, true
}

// parentOf is the id under which the store knows a response, "" if it does not.
func (m *Local) parentOf(id string) string {
	if m.stored {
		return id
	}
	return ""
}

func (m *Local) item(id string) []byte {
	if m == nil {
		return nil
	}
	for _, items := range m.history {
		if item := responses.FindItem(items, id); item != nil {
			return item
		}
	}
	return nil
}

// keep replaces what is remembered by a turn that has ended.
func (m *Local) keep(id string, t *turn, in listed, body []byte) {
	if m == nil {
		return
	}
	history := append(t.history[:len(t.history):len(t.history)], in.items, bytes.Clone(responses.Output(body)))
	if t.opening != nil { // from here on a summary stands for the rest
		history = [][]byte{responses.Fold(responses.Join(history))}
	}
	size := 0
	for _, items := range history {
		size += len(items)
	}
	if size > m.limit {
		*m = Local{limit: m.limit}
		return
	}
	m.id, m.stored, m.history = id, t.keep, history
}
