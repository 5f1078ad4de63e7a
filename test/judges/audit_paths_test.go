package judges

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAuditPaths goes through the table of section 4 and what it is rewritten to.
func TestAuditPaths(t *testing.T) {
	g := launchWith(t, config{})
	rows := []struct{ path, code, protocol, means string }{
		{"/v1/v1/chat/completions", "duplicated_version_prefix", "chat", "/v1/chat/completions"},
		{"/v1beta/v1beta/models/loopback:generateContent", "duplicated_version_prefix", "gemini", "/v1beta/models/loopback:generateContent"},
		{"/v1/v1beta/models/loopback:generateContent", "duplicated_version_prefix", "gemini", "/v1beta/models/loopback:generateContent"},
		{"/v1beta/v1/messages", "duplicated_version_prefix", "messages", "/v1/messages"},
		{"/v1/chat/completions/responses", "nested_resource_path", "responses", "/v1/responses"},
		{"/v1/chat/completions/chat/completions", "nested_resource_path", "chat", "/v1/chat/completions"},
		{"/v1/messages/v1/messages", "nested_resource_path", "messages", "/v1/messages"},
		{"/v1/responses/responses", "nested_resource_path", "responses", "/v1/responses"},
		{"/chat/completions", "missing_version_prefix", "chat", "/v1/chat/completions"},
		{"/responses", "missing_version_prefix", "responses", "/v1/responses"},
		{"/messages", "missing_version_prefix", "messages", "/v1/messages"},
		{"/v1beta/chat/completions", "wrong_version_prefix", "chat", "/v1/chat/completions"},
		{"/v1beta/messages", "wrong_version_prefix", "messages", "/v1/messages"},
		{"/openai/v1/chat/completions", "foreign_prefix", "chat", "/v1/chat/completions"},
		{"/api/v1/chat/completions", "foreign_prefix", "chat", "/v1/chat/completions"},
		{"/anthropic/v1/messages", "foreign_prefix", "messages", "/v1/messages"},
		{"/v1beta/openai/chat/completions", "foreign_prefix", "chat", "/v1/chat/completions"},
		{"//v1/chat/completions", "malformed_path", "chat", "/v1/chat/completions"},
		{"/V1/Chat/Completions", "malformed_path", "chat", "/v1/chat/completions"},
		{"/v1/messages%20", "malformed_path", "messages", "/v1/messages"},
		{"/v1/chat/completion", "unknown_route", "chat", "/v1/chat/completions"},
		{"/somewhere/else", "unknown_route", "chat", ""},
	}
	for _, row := range rows {
		_, body := question(row.protocol, "loopback", mark, false)
		r := g.ask(t, "POST", row.path, body)
		if r.status != 404 || !strings.Contains(r.body, row.code) || shape(r.body) != shapeOf(row.protocol) || !strings.Contains(r.body, "http://127.0.0.1:"+g.port) {
			t.Errorf("%s: %d %s, want %s", row.path, r.status, r.body, row.code)
		}
		if row.means == "" {
			continue // the command takes it for a base URL
		}
		out, _, err := g.try("", "doctor", row.path, "--json")
		var verdict struct{ Verdict, Code string }
		if json.Unmarshal([]byte(out), &verdict) != nil || err == nil || verdict.Verdict != "mistake" || verdict.Code != row.code && row.code != "malformed_path" {
			t.Errorf("doctor %s: %v %s", row.path, err, out)
		}
	}
	g.run("", "config", "set", "proxy.path_rewrite", "on")
	for _, row := range rows {
		_, body := question(row.protocol, "loopback", mark, false)
		r := g.ask(t, "POST", row.path, body)
		if to := r.header.Get("X-Antigravity-Rewritten-Path"); to != row.means || (r.status == 200) != (row.means != "") {
			t.Errorf("%s is rewritten to %q: %d %s", row.path, to, r.status, r.body)
		}
	}
}

// TestAuditMethods: 405 with Allow, HEAD where GET is, a trailing slash.
func TestAuditMethods(t *testing.T) {
	g := launchWith(t, config{})
	for path, protocol := range map[string]string{"/v1/chat/completions": "chat", "/v1/messages": "messages", "/v1beta/models/loopback:generateContent": "gemini", "/v1/responses": "chat"} {
		if r := g.ask(t, "GET", path, ""); r.status != 405 || !strings.Contains(r.header.Get("Allow"), "POST") || shape(r.body) != protocol {
			t.Errorf("GET %s: %d %v %s", path, r.status, r.header, r.body)
		}
	}
	for _, path := range []string{"/", "/healthz", "/v1/models", "/v1/models/loopback", "/v1beta/models", "/api/hello"} {
		if r := g.ask(t, "HEAD", path, ""); r.status != 200 || r.body != "" {
			t.Errorf("HEAD %s: %d", path, r.status)
		}
	}
	for _, p := range wire() {
		path, body := question(p, "loopback", mark, false)
		if r := g.ask(t, "POST", path+"/", body); r.status != 200 {
			t.Errorf("POST %s/: %d %s", path, r.status, r.body)
		}
	}
	for _, path := range []string{"/models/loopback", "/v1/models/loopback", "/v1alpha/models/loopback", "/v1beta/models/models%2Floopback"} {
		_, body := question("gemini", "", mark, false)
		if r := g.ask(t, "POST", path+":generateContent", body); r.status != 200 {
			t.Errorf("POST %s: %d %s", path, r.status, r.body)
		}
	}
	// Half a handshake; the whole one is TestSocket's.
	if r := g.ask(t, "GET", "/v1/responses", "", "Connection", "Upgrade", "Upgrade", "websocket"); r.status != 400 {
		t.Errorf("WebSocket: %d", r.status)
	}
	for path, status := range map[string]int{
		"/v1/embeddings": 400, "/v1/completions": 400, "/v1/images/generations": 400, "/v1/audio/speech": 400, "/v1/audio/transcriptions": 415, "/v1/responses/compact": 400,
	} {
		if r := g.ask(t, "POST", path, "{}"); r.status != status || shape(r.body) != "chat" {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	for asked, kept := range map[string]bool{"abc-12345": true, "two words": false, "x": false, strings.Repeat("a", 200): false} {
		if r := g.ask(t, "GET", "/healthz", "", "X-Request-Id", asked); (r.header.Get("X-Request-Id") == asked) != kept {
			t.Errorf("request id %q became %q", asked, r.header.Get("X-Request-Id"))
		}
	}
}
