package relay_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// artist is a provider whose models draw in conversation, one picture a call.
type artist struct{ stub }

func (artist) Way(_ provider.Credential, op provider.Operation, _ string) provider.Way {
	if op == provider.MakeImage || op == provider.Complete {
		return provider.AsChat
	}
	return provider.Native
}

const drawn = `{"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":%q}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":3,"totalTokenCount":14},"modelVersion":"m","responseId":"r1"}`

func draws(data string) upstream {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) { fmt.Fprintf(w, drawn, data) }
}

func (b *bed) draw(ctx context.Context, n int) *httptest.ResponseRecorder {
	body := fmt.Sprintf(`{"model":%q,"prompt":"a cat","n":%d}`, model, n)
	return b.post(ctx, relay.Call{Protocol: llm.OpenAIChat, Operation: provider.MakeImage, Inbound: protocol.Inbound{Body: []byte(body)}})
}

// TestPartsTogether: pictures that an upstream makes one at a time are asked
// for at once, but for four at most; one record tells of all.
func TestPartsTogether(t *testing.T) {
	b := newBedOf(t, artist{}, "a")
	var now, most atomic.Int64
	arrived, gate := make(chan struct{}, 16), make(chan struct{})
	b.script("a", func(w http.ResponseWriter, r *http.Request, body []byte) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		arrived <- struct{}{}
		select {
		case <-gate:
		case <-r.Context().Done():
		}
		now.Add(-1)
		draws("QUFB")(w, r, body)
	})
	answer := make(chan *httptest.ResponseRecorder)
	go func() { answer <- b.draw(t.Context(), 6) }()
	for range 4 { // none has been answered: they are under way together
		select {
		case <-arrived:
		case <-time.After(10 * time.Second):
			t.Fatal("the parts are asked for one after another")
		}
	}
	close(gate)
	w := <-answer
	wantStatus(t, w, 200)
	if n := strings.Count(w.Body.String(), "b64_json"); n != 6 {
		t.Errorf("%d pictures: %s", n, w.Body)
	}
	wantBody(t, w, `"input_tokens":66,"output_tokens":18,"total_tokens":84`)
	if most.Load() != 4 || len(b.asked) != 6 {
		t.Errorf("%d at once, %d in all", most.Load(), len(b.asked))
	}
	x := b.record()
	if len(b.records) != 1 || len(x.Attempts) != 6 || x.Usage == nil || x.Usage.Input != 66 || x.Usage.Output != 18 || x.AccountName != "account-a" || x.TTFT == 0 || x.FinishReason != llm.ReasonEnd {
		t.Errorf("%d records: %+v", len(b.records), x)
	}
	if got := w.Header(); got.Get("X-Antigravity-Model") != model || got.Get("X-Antigravity-Provider") != "gemini" || got.Get("X-Antigravity-Losses") != "0" {
		t.Errorf("%v", got)
	}
}

// TestPartsOrder: the answers come in the order of what was asked, however late
// one is.
func TestPartsOrder(t *testing.T) {
	b := newBedOf(t, artist{}, "a")
	second := make(chan struct{})
	b.script("a", func(w http.ResponseWriter, r *http.Request, body []byte) {
		text := "first answer"
		if strings.Contains(string(body), "prompt two") {
			text = "second answer"
			defer close(second)
		} else {
			<-second
		}
		says(text)(w, r, body)
	})
	body := fmt.Sprintf(`{"model":%q,"prompt":["prompt one","prompt two"]}`, model)
	w := b.post(t.Context(), relay.Call{Protocol: llm.OpenAIChat, Operation: provider.Complete, Inbound: protocol.Inbound{Body: []byte(body)}})
	wantStatus(t, w, 200)
	if one, two := strings.Index(w.Body.String(), "first answer"), strings.Index(w.Body.String(), "second answer"); one < 0 || two < one {
		t.Error(w.Body)
	}
}

// TestPartsShareTheirFate: a part that is refused for good ends the others; the
// answer is its error, and the record tells what the others used. The account
// of those that were called off is not blamed.
func TestPartsShareTheirFate(t *testing.T) {
	b := newBedOf(t, artist{}, "a")
	done, under, refused := make(chan struct{}), make(chan struct{}), make(chan struct{})
	b.script("a", func(w http.ResponseWriter, r *http.Request, body []byte) {
		draws("QUFB")(w, r, body)
		close(done)
	}, func(w http.ResponseWriter, r *http.Request, body []byte) {
		<-done
		<-under // what is called off before it was asked for is no attempt
		refuses(400, `{"error":{"code":400,"message":"Not this one.","status":"INVALID_ARGUMENT"}}`)(w, r, body)
		close(refused)
	}, func(w http.ResponseWriter, r *http.Request, body []byte) {
		close(under)
		hangs(w, r, body)
	})
	w := b.draw(t.Context(), 3)
	<-refused
	wantStatus(t, w, 400)
	wantBody(t, w, "Not this one.")
	wantNot(t, w, "b64_json")
	x := b.record()
	if x.ErrorClass != fault.InvalidRequest || len(b.records) != 1 || len(x.Attempts) != 3 {
		t.Errorf("%+v", x)
	}
	for _, v := range b.pool.List() {
		if v.Status != "" && v.Status != "ready" || v.Errors > 1 {
			t.Errorf("%+v", v)
		}
	}
}

// TestPartsMoveOn: a part whose account is limited is asked of another, while
// the others stay where they are.
func TestPartsMoveOn(t *testing.T) {
	b := newBedOf(t, artist{}, "a", "b")
	b.script("a", refuses(429, limited), draws("QUFB"))
	b.script("b", draws("QkJC"))
	w := b.draw(t.Context(), 3)
	wantStatus(t, w, 200)
	if n := strings.Count(w.Body.String(), "b64_json"); n != 3 || !strings.Contains(w.Body.String(), "QkJC") {
		t.Errorf("%s", w.Body)
	}
	if x := b.record(); len(x.Attempts) != 4 || x.Usage.Input != 33 {
		t.Errorf("%+v", x)
	}
}

// TestPartsEndWithTheClient: no call outlives the client that asked for it.
func TestPartsEndWithTheClient(t *testing.T) {
	b := newBedOf(t, artist{}, "a")
	arrived, gone := make(chan struct{}, 8), make(chan struct{}, 8)
	b.script("a", func(_ http.ResponseWriter, r *http.Request, _ []byte) {
		arrived <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan *httptest.ResponseRecorder)
	go func() { answer <- b.draw(ctx, 9) }()
	for range 4 {
		<-arrived
	}
	cancel()
	<-answer
	for range 4 {
		<-gone
	}
	if x := b.record(); x.ErrorClass != fault.Cancelled || len(b.asked) != 4 {
		t.Errorf("%d calls, %+v", len(b.asked), x)
	}
}
