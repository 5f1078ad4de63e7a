package relay_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/traffic"
)

// dialect is one protocol of the sixteen pairs: what its clients send and what
// its providers answer.
type dialect struct {
	client   protocol.Client
	upstream protocol.Upstream
	model    string
	caps     family.Caps
	ask      string // of a client, for MODEL, with a picture DATA in base64
	answer   string
}

func dialects() map[llm.Protocol]dialect {
	return map[llm.Protocol]dialect{
		llm.OpenAIChat: {openai.Client{}, openai.Upstream{}, "gpt-4.1", family.OpenAI("gpt-4.1"),
			`{"model":"MODEL","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,DATA"}}]}]}`,
			`{"id":"c","object":"chat.completion","created":1,"model":"gpt-4.1","choices":[{"index":0,"message":{"role":"assistant","content":"A cat."},"finish_reason":"stop"}]}`},
		llm.Responses: {responses.Client{}, responses.Upstream{}, "gpt-4.1", family.OpenAI("gpt-4.1"),
			`{"model":"MODEL","store":false,"input":[{"role":"user","content":[{"type":"input_text","text":"What is this?"},{"type":"input_image","image_url":"data:image/png;base64,DATA"}]}]}`,
			`{"id":"r","object":"response","created_at":1,"status":"completed","model":"gpt-4.1","output":[{"id":"m","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"A cat.","annotations":[]}]}]}`},
		llm.Anthropic: {anthropic.Client{}, anthropic.Upstream{}, "claude-sonnet-4-5", family.Anthropic("claude-sonnet-4-5"),
			`{"model":"MODEL","max_tokens":100,"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"DATA"}}]}]}`,
			`{"id":"m","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"A cat."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":3}}`},
		llm.Gemini: {gemini.Client{}, gemini.Upstream{}, model, family.Gemini(model),
			`{"contents":[{"role":"user","parts":[{"text":"What is this?"},{"inlineData":{"mimeType":"image/png","data":"DATA"}}]}]}`,
			frame("A cat.", "STOP")},
	}
}

// speaks is a provider of one dialect.
type speaks struct {
	stub
	dialect
}

func (p speaks) Protocol(string) protocol.Upstream { return p.upstream }
func (p speaks) Caps(string) family.Caps           { return p.caps }
func (p speaks) Serves(string) bool                { return true }
func (p speaks) Classify(status int, header http.Header, body []byte) *fault.Error {
	return p.upstream.DecodeError(status, header, body)
}

// swallows answers from memory, as soon as the request has been read.
type swallows struct{ answer string }

func (s swallows) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(s.answer)), ContentLength: int64(len(s.answer)), Request: r}, err
}

// TestCopiesOfLargeBodies: of a picture of five megabytes there are at most
// three copies, whatever pair it crosses: the client's body, which the test
// brings, and the upstream's; the third is to spare.
func TestCopiesOfLargeBodies(t *testing.T) {
	picture := strings.Repeat("iVBORw0KGgoAAAAN", 5<<20/16)
	for from, client := range dialects() {
		for to, target := range dialects() {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				prov := speaks{dialect: target}
				providers := map[string]provider.Provider{"gemini": prov}
				pool := account.New(account.Config{Providers: providers})
				cred := provider.Credential{BaseURL: "http://upstream.invalid", APIKey: "fake"}
				if _, err := pool.Add(t.Context(), account.Account{Name: "one", Provider: "gemini", Enabled: true, BaseURL: cred.BaseURL, Credential: cred}); err != nil {
					t.Fatal(err)
				}
				r := relay.New(relay.Options{
					Clients: map[llm.Protocol]protocol.Client{from: client.client}, Providers: providers, Pool: pool,
					Resolver: directory{pool}, Custody: custody.New(nil, nil, nil),
					HTTPClient: func(account.Account) *http.Client { return &http.Client{Transport: swallows{target.answer}} },
					Limits:     func() relay.Limits { return relay.Limits{FirstByte: time.Minute, Idle: time.Minute} },
					Finish:     func(*traffic.Exchange) {},
				})
				body := []byte(strings.Replace(strings.Replace(client.ask, "MODEL", target.model, 1), "DATA", picture, 1))
				call := relay.Call{Protocol: from, Operation: provider.Generate, SSE: true, RequestID: "req_1", Start: time.Now(),
					Inbound: protocol.Inbound{Model: target.model, Body: body, Header: http.Header{}}}
				w := httptest.NewRecorder()
				used := allocated(func() { r.Serve(context.Background(), w, call) })
				if w.Code != http.StatusOK || !bytes.Contains(w.Body.Bytes(), []byte("A cat.")) {
					t.Fatalf("%d %.300s", w.Code, w.Body)
				}
				if limit := uint64(len(body)) * 3 / 2; used > limit {
					t.Errorf("%.1f copies beside the client's own", float64(used)/float64(len(body)))
				}
			})
		}
	}
}

// allocated is what f takes from the heap, in bytes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
