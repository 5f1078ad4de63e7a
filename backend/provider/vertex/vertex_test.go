package vertex

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

// tokenService checks assertions as Google's token endpoint does: RS256 by the
// account's public key, the audience its own address, the scope asked for.
type tokenService struct {
	*httptest.Server
	key    *rsa.PrivateKey
	issued atomic.Int64
	broken atomic.Bool
}

func newTokenService(t *testing.T) *tokenService {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &tokenService{key: key}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *tokenService) serve(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.FormValue("assertion"), ".")
	claims := struct{ Iss, Scope, Aud string }{}
	if len(parts) == 3 {
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		sig, _ := base64.RawURLEncoding.DecodeString(parts[2])
		raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
		if rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, sum[:], sig) == nil {
			_ = json.Unmarshal(raw, &claims)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if s.broken.Load() || r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || claims.Iss != "svc@p1.iam.gserviceaccount.com" ||
		claims.Aud != s.URL+"/token" || claims.Scope != "https://www.googleapis.com/auth/cloud-platform" {
		w.WriteHeader(400)
		io.WriteString(w, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`)
		return
	}
	fmt.Fprintf(w, `{"access_token":"ya29.fake-%d","expires_in":3600,"token_type":"Bearer"}`, s.issued.Add(1))
}

func (s *tokenService) secret(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(map[string]string{"type": "service_account", "project_id": "p1", "private_key_id": "k1", "client_email": "svc@p1.iam.gserviceaccount.com",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": s.URL + "/token"})
	return string(out)
}

func noEnv(string) string { return "" }

func TestPrepare(t *testing.T) {
	tokens := newTokenService(t)
	p := New("1.2.3", http.DefaultClient, noEnv)
	cred := provider.Credential{APIKey: tokens.secret(t), Location: "us-east5"}
	head := http.Header{"Anthropic-Beta": {"claude-code-20250219,interleaved-thinking-2025-05-14"}, "Anthropic-Version": {"2023-06-01"}}
	const root = "https://us-east5-aiplatform.googleapis.com/"
	for name, tc := range map[string]struct {
		call provider.Call
		url  string
		body string
		beta string
	}{
		"gemini":       {provider.Call{Operation: provider.Generate, Model: "gemini-2.5-pro", Body: []byte(`{"a":1}`)}, "v1beta1/projects/p1/locations/us-east5/publishers/google/models/gemini-2.5-pro:generateContent", `{"a":1}`, ""},
		"stream":       {provider.Call{Operation: provider.Generate, Stream: true, Model: "google/gemini-2.5-pro", Body: []byte(`{}`)}, "v1beta1/projects/p1/locations/us-east5/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse", `{}`, ""},
		"count":        {provider.Call{Operation: provider.CountTokens, Model: "gemini-2.5-pro", Body: []byte(`{"generateContentRequest":{"model":"models/x","contents":[1],"tools":[2],"toolConfig":{}}}`)}, "v1beta1/projects/p1/locations/us-east5/publishers/google/models/gemini-2.5-pro:countTokens", `{"contents":[1],"tools":[2]}`, ""},
		"claude":       {provider.Call{Operation: provider.Generate, Model: "claude-opus-4-5-20251101", Header: head, Body: []byte(`{"model":"x","max_tokens":1e2,"messages":[]}`)}, "v1/projects/p1/locations/us-east5/publishers/anthropic/models/claude-opus-4-5@20251101:rawPredict", `{"anthropic_version":"vertex-2023-10-16","max_tokens":1e2,"messages":[]}`, "interleaved-thinking-2025-05-14"},
		"claude flow":  {provider.Call{Operation: provider.Generate, Stream: true, Model: "claude-opus-5", Body: []byte(`{"model":"x","stream":true}`)}, "v1/projects/p1/locations/us-east5/publishers/anthropic/models/claude-opus-5:streamRawPredict", `{"anthropic_version":"vertex-2023-10-16","stream":true}`, ""},
		"claude count": {provider.Call{Operation: provider.CountTokens, Model: "claude-opus-5", Body: []byte(`{"model":"x","messages":[]}`)}, "v1/projects/p1/locations/us-east5/publishers/anthropic/models/count-tokens:rawPredict", `{"anthropic_version":"vertex-2023-10-16","model":"claude-opus-5","messages":[]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := p.Prepare(t.Context(), cred, tc.call)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(req.Body)
			if req.URL.String() != root+tc.url || string(body) != tc.body {
				t.Errorf("%s %s", req.URL, body)
			}
			if !strings.HasPrefix(req.Header.Get("Authorization"), "Bearer ya29.fake-") || req.Header.Get("User-Agent") != "antigravity-tools/1.2.3" ||
				req.Header.Get("Anthropic-Beta") != tc.beta || req.Header.Get("Anthropic-Version") != "" {
				t.Errorf("headers %v", req.Header)
			}
		})
	}
	if n := tokens.issued.Load(); n != 1 {
		t.Errorf("%d tokens for six calls", n)
	}
	if _, err := p.Prepare(t.Context(), cred, provider.Call{Operation: "embed", Model: "gemini-2.5-pro"}); !fault.Is(err, fault.UpstreamInvalid) {
		t.Errorf("another operation: %v", err)
	}
}

