package server_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/server"
	"antigravity-tools/backend/settings"
)

// bench is a server over a relay that notes its calls.
type bench struct {
	*server.Server
	mode     access.Mode
	values   settings.Values
	calls    []relay.Call
	problems []server.Problem
	key      string
	disabled string
	options  server.Options
	boom     bool // the relay panics
	models   []provider.Model
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{mode: access.Off, values: settings.Values{MaxBodyBytes: 1 << 20}}
	b.models = []provider.Model{{ID: "b-model", ProviderKind: "gemini"}, {ID: "a-model", ProviderKind: "gemini", InputLimit: 1000}, {ID: "c/with/slashes"}}
	ring, err := access.NewKeyring(context.Background(), &keyRepo{}, plainHash{}, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, b.key, err = ring.Create(context.Background(), "one", nil); err != nil {
		t.Fatal(err)
	}
	if _, b.disabled, err = ring.Create(context.Background(), "two", nil); err != nil {
		t.Fatal(err)
	}
	off := false
	if _, err := ring.Update(context.Background(), "two", access.Patch{Enabled: &off}); err != nil {
		t.Fatal(err)
	}
	b.options = server.Options{
		Version: "1.2.3", Relay: b, Responses: ledger.New(ledger.Options{Relay: b, Store: nothingStored{}}), Guard: access.NewGuard(ring),
		Clients: map[llm.Protocol]protocol.Client{llm.OpenAIChat: openai.Client{}, llm.Responses: responses.Client{},
			llm.Anthropic: anthropic.Client{}, llm.Gemini: gemini.Client{}},
		AuthMode: func() access.Mode { return b.mode },
		Hosts:    func() access.Hosts { return access.Hosts{Own: []string{"workstation"}, Allowed: b.values.AllowedHosts} },
		Settings: func() *settings.Values { return &b.values },
		Models:   func() []provider.Model { return b.models },
		Suggest:  func(model string) string { return "Did you mean more than " + model + "?" },
		Detect:   func(model string) any { return map[string]string{"model": model} },
		Site:     func() doctor.Site { return doctor.Site{Origin: "http://127.0.0.1:8045"} },
		Problem:  func(p server.Problem) { b.problems = append(b.problems, p) },
		Log:      slog.New(slog.DiscardHandler),
	}
	b.Server = server.New(b.options)
	return b
}

// Serve implements server.Relay.
func (b *bench) Serve(_ context.Context, w http.ResponseWriter, call relay.Call) {
	if b.boom {
		panic("secret prompt text")
	}
	b.calls = append(b.calls, call)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"relayed":true}`))
}

// nothingStored is a store with a retention of 0.
type nothingStored struct{ ledger.Store }

func (nothingStored) Keeps() bool { return false }

func (nothingStored) Get(context.Context, string, string) (*custody.Stored, error) { return nil, nil }

type plainHash struct{}

func (plainHash) Hash(purpose, value string) []byte { return []byte(purpose + value) }

// keyRepo keeps nothing: the keyring's memory is what is tested here.
type keyRepo struct{}

func (*keyRepo) LoadKeys(context.Context) ([]access.Key, error)             { return nil, nil }
func (*keyRepo) CreateKey(context.Context, access.Key, string) error        { return nil }
func (*keyRepo) UpdateKey(context.Context, access.Key) error                { return nil }
func (*keyRepo) ReplaceKeySecret(context.Context, access.Key, string) error { return nil }
func (*keyRepo) DeleteKey(context.Context, string) error                    { return nil }
func (*keyRepo) RevealKey(context.Context, string) (string, error)          { return "", nil }
func (*keyRepo) TouchKeys(context.Context, map[string]time.Time) error      { return nil }

func (b *bench) do(method, target string, body io.Reader, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8045", body)
	path, query, _ := strings.Cut(target, "?")
	r.URL.Path, r.URL.RawQuery = path, query
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, r)
	return w
}

const (
	chat      = "/v1/chat/completions"
	chatBody  = `{"model":"m","messages":[]}`
	geminiURL = "/v1beta/models/m:generateContent"
)

// scenario is one request and what must come of it.
type scenario struct {
	name, method, path, body string
	headers                  []string
	mode                     access.Mode
	status                   int
	has                      []string
	header                   []string // name, value
}

func TestScenarios(t *testing.T) {
	cases := []scenario{
		{name: "health", method: "GET", path: "/healthz", status: 200, has: []string{`"status":"ok"`, `"version":"1.2.3"`}},
		{name: "health, trailing slash", method: "GET", path: "/health/", status: 200},
		{name: "health, HEAD", method: "HEAD", path: "/healthz", status: 200},
		{name: "root", method: "GET", path: "/", status: 200, has: []string{"http://127.0.0.1:8045/v1"}},
		{name: "root, HEAD", method: "HEAD", path: "/", status: 200},
		{name: "telemetry sink", method: "POST", path: "/api/event_logging/batch", body: `{}`, mode: access.Strict, status: 200},
		{name: "hello probe", method: "HEAD", path: "/api/hello", mode: access.Strict, status: 200},
		{name: "wrong method", method: "GET", path: chat, status: 405, header: []string{"Allow", "POST"}, has: []string{`"type":"invalid_request_error"`}},
		{name: "wrong method, Anthropic", method: "GET", path: "/v1/messages", status: 405, has: []string{`"type":"error"`}},
		{name: "wrong method, Gemini", method: "GET", path: geminiURL, status: 405, has: []string{`"status":`}},
		{name: "not implemented", method: "GET", path: "/metrics", status: 501, has: []string{"not_implemented"}},
		{name: "unknown model, OpenAI", method: "GET", path: "/v1/models/x", status: 404, has: []string{`"code":"model_not_found"`, "Did you mean more than x?"}},
		{name: "unknown model, Anthropic", method: "GET", path: "/v1/models/x", headers: []string{"Anthropic-Version", "2023-06-01"}, status: 404,
			has: []string{`"type":"not_found_error"`, "Did you mean more than x?"}},
		{name: "unknown model, Gemini", method: "GET", path: "/v1beta/models/x", status: 404, has: []string{`"status":"NOT_FOUND"`, "Did you mean more than x?"}},
		{name: "stored response", method: "GET", path: "/v1/responses/resp_1", status: 404, has: []string{"response_not_found"}},
		{name: "WebSocket", method: "GET", path: "/v1/responses", headers: []string{"Upgrade", "websocket", "Connection", "Upgrade"}, status: 426},
		{name: "version twice", method: "POST", path: "/v1/v1/chat/completions", body: chatBody, status: 404,
			has: []string{"duplicated_version_prefix", "http://127.0.0.1:8045"}},
		{name: "nested resource", method: "POST", path: "/v1/chat/completions/responses", body: chatBody, status: 404,
			has: []string{"nested_resource_path", "Gemini"}},
		{name: "foreign prefix below /api", method: "POST", path: "/api/v1/chat/completions", body: chatBody, status: 404, has: []string{"foreign_prefix"}},
		{name: "404 in Anthropic's shape", method: "POST", path: "/v1/messages/v1/messages", body: `{}`, status: 404,
			has: []string{`"type":"error"`, "nested_resource_path"}},
		{name: "404 in Gemini's shape", method: "POST", path: "/v1beta/v1beta/models/m:generateContent", body: `{}`, status: 404,
			has: []string{`"status":"NOT_FOUND"`, "duplicated_version_prefix"}},

		{name: "strict needs a key for health", method: "GET", path: "/healthz", mode: access.Strict, status: 401,
			header: []string{"WWW-Authenticate", "Bearer"}},
		{name: "health open", method: "GET", path: "/healthz", mode: access.AllExceptHealth, status: 200},
		{name: "no key", method: "POST", path: chat, body: chatBody, mode: access.AllExceptHealth, status: 401,
			has: []string{"x-api-key", "Authorization: Bearer", "x-goog-api-key", "?key=", "invalid_api_key"}},
		{name: "no key, Anthropic", method: "POST", path: "/v1/messages", body: `{}`, mode: access.AllExceptHealth, status: 401,
			has: []string{`"authentication_error"`, `"request_id"`}},
		{name: "no key, Gemini", method: "POST", path: geminiURL, body: `{}`, mode: access.AllExceptHealth, status: 401, has: []string{`"UNAUTHENTICATED"`}},
		{name: "unknown key while open", method: "POST", path: chat, body: chatBody, headers: []string{"Authorization", "Bearer sk-other"}, status: 200},

		{name: "rebinding", method: "POST", path: chat, body: chatBody, headers: []string{"Host", "evil.example"}, status: 403, has: []string{"proxy.allowed_hosts"}},
		{name: "own name", method: "POST", path: chat, body: chatBody, headers: []string{"Host", "workstation:8045"}, status: 200},
		{name: "docker", method: "POST", path: chat, body: chatBody, headers: []string{"Host", "host.docker.internal:8045"}, status: 200},
		{name: "foreign origin", method: "POST", path: chat, body: chatBody, headers: []string{"Origin", "https://evil.example"}, status: 403, has: []string{"proxy.cors_origins"}},
		{name: "origin null", method: "POST", path: chat, body: chatBody, headers: []string{"Origin", "null"}, status: 403},
		{name: "no origin, cross site", method: "POST", path: chat, body: chatBody, headers: []string{"Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "editor", method: "POST", path: chat, body: chatBody, headers: []string{"Origin", "vscode-webview://abc"}, status: 200,
			header: []string{"Access-Control-Allow-Origin", "vscode-webview://abc"}},
		{name: "local page", method: "POST", path: chat, body: chatBody, headers: []string{"Origin", "http://localhost:3000"}, status: 200,
			header: []string{"Access-Control-Allow-Origin", "http://localhost:3000"}},
		{name: "preflight", method: "OPTIONS", path: chat, mode: access.Strict, status: 204,
			headers: []string{"Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization"},
			header:  []string{"Access-Control-Allow-Headers", "authorization"}},
		{name: "preflight from elsewhere", method: "OPTIONS", path: chat, status: 403,
			headers: []string{"Origin", "https://evil.example", "Access-Control-Request-Method", "POST"}, header: []string{"Access-Control-Allow-Origin", ""}},

		{name: "malformed JSON", method: "POST", path: chat, body: `{"model":`, status: 400, has: []string{"invalid_json"}},
		{name: "empty body", method: "POST", path: chat, body: " ", status: 400, has: []string{"empty_body"}},
		{name: "not an object", method: "POST", path: chat, body: `[1]`, status: 400, has: []string{"must be a JSON object"}},
		{name: "invalid UTF-8", method: "POST", path: chat, body: "{\"model\":\"\xff\"}", status: 400, has: []string{"invalid_json"}},
		{name: "absurd nesting", method: "POST", path: chat, body: strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), status: 400, has: []string{"json_too_deep"}},
		{name: "too large", method: "POST", path: chat, body: `{"a":"` + strings.Repeat("x", 2<<20) + `"}`, status: 413, has: []string{"1 MiB", "proxy.max_body_bytes"}},
		{name: "too large, Gemini", method: "POST", path: geminiURL, body: `{"a":"` + strings.Repeat("x", 2<<20) + `"}`, status: 413, has: []string{"INVALID_ARGUMENT"}},
		{name: "form data", method: "POST", path: chat, body: "a=b", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415},
		{name: "unknown encoding", method: "POST", path: chat, body: "x", headers: []string{"Content-Encoding", "lzma"}, status: 415},
		{name: "encoding that is none", method: "POST", path: chat, body: "plain", headers: []string{"Content-Encoding", "gzip"}, status: 400, has: []string{"invalid_content_encoding"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			if c.mode != "" {
				b.mode = c.mode
			}
			var body io.Reader
			if c.body != "" {
				body = strings.NewReader(c.body)
			}
			c.check(t, b.do(c.method, c.path, body, c.headers...))
		})
	}
}

func (c *scenario) check(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code != c.status {
		t.Fatalf("status %d, want %d: %s", w.Code, c.status, w.Body)
	}
	for _, text := range c.has {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("lacks %q: %s", text, w.Body)
		}
	}
	if w.Code >= 400 && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
		t.Errorf("not JSON: %s", w.Body)
	}
	if w.Header().Get("X-Request-Id") == "" {
		t.Error("no request id")
	}
	for i := 0; i+1 < len(c.header); i += 2 {
		if got := w.Header().Get(c.header[i]); got != c.header[i+1] {
			t.Errorf("%s: %q, want %q", c.header[i], got, c.header[i+1])
		}
	}
}

func TestKeyInFourPlaces(t *testing.T) {
	b := newBench(t)
	b.mode = access.Strict
	for _, place := range [][]string{{"Authorization", "Bearer " + b.key}, {"X-Api-Key", b.key}, {"X-Goog-Api-Key", b.key}, nil} {
		path := chat
		if place == nil {
			path += "?key=" + b.key
		}
		if w := b.do("POST", path, strings.NewReader(chatBody), place...); w.Code != 200 {
			t.Errorf("%v: status %d", place, w.Code)
		}
	}
	for _, call := range b.calls {
		if call.KeyName != "one" {
			t.Errorf("attributed to %q", call.KeyName)
		}
		if strings.Contains(call.Path, b.key) {
			t.Error("the key is in the path that is recorded")
		}
	}
	b.mode = access.Off
	if w := b.do("POST", chat, strings.NewReader(chatBody), "X-Api-Key", b.disabled); w.Code != 401 {
		t.Errorf("a disabled key passes while auth is off: %d", w.Code)
	}
}

func TestContentEncodings(t *testing.T) {
	compress := map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
		"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
		"zstd":    func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z },
	}
	for name, make := range compress {
		encode := func(text string) *bytes.Buffer {
			var buf bytes.Buffer
			z := make(&buf)
			_, _ = z.Write([]byte(text))
			_ = z.Close()
			return &buf
		}
		b := newBench(t)
		if w := b.do("POST", chat, encode(chatBody), "Content-Encoding", name); w.Code != 200 || string(b.calls[0].Inbound.Body) != chatBody {
			t.Errorf("%s: status %d", name, w.Code)
		}
		// A small body that becomes a large one is measured decoded.
		bomb := encode(`{"a":"` + strings.Repeat("x", 20<<20) + `"}`)
		if w := b.do("POST", chat, bomb, "Content-Encoding", name); w.Code != 413 {
			t.Errorf("%s bomb: status %d: %.200s", name, w.Code, w.Body)
		}
	}
}

func TestGeminiPaths(t *testing.T) {
	for path, want := range map[string]struct {
		model       string
		stream, sse bool
	}{
		"/v1beta/models/m:generateContent":              {"m", false, false},
		"/v1/models/m:streamGenerateContent?alt=sse":    {"m", true, true},
		"/v1alpha/models/m:streamGenerateContent":       {"m", true, false},
		"/models/m:streamGenerateContent?alt=sse":       {"m", true, true},
		"/v1beta/models/models/m:generateContent":       {"m", false, false},
		"/v1beta/models/vendor/m:generateContent":       {"vendor/m", false, false},
		"/v1beta/tunedModels/t:generateContent":         {"tunedModels/t", false, false},
		"/v1beta/models/m:generateContent/":             {"m", false, false},
		"/v1beta/models/claude-x(high):generateContent": {"claude-x(high)", false, false},
	} {
		b := newBench(t)
		w := b.do("POST", path, strings.NewReader(`{"contents":[]}`))
		if w.Code != 200 || len(b.calls) != 1 {
			t.Errorf("%s: status %d %s", path, w.Code, w.Body)
			continue
		}
		call := b.calls[0]
		if call.Inbound.Model != want.model || call.Stream != want.stream || (call.Stream && call.SSE != want.sse) || call.Protocol != llm.Gemini {
			t.Errorf("%s: model %q stream %v sse %v", path, call.Inbound.Model, call.Stream, call.SSE)
		}
	}
}

func TestModelLists(t *testing.T) {
	b := newBench(t)
	lists := map[string][]string{
		`"object":"list"`:    nil,
		`"has_more":true`:    {"Anthropic-Version", "2023-06-01"},
		`"nextPageToken":"a`: {"X-Goog-Api-Key", "k"},
	}
	for want, headers := range lists {
		w := b.do("GET", "/v1/models?limit=1&pageSize=1", nil, headers...)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%v: %s", headers, w.Body)
		}
	}
	// Every page of Gemini's list, each model once and in order.
	var seen []string
	token := ""
	for range 5 {
		var page struct {
			Models        []struct{ Name string }
			NextPageToken string
		}
		_ = json.Unmarshal(b.do("GET", "/v1beta/models?pageSize=1&pageToken="+token, nil).Body.Bytes(), &page)
		for _, m := range page.Models {
			seen = append(seen, m.Name)
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	if got := strings.Join(seen, " "); got != "models/a-model models/b-model models/c/with/slashes" {
		t.Errorf("pages: %s", got)
	}
	for path, want := range map[string]int{"/v1/models/a-model": 200, "/v1/models/c/with/slashes": 200, "/v1beta/models/a-model": 200, "/v1/models/nope": 404} {
		if w := b.do("GET", path, nil); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestProblemsAndRewriting(t *testing.T) {
	b := newBench(t)
	b.do("POST", "/v1/v1/chat/completions?key=sk-agt-fake", strings.NewReader(chatBody))
	if len(b.problems) != 1 || b.problems[0].Verdict.Code != "duplicated_version_prefix" || strings.Contains(b.problems[0].Path, "fake") {
		t.Fatalf("problems: %+v", b.problems)
	}
	b.values.PathRewrite = true
	w := b.do("POST", "/v1/v1/chat/completions", strings.NewReader(chatBody))
	if w.Code != 200 || w.Header().Get("X-Antigravity-Rewritten-Path") != chat {
		t.Errorf("rewriting: %d %v", w.Code, w.Header())
	}
}

// TestWrongHostTeaches: 0.0.0.0 as base URL is refused, with the one to enter, and listed; a browser fills no list.
func TestWrongHostTeaches(t *testing.T) {
	b := newBench(t)
	ask := func(host, path string, headers ...string) *httptest.ResponseRecorder {
		return b.do("POST", path, strings.NewReader(chatBody), append(headers, "Host", host)...)
	}
	for _, c := range []struct{ host, path, agent, want string }{
		{"0.0.0.0:8045", "/v1/responses", "codex_exec/0.169.0", "For Codex enter http://127.0.0.1:8045/v1 as the base URL"},
		{"0.0.0.0:8045", "/v1/v1/messages", "claude-cli/2.1.330", "For Claude Code enter http://127.0.0.1:8045 as the base URL"},
		{"gw.example:8045", chat, "QwenCode/0.24.4", "enter http://127.0.0.1:8045/v1 as the base URL. The setting proxy.allowed_hosts allows"},
	} {
		b.problems = nil
		w := ask(c.host, c.path, "User-Agent", c.agent)
		if w.Code != 403 || !strings.Contains(w.Body.String(), c.want) || !strings.Contains(w.Body.String(), "host_not_allowed") {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		}
		if len(b.problems) != 1 || b.problems[0].Verdict.BaseURL == "" {
			t.Errorf("%+v: listed: %+v", c, b.problems)
		}
	}
	b.problems = nil
	for _, headers := range [][]string{{"Origin", "http://gw.example:8045"}, {"Sec-Fetch-Site", "same-origin"}} {
		if w := ask("gw.example:8045", chat, headers...); w.Code != 403 {
			t.Errorf("a page: %d", w.Code)
		}
	}
	ask("gw.example:8045", "/healthz")
	if len(b.problems) != 0 {
		t.Errorf("listed: %+v", b.problems)
	}
	if w := b.do("POST", "/v1/v1/messages", strings.NewReader(chatBody), "User-Agent", "claude-cli/2.1.330"); w.Code != 400 || !strings.Contains(w.Body.String(), `"invalid_request_error"`) {
		t.Errorf("Claude Code, which hides what a 404 says: %d %s", w.Code, w.Body)
	}
	if w := b.do("POST", "/v1/v1/messages", strings.NewReader(chatBody)); w.Code != 404 {
		t.Errorf("others: %d", w.Code)
	}
}

func TestStopped(t *testing.T) {
	b := newBench(t)
	b.SetStopped(true)
	if w := b.do("POST", chat, strings.NewReader(chatBody)); w.Code != 503 || !strings.Contains(w.Body.String(), "service_stopped") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	b.SetStopped(false)
	if w := b.do("POST", chat, strings.NewReader(chatBody)); w.Code != 200 {
		t.Errorf("after the start: %d", w.Code)
	}
}

func TestPanicIsA500(t *testing.T) {
	b := newBench(t)
	b.boom = true
	w := b.do("POST", "/v1/messages", strings.NewReader(`{}`), "X-Request-Id", "my-request-42")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "my-request-42") || strings.Contains(w.Body.String(), "secret prompt") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
