package fakecontrol_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

type fake struct {
	url     string
	control http.Handler
	header  [2]string
	path    string
	body    string // of a request that it takes; BAD stands for a member that it does not know
	script  string // a text and an error 429
}

func post(t *testing.T, url, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// TestControl: every fake is scripted and read in the same way.
func TestControl(t *testing.T) {
	openai, anthropic, gemini := fakeopenai.New("key"), fakeanthropic.New("key"), fakegemini.MustNew(fakegemini.Options{})
	for _, f := range []interface{ Close() }{openai, anthropic, gemini} {
		t.Cleanup(f.Close)
	}
	for name, f := range map[string]fake{
		"openai": {openai.URL(), fakecontrol.Handler(openai), [2]string{"Authorization", "Bearer key"}, "/v1/chat/completions",
			`{"model":"gpt-4.1","messages":[{"role":"user","content":"hi"}]BAD}`, `[{"Text":"scripted"},{"Status":429,"Body":"{}"}]`},
		"anthropic": {anthropic.URL(), fakecontrol.Handler(anthropic), [2]string{"X-Api-Key", "key"}, "/v1/messages",
			`{"model":"claude-opus-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]BAD}`, `[{"Text":"scripted"},{"Status":429,"Body":"{}"}]`},
		"gemini": {gemini.URL(), fakecontrol.Handler(gemini.Controlled()), [2]string{"X-Goog-Api-Key", "AIza-fake"}, "/v1beta/models/gemini-2.5-flash:generateContent",
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}]BAD}`, `[{"reply":{"parts":[{"text":"scripted"}]}},{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"slow"}}]`},
	} {
		t.Run(name, func(t *testing.T) { controlled(t, f) })
	}
}

func controlled(t *testing.T, f fake) {
	ctl := httptest.NewServer(f.control)
	defer ctl.Close()
	head := []string{f.header[0], f.header[1], "Anthropic-Version", "2023-06-01"}
	if f.header[0] == "X-Goog-Api-Key" {
		head = head[:2]
	}
	ask := func(bad string) (int, string) {
		return post(t, f.url+f.path, strings.Replace(f.body, "BAD", bad, 1), head...)
	}
	seen := func() string {
		res, err := http.Get(ctl.URL + "/__requests")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		return string(b)
	}
	for range 2 { // the second replaces the first
		if status, body := post(t, ctl.URL+"/__script", f.script); status != 204 {
			t.Fatalf("%d %s", status, body)
		}
	}
	if _, body := ask(""); !strings.Contains(body, "scripted") {
		t.Error(body)
	}
	if status, _ := ask(""); status != 429 {
		t.Error(status)
	}
	if status, body := ask(""); status != 200 || strings.Contains(body, "scripted") {
		t.Errorf("behind the script: %d %s", status, body)
	}
	if status, _ := ask(`,"nonsense":1`); status != 400 {
		t.Error("an unknown member is taken")
	}
	got := seen()
	if strings.Count(got, `"path":"`+f.path) != 4 || !strings.Contains(got, `\"hi\"`) || !strings.Contains(got, `"refused":["`) || !strings.Contains(got, "nonsense") {
		t.Error(got)
	}
	for _, bad := range []string{`{"steps":5}`, `[{"nonsense":1}]`} {
		if status, _ := post(t, ctl.URL+"/__script", bad); status != 400 {
			t.Errorf("%s is taken", bad)
		}
	}
	if status, _ := post(t, ctl.URL+"/__reset", ""); status != 204 || strings.Contains(seen(), f.path) {
		t.Error("not forgotten")
	}
}
