package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/egress"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/routing"
	"antigravity-tools/backend/traffic"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const model = "gemini-3-flash-preview"

// upstream answers one request of an account; the key tells which.
type upstream func(w http.ResponseWriter, r *http.Request, body []byte)

// bed is a relay over accounts whose upstreams the test scripts.
type bed struct {
	t       *testing.T
	relay   *relay.Relay
	pool    *account.Pool
	limits  relay.Limits
	fetcher relay.Fetcher
	mu      sync.Mutex
	scripts map[string][]upstream // by key; the last one repeats
	asked   []string              // keys in order of arrival
	bodies  [][]byte
	records []*traffic.Exchange
}

func newBed(t *testing.T, keys ...string) *bed { return newBedOf(t, stub{}, keys...) }

func newBedOf(t *testing.T, prov provider.Provider, keys ...string) *bed {
	b := &bed{t: t, scripts: map[string][]upstream{}, limits: relay.Limits{FirstByte: 5 * time.Second, Idle: 5 * time.Second}}
	srv := httptest.NewServer(http.HandlerFunc(b.serve))
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(func() { transport.CloseIdleConnections(); srv.CloseClientConnections(); srv.Close() })
	providers := map[string]provider.Provider{"gemini": prov}
	b.pool = account.New(account.Config{Providers: providers, Policy: func() account.Policy { return inOrder }})
	for _, key := range keys {
		_, err := b.pool.Add(context.Background(), account.Account{
			Name: "account-" + key, Provider: "gemini", BaseURL: srv.URL, Enabled: true,
			Credential: provider.Credential{BaseURL: srv.URL, APIKey: key},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.relay = relay.New(relay.Options{
		Clients:   map[llm.Protocol]protocol.Client{llm.OpenAIChat: openai.Client{}, llm.Anthropic: anthropic.Client{}, llm.Gemini: gemini.Client{}},
		Providers: providers, Pool: b.pool, Resolver: directory{b.pool}, Custody: custody.New(nil, nil, nil), Fetcher: lateFetcher{b},
		HTTPClient: func(account.Account) *http.Client { return &http.Client{Transport: transport} },
		Limits:     func() relay.Limits { return b.limits },
		Finish: func(x *traffic.Exchange) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.records = append(b.records, x)
		},
	})
	return b
}

// inOrder takes the accounts in the order of their creation, so that a test
// knows who is asked first.
func inOrder([]account.Option, account.Ask) int { return 0 }

type directory struct{ pool *account.Pool }

func (d directory) Resolve(asked, base string) (routing.Decision, *fault.Error) {
	return routing.Resolve(asked, base, d.pool)
}

func (b *bed) script(key string, steps ...upstream) { b.scripts[key] = steps }

func (b *bed) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Header.Get("X-Goog-Api-Key")
	b.mu.Lock()
	b.asked = append(b.asked, key)
	b.bodies = append(b.bodies, body)
	steps := b.scripts[key]
	if len(steps) > 1 {
		b.scripts[key] = steps[1:]
	}
	b.mu.Unlock()
	steps[0](w, r, body)
}

// stub is a Gemini provider with just what the relay needs.
type stub struct{}

func (stub) Kind() string                         { return "gemini" }
func (stub) Name() string                         { return "Gemini" }
func (stub) Protocol(string) protocol.Upstream    { return gemini.Upstream{} }
func (stub) Caps(model string) family.Caps        { return family.Gemini(model) }
func (stub) Serves(model string) bool             { return strings.HasPrefix(model, "gemini-") }
func (stub) Fields() []provider.Field             { return nil }
func (stub) FinalURL(u, _ string) (string, error) { return u, nil }
func (stub) RoundTripper() http.RoundTripper      { return nil }

func (stub) Models(context.Context, *http.Client, provider.Credential) ([]provider.Model, error) {
	return nil, nil
}

func (stub) Classify(status int, header http.Header, body []byte) *fault.Error {
	return gemini.Upstream{}.DecodeError(status, header, body)
}

func (stub) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	verb := ":generateContent"
	if call.Operation == provider.CountTokens {
		verb = ":countTokens"
	} else if call.Stream {
		verb = ":streamGenerateContent?alt=sse"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, cred.BaseURL+"/v1beta/models/"+call.Model+verb, bytes.NewReader(call.Body))
	if err == nil {
		req.Header.Set("X-Goog-Api-Key", cred.APIKey)
	}
	return req, err
}

// Upstream scripts.

func frame(text, finish string) string {
	end := ""
	if finish != "" {
		end = `,"finishReason":"` + finish + `"`
	}
	return fmt.Sprintf(`{"candidates":[{"content":{"role":"model","parts":[{"text":%q}]}%s,"index":0}],"usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":3,"totalTokenCount":14},"modelVersion":"%s","responseId":"r1"}`, text, end, model)
}

