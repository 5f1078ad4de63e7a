package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"antigravity-tools/backend/doctor"
)

// callers are headers that clients are known by; the first has none.
func callers() [][]string {
	return [][]string{
		nil,
		{"User-Agent", "claude-cli/2.1.330 (external, cli)", "Anthropic-Version", "2023-06-01"},
		{"User-Agent", "codex_exec/0.169.0", "Originator", "codex_exec"},
		{"User-Agent", "GeminiCLI/0.61.0/gemini (linux; x64)", "X-Goog-Api-Key", "AIza-fake"},
		{"User-Agent", "kilo/7.7.9 ai-sdk/google/4.0", "X-Goog-Api-Key", "AIza-fake"},
		{"User-Agent", "langchainjs-openai/1.0.0 ((node/v24.21.0; linux; x64))"},
	}
}

// TestNoRouteIsAProblem: of all routes of the table, asked by any client through the
// whole engine, none is counted as a base-URL problem.
func TestNoRouteIsAProblem(t *testing.T) {
	b := newBench(t)
	for _, headers := range callers() {
		for _, r := range doctor.Routes() {
			path := strings.NewReplacer("{model}", "a-model", "{id}", "resp_0a", "{rest}", "batch").Replace(r.Pattern)
			for _, slash := range []string{"", "/"} {
				if path == "/" && slash != "" {
					continue
				}
				w := b.do(r.Method, path+slash, strings.NewReader(chatBody), headers...)
				if len(b.problems) > 0 {
					t.Fatalf("%s %s by %v: %d %s", r.Method, path+slash, headers, w.Code, w.Body)
				}
			}
		}
	}
}

// TestEveryMissIsJSONThatTeaches: what misses every route is answered in a
// protocol's error shape, with the base URL to enter, and counted once.
func TestEveryMissIsJSONThatTeaches(t *testing.T) {
	paths := []string{"/v1/v1/messages", "/v1/chat/completions/responses", "/chat/completions", "/responses", "/messages", "/v1beta/messages", "/openai/v1/responses",
		"//v1/messages", "/V1/MESSAGES", "/v1 /messages", "/v1/chat/completion", "/nowhere", "/v1beta/v1beta/models/m:generateContent", "/gemini/v1beta/models/m:countTokens"}
	for _, headers := range callers() {
		for _, path := range paths {
			b := newBench(t)
			w := b.do("POST", path, strings.NewReader(chatBody), headers...)
			var shape struct {
				Error struct {
					Message string `json:"message"`
				} `json:"error"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &shape); err != nil || w.Header().Get("X-Request-Id") == "" {
				t.Fatalf("%s by %v: %d %s", path, headers, w.Code, w.Body)
			}
			if len(b.problems) != 1 {
				t.Fatalf("%s by %v: %d problems", path, headers, len(b.problems))
			}
			v := b.problems[0].Verdict
			if w.Code != v.Status() {
				t.Errorf("%s by %v: %d", path, headers, w.Code)
			}
			if !strings.Contains(shape.Error.Message, v.BaseURL) || !strings.Contains(w.Body.String(), v.Code) {
				t.Errorf("%s by %v: neither %s nor %s in %s", path, headers, v.BaseURL, v.Code, w.Body)
			}
		}
	}
}
