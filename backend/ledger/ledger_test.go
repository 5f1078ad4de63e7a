package ledger_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/responses"
)

// TestGoOn: a turn is asked with all that came before it, over a restart too.
func TestGoOn(t *testing.T) {
	b := newBed(t)
	first := must(t)(b.create(t, `{"model":"m","input":"one"}`))
	second := must(t)(b.create(t, `{"model":"m","stream":true,"previous_response_id":"`+first.ID+`","input":"two"}`))
	if second.PreviousResponseID != first.ID {
		t.Errorf("%+v", second)
	}
	b.stop()
	b.open(t)
	third := must(t)(b.create(t, `{"model":"m","previous_response_id":"`+second.ID+`","input":"three"}`))
	if have := heard(t, b.relay.last()); have != "user: one|model: Yes.|user: two|model: Yes.|user: three" {
		t.Errorf("asked with %s", have)
	}
	for _, o := range []object{first, second, third} {
		if body, err := b.Get(t.Context(), "key", o.ID); err != nil || parse(t, body).text() != "Yes." {
			t.Errorf("%s: %v", o.ID, err)
		}
	}
	if _, err := b.Get(t.Context(), "other", third.ID); err == nil || err.Code != "response_not_found" {
		t.Errorf("read with another key: %v", err)
	}
}

// heard is what a body says, by role.
func heard(t testing.TB, body []byte) string {
	t.Helper()
	req, err := responses.Client{}.DecodeRequest(call(string(body)).Inbound, nil)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, turn := range req.Turns {
		for _, p := range turn.Parts {
			if p.Kind == llm.KindText {
				said = append(said, string(turn.Role)+": "+p.Text)
			} else {
				said = append(said, string(turn.Role)+": ("+string(p.Kind)+")")
			}
		}
	}
	return strings.Join(said, "|")
}

// TestCrash: whatever a client has seen the end of is there after a program that
// wrote nothing more to its database.
func TestCrash(t *testing.T) {
	b := newBed(t)
	b.halt() // from here on nothing reaches the database
	var ids []string
	parent := ""
	for i := range 5 {
		o := must(t)(b.create(t, fmt.Sprintf(`{"model":"m","stream":%v%s,"input":"turn %d <&>"}`, i%2 == 0, parent, i)))
		ids, parent = append(ids, o.ID), `,"previous_response_id":"`+o.ID+`"`
	}
	crashed := b.abandon()
	b.open(t)
	for i, id := range ids {
		body, err := b.Get(t.Context(), "key", id)
		if err != nil || parse(t, body).text() != "Yes." {
			t.Fatalf("response %d is lost: %v", i, err)
		}
		if before, _ := crashed.Get(t.Context(), "key", id); string(before) != string(body) {
			t.Errorf("it reads differently:\n%s\n%s", before, body)
		}
	}
	must(t)(b.create(t, `{"model":"m"`+parent+`,"input":"and on"}`))
	if have := heard(t, b.relay.last()); !strings.HasPrefix(have, "user: turn 0 <&>|model: Yes.|user: turn 1") {
		t.Errorf("asked with %s", have)
	}
}

func TestExpiry(t *testing.T) {
	b := newBed(t)
	first := must(t)(b.create(t, `{"model":"m","input":"one"}`))
	b.pass(23 * time.Hour)
	second := must(t)(b.create(t, `{"model":"m","previous_response_id":"`+first.ID+`","input":"two"}`))
	b.pass(2 * time.Hour)
	if _, err := b.Get(t.Context(), "key", first.ID); err == nil || err.Code != "response_not_found" {
		t.Errorf("older than its retention: %v", err)
	}
	if _, err := b.create(t, `{"model":"m","previous_response_id":"`+first.ID+`","input":"x"}`); err == nil || err.Code != "previous_response_not_found" {
		t.Errorf("gone on from it: %v", err)
	}
	must(t)(b.create(t, `{"model":"m","previous_response_id":"`+second.ID+`","input":"three"}`))
	if have := heard(t, b.relay.last()); !strings.HasPrefix(have, "user: one|") {
		t.Errorf("what a younger one is built upon is gone: %s", have)
	}
}

// TestEviction: what memory has no room for any more comes from the database.
func TestEviction(t *testing.T) {
	b := newBed(t)
	big := strings.Repeat("x", 700_000)
	var ids []string
	for range 80 { // more than the 48 MB that memory holds
		ids = append(ids, must(t)(b.create(t, `{"model":"m","input":"`+big+`"}`)).ID)
	}
	for _, i := range []int{0, 1, 40, 79} {
		if _, err := b.Get(t.Context(), "key", ids[i]); err != nil {
			t.Errorf("response %d: %v", i, err)
		}
	}
	if n := b.store.Dropped(); n > 0 {
		t.Errorf("%d dropped", n)
	}
}

func TestLimits(t *testing.T) {
	b := newBed(t)
	half := strings.Repeat("x", maxBody*2/3)
	first := must(t)(b.create(t, `{"model":"m","input":"`+half+`"}`))
	before := len(b.relay.bodies)
	_, err := b.create(t, `{"model":"m","previous_response_id":"`+first.ID+`","input":"`+half+`"}`)
	if err == nil || err.Code != "request_too_large" || len(b.relay.bodies) != before {
		t.Errorf("a history over the limit: %v", err)
	}
	for body, code := range map[string]string{
		`{"model":"m","background":true,"store":false,"input":"x"}`: "background_needs_store",
		`{"model":"m","previous_response_id":"resp_x","input":"x"}`: "previous_response_not_found",
		`{"model":"m","input":[{"id":"msg_x"}]}`:                    "previous_response_not_found",
		`{"model":"m","conversation":"conv_x","input":"x"}`:         "conversation",
		`{"model":"m","prompt":{"id":"pmpt_x"},"input":"x"}`:        "prompt",
	} {
		if _, err := b.create(t, body); err == nil || err.Code != code {
			t.Errorf("%s: %v", body, err)
		}
	}
	b.mu.Lock()
	b.retention = 0
	b.mu.Unlock()
	o := must(t)(b.create(t, `{"model":"m","input":"not kept"}`))
	if _, err := b.Get(t.Context(), "key", o.ID); err == nil {
		t.Error("kept, although nothing is to be kept")
	}
}

