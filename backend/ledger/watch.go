package ledger

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// watch returns the writer that the relay answers a turn with: it passes all on
// to w, shows the response object as the client must see it, and keeps it
// before the client has got its end.
func (t *turn) watch(w http.ResponseWriter) http.ResponseWriter {
	t.list()
	return &watcher{ResponseWriter: w, turn: t}
}

// watcher sees an answer of the relay on its way to the client. The relay writes
// a whole answer at once and a stream in whole frames.
type watcher struct {
	http.ResponseWriter
	turn  *turn
	id    string // of the response, as created tells it
	whole bool   // one response object
	begun bool   // there is a status
	out   []byte
}

// Unwrap lets net/http find what the writer below can do.
func (o *watcher) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// WriteHeader waits with the headers of a whole answer, whose length may change.
func (o *watcher) WriteHeader(status int) {
	o.begun = true
	if status == http.StatusOK && o.Header().Get("Content-Type") == "application/json" {
		o.whole = true
		return
	}
	o.ResponseWriter.WriteHeader(status)
}

// Write passes an answer on.
func (o *watcher) Write(p []byte) (int, error) {
	if !o.begun {
		o.WriteHeader(http.StatusOK)
	}
	out := p
	switch {
	case o.whole:
		out = o.response(o.turn.opening.whole(p), true)
		o.Header().Set("Content-Length", strconv.Itoa(len(out)))
		o.ResponseWriter.WriteHeader(http.StatusOK)
	case strings.HasPrefix(o.Header().Get("Content-Type"), "text/event-stream"):
		out = o.frames(o.turn.opening.stream(p))
	}
	if _, err := o.ResponseWriter.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// frames gives p with the response objects in it changed.
func (o *watcher) frames(p []byte) []byte {
	scan := sse.NewScanner(bytes.NewReader(p), len(p)+1)
	defer scan.Release()
	o.out = o.out[:0]
	changed := false
	for {
		f, err := scan.Next()
		if err != nil {
			break
		}
		data, same := o.event(&f)
		if same {
			o.out = append(o.out, f.Raw...)
			continue
		}
		changed = true
		o.out = sse.AppendEvent(o.out, f.Event, data)
	}
	if !changed {
		return p
	}
	return o.out
}

// event looks at one event; same tells that it stays as it is.
func (o *watcher) event(f *sse.Frame) (data []byte, same bool) {
	holds, last := responses.HoldsResponse(eventType(f))
	if !holds {
		return nil, true
	}
	raw, ok := rawjson.Get(f.Data, "response")
	if !ok {
		return nil, true
	}
	shown := o.response(raw, last)
	if bytes.Equal(shown, raw) {
		return nil, true
	}
	data, err := rawjson.Set(f.Data, shown, "response")
	return data, err != nil
}

// eventType is the name of an event; some servers give it in the data alone.
func eventType(f *sse.Frame) string {
	if f.Event != "" || len(f.Data) == 0 {
		return f.Event
	}
	raw, _ := rawjson.Get(f.Data, "type")
	name, _ := rawjson.String(raw)
	return name
}

// response gives the response object as the client must see it, and keeps the
// last one.
func (o *watcher) response(raw []byte, last bool) []byte {
	t := o.turn
	shown := t.shown.Apply(raw)
	if o.id == "" {
		o.id = strings.Clone(responses.ID(shown)) // the buffer is used again
	}
	if last && o.id != "" {
		t.done(o.id, bytes.Clone(shown))
	}
	return shown
}
