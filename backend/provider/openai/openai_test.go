package openai

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

const fakeKey = "sk-fake-key"

func TestPrepare(t *testing.T) {
	p := New("1.2.3")
	header := http.Header{"Openai-Beta": {"x=v1"}, "Openai-Organization": {"org-other"}}
	call := provider.Call{Operation: provider.Generate, Model: "gpt-5", Stream: true, Header: header, Body: []byte(`{"a":1}`)}
	req, err := p.Prepare(t.Context(), provider.Credential{APIKey: fakeKey}, call)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	if req.URL.String() != DefaultBaseURL+"/chat/completions" || string(body) != `{"a":1}` || req.Method != "POST" {
		t.Errorf("%s %s %s", req.Method, req.URL, body)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer " + fakeKey, "User-Agent": "antigravity-tools/1.2.3", "Content-Type": "application/json",
		"Accept": "text/event-stream", "Openai-Beta": "x=v1", "Openai-Organization": "",
	} {
		if got := req.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	req, err = p.Prepare(t.Context(), provider.Credential{BaseURL: "http://127.0.0.1:11434"}, call)
	if err != nil {
		t.Fatal(err)
	}
	if _, has := req.Header["Authorization"]; has || req.URL.String() != "http://127.0.0.1:11434/v1/chat/completions" || req.Header.Get("Openai-Beta") != "" {
		t.Errorf("%s %v", req.URL, req.Header)
	}
	call.Operation = provider.CountTokens
	if _, err := p.Prepare(t.Context(), provider.Credential{}, call); err == nil {
		t.Error("counts tokens")
	}
	call.Operation = provider.Generate
	if _, err := p.Prepare(t.Context(), provider.Credential{BaseURL: "nonsense"}, call); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("bad address: %v", err)
	}
}

func TestSited(t *testing.T) {
	p := New("1")
	own, ollama, router := provider.Credential{}, provider.Credential{BaseURL: "http://127.0.0.1:11434"}, provider.Credential{BaseURL: "https://openrouter.ai/api/v1"}
	if !p.ServesAt(own, "gpt-5") || p.ServesAt(ollama, "gpt-5") || p.ServesAt(own, "llama-4") || !p.Serves("o3") {
		t.Error("serves")
	}
	if c := p.CapsAt(own, "gpt-5"); !c.VendorOptions || !c.DeveloperRole || !c.CompletionTokens {
		t.Errorf("%+v", c)
	}
	if c := p.CapsAt(ollama, "gpt-5"); c.VendorOptions || c.DeveloperRole || c.CompletionTokens {
		t.Errorf("%+v", c)
	}
	if c := p.CapsAt(router, "anthropic/claude-opus-5"); c.Reasoning.Dialect != family.DialectLevel || !c.Files {
		t.Errorf("%+v", c)
	}
}

func TestModels(t *testing.T) {
	answer, status := "", 200
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "Bearer "+fakeKey {
			status, answer = 401, `{"error":{"message":"Incorrect API key provided: sk-fake.","code":"invalid_api_key"}}`
		}
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	defer srv.Close()
	p, cred := New("1"), provider.Credential{BaseURL: srv.URL, APIKey: fakeKey}
	ids := func(models []provider.Model) string {
		var out []string
		for _, m := range models {
			out = append(out, m.ID)
		}
		return strings.Join(out, " ")
	}
	for body, want := range map[string]string{
		`{"object":"list","data":[{"id":"a/b","object":"model","created":5,"owned_by":"a"},{"id":"nomic-embed-text"},{"id":"whisper-1"},{"id":"bge-rerank"}]}`: "a/b nomic-embed-text whisper-1",
		`{"data":null}`:      "",
		`[{"id":"x"},{}]`:    "x",
		`{"data":{}}`:        "error",
		`{"error":"unused"}`: "error",
		`<html>`:             "error",
	} {
		answer = body
		models, err := p.Models(t.Context(), srv.Client(), cred)
		if got := ids(models); got != want && !(want == "error" && err != nil) {
			t.Errorf("%s: %q %v", body, got, err)
		}
		if f := fault.From(err); err != nil && (f.Class != fault.UpstreamProtocol || f.Hint == "") {
			t.Errorf("%s: %v", body, err)
		}
	}
	answer = `{"data":[{"id":"m","name":"M","context_length":8,"top_provider":{"max_completion_tokens":4}}]}`
	if models, _ := p.Models(t.Context(), srv.Client(), cred); len(models) != 1 || models[0].InputLimit != 8 || models[0].OutputLimit != 4 || models[0].DisplayName != "M" {
		t.Errorf("%+v", models)
	}
	if _, err := p.Models(t.Context(), srv.Client(), provider.Credential{BaseURL: srv.URL}); !fault.Is(err, fault.UpstreamAuth) {
		t.Errorf("no key: %v", err)
	}
	if !listed(true, "gpt-5") || !listed(true, "text-embedding-3-small") || !listed(true, "ft:gpt-4o:org") || listed(true, "sora-2") {
		t.Error("listed")
	}
}
