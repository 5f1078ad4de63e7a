package server_test

import (
	"bufio"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"antigravity-tools/backend/doctor"
)

// How Zed's OpenAI-compatible provider, the one that is set up here, reads an answer. Read in the sources of
// github.com/zed-industries/zed, v1.4 and thereabouts, not run:
//   - the URL is the setting's text with "/chat/completions" behind it, nothing trimmed; a text that is no URI is refused
//     before anything is sent (crates/open_ai/src/open_ai.rs);
//   - any status but 2xx becomes an error of its kind, and the agent's panel replaces its words: 404, 400 and the like by
//     "…'s API returned an unexpected error", 403 by one about permissions
//     (crates/language_model_core/src/language_model_core.rs, crates/agent_ui/src/conversation_view.rs). Releases before
//     that showed what a 400 says and hid a 404 ("language model provider API endpoint not found"); sources after it show
//     the body of any again (ThreadError::ProviderRejection);
//   - in a stream each line that begins with "data: " is an event, or {"error":{"message"}}, whose message is shown as it
//     is in all of these releases.
const zedAgent = "Zed/1.4.2 (linux; x86_64)"

// zedRequest is the host and path that Zed asks for; ok is false where it sends nothing.
func zedRequest(apiURL string) (host, path string, ok bool) {
	uri := apiURL + "/chat/completions"
	scheme, rest, found := strings.Cut(uri, "://")
	if !found || strings.ContainsAny(uri, " \t") || !strings.EqualFold(scheme, "http") {
		return "", "", false // no URI, or a handshake that no words can answer
	}
	host, path, _ = strings.Cut(rest, "/")
	return strings.ToLower(host), "/" + path, true
}

// zedShows is what stands in Zed's panel after an answer: an error, or the text of a stream.
func zedShows(t *testing.T, w *httptest.ResponseRecorder) (failure string, answered bool) {
	t.Helper()
	switch {
	case w.Code == 403:
		return "antigravity-tools's API rejected the request due to insufficient permissions.", false
	case w.Code < 200 || w.Code > 299:
		return "antigravity-tools's API returned an unexpected error.", false
	}
	lines := bufio.NewScanner(w.Body)
	for lines.Scan() {
		data, found := strings.CutPrefix(lines.Text(), "data: ")
		if !found || data == "[DONE]" {
			continue
		}
		var event struct {
			Choices *[]any `json:"choices"`
			Error   *struct {
				Message *string `json:"message"`
			} `json:"error"`
		}
		if err := json.Unmarshal([]byte(data), &event); err != nil || event.Choices == nil && (event.Error == nil || event.Error.Message == nil) {
			t.Fatalf("Zed cannot read the event %q: %v", data, err)
		}
		if event.Error != nil {
			return *event.Error.Message, false
		}
	}
	return "", true
}

// zedMistakes are the base URLs of the table in test/e2e/lib/base_urls.mjs, as a person types them into Zed.
func zedMistakes() map[string]string {
	const gw = "http://127.0.0.1:8045"
	return map[string]string{
		"host:port, no scheme": "127.0.0.1:8045", "the address alone": gw, "/": gw + "/", "/v1": gw + "/v1", "/v1/": gw + "/v1/",
		"/v1beta": gw + "/v1beta", "/v1/v1": gw + "/v1/v1", "/openai": gw + "/openai", "/openai/v1": gw + "/openai/v1", "/api": gw + "/api",
		"a full resource path": gw + "/v1/chat/completions", "upper case": "HTTP://127.0.0.1:8045/V1", "trailing spaces": gw + "/v1  ",
		"https on the http port": "https://127.0.0.1:8045/v1", "a wrong port": "http://127.0.0.1:9/v1",
		"localhost": "http://localhost:8045/v1", "0.0.0.0": "http://0.0.0.0:8045/v1",
	}
}

// TestZedIsTold: for each mistake the error that Zed shows names the base URL to enter, or Zed works, or the doctor tells;
// and this is what the page of base URLs says of Zed.
func TestZedIsTold(t *testing.T) {
	raw, err := os.ReadFile("../../test/e2e/clients/base_urls.json")
	if err != nil {
		t.Fatal(err)
	}
	var page map[string]map[string]string
	if err := json.Unmarshal(raw, &page); err != nil {
		t.Fatal(err)
	}
	if len(page["zed"]) != len(zedMistakes()) || len(page["zed"]) != len(page["codex"]) {
		t.Errorf("the page has %d mistakes for Zed, of %d", len(page["zed"]), len(page["codex"]))
	}
	b := newBench(t)
	for mistake, typed := range zedMistakes() {
		if got := zedOutcome(t, b, typed); got != page["zed"][mistake] {
			t.Errorf("%s: %s, and the page says %s", mistake, got, page["zed"][mistake])
		}
	}
}

// zedOutcome says what comes of a base URL, in the words of the page's data.
func zedOutcome(t *testing.T, b *bench, typed string) string {
	t.Helper()
	const cure = "http://127.0.0.1:8045/v1"
	v := doctor.DiagnoseURL(typed, doctor.Site{Origin: "http://127.0.0.1:8045"})
	told := false
	for _, use := range v.Uses {
		told = told || use.Client == "Zed" && use.BaseURL == cure && strings.HasSuffix(use.Guide, "zed.md")
	}
	if !told {
		t.Errorf("doctor %s tells Zed's users nothing: %+v", typed, v)
	}
	host, path, sent := zedRequest(typed)
	switch {
	case strings.HasPrefix(typed, "https:"):
		return "listed" // the handshake is known, whoever makes it
	case !sent || !strings.HasSuffix(host, ":8045"):
		return "doctor"
	}
	b.problems = nil
	w := b.do("POST", path, strings.NewReader(chatBody), "User-Agent", zedAgent, "Host", host)
	failure, answered := zedShows(t, w)
	if answered {
		if len(b.problems) != 0 {
			t.Errorf("%s works, and is listed: %+v", typed, b.problems)
		}
		return "works"
	}
	if len(b.problems) != 1 || b.problems[0].Verdict.Client != "Zed" || b.problems[0].Verdict.BaseURL != cure {
		t.Errorf("%s: listed: %+v", typed, b.problems)
	}
	if !strings.Contains(failure, "nter "+cure+" ") && !strings.Contains(failure, "nter "+cure+".") {
		t.Errorf("%s: Zed shows no cure: %s", typed, failure)
		return "listed"
	}
	return "prints"
}
