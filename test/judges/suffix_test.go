package judges

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakeopenai"
)

// launchVendors starts the gateway over strict fakes of three vendors, the third
// in both of its protocols.
func launchVendors(t *testing.T) *upstreams {
	t.Helper()
	u := &upstreams{gateway: launchWith(t, config{accounts: []account{{"gemini", keyOne}}}), chat: fakeopenai.New(openAIKey), claude: fakeanthropic.New(anthropicKey)}
	t.Cleanup(u.chat.Close)
	t.Cleanup(u.claude.Close)
	u.secrets = append(u.secrets, openAIKey, anthropicKey)
	u.run(openAIKey+"\n", "account", "add", "--provider", "openai", "--name", "openai", "--base-url", u.chat.URL()+"/v1", "--api-key-stdin", "--test")
	u.run(anthropicKey+"\n", "account", "add", "--provider", "anthropic", "--name", "claude", "--base-url", u.claude.URL(), "--api-key-stdin", "--test")
	until(t, "the models are listed", func() bool {
		list := u.ask(t, "GET", "/v1/models", "").body
		return strings.Contains(list, fakeopenai.Reasoner) && strings.Contains(list, fakeanthropic.Adaptive)
	})
	return u
}

// say is a question in each client's protocol.
func say(client, model, text string) (path, body string) {
	switch client {
	case "chat":
		return "/v1/chat/completions", fmt.Sprintf(`{"model":%q,"messages":[{"role":"user","content":%q}]}`, model, text)
	case "responses":
		return "/v1/responses", fmt.Sprintf(`{"model":%q,"store":false,"input":%q}`, model, text)
	case "anthropic":
		return "/v1/messages", fmt.Sprintf(`{"model":%q,"max_tokens":3000,"messages":[{"role":"user","content":%q}]}`, model, text)
	}
	return "/v1beta/models/" + model + ":generateContent", fmt.Sprintf(`{"contents":[{"role":"user","parts":[{"text":%q}]}]}`, text)
}

// TestSuffixesAreTaken: whatever a suffix of a model's name asks for, of whichever
// model and by whichever protocol, the upstream takes what is made of it. A model
// that does not reason, or knows no such effort, is no reason for a 400.
func TestSuffixesAreTaken(t *testing.T) {
	u := launchVendors(t)
	for _, suffix := range []string{"(high)", "(none)", "(8192)", "(0)", "(minimal)", "(xhigh)", "(max)", "[1m]", "(low)[1m]", "[1m](low)"} {
		for _, model := range []string{"gemini-3-flash-preview", flash, fakeanthropic.Adaptive, fakeanthropic.Manual, fakeopenai.Reasoner, fakeopenai.Model} {
			for _, client := range []string{"chat", "responses", "anthropic", "gemini"} {
				path, body := say(client, model+suffix, "hi")
				if r := u.ask(t, "POST", path, body); r.status != http.StatusOK {
					t.Errorf("%s %s%s: %d %s", client, model, suffix, r.status, r.body)
				}
			}
		}
	}
	// The one thing that a server has to teach, once for a model: by which name it
	// knows the limit.
	for _, r := range u.chat.Refused() {
		if !strings.Contains(r, "max_completion_tokens") {
			t.Errorf("refused: %s", r)
		}
	}
	if n := len(u.chat.Refused()); n > 1 {
		t.Errorf("%d refusals", n)
	}
	if r := u.claude.Refused(); len(r) != 0 {
		t.Errorf("refused: %v", r)
	}
}

// TestBlankQuestion: what OpenAI takes, a message of blanks alone, is no 400
// elsewhere.
func TestBlankQuestion(t *testing.T) {
	u := launchVendors(t)
	for _, model := range []string{"gemini-3-flash-preview", fakeanthropic.Adaptive, fakeopenai.Model} {
		for client, kind := range map[string]string{"chat": "gpt", "responses": "gpt", "anthropic": "claude", "gemini": "gemini"} {
			if strings.HasPrefix(model, kind) {
				continue // its vendor's own affair
			}
			path, body := say(client, model, "  ")
			if r := u.ask(t, "POST", path, body); r.status != http.StatusOK {
				t.Errorf("%s %s: %d %s", client, model, r.status, r.body)
			}
		}
	}
}

// TestEchoedThinking: a chat client that sends an answer back as it got it, with
// the thinking of another vendor's model in it, may switch to a model of OpenAI's:
// what that refuses is learned once and left out.
func TestEchoedThinking(t *testing.T) {
	u := launchVendors(t)
	for range 2 {
		u.claude.Script(fakeanthropic.Reply{Thought: "Hm.", Text: "Yes."})
		r := u.ask(t, "POST", "/v1/chat/completions", `{"model":"`+fakeanthropic.Adaptive+`","reasoning_effort":"high","messages":[{"role":"user","content":"hi"}]}`)
		var got struct {
			Choices []struct{ Message json.RawMessage }
		}
		if err := json.Unmarshal([]byte(r.body), &got); err != nil || len(got.Choices) != 1 || !strings.Contains(r.body, `"reasoning_content":"Hm."`) {
			t.Fatalf("%v %s", err, r.body)
		}
		r = u.ask(t, "POST", "/v1/chat/completions", `{"model":"`+fakeopenai.Reasoner+`","messages":[{"role":"user","content":"hi"},`+string(got.Choices[0].Message)+`,{"role":"user","content":"on"}]}`)
		if r.status != http.StatusOK {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	if n := len(u.chat.Refused()); n != 1 {
		t.Errorf("%d refusals: %v", n, u.chat.Refused())
	}
}

// TestPrefillMoves: an Anthropic client that begins the answer itself may switch to
// a model that does not let it: what that refuses is sent again with a question
// behind it, and told as changed. A model that lets it gets the client's bytes.
func TestPrefillMoves(t *testing.T) {
	u := launchVendors(t)
	ask := func(model string) reply {
		return u.ask(t, "POST", "/v1/messages", `{"model":"`+model+`","max_tokens":3000,"messages":[{"role":"user","content":"a poem"},{"role":"assistant","content":"Roses"}]}`)
	}
	last := func() string {
		seen := u.claude.Requests()
		return string(seen[len(seen)-1].Body)
	}
	if r := ask(fakeanthropic.Manual); r.status != http.StatusOK || !strings.HasSuffix(last(), `{"role":"assistant","content":"Roses"}]}`) || len(u.claude.Refused()) != 0 {
		t.Fatalf("%d %s\n%s\n%v", r.status, r.body, last(), u.claude.Refused())
	}
	r := ask(fakeanthropic.Adaptive)
	if r.status != http.StatusOK || len(u.claude.Refused()) != 1 || r.header.Get("X-Antigravity-Losses") != "1" {
		t.Errorf("%d %s %v %v", r.status, r.body, r.header, u.claude.Refused())
	}
	var sent struct {
		Messages []struct{ Role string }
	}
	if err := json.Unmarshal([]byte(last()), &sent); err != nil || len(sent.Messages) != 3 || sent.Messages[2].Role != "user" {
		t.Errorf("%v %s", err, last())
	}
}
