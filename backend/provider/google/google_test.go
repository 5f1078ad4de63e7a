package google

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/googleauth"
)

// codeAssist answers as the service does, by what Google's own open-source CLI
// (google-gemini/gemini-cli, packages/core/src/code_assist) sends and reads.
type codeAssist struct {
	*httptest.Server
	revoked  atomic.Bool
	onboards atomic.Int64
	loads    atomic.Int64
	load     string // the answer of loadCodeAssist
	noList   bool
}

func newCodeAssist(t *testing.T, load string) *codeAssist {
	t.Helper()
	s := &codeAssist{load: load}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *codeAssist) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/token" {
		if s.revoked.Load() || r.FormValue("grant_type") != "refresh_token" || r.FormValue("refresh_token") != "1//fake" ||
			r.FormValue("client_id") != "own-client" || r.FormValue("client_secret") != "own-secret" {
			w.WriteHeader(400)
			io.WriteString(w, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`)
			return
		}
		io.WriteString(w, `{"access_token":"ya29.fake","expires_in":3599,"token_type":"Bearer"}`)
		return
	}
	if r.Header.Get("Authorization") != "Bearer ya29.fake" {
		http.Error(w, `{"error":{"code":401,"status":"UNAUTHENTICATED","message":"no"}}`, http.StatusUnauthorized)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var req struct {
		Metadata struct{ IdeType, Platform, PluginType string }
		Project  string
		TierID   string  `json:"tierId"`
		Own      *string `json:"cloudaicompanionProject"`
	}
	_ = json.Unmarshal(body, &req)
	switch r.URL.Path {
	case "/v1internal:loadCodeAssist":
		s.loads.Add(1)
		if req.Metadata.IdeType != "IDE_UNSPECIFIED" || req.Metadata.Platform != "PLATFORM_UNSPECIFIED" || req.Metadata.PluginType != "PLUGIN_UNSPECIFIED" {
			http.Error(w, `{"error":{"code":400,"message":"metadata"}}`, 400)
			return
		}
		io.WriteString(w, s.load)
	case "/v1internal:onboardUser":
		s.onboards.Add(1)
		if req.TierID == "free-tier" && req.Own != nil { // a precondition of that tier
			http.Error(w, `{"error":{"code":400,"status":"FAILED_PRECONDITION","message":"project"}}`, 400)
			return
		}
		io.WriteString(w, `{"name":"operations/op1"}`)
	case "/v1internal/operations/op1":
		io.WriteString(w, `{"name":"operations/op1","done":true,"response":{"cloudaicompanionProject":{"id":"managed-1"}}}`)
	case "/v1internal:fetchAvailableModels":
		if s.noList {
			http.Error(w, `{"error":{"code":404,"status":"NOT_FOUND","message":"Method not found."}}`, 404)
			return
		}
		fmt.Fprintf(w, `{"models":{"gemini-3-pro":{"displayName":"G","maxTokens":1048576,"maxOutputTokens":65535,"supportsThinking":true,"quotaInfo":{"remainingFraction":0.5,"resetTime":"2026-11-24T00:00:00Z"}},"tab_flash_lite":{},"gemini-old":{},"claude-sonnet-4-6":{"quotaInfo":{}}},"deprecatedModelIds":{"gemini-old":{"newModelId":"gemini-3-pro"}},"project":%q}`, req.Project)
	case "/v1internal:retrieveUserQuota":
		io.WriteString(w, `{"buckets":[{"modelId":"gemini-2.5-pro","remainingFraction":0.25},{"modelId":"gemini-2.5-pro","remainingFraction":0.75}]}`)
	default:
		http.NotFound(w, r)
	}
}

const ready = `{"currentTier":{"id":"free-tier"},"cloudaicompanionProject":"managed-1"}`

func (s *codeAssist) provider() *Provider {
	return New(Options{Version: "1.2.3", Client: http.DefaultClient, Poll: time.Millisecond, OAuth: func() googleauth.OAuthClient {
		return googleauth.OAuthClient{ID: "own-client", Secret: "own-secret", TokenURL: s.URL + "/token"}
	}})
}

func (s *codeAssist) cred() provider.Credential {
	return provider.Credential{BaseURL: s.URL, APIKey: "1//fake"}
}

func TestPrepare(t *testing.T) {
	s := newCodeAssist(t, ready)
	p := s.provider()
	for name, tc := range map[string]struct {
		call      provider.Call
		url, body string
	}{
		"whole":  {provider.Call{Operation: provider.Generate, Model: "models/gemini-3-pro", Body: []byte(`{"contents":[{"x":1.50}]}`)}, "/v1internal:generateContent", `{"model":"gemini-3-pro","project":"managed-1","request":{"contents":[{"x":1.50}]}}`},
		"stream": {provider.Call{Operation: provider.Generate, Stream: true, Model: "gemini-3-pro", Body: []byte(`{}`)}, "/v1internal:streamGenerateContent?alt=sse", `{"model":"gemini-3-pro","project":"managed-1","request":{}}`},
		"count":  {provider.Call{Operation: provider.CountTokens, Model: "gemini-3-pro", Body: []byte(`{"contents":[1],"safetySettings":[]}`)}, "/v1internal:countTokens", `{"request":{"model":"models/gemini-3-pro","contents":[1]}}`},
		"count all": {provider.Call{Operation: provider.CountTokens, Model: "gemini-3-pro", Body: []byte(`{"generateContentRequest":{"model":"m","systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"a":1}],"contents":[1]}}`)},
			"/v1internal:countTokens", `{"request":{"model":"models/gemini-3-pro","contents":[{"role":"user","parts":[{"text":"s"},{"text":"[{\"a\":1}]"}]},1]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := p.Prepare(t.Context(), s.cred(), tc.call)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(req.Body)
			if strings.TrimPrefix(req.URL.String(), s.URL) != tc.url || string(body) != tc.body || req.Header.Get("User-Agent") != "antigravity-tools/1.2.3" {
				t.Errorf("%s %s %v", req.URL, body, req.Header)
			}
		})
	}
	if n := s.loads.Load(); n != 1 {
		t.Errorf("the project was asked for %d times", n)
	}
}

func TestProject(t *testing.T) {
	call := provider.Call{Operation: provider.Generate, Model: "gemini-3-pro", Body: []byte(`{}`)}
	for name, tc := range map[string]struct {
		load, own  string
		want, code string
	}{
		"onboarded":    {`{"allowedTiers":[{"id":"free-tier","isDefault":true}]}`, "mine", "managed-1", ""},
		"own":          {`{"currentTier":{"id":"standard-tier"}}`, "mine", "mine", ""},
		"none":         {`{"currentTier":{"id":"standard-tier"}}`, "", "", "project_required"},
		"ineligible":   {`{"currentTier":{"id":"standard-tier"},"ineligibleTiers":[{"reasonCode":"RESTRICTED_AGE","reasonMessage":"someone@example.org"}]}`, "", "", "account_ineligible"},
		"verification": {`{"ineligibleTiers":[{"reasonCode":"VALIDATION_REQUIRED","validationUrl":"https://accounts.google.com/verify"}]}`, "", "", "validation_required"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newCodeAssist(t, tc.load)
			cred := s.cred()
			cred.Project = tc.own
			req, err := s.provider().Prepare(t.Context(), cred, call)
			if err != nil {
				if f := fault.From(err); f.Code != tc.code || f.Class != fault.UpstreamAuth || strings.Contains(f.Private(), "@") {
					t.Errorf("%v", f)
				}
				return
			}
			body, _ := io.ReadAll(req.Body)
			if tc.want == "" || !strings.Contains(string(body), `"project":"`+tc.want+`"`) {
				t.Errorf("%s", body)
			}
		})
	}
}

func TestConsent(t *testing.T) {
	s := newCodeAssist(t, ready)
	s.revoked.Store(true)
	call := provider.Call{Operation: provider.Generate, Model: "gemini-3-pro", Body: []byte(`{}`)}
	_, err := s.provider().Prepare(t.Context(), s.cred(), call)
	if f := fault.From(err); f.Code != googleauth.CodeNeedsSignIn || f.Class != fault.UpstreamAuth || f.Scope != fault.ScopeAccount {
		t.Errorf("revoked: %+v", f)
	}
	none := New(Options{Client: http.DefaultClient, OAuth: func() googleauth.OAuthClient { return googleauth.OAuthClient{} }})
	_, err = none.Prepare(t.Context(), s.cred(), call)
	if f := fault.From(err); f.Code != "oauth_client_missing" || !strings.Contains(f.Hint, "google.oauth_client_id") || f.Scope != fault.ScopeRequest {
		t.Errorf("no client: %+v", f)
	}
	if err := none.Check(s.cred()); err == nil {
		t.Error("an account without an OAuth client is let pass")
	}
}

func TestModels(t *testing.T) {
	s := newCodeAssist(t, ready)
	p := s.provider()
	models, err := p.Models(t.Context(), s.Client(), s.cred())
	if err != nil || len(models) != 2 || models[0].ID != "claude-sonnet-4-6" || models[0].Quota.Remaining != 0 {
		t.Fatalf("%+v %v", models, err)
	}
	if m := models[1]; m.ID != "gemini-3-pro" || m.OutputLimit != 65535 || m.Quota.Remaining != 0.5 || m.Quota.ResetAt.IsZero() || !*m.Abilities.Thinking {
		t.Errorf("%+v", m)
	}
	s.noList = true
	models, err = p.Models(t.Context(), s.Client(), s.cred())
	if err != nil || len(models) != 1 || models[0].ID != "gemini-2.5-pro" || models[0].Quota.Remaining != 0.25 {
		t.Errorf("%+v %v", models, err)
	}
}

func TestUnwrap(t *testing.T) {
	p := &Provider{}
	stream := provider.Call{Operation: provider.Generate, Stream: true}
	in := "data: {\"response\":{\"a\":1.0},\"traceId\":\"t\"}\r\n\r\ndata: {\"error\":{\"code\":429}}\n\ndata: {\ndata: \"response\":{\ndata: \"b\":2}}\n\ndata: {\"response\":{\"c\":3}}"
	want := "data: {\"a\":1.0}\r\n\r\ndata: {\"error\":{\"code\":429}}\n\ndata: {\r\ndata: \"b\":2}\r\n\r\ndata: {\"c\":3}\r\n\r\n"
	for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
		body := p.Unwrap(stream, io.NopCloser(r))
		got, err := io.ReadAll(body)
		if err != nil || string(got) != want {
			t.Errorf("%q %v", got, err)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
	for in, want := range map[string]string{
		`{"response":{"a":1},"traceId":"t"}`: `{"a":1}`, `{"totalTokens":3}`: `{"totalTokens":3}`, `<html>`: `<html>`,
	} {
		got, err := io.ReadAll(p.Unwrap(provider.Call{Operation: provider.Generate}, io.NopCloser(strings.NewReader(in))))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q %v", in, got, err)
		}
	}
}

func TestValidationLink(t *testing.T) {
	body := `{"error":{"code":403,"status":"PERMISSION_DENIED","message":"Verify","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"VALIDATION_REQUIRED","domain":"cloudcode-pa.googleapis.com","metadata":{"validation_url":"%s"}}]}}`
	f := (&Provider{}).Classify(403, nil, []byte(fmt.Sprintf(body, "https://accounts.google.com/v")))
	if f.Code != codeValidation || !strings.Contains(f.Hint, "https://accounts.google.com/v") || f.Link != "https://accounts.google.com/v" || f.Class != fault.UpstreamAuth {
		t.Errorf("%+v", f)
	}
	if f := (&Provider{}).Classify(403, nil, []byte(fmt.Sprintf(body, "https://google.com.evil.example/"))); strings.Contains(f.Hint+f.Link, "evil") {
		t.Errorf("%+v", f)
	}
}
