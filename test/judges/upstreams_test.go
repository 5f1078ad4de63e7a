package judges

import (
	"fmt"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"

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

// answer is what any client makes of a reply.
type answer struct {
	text, name, args string
	stop             string
	in, out          int64
	next             func(result string) // puts reply and result into the history
}

// ask is one client in one conversation.
type ask func(t *testing.T, stream bool) answer

const asked = mark + " what does a.txt say?"

func (u *upstreams) asChat(model string) ask {
	p := openai.ChatCompletionNewParams{Model: model, Messages: append([]openai.ChatCompletionMessageParamUnion{openai.SystemMessage("be brief")}, openai.UserMessage(asked)),
		Tools: []openai.ChatCompletionToolUnionParam{weatherTool()}}
	return func(t *testing.T, stream bool) answer {
		r, err := u.gateway.chat(t, stream, p)
		if err != nil {
			t.Fatal(err)
		}
		m := r.Choices[0].Message
		a := answer{text: m.Content, stop: r.Choices[0].FinishReason, in: r.Usage.PromptTokens, out: r.Usage.CompletionTokens}
		for _, c := range m.ToolCalls {
			a.name, a.args = c.Function.Name, c.Function.Arguments
		}
		a.next = func(result string) {
			p.Messages = append(p.Messages, m.ToParam(), openai.ToolMessage(result, m.ToolCalls[0].ID))
		}
		return a
	}
}

func (u *upstreams) asResponses(model string) ask {
	p := responses.ResponseNewParams{Model: model, Input: input("what does a.txt say?"), Instructions: openai.String("be brief"),
		Tools: []responses.ToolUnionParam{weatherFunction()}, Store: openai.Bool(false),
		Include: []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent}}
	return func(t *testing.T, stream bool) answer {
		r, err := u.respond(t, stream, p)
		if err != nil {
			t.Fatal(err)
		}
		a := answer{text: r.OutputText(), args: arguments(r), stop: string(r.Status), in: r.Usage.InputTokens, out: r.Usage.OutputTokens}
		id := ""
		for _, item := range r.Output {
			if item.Type == "function_call" {
				a.name, id = item.AsFunctionCall().Name, item.AsFunctionCall().CallID
			}
		}
		a.next = func(result string) {
			for _, item := range r.Output {
				p.Input.OfInputItemList = append(p.Input.OfInputItemList, again(item.RawJSON()))
			}
			p.Input.OfInputItemList = append(p.Input.OfInputItemList, functionOutput(id, result))
		}
		return a
	}
}

func (u *upstreams) asMessages(model string) ask {
	p := anthropic.MessageNewParams{Model: model, Messages: asks("what does a.txt say?"), Tools: weatherClaude(),
		System: []anthropic.TextBlockParam{{Text: "be brief"}}, Thinking: adaptive()}
	p.Tools[0].OfTool.InputSchema.ExtraFields = nil
	return func(t *testing.T, stream bool) answer {
		m, err := u.message(t, stream, p)
		if err != nil {
			t.Fatal(err)
		}
		use := m.Usage
		a := answer{text: text(m), stop: string(m.StopReason), out: use.OutputTokens,
			in: use.InputTokens + use.CacheReadInputTokens + use.CacheCreationInputTokens}
		id := ""
		for _, b := range m.Content {
			if b.Type == "tool_use" {
				id, a.name, a.args = b.ID, b.Name, string(b.Input)
			}
		}
		a.next = func(result string) {
			p.Messages = append(p.Messages, m.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(id, result, false)))
		}
		return a
	}
}

func (u *upstreams) asGemini(model string) ask {
	cfg := &genai.GenerateContentConfig{SystemInstruction: genai.NewContentFromText("be brief", genai.RoleUser),
		Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "get_weather",
			Parameters: &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"city": {Type: genai.TypeString}}, Required: []string{"city"}}}}}}}
	contents := genai.Text(asked)
	return func(t *testing.T, stream bool) answer {
		parts, r, err := u.generate(t, stream, model, contents, cfg)
		if err != nil {
			t.Fatal(err)
		}
		use := r.UsageMetadata
		a := answer{text: joined(parts), stop: string(r.Candidates[0].FinishReason),
			in: int64(use.PromptTokenCount), out: int64(use.CandidatesTokenCount + use.ThoughtsTokenCount)}
		var call *genai.FunctionCall
		for _, p := range parts {
			if p.FunctionCall != nil {
				call = p.FunctionCall
				a.name, a.args = call.Name, fmt.Sprintf(`{"city":%q}`, call.Args["city"])
			}
		}
		a.next = func(result string) {
			contents = append(contents, &genai.Content{Role: "model", Parts: parts}, &genai.Content{Role: "user", Parts: []*genai.Part{
				{FunctionResponse: &genai.FunctionResponse{ID: call.ID, Name: call.Name, Response: map[string]any{"output": result}}}}})
		}
		return a
	}
}

// clientsOf are the four kinds of client, with the words by which each says
// that a tool is called and that all is said.
func (u *upstreams) clientsOf(model string) map[string]struct {
	ask        func() ask
	tool, done string
} {
	type row = struct {
		ask        func() ask
		tool, done string
	}
	return map[string]row{
		"chat":      {func() ask { return u.asChat(model) }, "tool_calls", "stop"},
		"responses": {func() ask { return u.asResponses(model) }, "completed", "completed"},
		"messages":  {func() ask { return u.asMessages(model) }, "tool_use", "end_turn"},
		"gemini":    {func() ask { return u.asGemini(model) }, "STOP", "STOP"},
	}
}

const (
	looking = "Let me look, élève 🙂"
	args    = `{"city":"Oslo"}`
)

// loop is a step with a call, and the answer behind its result.
func loop(t *testing.T, a ask, stream bool, tool, done string, in, out int64) {
	t.Helper()
	first := a(t, stream)
	if first.text != looking || first.name != "get_weather" || first.args != args || first.stop != tool || first.in != in || first.out != out {
		t.Fatalf("the call: %+v", first)
	}
	first.next("mild")
	if last := a(t, stream); last.text != "Mild." || last.stop != done {
		t.Fatalf("the answer: %+v", last)
	}
}

// TestOpenAIUpstream: every client's SDK through the gateway to a strict Chat
// Completions.
func TestOpenAIUpstream(t *testing.T) {
	u := launchUpstreams(t)
	for name, c := range u.clientsOf(fakeopenai.Model) {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				u.chat.Script(fakeopenai.Reply{Text: looking, Calls: []fakeopenai.Call{{ID: "call_1", Name: "get_weather", Args: args}}}, fakeopenai.Reply{Text: "Mild."})
				loop(t, c.ask(), stream, c.tool, c.done, 2600, 90)
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
	for name, c := range u.clientsOf(fakeanthropic.Adaptive) {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				u.claude.Script(fakeanthropic.Reply{Thought: "I shall look.", Text: looking, Calls: []fakeanthropic.Call{{ID: "toolu_1", Name: "get_weather", Input: args}}},
					fakeanthropic.Reply{Text: "Mild."})
				loop(t, c.ask(), stream, c.tool, c.done, 9512, 350)
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