// TestBackgroundRuns: as many as are allowed run at once, each can be cancelled,
// and none outlives the ledger.
func TestBackgroundRuns(t *testing.T) {
	b := newBed(t)
	b.relay.say = func(ctx context.Context, _ *llm.Request) ([]llm.Part, *fault.Error) {
		<-ctx.Done()
		return nil, nil
	}
	var ids []string
	for range 64 {
		o := must(t)(b.create(t, `{"model":"m","background":true,"input":"x"}`))
		if o.Status != "queued" {
			t.Fatalf("%+v", o)
		}
		ids = append(ids, o.ID)
	}
	if _, err := b.create(t, `{"model":"m","background":true,"input":"x"}`); err == nil || err.Code != "too_many_background_responses" || err.RetryAfter == 0 {
		t.Errorf("one too many: %v", err)
	}
	for _, id := range ids[:3] {
		for range 2 { // twice changes nothing
			if body, err := b.Cancel(t.Context(), "key", id); err != nil || parse(t, body).Status != "cancelled" {
				t.Errorf("%v %s", err, body)
			}
		}
	}
	if _, err := b.Delete(t.Context(), "key", ids[3]); err != nil {
		t.Error(err)
	}
	if _, err := b.Get(t.Context(), "key", ids[3]); err == nil {
		t.Error("deleted while it ran, and there")
	}
	b.stop()
	b.open(t)
	for i, want := range map[int]string{0: "cancelled", 4: "failed", 63: "failed"} {
		if body, err := b.Get(t.Context(), "key", ids[i]); err != nil || parse(t, body).Status != want {
			t.Errorf("%d: %v %s", i, err, body)
		}
	}
}

// TestConcurrentUse: conversations that go on side by side do not mix.
func TestConcurrentUse(t *testing.T) {
	b := newBed(t)
	b.relay.say = func(_ context.Context, req *llm.Request) ([]llm.Part, *fault.Error) {
		return []llm.Part{llm.TextPart(req.Turns[0].Parts[0].Text)}, nil
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			name, parent := fmt.Sprintf("talk %d", n), ""
			for i := range 12 {
				o, err := b.create(t, fmt.Sprintf(`{"model":"m","stream":%v,"background":%v%s,"input":"%s"}`, i%2 == 0, i%5 == 4, parent, name))
				if err != nil {
					t.Error(err)
					return
				}
				for i%5 == 4 && responses.Unfinished(o.Status) {
					body, err := b.Get(t.Context(), "key", o.ID)
					if err != nil {
						t.Error(err)
						return
					}
					o = parse(t, body)
				}
				if o.text() != name {
					t.Errorf("%s was answered %q", name, o.text())
				}
				if i == 6 {
					b.InputItems(t.Context(), "key", o.ID, nil)
					b.Delete(t.Context(), "key", o.ID)
					parent = ""
					continue
				}
				parent = `,"previous_response_id":"` + o.ID + `"`
			}
		})
	}
	wg.Wait()
}

// TestAClientThatLeaves: a background response goes on without its client.
func TestAClientThatLeaves(t *testing.T) {
	b := newBed(t)
	goOn := make(chan struct{})
	b.relay.say = func(ctx context.Context, _ *llm.Request) ([]llm.Part, *fault.Error) {
		select {
		case <-goOn:
		case <-ctx.Done():
		}
		return []llm.Part{llm.TextPart("Done.")}, nil
	}
	ctx, leave := context.WithCancel(t.Context())
	w := httptest.NewRecorder()
	if err := b.Create(ctx, w, call(`{"model":"m","background":true,"input":"x"}`)); err != nil {
		t.Fatal(err)
	}
	leave()
	close(goOn)
	id := parse(t, w.Body.Bytes()).ID
	last := httptest.NewRecorder()
	if err := b.Stream(t.Context(), last, "key", id, nil); err != nil || !strings.Contains(last.Body.String(), "event: response.completed") {
		t.Errorf("%v %s", err, last.Body)
	}
}

// TestARunIsSeen: who asks for a response that is being made sees how far it is.
func TestARunIsSeen(t *testing.T) {
	b := newBed(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	b.relay.begun = func(ctx context.Context) {
		close(begun)
		select {
		case <-goOn:
		case <-ctx.Done():
		}
	}
	id := must(t)(b.create(t, `{"model":"m","background":true,"input":"x"}`)).ID
	<-begun
	body, err := b.Get(t.Context(), "key", id)
	if o := parse(t, body); err != nil || o.Status != "in_progress" || o.ID != id {
		t.Errorf("%v %s", err, body)
	}
	if _, err := b.create(t, `{"model":"m","previous_response_id":"`+id+`","input":"x"}`); err == nil || err.Code != "previous_response_not_finished" {
		t.Errorf("gone on from it: %v", err)
	}
	close(goOn)
	w := httptest.NewRecorder()
	if err := b.Stream(t.Context(), w, "key", id, nil); err != nil {
		t.Fatal(err)
	}
	if body, err = b.Get(t.Context(), "key", id); err != nil || parse(t, body).Status != "completed" {
		t.Errorf("%v %s", err, body)
	}
}
