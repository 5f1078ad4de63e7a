package fakecodeassist

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *Server {
	t.Helper()
	s, err := New(Account{Name: "ada", Refresh: "1//ada", Project: "managed-ada", Tier: "free-tier", Quotas: map[string]Quota{"gemini-2.5-pro": {}}},
		Account{Name: "new", Refresh: "1//new", Project: "managed-new"})
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
	req.Header.Set("User-Agent", "antigravity-tools/1")
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

func form(kv ...string) string {
	values := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"1//ada"}, "client_id": {ClientID}, "client_secret": {ClientSecret}}
	for i := 0; i+1 < len(kv); i += 2 {
		values.Set(kv[i], kv[i+1])
	}
	return values.Encode()
}

// signIn gives an access token as a header.
func signIn(t *testing.T, s *Server, refresh string) []string {
	t.Helper()
	status, body := send(t, s, http.MethodPost, "/token", form("refresh_token", refresh), "Content-Type", "application/x-www-form-urlencoded")
	var grant struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &grant); err != nil || status != 200 || grant.Token == "" {
		t.Fatalf("%d %s", status, body)
	}
	return []string{"Authorization", "Bearer " + grant.Token}
}

const hello = `"contents":[{"role":"user","parts":[{"text":"hi"}]}]`

func envelope(inner string) string {
	return `{"model":"gemini-2.5-flash","project":"managed-ada","request":{` + hello + inner + `}}`
}

func declared(declaration string) string {
	return envelope(`,"tools":[{"functionDeclarations":[` + declaration + `]}]`)
}

const plain = `"metadata":{"ideType":"IDE_UNSPECIFIED","platform":"PLATFORM_UNSPECIFIED","pluginType":"PLUGIN_UNSPECIFIED"}`

