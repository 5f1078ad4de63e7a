package anthropic

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

const fakeKey = "sk-ant-fake-key"

func TestPrepare(t *testing.T) {
	p := New("1.2.3")
	header := http.Header{"Anthropic-Beta": {"a,b"}, "Anthropic-Workspace-Id": {"w"}}
	call := provider.Call{Operation: provider.Generate, Model: "claude-opus-5", Stream: true, Header: header, Body: []byte(`{"a":1}`)}
	req, err := p.Prepare(t.Context(), provider.Credential{APIKey: fakeKey}, call)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(req.Body)
	if req.URL.String() != "https://api.anthropic.com/v1/messages" || string(body) != `{"a":1}` {
		t.Errorf("%s %s", req.URL, body)
	}
	for name, want := range map[string]string{
		"X-Api-Key": fakeKey, "Authorization": "", "Anthropic-Version": "2023-06-01", "Anthropic-Beta": "a,b",
		"Anthropic-Workspace-Id": "", "User-Agent": "antigravity-tools/1.2.3", "Content-Type": "application/json", "Accept": "text/event-stream",
	} {
		if got := req.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	call.Operation, call.Header = provider.CountTokens, http.Header{"Anthropic-Version": {"2026-10-21"}}
	req, err = p.Prepare(t.Context(), provider.Credential{BaseURL: "https://api.z.ai/api/anthropic", APIKey: fakeKey}, call)
	if err != nil {
		t.Fatal(err)
	}
	if req.URL.String() != "https://api.z.ai/api/anthropic/v1/messages/count_tokens" || req.Header.Get("Authorization") != "Bearer "+fakeKey || req.Header.Get("Anthropic-Version") != "2026-10-21" {
		t.Errorf("%s %v", req.URL, req.Header)
	}
	if _, err := p.Prepare(t.Context(), provider.Credential{BaseURL: "nonsense"}, call); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("bad address: %v", err)
	}
}

func TestSited(t *testing.T) {
	p := New("1")
	own, other := provider.Credential{}, provider.Credential{BaseURL: "https://api.z.ai/api/anthropic"}
	if !p.ServesAt(own, "claude-opus-5") || p.ServesAt(other, "claude-opus-5") || p.ServesAt(own, "glm-5") || !p.Serves("claude-next") {
		t.Error("serves")
	}
	if c := p.CapsAt(own, "claude-opus-5"); !c.ServerTools || !c.CacheAuto {
		t.Errorf("%+v", c)
	}
	if c := p.CapsAt(other, "glm-5"); c.ServerTools || c.CacheAuto || c.Family != "messages" {
		t.Errorf("%+v", c)
	}
}

func TestModels(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("X-Api-Key") != fakeKey || r.Header.Get("Anthropic-Version") == "":
			w.WriteHeader(401)
			io.WriteString(w, `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`)
		case r.URL.Query().Get("after_id") == "":
			io.WriteString(w, `{"data":[{"type":"model","id":"claude-opus-5","display_name":"Claude Opus 5","created_at":"2026-01-02T00:00:00Z","max_input_tokens":200000,"max_tokens":128000,"capabilities":{"thinking":{"supported":true}}}],"has_more":true,"last_id":"claude-opus-5"}`)
		default:
			io.WriteString(w, `{"data":[{"id":"glm-5"}],"has_more":false,"last_id":"glm-5"}`)
		}
	}))
	defer srv.Close()
	p := New("1")
	models, err := p.Models(t.Context(), srv.Client(), provider.Credential{BaseURL: srv.URL, APIKey: fakeKey})
	if err != nil || len(models) != 2 {
		t.Fatalf("%v %v", models, err)
	}
	if m := models[0]; m.ID != "claude-opus-5" || m.OutputLimit != 128000 || !m.Thinking || m.CreatedUnix != 1767312000 || m.DisplayName != "Claude Opus 5" {
		t.Errorf("%+v", m)
	}
	if _, err := p.Models(t.Context(), srv.Client(), provider.Credential{BaseURL: srv.URL, APIKey: "x"}); !fault.Is(err, fault.UpstreamAuth) {
		t.Errorf("wrong key: %v", err)
	}
}

// TestAnnounced: what a list says outranks what the model's name promises;
// what it does not say stays.
func TestAnnounced(t *testing.T) {
	const manual = `"capabilities":{"thinking":{"supported":true,"types":{"enabled":{"supported":true},"adaptive":{"supported":false},"disabled":{"supported":true}}},` +
		`"effort":{"supported":false,"low":{"supported":false}},"structured_outputs":{"supported":false},"image_input":{"supported":false},"pdf_input":{"supported":true},` +
		`"server_tools":{"supported":true,"web_search":{"supported":true},"code_execution":{"supported":false}}}`
	const rising = `"capabilities":{"thinking":{"supported":true,"types":{"adaptive":{"supported":true},"between_tools":{"supported":true}}},` +
		`"effort":{"supported":true,"max":{"supported":true},"low":{"supported":true},"medium":{"supported":false},"new":{"supported":true}}}`
	for name, tc := range map[string]struct {
		model, entry, want string
	}{
		"budget, by the list":    {"claude-haiku-7", `"max_tokens":5000,` + manual, "budget [] 5000 between=false structured=false images=false pdf=true code=false search=true"},
		"adaptive, by the list":  {"claude-sonnet-4-5", rising, "adaptive [low max] 64000 between=true structured=true images=true pdf=true code=true search=true"},
		"no thinking":            {"claude-opus-5", `"capabilities":{"thinking":{"supported":false}}`, " [] 128000 between=false structured=true images=true pdf=true code=true search=true"},
		"no effort":              {"claude-opus-5", `"capabilities":{"effort":{"supported":false},"thinking":{"supported":true,"types":{"adaptive":{"supported":true}}}}`, "adaptive [] 128000 between=false structured=true images=true pdf=true code=true search=true"},
		"no word of efforts":     {"claude-opus-5", `"capabilities":{"thinking":{"supported":true,"types":{"adaptive":{"supported":true}}}}`, "adaptive [low medium high xhigh max] 128000 between=false structured=true images=true pdf=true code=true search=true"},
		"an older list":          {"claude-opus-5", `"type":"model"`, "adaptive [low medium high xhigh max] 128000 between=false structured=true images=true pdf=true code=true search=true"},
		"a list of other shapes": {"claude-opus-5", `"capabilities":[{"thinking":1}]`, "adaptive [low medium high xhigh max] 128000 between=false structured=true images=true pdf=true code=true search=true"},
	} {
		m := parseModel([]byte(`{"id":"` + tc.model + `",` + tc.entry + `}`))
		c := family.Anthropic(tc.model).With(m.Announced())
		got := fmt.Sprintf("%s %v %d between=%t structured=%t images=%t pdf=%t code=%t search=%t", c.Reasoning.Dialect, c.Reasoning.Levels, c.MaxOutput,
			c.Reasoning.Between, c.Structured && c.StrictTools, !c.NoImages, !c.NoPDF, c.ServerTools && !c.NoCode, c.ServerTools && !c.NoSearch)
		if got != tc.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, tc.want)
		}
	}
}
