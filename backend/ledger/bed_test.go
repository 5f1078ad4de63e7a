package ledger_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/secret"
	"antigravity-tools/backend/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const maxBody = 1 << 20

// answerer is a relay whose model says what the test wants. It takes what the
// protocol's own decoder takes.
type answerer struct {
	mu     sync.Mutex
	bodies [][]byte
	opened bool // what the last call said
	// say gives the parts of an answer; an error is told as the relay tells it.
	say func(ctx context.Context, req *llm.Request) ([]llm.Part, *fault.Error)
	// begun is called when a stream has begun; nil for nothing.
	begun func(ctx context.Context)
}

func (a *answerer) Serve(ctx context.Context, w http.ResponseWriter, call relay.Call) {
	a.mu.Lock()
	a.bodies = append(a.bodies, call.Inbound.Body)
	a.opened = call.Opened
	a.mu.Unlock()
	var losses llm.Losses
	fail := func(err *fault.Error) {
		status, body := responses.Client{}.EncodeError(err, call.RequestID)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
	req, err := responses.Client{}.DecodeRequest(call.Inbound, &losses)
	if err != nil {
		fail(fault.From(err))
		return
	}
	parts, ferr := a.say(ctx, req)
	if ctx.Err() != nil {
		return
	}
	if ferr != nil {
		fail(ferr)
		return
	}
	reply := protocol.Reply{Model: req.Model, Request: req, Created: time.Now(), SSE: true, Mint: wire.Mint}
	resp := &llm.Response{Usage: &llm.Usage{Input: 10, Output: 2}, Choices: []llm.Choice{{Parts: parts, Close: llm.Close{Reason: llm.ReasonEnd}}}}
	if !req.Stream {
		body, _ := responses.Client{}.EncodeResponse(resp, reply, &losses)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	enc := responses.Client{}.NewStreamEncoder(reply, &losses)
	for ev := range llm.Replay(resp) {
		frame, _ := enc.Encode(nil, ev)
		_, _ = w.Write(frame)
		if a.begun != nil && ev.Kind == llm.EventOpen {
			a.begun(ctx)
		}
	}
	_, _ = w.Write(enc.End(nil))
}

func (a *answerer) last() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.bodies[len(a.bodies)-1]
}

// bed is a ledger over a database, whose time the test moves.
type bed struct {
	*ledger.Ledger
	t     testing.TB
	relay *answerer
	dir   string
	store *custody.Responses

	mu        sync.Mutex
	now       time.Time
	retention time.Duration
	stop      func()
	halt      func() // the writer ends, as it does in a crash
	db        *store.Store
}

func newBed(t testing.TB) *bed {
	b := &bed{
		t: t,
		relay: &answerer{say: func(context.Context, *llm.Request) ([]llm.Part, *fault.Error) {
			return []llm.Part{llm.TextPart("Yes.")}, nil
		}},
		dir: t.TempDir(), now: time.Now(), retention: 24 * time.Hour,
	}
	b.open(t)
	t.Cleanup(func() { b.stop() })
	return b
}

// open starts what a program would; stop ends it in good order.
func (b *bed) open(t testing.TB) {
	box, err := secret.Open(b.dir, secret.Options{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(context.Background(), store.Options{Dir: b.dir, Box: box})
	if err != nil {
		t.Fatal(err)
	}
	b.store = custody.NewResponses(db, nil, b.time, func() time.Duration {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.retention
	})
	b.Ledger = ledger.New(ledger.Options{Relay: b.relay, Store: b.store, MaxBody: func() int64 { return maxBody }, Now: b.time})
	b.db = db
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); b.store.Run(ctx) }()
	b.halt = func() { cancel(); <-done }
	b.stop = func() {
		b.Close()
		cancel()
		<-done
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		b.stop = func() {}
	}
}

// abandon leaves everything as a crash does, but for the open files. The ledger
// that it gives has its memory still.
func (b *bed) abandon() *ledger.Ledger {
	crashed, db := b.Ledger, b.db
	b.t.Cleanup(func() {
		crashed.Close()
		_ = db.Close() // its journal was replayed by another
	})
	return crashed
}

// settle waits until all is in the database.
func (b *bed) settle() {
	for {
		left, err := filepath.Glob(filepath.Join(b.dir, "*.journal"))
		if err != nil || len(left) == 0 {
			return
		}
		runtime.Gosched()
	}
}

func (b *bed) time() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bed) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func call(body string) relay.Call {
	return relay.Call{Protocol: llm.Responses, Operation: provider.Generate, SSE: true, KeyID: "key", Inbound: protocol.Inbound{Body: []byte(body)}}
}

// object is what the tests read of a response object.
type object struct {
	ID                 string
	Status             string
	PreviousResponseID string `json:"previous_response_id"`
	Output             []struct {
		ID, Type string
		Content  []struct{ Text string }
	}
	Error struct{ Code, Message string }
}

func (o object) text() string {
	var b strings.Builder
	for _, item := range o.Output {
		for _, part := range item.Content {
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

func parse(t testing.TB, body []byte) (o object) {
	t.Helper()
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return o
}

// create asks and gives the response object, or the error that was answered.
func (b *bed) create(t testing.TB, body string) (object, *fault.Error) {
	t.Helper()
	return b.createFor(t, call(body))
}

func (b *bed) createFor(t testing.TB, c relay.Call) (object, *fault.Error) {
	t.Helper()
	w := httptest.NewRecorder()
	if err := b.Create(t.Context(), w, c); err != nil {
		return object{}, err
	}
	body, _ := io.ReadAll(w.Body)
	if w.Code != http.StatusOK {
		o := parse(t, body)
		return object{}, &fault.Error{Code: o.Error.Code, Message: o.Error.Message}
	}
	if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
		return parse(t, body), nil
	}
	frames := strings.Split(strings.TrimSpace(string(body)), "\n\n")
	_, data, _ := strings.Cut(frames[len(frames)-1], "data: ")
	raw, _ := rawjson.Get([]byte(data), "response")
	return parse(t, raw), nil
}

func must(t testing.TB) func(o object, err *fault.Error) object {
	return func(o object, err *fault.Error) object {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
}