// TestRefuses: each body breaks one rule; the fake would prove nothing if it
// took them.
func TestRefuses(t *testing.T) {
	s := start(t)
	ada := signIn(t, s, "1//ada")
	call := func(id string) string {
		return `{"model":"gemini-2.5-flash","project":"managed-ada","request":{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"name":"f",` + id + `"args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]}}`
	}
	const generate, count = "generateContent", "countTokens"
	for _, good := range [][2]string{{generate, envelope("")}, {generate, envelope(`,"session_id":"x","generationConfig":{"thinkingConfig":{"thinkingBudget":1024}}`)},
		{generate, declared(`{"name":"f","parameters":{"type":"object","title":"T","properties":{"a":{"type":"string","enum":["x"]}},"required":["a"]}}`)}, {generate, call("")},
		{count, `{"request":{"model":"models/gemini-2.5-flash",` + hello + `}}`}, {"fetchAvailableModels", `{"project":"managed-ada"}`}, {"fetchAvailableModels", `{}`},
		{"retrieveUserQuota", `{"project":"managed-ada"}`}, {"loadCodeAssist", `{` + plain + `}`}, {"onboardUser", `{"tierId":"free-tier",` + plain + `}`}} {
		if status, body := send(t, s, http.MethodPost, "/v1internal:"+good[0], good[1], ada...); status != 200 {
			t.Fatalf("%v: %d %s", good, status, body)
		}
	}
	for name, c := range map[string]struct{ method, body, rule, says string }{
		"bare request":      {generate, `{` + hello + `}`, "fields", "contents"},
		"another's word":    {generate, strings.Replace(envelope(""), `{"model"`, `{"requestType":"agent","model"`, 1), "fields", "requestType"},
		"another's agent":   {generate, strings.Replace(envelope(""), `{"model"`, `{"userAgent":"antigravity","model"`, 1), "fields", "userAgent"},
		"empty project":     {generate, strings.Replace(envelope(""), "managed-ada", "", 1), "project not empty", "projects/"},
		"no project":        {generate, strings.Replace(envelope(""), `"project":"managed-ada",`, "", 1), "project named", "required"},
		"foreign project":   {generate, strings.Replace(envelope(""), "managed-ada", "managed-new", 1), "own project", "managed-new"},
		"model prefix":      {generate, strings.Replace(envelope(""), "gemini-2", "models/gemini-2", 1), "bare model", "models/"},
		"no request":        {generate, `{"model":"gemini-2.5-flash","project":"managed-ada"}`, "request present", "required"},
		"unknown model":     {generate, strings.Replace(envelope(""), "2.5-flash", "9", 1), "unknown model", "not found"},
		"json schema":       {generate, declared(`{"name":"f","parametersJsonSchema":{"type":"object"}}`), "fields", "parametersJsonSchema"},
		"schema word":       {generate, declared(`{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","format":"date-time"}}}}`), "fields", "format"},
		"schema union":      {generate, declared(`{"name":"f","parameters":{"type":"object","properties":{"a":{"anyOf":[{"type":"string"}]}}}}`), "fields", "anyOf"},
		"declared response": {generate, declared(`{"name":"f","response":{"type":"object"}}`), "fields", "response"},
		"long name":         {generate, declared(`{"name":"` + strings.Repeat("a", 65) + `"}`), "function name length", "64"},
		"call id":           {generate, call(`"id":"1",`), "call ids", "id"},
		"Claude's call id":  {generate, strings.Replace(call(""), "gemini-2.5-flash", Claude, 1), "call ids", "required"},
		"Claude's budget":   {generate, strings.Replace(envelope(`,"generationConfig":{"thinkingConfig":{"thinkingBudget":1024}}`), "gemini-2.5-flash", Claude, 1), "thinking budget", "invalid"},
		"level":             {generate, envelope(`,"generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}`), "thinking level", "not supported"},
		"store":             {generate, envelope(`,"store":true`), "fields", "store"},
		"tier":              {generate, envelope(`,"serviceTier":"flex"`), "fields", "serviceTier"},
		"server tools":      {generate, envelope(`,"toolConfig":{"includeServerSideToolInvocations":true}`), "fields", "includeServerSideToolInvocations"},
		"part detail":       {generate, strings.Replace(envelope(""), `"text":"hi"`, `"text":"hi","mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"}`, 1), "fields", "mediaResolution"},
		"count's project":   {count, `{"project":"managed-ada","request":{"model":"models/gemini-2.5-flash",` + hello + `}}`, "fields", "project"},
		"count's model":     {count, `{"request":{"model":"gemini-2.5-flash",` + hello + `}}`, "counted model", "model"},
		"count's tools":     {count, `{"request":{"model":"models/gemini-2.5-flash",` + hello + `,"tools":[]}}`, "fields", "tools"},
		"count's system":    {count, `{"request":{"model":"models/gemini-2.5-flash",` + hello + `,"systemInstruction":{"parts":[]}}}`, "fields", "systemInstruction"},
		"quota's project":   {"retrieveUserQuota", `{}`, "project named", "required"},
		"disguised":         {"loadCodeAssist", strings.Replace(`{`+plain+`}`, "PLUGIN_UNSPECIFIED", "GEMINI", 1), "no disguise", "GEMINI"},
		"product version":   {"loadCodeAssist", `{"metadata":{"ideVersion":"1"}}`, "fields", "ideVersion"},
		"project number":    {"loadCodeAssist", `{"cloudaicompanionProject":"12345",` + plain + `}`, "project by id", "12345"},
		"free with project": {"onboardUser", `{"tierId":"free-tier","cloudaicompanionProject":"mine",` + plain + `}`, "free tier without project", "Precondition"},
		"unknown plan":      {"onboardUser", `{"tierId":"gold",` + plain + `}`, "known tier", "gold"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := send(t, s, http.MethodPost, "/v1internal:"+c.method, c.body, ada...)
			all := s.Requests()
			if rec := all[len(all)-1]; status < 400 || rec.Rule != c.rule || rec.Key != "ada" || !strings.Contains(body, c.says) {
				t.Errorf("%d, rule %q: %s", status, rec.Rule, body)
			}
		})
	}
}

