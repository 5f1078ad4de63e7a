package ledger

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/sse"
)

const (
	keepAlive    = 15 * time.Second
	writeTimeout = 2 * time.Minute
)

// Stream answers GET /v1/responses/{id}?stream=true: the events behind
// starting_after, as they come where the response is still being made.
func (l *Ledger) Stream(ctx context.Context, w http.ResponseWriter, scope, id string, q url.Values) *fault.Error {
	after := int64(-1)
	if text := q.Get("starting_after"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return fault.Invalid("starting_after", "starting_after: expected the sequence number of an event")
		}
		after = n
	}
	if r := l.run(scope, id); r != nil {
		return r.follow(ctx, w, after)
	}
	s, err := l.stored(ctx, scope, id)
	if err != nil {
		return err
	}
	startStream(w)
	last := responses.Status(s.Body)
	for seq, frame := range responses.Replay(s.Body) {
		if seq <= after && !endsWith(frame, last) {
			continue
		}
		if !send(w, frame) {
			return nil
		}
	}
	return nil
}

// endsWith tells whether a replayed frame is the last one: whoever had seen more
// events of the live stream than there are in the replay must still get it.
func endsWith(frame []byte, status string) bool {
	const name = "event: response."
	n := len(name) + len(status)
	return len(frame) > n && string(frame[:n]) == name+status && frame[n] == '\n'
}

// follow writes the events of a run behind a sequence number until its end.
func (r *run) follow(ctx context.Context, w http.ResponseWriter, after int64) *fault.Error {
	startStream(w)
	timer := time.NewTimer(keepAlive)
	defer timer.Stop()
	for {
		frames, over, changed := r.since(after)
		for _, f := range frames {
			if !send(w, f) {
				return nil
			}
		}
		after += int64(len(frames))
		if over {
			r.finish(w)
			return nil
		}
		timer.Reset(keepAlive)
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		case <-timer.C:
			if !send(w, sse.AppendComment(nil, "ping")) {
				return nil
			}
		}
	}
}

// finish sends the last event to a reader whose run had too many to remember.
func (r *run) finish(w http.ResponseWriter) {
	r.mu.Lock()
	full, body, n := r.full, r.body, len(r.log)
	r.mu.Unlock()
	if full {
		kind := "response." + responses.Status(body)
		send(w, sse.AppendEvent(nil, kind, responses.Numbered(responses.EventOf(kind, body), n)))
	}
}

func startStream(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
}

// send writes one frame; false if the client takes nothing any more.
func send(w http.ResponseWriter, frame []byte) bool {
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Now().Add(writeTimeout)) // a recorder in tests has none
	if _, err := w.Write(frame); err != nil {
		return false
	}
	_ = rc.Flush()
	return true
}

func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // a client that left
}
