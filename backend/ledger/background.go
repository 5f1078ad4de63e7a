package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// Bounds of what runs in the background.
const (
	maxRuns     = 64
	runDeadline = time.Hour
	maxLog      = 32 << 20 // bytes of events that one run remembers
	stopWait    = 5 * time.Second
)

type runKey struct{ scope, id string }

// run is a response that is made while nobody waits for it. Its goroutine is its
// owner; readers follow its events.
type run struct {
	id     string
	turn   *turn
	cancel context.CancelCauseFunc
	left   chan struct{} // closed when it has ended

	mu      sync.Mutex
	body    []byte        // the response object as it stands
	log     [][]byte      // frames; the place is the sequence number
	size    int           // bytes of log
	full    bool          // events were left out of log
	ended   bool          // the last event is in body
	changed chan struct{} // closed and replaced when something of the above changes
}

var errCancelled = errors.New("cancelled by its client")

// background answers a request with background set: the run is started and goes
// on whatever becomes of the client.
func (l *Ledger) background(ctx context.Context, w http.ResponseWriter, t *turn) *fault.Error {
	if !t.keep {
		return fault.Invalid("background", "background: a background response needs to be stored: leave store out, and let responses.retention be more than 0").
			WithCode("background_needs_store")
	}
	// What is wrong with the request is told now.
	on := true
	t.call.Inbound.Body = responses.Edit{Stream: &on}.Apply(t.call.Inbound.Body)
	told := t.call.Inbound
	if t.ask.Compacts { // what is left is what is summed up
		told.Body = responses.Edit{Input: responses.WithoutTrigger(t.ask.Input)}.Apply(told.Body)
	}
	if _, err := (responses.Client{}).DecodeRequest(told, nil); err != nil {
		return fault.From(err)
	}
	r, err := l.start(ctx, t)
	if err != nil {
		return err
	}
	if t.ask.Stream {
		return r.follow(ctx, w, -1)
	}
	writeJSON(w, r.current())
	return nil
}

func (l *Ledger) start(ctx context.Context, t *turn) (*run, *fault.Error) {
	id := responses.NewResponseID(wire.Mint)
	t.shown = responses.Shown{ID: id, Background: true, Store: true, Previous: t.shown.Previous}
	r := &run{id: id, turn: t, left: make(chan struct{}), changed: make(chan struct{})}
	r.body = responses.QueuedResponse(t.body, id, t.start.Unix())
	for _, kind := range [...]string{"response.created", "response.queued"} {
		r.add(kind, responses.EventOf(kind, r.body))
	}
	life, stop := context.WithTimeoutCause(l.life, runDeadline, fault.New(fault.Timeout, "the background response took too long"))
	life, r.cancel = context.WithCancelCause(life)
	key := runKey{t.scope, id}
	l.mu.Lock()
	if len(l.runs) >= maxRuns || l.life.Err() != nil {
		l.mu.Unlock()
		stop()
		return nil, &fault.Error{
			Class: fault.RateLimited, Code: "too_many_background_responses", RetryAfter: 10 * time.Second,
			Message: fmt.Sprintf("%d responses are being made in the background already.", maxRuns),
		}
	}
	l.runs[key] = r
	l.tasks.Add(1)
	l.mu.Unlock()
	t.list()
	// The client may go as soon as it has the id, so that is written first.
	if err := l.opts.Store.PutNow(ctx, t.record(id, t.listed(), r.current())); err != nil {
		l.leave(key, r)
		stop()
		return nil, unread(err)
	}
	go func() { // ends with the run; Close waits for it
		defer stop()
		defer l.leave(key, r)
		l.work(life, r)
	}()
	return r, nil
}

func (l *Ledger) leave(key runKey, r *run) {
	l.mu.Lock()
	delete(l.runs, key)
	l.mu.Unlock()
	r.cancel(nil)
	close(r.left)
	l.tasks.Done()
}

// run gives what is being made under an id, nil if nothing is.
func (l *Ledger) run(scope, id string) *run {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.runs[runKey{scope, id}]
}

