package relay_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/traffic"
)

// TestMovesBeforeTheFirstEvent: every fault of the first account before its
// first model event is invisible to the client.
func TestMovesBeforeTheFirstEvent(t *testing.T) {
	faults := map[string]upstream{
		"429":             refuses(429, limited),
		"500":             refuses(500, `{"error":{"code":500,"message":"Internal error.","status":"INTERNAL"}}`),
		"503":             refuses(503, `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`),
		"bad key":         refuses(400, `{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}`),
		"403":             refuses(403, `{"error":{"code":403,"message":"Permission denied.","status":"PERMISSION_DENIED"}}`),
		"garbage 502":     refuses(502, "<html>Bad Gateway</html>"),
		"empty stream":    raw(""),
		"error in a 200":  raw("data: {\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n"),
		"bare error line": raw("{\"error\":{\"code\":500,\"message\":\"boom\",\"status\":\"INTERNAL\"}}\n"),
		"garbage chunk":   raw("data: {\"candidates\": nonsense}\r\n\r\n"),
		"no candidates":   raw("data: {\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n"),
		"silence":         hangs,
	}
	for name, broken := range faults {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%v", name, stream), func(t *testing.T) {
				t.Parallel()
				b := newBed(t, "one", "two")
				b.limits.FirstByte = 300 * time.Millisecond
				b.script("one", broken)
				b.script("two", says("Hello."))
				w := b.chat(stream)
				wantStatus(t, w, 200)
				wantBody(t, w, "Hello.")
				wantNot(t, w, "error")
				x := b.record()
				if len(x.Attempts) != 2 || x.Attempts[0].Outcome() == traffic.OutcomeOK || x.Attempts[1].Outcome() != traffic.OutcomeOK {
					t.Errorf("attempts: %+v", x.Attempts)
				}
				if x.Failed() || x.AccountName != "account-two" {
					t.Errorf("record: failed %v, served by %s", x.Failed(), x.AccountName)
				}
			})
		}
	}
}

// TestFaultAfterTheFirstEvent: the stream ends with the protocol's own error,
// never with a fake normal end, and no other account is asked.
func TestFaultAfterTheFirstEvent(t *testing.T) {
	faults := map[string]upstream{
		"cut":            cuts("Hel"),
		"clean end":      raw("data: " + frame("Hel", "") + "\r\n\r\n"),
		"error in a 200": raw("data: "+frame("Hel", "")+"\r\n\r\n", "data: {\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n"),
		"garbage chunk":  raw("data: "+frame("Hel", "")+"\r\n\r\n", "data: {]\r\n\r\n"),
		"silence": func(w http.ResponseWriter, r *http.Request, _ []byte) {
			raw("data: "+frame("Hel", "")+"\r\n\r\n")(w, r, nil)
			hangs(w, r, nil)
		},
	}
	for name, broken := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, "one", "two")
			b.limits.Idle = 300 * time.Millisecond
			b.script("one", broken)
			b.script("two", says("Hello."))
			w := b.chat(true)
			wantStatus(t, w, 200)
			wantBody(t, w, `"content":"Hel"`, `data: {"error":`, "data: [DONE]")
			wantNot(t, w, `"finish_reason":"stop"`, "Hello.")
			if x := b.record(); !x.Failed() || len(x.Attempts) != 1 {
				t.Errorf("record: %+v", x)
			}
			w = b.gemini(hello, true, true)
			wantBody(t, w, `"Hel"`, `data: {"error":`)
		})
	}
}

// TestWholeAnswerMovesWhenCut: a client that gets its answer whole has seen
// nothing yet when the answer behind it breaks off.
func TestWholeAnswerMovesWhenCut(t *testing.T) {
	b := newBed(t, "one", "two")
	b.script("one", cuts("Hel"))
	b.script("two", says("Hello."))
	w := b.chat(false)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hello."`)
}

func TestOnlyAccountGetsASecondChance(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", raw(""), says("Hello."))
	w := b.chat(true)
	wantStatus(t, w, 200)
	wantBody(t, w, "Hello.")
	b = newBed(t, "one")
	b.script("one", raw(""))
	wantStatus(t, b.chat(true), 502)
	if len(b.asked) != 2 {
		t.Errorf("asked %d times, want 2", len(b.asked))
	}
}

// TestRefusedCredentialIsNotTheClients: an upstream's 401 never becomes the
// client's.
func TestRefusedCredentialIsNotTheClients(t *testing.T) {
	b := newBed(t, "AIza-fake-secret-1", "AIza-fake-secret-2")
	refusal := refuses(401, `{"error":{"code":401,"message":"Request had invalid authentication credentials: AIza-fake-secret-1.","status":"UNAUTHENTICATED"}}`)
	b.script("AIza-fake-secret-1", refusal)
	b.script("AIza-fake-secret-2", refusal)
	w := b.chat(true)
	wantStatus(t, w, 503)
	wantBody(t, w, "no_usable_account")
	wantNot(t, w, "AIza-fake", "account-")
}

func TestClientsOwn400GoesBackAtOnce(t *testing.T) {
	b := newBed(t, "one", "two")
	b.script("one", refuses(400, `{"error":{"code":400,"message":"contents.parts must not be empty.","status":"INVALID_ARGUMENT"}}`))
	w := b.chat(true)
	wantStatus(t, w, 400)
	wantBody(t, w, "contents.parts must not be empty.", "invalid_request_error")
	if len(b.asked) != 1 {
		t.Errorf("asked %v", b.asked)
	}
}

func TestAllLimited(t *testing.T) {
	b := newBed(t, "one", "two")
	b.script("one", refuses(429, limited))
	b.script("two", refuses(429, limited))
	w := b.chat(true)
	wantStatus(t, w, 429)
	if after := w.Header().Get("Retry-After"); after != "30" {
		t.Errorf("Retry-After %q, want 30", after)
	}
	wantBody(t, w, "rate_limit_exceeded")
}

// TestWaitsForAnAccount: a limit that ends within the wait costs the client
// time, not an error.
func TestWaitsForAnAccount(t *testing.T) {
	b := newBed(t, "one")
	b.limits.MaxWait = 5 * time.Second
	short := strings.ReplaceAll(limited, "30s", "0.4s")
	b.script("one", refuses(429, short), says("Hello."))
	w := b.chat(true)
	wantStatus(t, w, 200)
	wantBody(t, w, "Hello.")
}

// TestClientLeaves: the upstream is cancelled at once, and the record tells.
func TestClientLeaves(t *testing.T) {
	b := newBed(t, "one")
	gone := make(chan struct{})
	b.script("one", func(w http.ResponseWriter, r *http.Request, _ []byte) {
		raw("data: "+frame("Hel", "")+"\r\n\r\n")(w, r, nil)
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	body := `{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"hi"}]}`
	b.post(ctx, relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(body)}})
	select {
	case <-gone:
	case <-time.After(5 * time.Second):
		t.Fatal("the upstream was not cancelled")
	}
	if x := b.record(); x.ErrorClass != fault.Cancelled || x.Failed() {
		t.Errorf("record: class %q", x.ErrorClass)
	}
}