// TestAdmission: who may call, and as whom.
func TestAdmission(t *testing.T) {
	s := start(t)
	ada := signIn(t, s, "1//ada")
	generate := func(header ...string) (int, string) {
		return send(t, s, http.MethodPost, "/v1internal:generateContent", envelope(""), header...)
	}
	for name, c := range map[string]struct {
		header []string
		status int
	}{
		"good": {ada, 200}, "no token": {nil, 401}, "made-up token": {[]string{"Authorization", "Bearer x"}, 401},
		"key": {append([]string{"X-Goog-Api-Key", "AIza-fake"}, ada...), 400}, "cookie": {append([]string{"Cookie", "a=b"}, ada...), 400},
		"foreign agent": {append([]string{"User-Agent", "GeminiCLI/1"}, ada...), 400}, "machine": {append([]string{"X-Machine-Id", "1"}, ada...), 400},
	} {
		if status, body := generate(c.header...); status != c.status {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	s.Tokens.Expire()
	if status, body := generate(ada...); status != 401 || !strings.Contains(body, "UNAUTHENTICATED") {
		t.Errorf("an ended token: %d %s", status, body)
	}
	if status, _ := send(t, s, http.MethodPost, "/v1internal:noSuchMethod", "{}", signIn(t, s, "1//ada")...); status != 404 {
		t.Errorf("a method made up: %d", status)
	}
}

// TestTokens: what the token endpoint refuses.
func TestTokens(t *testing.T) {
	s := start(t)
	s.Change("new", func(a *Account) { a.Revoked = true })
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"good":           {form(), 200, "access_token"},
		"revoked":        {form("refresh_token", "1//new"), 400, "invalid_grant"},
		"unknown":        {form("refresh_token", "1//x"), 400, "invalid_grant"},
		"foreign client": {form("client_id", "x"), 401, "invalid_client"},
		"wrong secret":   {form("client_secret", "x"), 401, "invalid_client"},
		"other grant":    {form("grant_type", "password"), 400, "unsupported_grant_type"},
		"stray member":   {form("scope", "x"), 400, "invalid_request"},
		"twice":          {form() + "&grant_type=refresh_token", 400, "invalid_request"},
		"no client":      {"grant_type=refresh_token&refresh_token=1//ada", 400, "invalid_request"},
	} {
		if status, body := send(t, s, http.MethodPost, "/token", c.body, "Content-Type", "application/x-www-form-urlencoded"); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _ := send(t, s, http.MethodPost, "/token", `{"grant_type":"refresh_token"}`, "Content-Type", "application/json"); status != 400 {
		t.Errorf("JSON: %d", status)
	}
}

// TestOnboarding: a new account gets its project by a long-running operation.
func TestOnboarding(t *testing.T) {
	s := start(t)
	fresh := signIn(t, s, "1//new")
	status, body := send(t, s, http.MethodPost, "/v1internal:onboardUser", `{"tierId":"free-tier",`+plain+`}`, fresh...)
	if status != 200 || !strings.Contains(body, "operations/op-1") || strings.Contains(body, "done") {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := send(t, s, http.MethodGet, "/v1internal/operations/op-1", "", signIn(t, s, "1//ada")...); status != 404 {
		t.Errorf("somebody else's operation: %d", status)
	}
	if status, body := send(t, s, http.MethodGet, "/v1internal/operations/op-1", "", fresh...); status != 200 || !strings.Contains(body, "managed-new") {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := send(t, s, http.MethodPost, "/v1internal:loadCodeAssist", `{`+plain+`}`, fresh...); status != 200 || !strings.Contains(body, `"cloudaicompanionProject":"managed-new"`) {
		t.Errorf("%d %s", status, body)
	}
}

// TestAnswers: what comes back, in a stream too, stands in an envelope.
func TestAnswers(t *testing.T) {
	s := start(t)
	ada := signIn(t, s, "1//ada")
	_, body := send(t, s, http.MethodPost, "/v1internal:generateContent", envelope(""), ada...)
	if !strings.HasPrefix(body, `{"response":{`) || !strings.Contains(body, "traceId") {
		t.Errorf("%s", body)
	}
	_, body = send(t, s, http.MethodPost, "/v1internal:streamGenerateContent?alt=sse", envelope(""), ada...)
	if n := strings.Count(body, `data: {"response":{`); n < 2 || n != strings.Count(body, "data: ") {
		t.Errorf("%s", body)
	}
	_, body = send(t, s, http.MethodPost, "/v1internal:fetchAvailableModels", `{"project":"managed-ada"}`, ada...)
	if !strings.Contains(body, `"quotaInfo":{}`) {
		t.Errorf("a used-up quota: %s", body)
	}
}