// work makes the response and keeps it, however it ends.
func (l *Ledger) work(ctx context.Context, r *run) {
	s := &sink{header: http.Header{}, event: r.take, turn: r.turn}
	defer func() {
		if v := recover(); v != nil { // a panic here would end the program
			l.opts.Log.Error("a background response ended in a panic", "request_id", r.turn.call.RequestID, "panic", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
			r.fail("The gateway failed on this response; its log tells more.")
		}
	}()
	r.turn.answer(ctx, s, true)
	switch {
	case errors.Is(context.Cause(ctx), errCancelled):
		r.end("response.cancelled", responses.Shown{Status: responses.StatusCancelled})
	case ctx.Err() != nil && l.life.Err() != nil:
		r.fail(messageCutOff)
	default:
		r.fail(s.message())
	}
}

// stop cancels the run and waits until it is kept.
func (r *run) stop() {
	r.cancel(errCancelled)
	timer := time.NewTimer(stopWait)
	defer timer.Stop()
	select {
	case <-r.left:
	case <-timer.C:
	}
}

func (r *run) current() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.body
}

// take is one event of the relay's stream. Its created is left out, ours was
// first; and queued came between, so the numbers are higher by one.
func (r *run) take(f *sse.Frame) {
	kind := eventType(f)
	if kind == "response.created" || len(f.Data) == 0 {
		return
	}
	data := bytes.Clone(f.Data)
	if holds, last := responses.HoldsResponse(kind); holds {
		if raw, ok := rawjson.Get(data, "response"); ok {
			body := r.turn.shown.Apply(raw)
			data, _ = rawjson.Set(data, body, "response")
			r.step(kind, data, bytes.Clone(body), last)
			return
		}
	}
	r.add(kind, data)
}

// add shows an event to the readers.
func (r *run) add(kind string, data []byte) { r.step(kind, data, nil, false) }

// step shows an event to the readers and, when there is one, the response object
// that it brought; last tells that no more events come. Who has seen the last
// event finds the response kept.
func (r *run) step(kind string, data, body []byte, last bool) {
	if last && !r.over() {
		r.turn.done(r.id, body)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	r.note(kind, data)
	if body != nil {
		r.body, r.ended = body, last
	}
}

// note logs an event. Under the lock.
func (r *run) note(kind string, data []byte) {
	frame := sse.AppendEvent(nil, kind, responses.Numbered(data, len(r.log)))
	if r.full = r.full || r.size+len(frame) > maxLog; !r.full {
		r.log = append(r.log, frame)
		r.size += len(frame)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// end ends a run that has not come to an end by itself.
func (r *run) end(kind string, shown responses.Shown) {
	body := shown.Apply(r.current())
	r.step(kind, responses.EventOf(kind, body), body, true)
}

// over tells whether the last event has come.
func (r *run) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

func (r *run) fail(message string) {
	r.end("response.failed", responses.Shown{Status: responses.StatusFailed, Failure: message})
}

// since gives the events behind a sequence number, and what to wait on for more.
func (r *run) since(after int64) (frames [][]byte, over bool, changed <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if from := int(after) + 1; from < len(r.log) {
		frames = r.log[from:]
	}
	return frames, r.ended, r.changed
}

// sink is what the relay writes to when no client is there.
type sink struct {
	header http.Header
	event  func(f *sse.Frame)
	turn   *turn // whose compaction comes first; nil if somebody else sees to that
	status int
	rest   []byte // of an answer that is no stream: an error
}

// maxRest bounds an error answer.
const maxRest = 64 << 10

// Header is where the relay puts its reply headers.
func (s *sink) Header() http.Header { return s.header }

// WriteHeader notes the status.
func (s *sink) WriteHeader(status int) { s.status = status }

// Flush does nothing: each write is taken at once.
func (s *sink) Flush() {}

// Write takes frames, or an error answer.
func (s *sink) Write(p []byte) (int, error) {
	if s.status != http.StatusOK {
		s.rest = append(s.rest, p[:min(len(p), maxRest-len(s.rest))]...)
		return len(p), nil
	}
	frames := p
	if s.turn != nil {
		frames = s.turn.opening.stream(p)
	}
	scan := sse.NewScanner(bytes.NewReader(frames), len(frames)+1)
	defer scan.Release()
	for {
		f, err := scan.Next()
		if err != nil {
			return len(p), nil // the end of p
		}
		s.event(&f)
	}
}

// message is that of the error answer.
func (s *sink) message() string {
	if raw, ok := rawjson.Get(s.rest, "error", "message"); ok {
		if text, err := rawjson.String(raw); err == nil && text != "" {
			return text
		}
	}
	return "The response broke off."
}
