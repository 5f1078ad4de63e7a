package gemini

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/rawjson"
)

const fakeKey = "AIza-fake-key"

func TestFinalURL(t *testing.T) {
	const tail = "/models/gemini-3-pro:streamGenerateContent?alt=sse"
	for base, want := range map[string]string{
		"":                                  DefaultBaseURL + "/v1beta" + tail,
		DefaultBaseURL:                      DefaultBaseURL + "/v1beta" + tail,
		DefaultBaseURL + "/":                DefaultBaseURL + "/v1beta" + tail,
		DefaultBaseURL + "/v1":              DefaultBaseURL + "/v1" + tail,
		DefaultBaseURL + "/v1alpha/":        DefaultBaseURL + "/v1alpha" + tail,
		"https://x.example/proxy/v4":        "https://x.example/proxy/v4" + tail,
		"https://x.example/api":             "https://x.example/api/v1beta" + tail,
		"https://x.example/v1beta/models/":  "https://x.example/v1beta" + tail,
		"http://127.0.0.1:9/v1beta2":        "http://127.0.0.1:9/v1beta2" + tail,
		"https://x.example/vertex":          "https://x.example/vertex/v1beta" + tail,
		"https://x.example/a%2Fb/v1":        "https://x.example/a%2Fb/v1" + tail,
		"ftp://x.example":                   "",
		"x.example":                         "",
		"https://user:secret@x.example":     "",
		"https://x.example/v1?key=AIza-abc": "",
	} {
		got, err := New("1").FinalURL(base, "models/gemini-3-pro")
		if got != want {
			t.Errorf("%q: got %q, want %q", base, got, want)
		}
		if want == "" && (!fault.Is(err, fault.InvalidRequest) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "abc")) {
			t.Errorf("%q: error %v", base, err)
		}
	}
}

func TestServes(t *testing.T) {
	for model, want := range map[string]bool{
		"gemini-3-pro-preview": true, "models/gemini-9-ultra": true, "gemma-3-27b-it": true, "learnlm-2.0": true,
		"gemini-embedding-001": true, "text-embedding-004": true, "text-embedding-3-small": false, "imagen-4": true, "veo-3": false, "gpt-5": false, "claude-opus-5": false, "geminix": false, "": false,
	} {
		if got := New("1").Serves(model); got != want {
			t.Errorf("%q: %v", model, got)
		}
	}
}

