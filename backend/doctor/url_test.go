package doctor

import (
	"slices"
	"strings"
	"testing"
)

func TestDiagnoseURL(t *testing.T) {
	root, v1 := origin, origin+"/v1"
	table := []struct {
		raw, code, base string
	}{
		{origin, "", root},
		{origin + "/", "", root},
		{"  " + origin + "  ", CodeMalformedURL, root},
		{origin + "/v1\u200b", CodeMalformedURL, v1},
		{"HTTP://127.0.0.1:8045", "", root},
		{origin + "/v1", "", v1},
		{origin + "/v1/", "", v1},
		{origin + "/v1beta", "", origin + "/v1beta"},
		{"http://localhost:8045/v1", "", v1},
		{"http://192.168.1.20:8045/v1", "", v1},
		{"/v1/messages", "", root},
		{"/v1/chat/completions", "", v1},
		{"/v1/models/acme/x", "", v1},
		{"/v1", "", v1},
		{"", "", root},
		{origin + "/v1/v1", CodeDuplicatedVersion, v1},
		{origin + "/openai", CodeForeignPrefix, v1},
		{origin + "/openai/v1", CodeForeignPrefix, v1},
		{origin + "/anthropic", CodeForeignPrefix, root},
		{origin + "/api", CodeForeignPrefix, v1},
		{origin + "/v1/chat/completions", CodeNestedResource, v1},
		{origin + "/v1/messages", CodeNestedResource, root},
		{origin + "/v1beta/models/g:generateContent", CodeNestedResource, root},
		{origin + "/chat/completions", CodeNestedResource, v1},
		{origin + "/V1", CodeMalformedPath, v1},
		{"/v1/chat/completions/responses", CodeNestedResource, v1},
		{"/v1/chat/completion", CodeUnknownRoute, v1},
		{"/openai/v1", CodeForeignPrefix, v1},
		{"https://127.0.0.1:8045/v1", CodeHTTPSOnHTTP, v1},
		{"https://localhost:8045", CodeHTTPSOnHTTP, root},
		{"http://127.0.0.1:8080/v1", CodeWrongPort, v1},
		{"http://127.0.0.1/v1", CodeWrongPort, v1},
		{"http://0.0.0.0:8045/v1", CodeUnspecified, v1},
		{"http://[::]:8045", CodeUnspecified, root},
		{"127.0.0.1:8045/v1", CodeMalformedURL, v1},
		{"http:/127.0.0.1:8045/v1", CodeMalformedURL, v1},
		{"htp://127.0.0.1:8045", CodeMalformedURL, root},
		{"http://%zz", CodeMalformedURL, root},
		{"https://api.openai.com/v1", CodeOtherHost, v1},
	}
	for _, row := range table {
		v := DiagnoseURL(row.raw, site())
		if v.Code != row.code || v.BaseURL != row.base {
			t.Errorf("%q: %s %s, want %s %s (%s)", row.raw, v.Code, v.BaseURL, row.code, row.base, v.Message)
		}
		if v.Message == "" || v.Why == "" {
			t.Errorf("%q: no words", row.raw)
		}
	}
	if v := DiagnoseURL("http://localhost:8045", Site{Origin: origin, IPv4Only: true}); v.Code != CodeLocalhostIPv4 || v.BaseURL != origin {
		t.Errorf("localhost: %+v", v)
	}
}

func TestURLSecretsStayHidden(t *testing.T) {
	for _, raw := range []string{"https://user:sk-agt-fake@127.0.0.1:8045/v1?key=sk-agt-fake", "127.0.0.1:8045/v1?key=sk-agt-fake"} {
		if v := DiagnoseURL(raw, site()); strings.Contains(v.Message+v.Why, "fake") {
			t.Errorf("%s: shown: %s", raw, v.Message)
		}
	}
}

func TestUsesPerClient(t *testing.T) {
	v := DiagnoseURL(origin+"/v1", site())
	for _, u := range v.Uses {
		switch u.Client {
		case "Claude Code":
			if u.Works || u.URL != origin+"/v1/v1/messages" || u.BaseURL != origin {
				t.Errorf("%+v", u)
			}
		case "Codex":
			if !u.Works || u.URL != origin+"/v1/responses" {
				t.Errorf("%+v", u)
			}
		}
	}
	// Every set-up that is recommended reaches a route.
	for _, s := range Setups() {
		if _, _, ok := Match("POST", s.Base+s.Adds); !ok {
			t.Errorf("%s: %s%s is no route", s.Client, s.Base, s.Adds)
		}
	}
}