func TestRenew(t *testing.T) {
	tokens := newTokenService(t)
	p := New("1", http.DefaultClient, noEnv)
	cred := provider.Credential{APIKey: tokens.secret(t)}
	call := provider.Call{Operation: provider.Generate, Model: "gemini-2.5-pro", Body: []byte(`{}`)}
	first, err := p.Prepare(t.Context(), cred, call)
	if err != nil || !p.Renew(cred, first) {
		t.Fatal("not renewed", err)
	}
	tokens.broken.Store(true)
	_, err = p.Prepare(t.Context(), cred, call)
	if f := fault.From(err); f.Class != fault.UpstreamAuth || f.Scope != fault.ScopeAccount || f.Reason != "invalid_grant" {
		t.Errorf("refused key: %+v", f)
	}
	tokens.broken.Store(false)
	second, err := p.Prepare(t.Context(), cred, call)
	if err != nil || second.Header.Get("Authorization") == first.Header.Get("Authorization") {
		t.Errorf("the token is the old one: %v", err)
	}
}

func TestFinalURL(t *testing.T) {
	p := New("1", http.DefaultClient, noEnv)
	const tail = "projects/p/locations/%s/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
	for _, tc := range []struct{ base, location, want string }{
		{"", "", "https://aiplatform.googleapis.com/v1beta1/" + fmt.Sprintf(tail, "global")},
		{"", "eu", "https://aiplatform.eu.rep.googleapis.com/v1beta1/" + fmt.Sprintf(tail, "eu")},
		{"", "europe-west4", "https://europe-west4-aiplatform.googleapis.com/v1beta1/" + fmt.Sprintf(tail, "europe-west4")},
		{"https://x.example/v1/", "us", "https://x.example/v1/" + fmt.Sprintf(tail, "us")},
		{"", "../x", ""},
	} {
		got, err := p.FinalURLAt(provider.Credential{BaseURL: tc.base, Project: "p", Location: tc.location}, "gemini-2.5-flash")
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%+v: %s %v", tc, got, err)
		}
	}
}

func TestCheck(t *testing.T) {
	tokens := newTokenService(t)
	p := New("1", http.DefaultClient, noEnv)
	good := tokens.secret(t)
	for name, tc := range map[string]struct {
		cred provider.Credential
		ok   bool
	}{
		"key":               {provider.Credential{APIKey: good}, true},
		"no key":            {provider.Credential{}, false},
		"adc":               {provider.Credential{Auth: provider.AuthADC, Project: "p"}, true},
		"adc, no project":   {provider.Credential{Auth: provider.AuthADC}, false},
		"gcloud's own":      {provider.Credential{APIKey: `{"type":"authorized_user","client_id":"x","client_secret":"y","refresh_token":"z"}`, Project: "p"}, false},
		"plain token_uri":   {provider.Credential{APIKey: strings.Replace(good, tokens.URL, "http://tokens.example", 1)}, false},
		"project is a path": {provider.Credential{APIKey: good, Project: "a/b"}, false},
	} {
		if err := p.Check(tc.cred); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestModels(t *testing.T) {
	tokens := newTokenService(t)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ya29.fake-") || r.Header.Get("X-Goog-User-Project") != "p1":
			http.Error(w, `{"error":{"code":401,"status":"UNAUTHENTICATED","message":"no"}}`, http.StatusUnauthorized)
		case r.URL.Path == "/v1beta1/publishers/google/models" && r.URL.Query().Get("pageToken") == "":
			io.WriteString(w, `{"publisherModels":[{"name":"publishers/google/models/gemini-2.5-pro","versionId":"default"},{"name":"publishers/google/models/imagen-4"},{"name":"publishers/google/models/veo-3"},{"name":"publishers/google/models/text-embedding-005"}],"nextPageToken":"2"}`)
		case r.URL.Path == "/v1beta1/publishers/google/models":
			io.WriteString(w, `{"publisherModels":[{"name":"publishers/google/models/gemini-3-pro-preview"}]}`)
		default:
			http.Error(w, `{"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}}`, http.StatusForbidden)
		}
	}))
	defer srv.Close()
	models, err := New("1", http.DefaultClient, noEnv).Models(t.Context(), srv.Client(), provider.Credential{APIKey: tokens.secret(t), BaseURL: srv.URL})
	if err != nil || len(models) != 4 || models[0].ID != "gemini-2.5-pro" || models[1].ID != "imagen-4" || models[2].ID != "text-embedding-005" || models[3].ID != "gemini-3-pro-preview" {
		t.Errorf("%+v %v", models, err)
	}
}