// says answers in frames; the last one carries the finish reason.
func says(texts ...string) upstream {
	return func(w http.ResponseWriter, r *http.Request, _ []byte) {
		if !strings.Contains(r.URL.Path, ":stream") {
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			fmt.Fprint(w, frame(strings.Join(texts, ""), "STOP"))
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for i, text := range texts {
			finish := ""
			if i == len(texts)-1 {
				finish = "STOP"
			}
			fmt.Fprintf(w, "data: %s\r\n\r\n", frame(text, finish))
			w.(http.Flusher).Flush()
		}
	}
}

func raw(parts ...string) upstream {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, p := range parts {
			fmt.Fprint(w, p)
			w.(http.Flusher).Flush()
		}
	}
}

func refuses(status int, body string) upstream {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

func cuts(text string) upstream {
	return func(w http.ResponseWriter, r *http.Request, _ []byte) {
		if !strings.Contains(r.URL.Path, ":stream") {
			fmt.Fprint(w, frame(text, "STOP")[:40])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, "data: %s\r\n\r\n", frame(text, ""))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// hangs is silent until the gateway gives up.
func hangs(w http.ResponseWriter, r *http.Request, _ []byte) {
	select {
	case <-r.Context().Done():
	case <-time.After(10 * time.Second):
	}
}

const limited = `{"error":{"code":429,"message":"Quota exceeded. Please retry in 30s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"30s"}]}}`

// Clients.

func (b *bed) chat(stream bool) *httptest.ResponseRecorder {
	body := fmt.Sprintf(`{"model":%q,"stream":%v,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Say hello."}]}`, model, stream)
	return b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(body)}})
}

func (b *bed) gemini(body string, stream, sse bool) *httptest.ResponseRecorder {
	return b.post(context.Background(), relay.Call{Protocol: llm.Gemini, Stream: stream, SSE: sse,
		Inbound: protocol.Inbound{Model: model, Stream: stream, Body: []byte(body)}})
}

func (b *bed) post(ctx context.Context, call relay.Call) *httptest.ResponseRecorder {
	call.Operation = provider.Generate
	call.RequestID, call.Start = "req_test", time.Now()
	call.Inbound.Header = http.Header{}
	if call.Protocol != llm.Gemini {
		call.SSE = true
	}
	w := httptest.NewRecorder()
	b.relay.Serve(ctx, w, call)
	return w
}

func (b *bed) record() *traffic.Exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.records) == 0 {
		b.t.Fatal("no record was finished")
	}
	return b.records[len(b.records)-1]
}

func wantStatus(t *testing.T, w *httptest.ResponseRecorder, want int) {
	t.Helper()
	if w.Code != want {
		t.Fatalf("status %d, want %d: %s", w.Code, want, w.Body)
	}
}

func wantBody(t *testing.T, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(w.Body.String(), p) {
			t.Errorf("the answer lacks %q:\n%s", p, w.Body)
		}
	}
}

func wantNot(t *testing.T, w *httptest.ResponseRecorder, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(w.Body.String(), p) {
			t.Errorf("the answer holds %q:\n%s", p, w.Body)
		}
	}
}

const hello = `{"contents":[{"role":"user","parts":[{"text":"Say hello."}]}],"unknownMember":{"big":12345678901234567890}}`

func TestIdentityPassesBytes(t *testing.T) {
	for _, stream := range []bool{false, true} {
		b := newBed(t, "one")
		b.script("one", says("Hel", "lo."))
		w := b.gemini(hello, stream, true)
		wantStatus(t, w, 200)
		if got := string(b.bodies[0]); got != hello {
			t.Errorf("request changed: %s", got)
		}
		want := httptest.NewRecorder()
		path := "/v1beta/models/m:generateContent"
		if stream {
			path = "/v1beta/models/m:streamGenerateContent"
		}
		says("Hel", "lo.")(want, httptest.NewRequest("POST", path, nil), nil)
		if w.Body.String() != want.Body.String() {
			t.Errorf("answer changed:\n%q\nwant\n%q", w.Body, want.Body)
		}
		if x := b.record(); !x.Identity || x.Usage == nil || x.Usage.Input != 11 || x.FinishReason != llm.ReasonEnd {
			t.Errorf("record: %+v", x)
		}
	}
}

func TestIdentityStreamAsArray(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", says("a", "b", "c"))
	w := b.gemini(hello, true, false)
	wantStatus(t, w, 200)
	var elements []json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &elements); err != nil || len(elements) != 3 {
		t.Fatalf("not an array of three: %v\n%s", err, w.Body)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("content type %q", ct)
	}
}

func TestTranslates(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", says("Hel", "lo."))
	w := b.chat(false)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hello."`, `"finish_reason":"stop"`, `"prompt_tokens":11`, `"model":"`+model+`"`)
	if w.Header().Get("X-Antigravity-Provider") != "gemini" || w.Header().Get("X-Antigravity-Model") != model {
		t.Errorf("headers: %v", w.Header())
	}
	w = b.chat(true)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hel"`, `"content":"lo."`, `"usage":{"prompt_tokens":11`, "data: [DONE]")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
		if got := w.Header().Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

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

func TestUnknownModel(t *testing.T) {
	b := newBed(t, "one")
	w := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat,
		Inbound: protocol.Inbound{Body: []byte(`{"model":"gpt-99","messages":[{"role":"user","content":"hi"}]}`)}})
	wantStatus(t, w, 404)
	wantBody(t, w, "model_not_found")
}

