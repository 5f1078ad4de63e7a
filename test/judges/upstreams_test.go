package judges

import (
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakeopenai"
)

const (
	openAIKey    = "sk-fake-openai-0123456789"
	anthropicKey = "sk-ant-fake-0123456789"
)

// upstreams are a gateway and one fake of each further kind behind it.
type upstreams struct {
	*gateway
	chat   *fakeopenai.Server
	claude *fakeanthropic.Server
}

func launchUpstreams(t *testing.T) *upstreams {
	t.Helper()
	u := &upstreams{gateway: launchWith(t, config{}), chat: fakeopenai.New(openAIKey).ChatOnly(), claude: fakeanthropic.New(anthropicKey)}
	t.Cleanup(u.chat.Close)
	t.Cleanup(u.claude.Close)
	u.secrets = append(u.secrets, openAIKey, anthropicKey)
	u.run(openAIKey+"\n", "account", "add", "--provider", "openai", "--name", "chat", "--base-url", u.chat.URL()+"/v1", "--api-key-stdin", "--test")
	u.run(anthropicKey+"\n", "account", "add", "--provider", "anthropic", "--name", "claude", "--base-url", u.claude.URL(), "--api-key-stdin", "--test")
	t.Cleanup(func() {
		for _, r := range append(u.chat.Refused(), u.claude.Refused()...) {
			t.Errorf("the upstream refused: %s", r)
		}
	})
	return u
}

const (
	looking = "Let me look, élève 🙂"
	args    = `{"city":"Oslo"}`
)

const asked = mark + " what does a.txt say?"

// loop is a step with a call, and the answer behind its result.
func loop(t *testing.T, c clientRow, model string, stream bool, in, out int64) {
	t.Helper()
	k := c.talk(false)
	k.say(asked)
	first := k.must(t, model, stream)
	if call := first.call(); first.text != looking || call.name != "get_weather" || call.args != args || first.stop != c.tool || first.in != in || first.out != out {
		t.Fatalf("the call: %+v", first)
	}
	first.keep("mild")
	if last := k.must(t, model, stream); last.text != "Mild." || last.stop != c.done {
		t.Fatalf("the answer: %+v", last)
	}
}

// TestOpenAIUpstream: every client's SDK through the gateway to a strict Chat
// Completions.
func TestOpenAIUpstream(t *testing.T) {
	u := launchUpstreams(t)
	for name, c := range u.clients() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				u.chat.Script(fakeopenai.Reply{Text: looking, Calls: []fakeopenai.Call{{ID: "call_1", Name: "get_weather", Args: args}}}, fakeopenai.Reply{Text: "Mild."})
				loop(t, c, fakeopenai.Model, stream, 2600, 90)
				seen := u.chat.Requests()
				sent := string(seen[len(seen)-1].Body)
				if !strings.Contains(sent, `"tool_call_id":"call_1"`) || !strings.Contains(sent, "mild") || !strings.Contains(sent, "be brief") {
					t.Errorf("sent %s", sent)
				}
			})
		})
	}
}

// TestAnthropicUpstream: the same to a strict Messages, whose thinking has to
// come back as it was signed, whatever the client can carry.
func TestAnthropicUpstream(t *testing.T) {
	u := launchUpstreams(t)
	for name, c := range u.clients() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				u.claude.Script(fakeanthropic.Reply{Thought: "I shall look.", Text: looking, Calls: []fakeanthropic.Call{{ID: "toolu_1", Name: "get_weather", Input: args}}},
					fakeanthropic.Reply{Text: "Mild."})
				loop(t, c, fakeanthropic.Adaptive, stream, 9512, 350)
				seen := u.claude.Requests()
				sent := string(seen[len(seen)-1].Body)
				if !strings.Contains(sent, `"type":"thinking"`) || !strings.Contains(sent, `"tool_use_id":"toolu_1"`) || !strings.Contains(sent, "be brief") {
					t.Errorf("sent %s", sent)
				}
			})
		})
	}
	t.Run("count", func(t *testing.T) {
		c := u.gateway.anthropic()
		n, err := c.Messages.CountTokens(ctx(t), anthropic.MessageCountTokensParams{Model: fakeanthropic.Adaptive, Messages: asks("hi")})
		if err != nil || n.InputTokens != 42 {
			t.Errorf("%+v %v", n, err)
		}
	})
}

// TestUpstreamFaults: what goes wrong upstream reaches each client as its own
// kind of error.
func TestUpstreamFaults(t *testing.T) {
	u := launchUpstreams(t)
	u.chat.Script(fakeopenai.Reply{Status: 400, Body: `{"error":{"message":"This model's maximum context length is 8 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`})
	_, err := u.message(t, false, anthropic.MessageNewParams{Model: fakeopenai.Model, Messages: asks("hello")})
	if err == nil || !strings.Contains(err.Error(), "prompt is too long") {
		t.Errorf("%v", err)
	}
	u.chat.Script(fakeopenai.Reply{Text: "half of it", Cut: true})
	_, err = u.message(t, true, anthropic.MessageNewParams{Model: fakeopenai.Model, Messages: asks("hello")})
	if err == nil {
		t.Error("a cut stream is a success")
	}
	u.claude.Script(fakeanthropic.Reply{Text: "half of it", Fault: "overloaded_error"})
	_, err = u.gateway.chat(t, true, openai.ChatCompletionNewParams{Model: fakeanthropic.Adaptive, Messages: userSays("hello")})
	if err == nil || !strings.Contains(err.Error(), "fault") {
		t.Errorf("%v", err)
	}
}
