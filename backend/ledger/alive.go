package ledger

import (
	"net/http"
	"sync"
	"time"

	"antigravity-tools/backend/sse"
)

// alive keeps the stream of a client open while a summary is made for it, which
// takes as long as an answer: the headers and a comment after each silence, as
// the relay sends them. Its timer shares the writer with nobody: what the
// summary is made of goes elsewhere, and stop comes before anything else is done
// with it.
type alive struct {
	mu     sync.Mutex
	w      http.ResponseWriter
	timer  *time.Timer
	opened bool // the headers are sent
	over   bool
}

// stayAlive begins to keep a stream alive; nil for an answer that is none, for a
// socket, which has pings of its own, and for a run in the background, whose
// readers are kept alive apart.
func (t *turn) stayAlive(w http.ResponseWriter, stream bool) *alive {
	if !stream || t.local != nil || t.ask.Background {
		return nil
	}
	a := &alive{w: w}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(keepAlive, a.tick)
	return a
}

func (a *alive) tick() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return
	}
	if !a.opened {
		a.opened = true
		startStream(a.w)
	}
	if send(a.w, sse.AppendComment(nil, "ping")) {
		a.timer.Reset(keepAlive)
	}
}

// stop ends it; opened tells that the client has the headers.
func (a *alive) stop() (opened bool) {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.timer.Stop()
	return a.opened
}