// TestSignatureSurvives: a chat client that cannot carry a signature gets it
// put back with its next turn (golden case 27).
func TestSignatureSurvives(t *testing.T) {
	for name, id := range map[string]string{"id of the upstream": `,"id":"fc1"`, "no id": ""} {
		t.Run(name, func(t *testing.T) { signatureSurvives(t, id) })
	}
}

func signatureSurvives(t *testing.T, upstreamID string) {
	b := newBed(t, "one")
	call := fmt.Sprintf(`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"look","args":{"at":"x"}%s},"thoughtSignature":"c2lnbmF0dXJl"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1,"totalTokenCount":6}}`, upstreamID)
	b.script("one", refuses(200, call), says("Done."))
	tools := `"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object","properties":{"at":{"type":"string"}}}}}]`
	first := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
		`{"model":"` + model + `","messages":[{"role":"user","content":"look"}],` + tools + `}`)}})
	wantStatus(t, first, 200)
	var reply struct {
		Choices []struct {
			Message struct {
				Calls []struct {
					ID string `json:"id"`
				} `json:"tool_calls"`
			}
		}
	}
	if err := json.Unmarshal(first.Body.Bytes(), &reply); err != nil || len(reply.Choices) != 1 || len(reply.Choices[0].Message.Calls) != 1 {
		t.Fatalf("no call: %v %s", err, first.Body)
	}
	id := reply.Choices[0].Message.Calls[0].ID
	second := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
		`{"model":"` + model + `","messages":[{"role":"user","content":"look"},{"role":"assistant","tool_calls":[{"id":"` + id + `","type":"function","function":{"name":"look","arguments":"{\"at\":\"x\"}"}}]},{"role":"tool","tool_call_id":"` + id + `","content":"seen"}],` + tools + `}`)}})
	wantStatus(t, second, 200)
	if !bytes.Contains(b.bodies[1], []byte(`"thoughtSignature":"c2lnbmF0dXJl"`)) {
		t.Errorf("the signature is missing: %s", b.bodies[1])
	}
}

// TestSignatureOfAPictureSurvives: a chat client sends a picture back as text;
// it goes up as the picture it was, with its signature.
func TestSignatureOfAPictureSurvives(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", refuses(200, `{"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":"cGljdHVyZQ=="},"thoughtSignature":"c2lnbmF0dXJl"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1,"totalTokenCount":6}}`), says("Done."))
	ask := func(messages string) *httptest.ResponseRecorder {
		w := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
			`{"model":"` + model + `","messages":[{"role":"user","content":"draw"}` + messages + `]}`)}})
		wantStatus(t, w, 200)
		return w
	}
	first := ask("")
	wantBody(t, first, "![image](data:image/png;base64,cGljdHVyZQ==)")
	ask(`,{"role":"assistant","content":"![image](data:image/png;base64,cGljdHVyZQ==)"},{"role":"user","content":"now in blue"}`)
	for _, want := range []string{`"data":"cGljdHVyZQ=="`, `"thoughtSignature":"c2lnbmF0dXJl"`} {
		if !bytes.Contains(b.bodies[1], []byte(want)) {
			t.Errorf("the second request lacks %s: %s", want, b.bodies[1])
		}
	}
}

// TestRejectedSealIsDropped: a refused signature costs one resend without it,
// not the account.
func TestRejectedSealIsDropped(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", refuses(400, `{"error":{"code":400,"message":"Corrupted thought signature.","status":"INVALID_ARGUMENT"}}`), says("Hello."))
	w := b.gemini(`{"contents":[{"role":"user","parts":[{"text":"look"}]},{"role":"model","parts":[{"functionCall":{"name":"look","args":{}},"thoughtSignature":"YmFk"}]},{"role":"user","parts":[{"functionResponse":{"name":"look","response":{"output":"seen"}}}]}]}`, true, true)
	wantStatus(t, w, 200)
	wantBody(t, w, "Hello.")
	if len(b.bodies) != 2 || bytes.Contains(b.bodies[1], []byte("YmFk")) || !bytes.Contains(b.bodies[1], []byte(gemini.Placeholder)) {
		t.Errorf("second body: %s", b.bodies[1])
	}
	if x := b.record(); x.Failed() {
		t.Errorf("record: %+v", x)
	}
}

// lateFetcher lets a test name its fetcher after the relay was made.
type lateFetcher struct{ b *bed }

func (l lateFetcher) Fetch(ctx context.Context, url, param string) (egress.Fetched, error) {
	return l.b.fetcher.Fetch(ctx, url, param)
}