func TestMatch(t *testing.T) {
	table := []struct {
		method, path string
		op           Operation
		protocol     Protocol
		model        string
	}{
		{"HEAD", "/", OpRoot, None, ""},
		{"HEAD", "/health/", OpHealth, None, ""},
		{"GET", "/v1/models/detect", OpModelDetect, OpenAI, ""},
		{"GET", "/v1/models/openai/gpt-4o", OpModel, OpenAI, "openai/gpt-4o"},
		{"GET", "/v1/models/llama3:8b", OpModel, OpenAI, "llama3:8b"},
		{"POST", "/v1/models/g:generateContent", OpGenerate, Gemini, "g"},
		{"POST", "/v1alpha/models/g:countTokens", OpCountTokens, Gemini, "g"},
		{"POST", "/models/acme/g:streamGenerateContent", OpStreamGenerate, Gemini, "acme/g"},
		{"POST", "/v1beta/models/models/g:embedContent", OpEmbedContent, Gemini, "g"},
		{"POST", "/v1beta/models/llama3:8b:batchEmbedContents", OpBatchEmbed, Gemini, "llama3:8b"},
		{"POST", "/v1beta/tunedModels/mine:generateContent", OpGenerate, Gemini, "tunedModels/mine"},
		{"GET", "/v1beta/models/g", OpModel, Gemini, "g"},
		{"GET", "/v1/responses", OpResponsesSocket, Responses, ""},
		{"POST", "/v1/responses/resp_1/cancel", OpResponseCancel, Responses, ""},
		{"HEAD", "/api/hello", OpSink, None, ""},
		{"POST", "/api/event_logging", OpSink, None, ""},
		{"POST", "/v1/api/event_logging/v2/batch", OpSink, None, ""},
	}
	for _, row := range table {
		r, p, ok := Match(row.method, row.path)
		if !ok || r.Operation != row.op || r.Protocol != row.protocol || p.Model != row.model {
			t.Errorf("%s %s: %v %+v %+v", row.method, row.path, ok, r, p)
		}
	}
}

func TestAllowed(t *testing.T) {
	table := map[string][]string{
		"/v1/chat/completions":              {"POST"},
		"/v1/responses":                     {"GET", "HEAD", "POST"},
		"/v1/responses/compact":             {"POST"},
		"/v1/responses/resp_1":              {"DELETE", "GET", "HEAD"},
		"/v1/models":                        {"GET", "HEAD"},
		"/v1/models/detect/":                {"GET", "HEAD", "POST"},
		"/v1beta/models/g":                  {"GET", "HEAD"},
		"/v1beta/models/g:generateContent":  {"POST"},
		"/models/g:generateContent":         {"POST"},
		"/models/g":                         nil,
		"/v1beta/models/g:generateContnet":  nil,
		"/v1/responses/responses":           nil,
		"/v1/chat/completions/":             {"POST"},
		"/v1/chat/completions//":            nil,
		"/v1/models//x":                     nil,
		"/nothing":                          nil,
		"/v1/responses/resp_1/input_items/": {"GET", "HEAD"},
	}
	for path, want := range table {
		if got := Allowed("POST", path); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func TestModelListProtocol(t *testing.T) {
	table := []struct {
		seen Seen
		want Protocol
	}{
		{Seen{Path: "/v1/models"}, OpenAI},
		{Seen{Path: "/v1/models", Header: header("Anthropic-Version", "2023-06-01", "X-Goog-Api-Key", "AIza-fake")}, Anthropic},
		{Seen{Path: "/v1/models", Header: header("X-Goog-Api-Key", "AIza-fake")}, Gemini},
		{Seen{Path: "/v1/models", Query: "pageSize=3&key=AIza-fake"}, Gemini},
		{Seen{Path: "/v1/models", Query: "monkey=1"}, OpenAI},
		{Seen{Path: "/v1beta/models", Header: header("Anthropic-Version", "x")}, Gemini},
	}
	for _, row := range table {
		if got := ModelListProtocol(row.seen); got != row.want {
			t.Errorf("%+v: %s", row.seen, got)
		}
	}
}

func TestKiloIsLedToGemini(t *testing.T) {
	v := Diagnose(Seen{Method: "POST", Path: "/v1/chat/completions/responses", Header: header("User-Agent", "Kilo-Code/5.1 ai-sdk/openai")}, site())
	if v.BaseURL != origin || !strings.Contains(v.Message, "Gemini provider") {
		t.Errorf("%+v", v)
	}
	v = Diagnose(Seen{Method: "POST", Path: "/v1/chat/completions/responses"}, site())
	if !strings.Contains(v.Message, "In Kilo Code choose the Gemini provider with "+origin) {
		t.Errorf("%s", v.Message)
	}
}
