package adminhttp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

const (
	heartbeat    = 15 * time.Second
	eventTimeout = 10 * time.Second // to write one event; a page that takes longer is gone
	maxStreams   = 64
)

func (h *Handler) stream(w http.ResponseWriter, r *http.Request) {
	stillValid, ok := h.authenticated(r)
	if !ok {
		refuse(w, r)
		return
	}
	h.events(w, r, stillValid)
}

// events streams the feed: the state first, then what changes. A page that lags too far is cut off;
// it reconnects and gets the state again.
func (h *Handler) events(w http.ResponseWriter, r *http.Request, stillValid func() bool) {
	if h.opts.Feed.Subscribers() >= maxStreams {
		writeError(w, fault.New(fault.Overloaded, "too many pages are open").WithCode("too_many_pages"))
		return
	}
	events, last, cancel := h.opts.Feed.Subscribe()
	defer cancel()
	state, err := h.opts.State()
	if err != nil {
		writeError(w, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	if send(w, out, admin.Event{Topic: admin.TopicState, Seq: last, Data: state}) != nil {
		return
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		closing := h.sessions.closing()
		if !stillValid() {
			return
		}
		select {
		case <-closing:
		case <-r.Context().Done():
			return
		case e, open := <-events:
			if !open || send(w, out, e) != nil {
				return
			}
		case <-tick.C:
			if write(w, out, []byte(": alive\n\n")) != nil {
				return
			}
		}
	}
}

func send(w http.ResponseWriter, out *http.ResponseController, e admin.Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return write(w, out, fmt.Appendf(nil, "id: %d\ndata: %s\n\n", e.Seq, data))
}

func write(w http.ResponseWriter, out *http.ResponseController, frame []byte) error {
	_ = out.SetWriteDeadline(time.Now().Add(eventTimeout)) // unsupported by test recorders only
	if _, err := w.Write(frame); err != nil {
		return err
	}
	return out.Flush()
}