func TestPrepare(t *testing.T) {
	p := New("1.2.3")
	cred := provider.Credential{APIKey: fakeKey}
	for name, tc := range map[string]struct {
		call provider.Call
		url  string
		body string
	}{
		"whole":       {provider.Call{Operation: provider.Generate, Model: "m", Body: []byte(`{"a":1}`)}, "/v1beta/models/m:generateContent", `{"a":1}`},
		"stream":      {provider.Call{Operation: provider.Generate, Model: "m", Stream: true, Query: "alt=json&key=x&trace=1", Body: []byte(`{}`)}, "/v1beta/models/m:streamGenerateContent?alt=sse&trace=1", `{}`},
		"count":       {provider.Call{Operation: provider.CountTokens, Model: "m", Stream: true, Body: []byte(`{"contents":[{"parts":[]}]}`)}, "/v1beta/models/m:countTokens", `{"contents":[{"parts":[]}]}`},
		"count long":  {provider.Call{Operation: provider.CountTokens, Model: "m", Body: []byte(`{"generateContentRequest":{"contents":[1]}}`)}, "/v1beta/models/m:countTokens", `{"generateContentRequest":{"contents":[1],"model":"models/m"}}`},
		"count moved": {provider.Call{Operation: provider.CountTokens, Model: "m", Body: []byte(`{"generateContentRequest":{"model":"models/alias","contents":[1]}}`)}, "/v1beta/models/m:countTokens", `{"generateContentRequest":{"model":"models/m","contents":[1]}}`},
		"count right": {provider.Call{Operation: provider.CountTokens, Model: "m", Body: []byte(`{"generateContentRequest":{"model":"models/m" }}`)}, "/v1beta/models/m:countTokens", `{"generateContentRequest":{"model":"models/m" }}`},
		"odd name":    {provider.Call{Operation: provider.Generate, Model: "tuned/my model?x", Body: []byte(`{}`)}, "/v1beta/models/tuned/my%20model%3Fx:generateContent", `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := p.Prepare(t.Context(), cred, tc.call)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(req.Body)
			if got := strings.TrimPrefix(req.URL.String(), DefaultBaseURL); got != tc.url || string(body) != tc.body {
				t.Errorf("got %s %s", got, body)
			}
			if req.Header.Get("x-goog-api-key") != fakeKey || req.Header.Get("User-Agent") != "antigravity-tools/1.2.3" {
				t.Errorf("headers %v", req.Header)
			}
		})
	}
	if _, err := p.Prepare(t.Context(), cred, provider.Call{}); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("no model: %v", err)
	}
}

func TestModels(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-goog-api-key") != fakeKey || r.URL.Query().Get("key") != "" || r.URL.Path != "/v1beta/models" {
			http.Error(w, `{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}`, 400)
			return
		}
		switch r.URL.Query().Get("pageToken") {
		case "":
			io.WriteString(w, `{"models":[{"name":"models/gemini-3-pro","version":"3","displayName":"G","inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens"],"thinking":true,"temperature":1,"maxTemperature":2,"topP":0.95,"topK":64},{"name":"models/embedding-001","supportedGenerationMethods":["embedContent"]},{"name":"models/imagen-4","supportedGenerationMethods":["predict"]},{"name":"models/other-1","supportedGenerationMethods":["predict"]},{"name":"models/veo-3","supportedGenerationMethods":["predictLongRunning"]}],"nextPageToken":"two"}`)
		case "two":
			io.WriteString(w, `{"models":[{"name":"models/gemma-3"}]}`)
		}
	}))
	defer srv.Close()
	p := New("1")
	models, err := p.Models(t.Context(), srv.Client(), provider.Credential{BaseURL: srv.URL, APIKey: fakeKey})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(models)
	want := `[{"id":"gemini-3-pro","display_name":"G","version":"3","input_limit":1048576,"output_limit":65536,"methods":["generateContent","countTokens"],"thinking":true,"temperature":1,"max_temperature":2,"top_p":0.95,"top_k":64,"owned_by":"google","provider":"gemini"},{"id":"embedding-001","methods":["embedContent"],"owned_by":"google","provider":"gemini"},{"id":"imagen-4","methods":["predict"],"owned_by":"google","provider":"gemini"},{"id":"gemma-3","owned_by":"google","provider":"gemini"}]`
	if !rawjson.Equal(got, []byte(want)) {
		t.Errorf("got %s", got)
	}
	if _, err := p.Models(t.Context(), srv.Client(), provider.Credential{BaseURL: srv.URL, APIKey: "other"}); !fault.Is(err, fault.UpstreamAuth) {
		t.Errorf("wrong key: %v", err)
	}
	srv.Close()
	_, err = p.Models(t.Context(), http.DefaultClient, provider.Credential{BaseURL: srv.URL, APIKey: fakeKey})
	if f := fault.From(err); f.Code != "upstream_unreachable" || strings.Contains(f.Error(), srv.URL) {
		t.Errorf("unreachable: %v", err)
	}
}

func TestModelsNotTheAPI(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }))
	defer srv.Close()
	_, err := New("1").Models(t.Context(), srv.Client(), provider.Credential{BaseURL: srv.URL, APIKey: fakeKey})
	if f := fault.From(err); f.Class != fault.UpstreamProtocol || f.Hint == "" {
		t.Errorf("error %v", err)
	}
}

func FuzzParsePage(f *testing.F) {
	f.Add([]byte(`{"models":[{"name":"models/a","temperature":1}],"nextPageToken":"x"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, _, err := parsePage(body); err != nil && fault.From(err).Class != fault.UpstreamProtocol {
			t.Errorf("error %v", err)
		}
	})
}
