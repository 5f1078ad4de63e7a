package fakevertex

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antigravity-tools/test/fakeoauth"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *Server {
	t.Helper()
	s, err := New("p-one", "p-two")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func send(t *testing.T, s *Server, method, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(out)
}

type claimSet struct {
	Iss   string `json:"iss"`
	Scope string `json:"scope"`
	Aud   string `json:"aud"`
	Sub   string `json:"sub,omitempty"`
	Iat   int64  `json:"iat"`
	Exp   int64  `json:"exp"`
}

// claims of a good assertion of the first account.
func claims(s *Server) claimSet {
	now := time.Now()
	return claimSet{Iss: s.accounts[0].Email, Scope: fakeoauth.Scope, Aud: s.TokenURL(), Iat: now.Unix(), Exp: now.Add(time.Hour).Unix()}
}

func assertion(t *testing.T, c claimSet, key *rsa.PrivateKey, alg string) string {
	t.Helper()
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := part(map[string]string{"alg": alg, "typ": "JWT"}) + "." + part(c)
	sum := sha256.Sum256([]byte(text))
	sign, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	text += "." + base64.RawURLEncoding.EncodeToString(sign)
	return url.Values{"grant_type": {bearer}, "assertion": {text}}.Encode()
}

func signIn(t *testing.T, s *Server) []string {
	t.Helper()
	status, body := send(t, s, http.MethodPost, "/token", assertion(t, claims(s), s.accounts[0].key, "RS256"), "Content-Type", "application/x-www-form-urlencoded")
	var grant struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &grant); err != nil || status != 200 || grant.Token == "" {
		t.Fatalf("%d %s", status, body)
	}
	return []string{"Authorization", "Bearer " + grant.Token}
}

