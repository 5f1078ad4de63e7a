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
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// reader is a provider whose models make the vector of one text a call.
type reader struct{ stub }

func (reader) Way(provider.Credential, provider.Operation, string) provider.Way {
	return provider.Native
}

func (reader) Embeddings(string) protocol.EmbedUpstream {
	return gemini.VertexEmbeddings{Content: true, Inputs: 1}
}

func (b *bed) vectors(ctx context.Context, n int) *httptest.ResponseRecorder {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("%q", fmt.Sprintf("text-%d.", i))
	}
	body := fmt.Sprintf(`{"model":%q,"input":[%s]}`, model, strings.Join(texts, ","))
	return b.post(ctx, relay.Call{Protocol: llm.OpenAIChat, Operation: provider.EmbedBatch, Inbound: protocol.Inbound{Body: []byte(body)}})
}

// number is which text a call asks for.
func number(body []byte) (n int) {
	_, rest, _ := strings.Cut(string(body), "text-")
	_, _ = fmt.Sscanf(rest, "%d.", &n)
	return n
}

func vector(w http.ResponseWriter, _ *http.Request, body []byte) {
	fmt.Fprintf(w, `{"embedding":{"values":[0.5,%d]},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}}`, number(body))
}

// TestVectorsTogether: texts that an upstream takes one at a time go side by
// side, four at most; the vectors stand in the order of the texts however late
// one comes, and one record has the usage of all.
func TestVectorsTogether(t *testing.T) {
	b := newBedOf(t, reader{}, "a")
	var now, most atomic.Int64
	arrived, gate, first := make(chan struct{}, 16), make(chan struct{}), make(chan struct{})
	var left atomic.Int64
	b.script("a", func(w http.ResponseWriter, r *http.Request, body []byte) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		arrived <- struct{}{}
		<-gate
		if number(body) == 0 {
			<-first // all the others are before it
		} else if left.Add(1) == 8 {
			close(first)
		}
		now.Add(-1)
		vector(w, r, body)
	})
	answer := make(chan *httptest.ResponseRecorder)
	go func() { answer <- b.vectors(t.Context(), 9) }()
	for range 4 {
		select {
		case <-arrived:
		case <-time.After(10 * time.Second):
			t.Fatal("the texts are asked for one after another")
		}
	}
	close(gate)
	w := <-answer
	wantStatus(t, w, 200)
	for i := range 9 {
		wantBody(t, w, fmt.Sprintf(`"index":%d,"embedding":[0.5,%d]`, i, i))
	}
	wantBody(t, w, `"prompt_tokens":27`)
	if most.Load() != 4 || len(b.asked) != 9 {
		t.Errorf("%d at once, %d in all", most.Load(), len(b.asked))
	}
	if x := b.record(); len(b.records) != 1 || len(x.Attempts) != 9 || x.Usage == nil || x.Usage.Input != 27 {
		t.Errorf("%d records: %+v", len(b.records), x)
	}
}

// TestVectorsShareTheirFate: the first text that is refused for good is the
// answer, and ends the others.
func TestVectorsShareTheirFate(t *testing.T) {
	b := newBedOf(t, reader{}, "a")
	gone := make(chan struct{}, 16)
	waiting := make(chan struct{}, 16)
	b.script("a", func(w http.ResponseWriter, r *http.Request, body []byte) {
		if number(body) != 2 {
			waiting <- struct{}{}
			<-r.Context().Done()
			gone <- struct{}{}
			return
		}
		for range 3 {
			<-waiting
		}
		refuses(400, `{"error":{"code":400,"message":"Not this one.","status":"INVALID_ARGUMENT"}}`)(w, r, body)
	})
	w := b.vectors(t.Context(), 20)
	wantStatus(t, w, 400)
	wantBody(t, w, "Not this one.")
	for range 3 {
		<-gone
	}
	if x := b.record(); x.ErrorClass != fault.InvalidRequest || len(b.records) != 1 || len(b.asked) != 4 {
		t.Errorf("%d calls, %+v", len(b.asked), x)
	}
}

// TestVectorsMoveOn: a text whose account is limited is asked of another.
func TestVectorsMoveOn(t *testing.T) {
	b := newBedOf(t, reader{}, "a", "b")
	b.script("a", refuses(429, limited), vector)
	b.script("b", vector)
	w := b.vectors(t.Context(), 3)
	wantStatus(t, w, 200)
	for i := range 3 {
		wantBody(t, w, fmt.Sprintf(`"index":%d,"embedding":[0.5,%d]`, i, i))
	}
	if x := b.record(); len(x.Attempts) != 4 || x.Usage.Input != 9 {
		t.Errorf("%+v", x)
	}
}
