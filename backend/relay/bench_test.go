package relay_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/traffic"
)

// canned answers every call from memory, so that the relay's own work is what
// is measured.
type canned struct{ stream, whole []byte }

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	body := c.whole
	if strings.Contains(r.URL.Path, ":stream") {
		body = c.stream
	}
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
}

func benchRelay(b *testing.B) *relay.Relay {
	var stream bytes.Buffer
	for i := range 20 {
		finish := ""
		if i == 19 {
			finish = "STOP"
		}
		stream.WriteString("data: " + frame("word of the answer ", finish) + "\r\n\r\n")
	}
	return relayOver(b, canned{stream.Bytes(), []byte(frame("An answer.", "STOP"))}, func(*traffic.Exchange) {})
}

// relayOver is a relay with one account, whose upstream is a function.
func relayOver(tb testing.TB, upstream http.RoundTripper, finish func(*traffic.Exchange)) *relay.Relay {
	return relayOf(tb, stub{}, upstream, finish)
}

func relayOf(tb testing.TB, p provider.Provider, upstream http.RoundTripper, finish func(*traffic.Exchange)) *relay.Relay {
	providers := map[string]provider.Provider{"gemini": p}
	pool := account.New(account.Config{Providers: providers})
	if _, err := pool.Add(context.Background(), account.Account{Name: "one", Provider: "gemini", Enabled: true, BaseURL: "http://upstream.invalid",
		Credential: provider.Credential{BaseURL: "http://upstream.invalid", APIKey: "AIza-fake"}}); err != nil {
		tb.Fatal(err)
	}
	client := &http.Client{Transport: upstream}
	return relay.New(relay.Options{
		Clients:   map[llm.Protocol]protocol.Client{llm.OpenAIChat: openai.Client{}, llm.Anthropic: anthropic.Client{}, llm.Gemini: gemini.Client{}},
		Providers: providers, Pool: pool, Resolver: directory{pool}, Custody: custody.New(nil, nil, nil),
		HTTPClient: func(account.Account) *http.Client { return client },
		Limits:     func() relay.Limits { return relay.Limits{FirstByte: time.Minute, Idle: time.Minute} },
		Finish:     finish,
	})
}

func BenchmarkRelay(b *testing.B) {
	small := strings.Repeat("the quick brown fox ", 45)
	native := `{"contents":[{"role":"user","parts":[{"text":"` + small + `"}]}]}`
	chat := func(stream string) string {
		return `{"model":"` + model + `","stream":` + stream + `,"messages":[{"role":"user","content":"` + small + `"}]}`
	}
	for _, c := range []struct {
		name string
		call relay.Call
	}{
		{"passed", relay.Call{Protocol: llm.Gemini, Inbound: protocol.Inbound{Model: model, Body: []byte(native)}}},
		{"passed stream", relay.Call{Protocol: llm.Gemini, Stream: true, SSE: true, Inbound: protocol.Inbound{Model: model, Stream: true, Body: []byte(native)}}},
		{"translated", relay.Call{Protocol: llm.OpenAIChat, SSE: true, Inbound: protocol.Inbound{Body: []byte(chat("false"))}}},
		{"translated stream", relay.Call{Protocol: llm.OpenAIChat, SSE: true, Inbound: protocol.Inbound{Body: []byte(chat("true"))}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := benchRelay(b)
			c.call.Operation, c.call.RequestID, c.call.Inbound.Header = provider.Generate, "req_bench", http.Header{}
			b.ReportAllocs()
			for b.Loop() {
				c.call.Start = time.Now()
				w := httptest.NewRecorder()
				r.Serve(context.Background(), w, c.call)
				if w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