// TestAssertions: what the token endpoint refuses.
func TestAssertions(t *testing.T) {
	s := start(t)
	for name, c := range map[string]struct {
		change func(*claimSet)
		key    int
		alg    string
		says   string
	}{
		"foreign key":     {func(*claimSet) {}, 1, "RS256", "Signature"},
		"other algorithm": {func(*claimSet) {}, 0, "none", "header"},
		"unknown account": {func(c *claimSet) { c.Iss = "x@p-one" }, 0, "RS256", "account not found"},
		"other audience":  {func(c *claimSet) { c.Aud = "https://oauth2.googleapis.com/token" }, 0, "RS256", "aud"},
		"other scope":     {func(c *claimSet) { c.Scope = "openid" }, 0, "RS256", "scope"},
		"another's name":  {func(c *claimSet) { c.Sub = "boss@p-one" }, 0, "RS256", "delegation"},
		"ended":           {func(c *claimSet) { c.Iat, c.Exp = c.Iat-9000, c.Exp-9000 }, 0, "RS256", "short-lived"},
		"too long":        {func(c *claimSet) { c.Exp += 7200 }, 0, "RS256", "short-lived"},
	} {
		good := claims(s)
		c.change(&good)
		status, body := send(t, s, http.MethodPost, "/token", assertion(t, good, s.accounts[c.key].key, c.alg), "Content-Type", "application/x-www-form-urlencoded")
		if status != 400 || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for name, body := range map[string]string{"no assertion": "grant_type=" + url.QueryEscape(bearer), "other grant": "grant_type=refresh_token&assertion=x", "no JWT": url.Values{"grant_type": {bearer}, "assertion": {"x"}}.Encode()} {
		if status, text := send(t, s, http.MethodPost, "/token", body, "Content-Type", "application/x-www-form-urlencoded"); status != 400 {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
}

const (
	hello   = `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`
	google  = "/v1beta1/projects/p-one/locations/us-east5/publishers/google/models/"
	claude  = "/v1/projects/p-one/locations/us-east5/publishers/anthropic/models/"
	message = `{"anthropic_version":"vertex-2023-10-16","max_tokens":2000,"messages":[{"role":"user","content":"hi"}]}`
)

func with(member string) string { return strings.TrimSuffix(hello, "}") + "," + member + "}" }

func messageWith(member string) string { return strings.TrimSuffix(message, "}") + "," + member + "}" }

// TestRefuses: each call breaks one rule.
func TestRefuses(t *testing.T) {
	s := start(t)
	one := signIn(t, s)
	counted := strings.Replace(messageWith(`"model":"claude-opus-5"`), `"max_tokens":2000,`, "", 1)
	for _, good := range [][2]string{{google + "gemini-3-pro-preview:generateContent", with(`"tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}]`)}, {google + "gemini-2.5-pro:generateContent", hello}, {google + "gemini-2.5-pro:streamGenerateContent?alt=sse", hello},
		{google + "gemini-2.5-pro:countTokens", with(`"systemInstruction":{"parts":[{"text":"s"}]},"tools":[]`)},
		{claude + "claude-opus-5:rawPredict", message}, {claude + "claude-sonnet-4-5@20250929:streamRawPredict", messageWith(`"stream":true`)}, {claude + "count-tokens:rawPredict", counted}} {
		if status, body := send(t, s, http.MethodPost, good[0], good[1], one...); status != 200 {
			t.Fatalf("%v: %d %s", good, status, body)
		}
	}
	const result = `{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}`
	called := func(members string) string {
		return `{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}` + members + `}]},` + result + `]}`
	}
	for name, c := range map[string]struct{ path, body, rule, says string }{
		"foreign project":       {strings.Replace(google, "p-one", "p-two", 1) + "gemini-2.5-pro:generateContent", hello, "own project", "denied"},
		"foreign Claude":        {strings.Replace(claude, "p-one", "p-two", 1) + "claude-opus-5:rawPredict", message, "own project", "denied"},
		"other place":           {strings.Replace(google, "us-east5", "global", 1) + "gemini-2.5-pro:generateContent", hello, "location", "not found"},
		"unknown model":         {google + "gemini-9:generateContent", hello, "unknown model", "not found"},
		"unknown Claude":        {claude + "claude-9:rawPredict", message, "unknown model", "not found"},
		"dated as at Anthropic": {claude + "claude-sonnet-4-5-20250929:rawPredict", message, "unknown model", "not found"},
		"public path":           {"/v1beta/models/gemini-2.5-pro:generateContent", hello, "path", "404"},
		"other verb":            {google + "gemini-2.5-pro:rawPredict", hello, "path", "404"},
		"store":                 {google + "gemini-2.5-pro:generateContent", with(`"store":true`), "fields", "store"},
		"server tools":          {google + "gemini-3-pro-preview:generateContent", with(`"toolConfig":{"includeServerSideToolInvocations":true}`), "fields", "includeServerSideToolInvocations"},
		"search mix before 3":   {google + "gemini-2.5-pro:generateContent", with(`"tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}]`), "built-in mixing", "unsupported"},
		"file search":           {google + "gemini-3-pro-preview:generateContent", with(`"tools":[{"fileSearch":{"fileSearchStoreNames":["a"]}}]`), "fields", "fileSearch"},
		"id before Gemini 3":    {google + "gemini-2.5-pro:generateContent", called(`,"id":"1"}`), "call ids", "id"},
		"placeholder":           {google + "gemini-3-pro-preview:generateContent", called(`},"thoughtSignature":"skip_thought_signature_validator"`), "signatures genuine", "Corrupted"},
		"public count":          {google + "gemini-2.5-pro:countTokens", `{"generateContentRequest":` + hello + `}`, "fields", "generateContentRequest"},
		"no version":            {claude + "claude-opus-5:rawPredict", strings.Replace(message, `"anthropic_version":"vertex-2023-10-16",`, "", 1), "anthropic_version", "required"},
		"public version":        {claude + "claude-opus-5:rawPredict", strings.Replace(message, "vertex-2023-10-16", "2023-06-01", 1), "anthropic_version", "required"},
		"model in the body":     {claude + "claude-opus-5:rawPredict", messageWith(`"model":"claude-opus-5"`), "model in the path", "Extra"},
		"count without model":   {claude + "count-tokens:rawPredict", message, "model in the path", "Extra"},
		"stream, not streamed":  {claude + "claude-opus-5:rawPredict", messageWith(`"stream":true`), "verb", "rawPredict"},
		"streamed, no stream":   {claude + "claude-opus-5:streamRawPredict", message, "verb", "streamRawPredict"},
		"automatic caching":     {claude + "claude-opus-5:rawPredict", messageWith(`"cache_control":{"type":"ephemeral"}`), "feature of another service", "cache_control"},
		"answer's schema":       {claude + "claude-opus-5:rawPredict", messageWith(`"output_config":{"format":{"type":"json_schema","schema":{}}}`), "feature of another service", "format"},
		"strict tool":           {claude + "claude-opus-5:rawPredict", messageWith(`"tools":[{"name":"f","strict":true,"input_schema":{"type":"object","additionalProperties":false}}]`), "feature of another service", "tools.0.strict"},
		"fetching":              {claude + "claude-opus-5:rawPredict", messageWith(`"tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]`), "feature of another service", "tools.0.type"},
		"system in the middle":  {claude + "claude-opus-5:rawPredict", strings.Replace(message, `"hi"}`, `"hi"},{"role":"system","content":"s"}`, 1), "feature of another service", "role"},
		"picture by address":    {claude + "claude-opus-5:rawPredict", strings.Replace(message, `"hi"`, `[{"type":"image","source":{"type":"url","url":"https://a/b.png"}}]`, 1), "feature of another service", "url"},
		"no object":             {claude + "claude-opus-5:rawPredict", `[]`, "body", "object"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := send(t, s, http.MethodPost, c.path, c.body, one...)
			all := s.Requests()
			if rec := all[len(all)-1]; status < 400 || rec.Rule != c.rule || !strings.Contains(strings.ToLower(body), strings.ToLower(c.says)) {
				t.Errorf("%d, rule %q: %s", status, rec.Rule, body)
			}
		})
	}
	if status, _ := send(t, s, http.MethodPost, claude+"claude-opus-5:rawPredict", messageWith(`"seed":1`), one...); status != 400 || len(s.Claude.Refused()) != 1 {
		t.Errorf("%d; what is within a message is not judged", status)
	}
}

// TestAdmission: who may call, and with which headers.
func TestAdmission(t *testing.T) {
	s := start(t)
	one := signIn(t, s)
	shelf := "/v1beta1/publishers/anthropic/models"
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
	}{
		"no token":       {http.MethodPost, google + "gemini-2.5-pro:generateContent", hello, nil, 401},
		"beta":           {http.MethodPost, claude + "claude-opus-5:rawPredict", message, append([]string{"Anthropic-Beta", "web-search-2025-03-05"}, one...), 200},
		"beta at Google": {http.MethodPost, google + "gemini-2.5-pro:generateContent", hello, append([]string{"Anthropic-Beta", "x"}, one...), 400},
		"version":        {http.MethodPost, claude + "claude-opus-5:rawPredict", message, append([]string{"Anthropic-Version", "2023-06-01"}, one...), 400},
		"api key":        {http.MethodPost, google + "gemini-2.5-pro:generateContent", hello, append([]string{"X-Goog-Api-Key", "AIza-fake"}, one...), 400},
		"shelf":          {http.MethodGet, shelf, "", append([]string{"X-Goog-User-Project", "p-one"}, one...), 200},
		"shelf, whose":   {http.MethodGet, shelf, "", one, 403},
	} {
		if status, body := send(t, s, c.method, c.path, c.body, c.header...); status != c.status {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	s.Tokens.Expire()
	if status, body := send(t, s, http.MethodPost, google+"gemini-2.5-pro:generateContent", hello, one...); status != 401 || !strings.Contains(body, "UNAUTHENTICATED") {
		t.Errorf("an ended token: %d %s", status, body)
	}
}
