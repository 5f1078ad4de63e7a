package judges

import (
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakeopenai"
)

// launchResponses is a gateway before a strict Responses.
func launchResponses(t *testing.T, api string) *upstreams {
	t.Helper()
	u := &upstreams{gateway: launchWith(t, config{}), chat: fakeopenai.New(openAIKey), claude: fakeanthropic.New(anthropicKey)}
	t.Cleanup(u.chat.Close)
	t.Cleanup(u.claude.Close)
	u.secrets = append(u.secrets, openAIKey, anthropicKey)
	u.run(openAIKey+"\n", "account", "add", "--provider", "openai", "--name", "responses", "--base-url", u.chat.URL()+"/v1", "--api", api, "--api-key-stdin", "--test")
	t.Cleanup(func() {
		for _, r := range u.chat.Refused() {
			t.Errorf("the upstream refused: %s", r)
		}
	})
	until(t, "the models are listed", func() bool { return strings.Contains(u.ask(t, "GET", "/v1/models", "").body, fakeopenai.Reasoner) })
	return u
}

func lastBody(seen []fakecontrol.Seen) string { return string(seen[len(seen)-1].Body) }

func (u *upstreams) last() fakecontrol.Seen {
	seen := u.chat.Requests()
	return seen[len(seen)-1]
}

// TestResponsesUpstream: every client's SDK through the gateway to a strict
// Responses, whose reasoning has to come back as it was given, whatever the
// client can carry.
func TestResponsesUpstream(t *testing.T) {
	u := launchResponses(t, "responses")
	for name, c := range u.clients() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				u.chat.Script(fakeopenai.Reply{Thought: "I shall look.", Text: looking, Calls: []fakeopenai.Call{{ID: "call_1", Name: "get_weather", Args: args}}}, fakeopenai.Reply{Text: "Mild."})
				loop(t, c, fakeopenai.Reasoner, stream, 2600, 90)
				sent := string(u.last().Body)
				for _, want := range []string{`"call_id":"call_1"`, "mild", "be brief", `"encrypted_content":"gAAA-orgA-`, `"store":false`} {
					if !strings.Contains(sent, want) {
						t.Errorf("no %s in %s", want, sent)
					}
				}
			})
		})
	}
	t.Run("a cut stream", func(t *testing.T) {
		u.chat.Script(fakeopenai.Reply{Text: "half of it", Cut: true}, fakeopenai.Reply{Text: "half of it", Cut: true})
		if _, err := u.message(t, true, anthropic.MessageNewParams{Model: fakeopenai.Reasoner, Messages: asks("hello")}); err == nil {
			t.Error("a cut stream is a success")
		}
	})
	t.Run("a failed response", func(t *testing.T) {
		u.chat.Script(fakeopenai.Reply{Text: "half of it", Fault: "server_error"})
		if _, err := u.gateway.chat(t, true, openai.ChatCompletionNewParams{Model: fakeopenai.Reasoner, Messages: userSays("hello")}); err == nil || !strings.Contains(err.Error(), "fault") {
			t.Errorf("%v", err)
		}
	})
}

// TestLearnedAPI: an account that says nothing speaks to each client in its own
// protocol.
func TestLearnedAPI(t *testing.T) {
	u := launchResponses(t, "auto")
	for _, row := range []struct{ client, model, path string }{
		{"responses", fakeopenai.Reasoner, "/v1/responses"},
		{"chat", fakeopenai.Model, "/v1/chat/completions"},
		{"messages", fakeopenai.Model, "/v1/chat/completions"},
		{"gemini", fakeopenai.Model, "/v1/chat/completions"},
	} {
		u.chat.Script(fakeopenai.Reply{Text: "Mild."})
		k := u.clients()[row.client].talk(false)
		k.say(asked)
		if a := k.must(t, row.model, true); a.text != "Mild." {
			t.Errorf("%s: %+v", row.client, a)
		}
		if got := u.last().Path; got != row.path {
			t.Errorf("%s was asked at %s", row.client, got)
		}
	}
}
