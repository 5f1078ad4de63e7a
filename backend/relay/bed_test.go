package relay_test

import (
	"bytes"
	"context"
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
	"antigravity-tools/backend/protocol/openai/media"
	"antigravity-tools/backend/protocol/responses"
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
	policy  account.Policy
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
	return newBedOfKinds(t, map[string]provider.Provider{"gemini": prov}, keys...)
}

// newBedOfKinds has accounts of several providers: a key may say "kind/key".
func newBedOfKinds(t *testing.T, providers map[string]provider.Provider, keys ...string) *bed {
	b := &bed{t: t, scripts: map[string][]upstream{}, limits: relay.Limits{FirstByte: 5 * time.Second, Idle: 5 * time.Second}, policy: inOrder}
	srv := httptest.NewServer(http.HandlerFunc(b.serve))
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(func() { transport.CloseIdleConnections(); srv.CloseClientConnections(); srv.Close() })
	b.pool = account.New(account.Config{Providers: providers, Policy: func() account.Policy { return b.policy }})
	for _, key := range keys {
		kind, _, named := strings.Cut(key, "/")
		if !named {
			kind = "gemini"
		}
		_, err := b.pool.Add(context.Background(), account.Account{
			Name: "account-" + key, Provider: kind, BaseURL: srv.URL, Enabled: true,
			Credential: provider.Credential{BaseURL: srv.URL, APIKey: key},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b.relay = relay.New(relay.Options{
		Clients: map[llm.Protocol]protocol.Client{llm.OpenAIChat: openai.Client{}, llm.Anthropic: anthropic.Client{}, llm.Gemini: gemini.Client{},
			llm.Responses: responses.Client{}},
		Operations: map[relay.OperationKey]protocol.Operation{
			{Operation: provider.MakeImage, Protocol: llm.OpenAIChat}:  media.Images{},
			{Operation: provider.Complete, Protocol: llm.OpenAIChat}:   openai.Completions{},
			{Operation: provider.EmbedBatch, Protocol: llm.OpenAIChat}: openai.Embeddings{},
		},
		Providers: providers, Pool: b.pool, Resolver: directory{b.pool}, Custody: custody.New(nil, nil, nil), Fetcher: lateFetcher{b},
		Suggest:    func(model string) string { return "Did you mean less than " + model + "?" },
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
	if call.Operation == "" {
		call.Operation = provider.Generate
	}
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

// lateFetcher lets a test name its fetcher after the relay was made.
type lateFetcher struct{ b *bed }

func (l lateFetcher) Fetch(ctx context.Context, url, param string) (egress.Fetched, error) {
	return l.b.fetcher.Fetch(ctx, url, param)
}
