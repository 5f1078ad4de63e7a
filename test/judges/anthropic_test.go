package judges

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"antigravity-tools/test/fakegemini"
)

func (g *gateway) anthropic() anthropic.Client {
	return anthropic.NewClient(option.WithBaseURL(g.url()), option.WithAPIKey(clientKey), option.WithMaxRetries(0))
}

func (g *gateway) message(t *testing.T, stream bool, p anthropic.MessageNewParams) (anthropic.Message, error) {
	t.Helper()
	c := g.anthropic()
	if p.MaxTokens == 0 {
		p.MaxTokens = 16000 // above some 21 000 the SDK insists on streaming
	}
	if !stream {
		m, err := c.Messages.New(ctx(t), p)
		if err != nil {
			return anthropic.Message{}, err
		}
		return *m, nil
	}
	s := c.Messages.NewStreaming(ctx(t), p)
	defer s.Close()
	var m anthropic.Message
	var order []string
	for s.Next() {
		e := s.Current()
		order = append(order, e.Type)
		if err := m.Accumulate(e); err != nil {
			t.Fatalf("%v at %s", err, e.RawJSON())
		}
	}
	if err := s.Err(); err != nil {
		return m, err
	}
	if len(order) < 3 || order[0] != "message_start" || order[len(order)-1] != "message_stop" {
		t.Errorf("events %v", order)
	}
	return m, nil
}

func asks(text string) []anthropic.MessageParam {
	return []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(mark + " " + text))}
}

func text(m anthropic.Message) string {
	var b strings.Builder
	for _, c := range m.Content {
		if c.Type == "text" {
			b.WriteString(c.Text)
		}
	}
	return b.String()
}

func adaptive() anthropic.ThinkingConfigParamUnion {
	return anthropic.ThinkingConfigParamUnion{OfAdaptive: &anthropic.ThinkingConfigAdaptiveParam{Display: anthropic.ThinkingConfigAdaptiveDisplaySummarized}}
}

func TestAnthropicTalk(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: &fakegemini.Reply{
			Parts: []fakegemini.Part{{Text: "weighing it", Thought: true}, {Text: "Good day 🙂"}},
			Usage: &fakegemini.Usage{Prompt: 5000, Cached: 4096, Candidates: 200, Thoughts: 800, ToolUse: 300}}})
		m, err := g.message(t, stream, anthropic.MessageNewParams{Model: flash, Messages: asks("hello"), Thinking: adaptive(),
			System: []anthropic.TextBlockParam{{Text: "be brief"}, {Text: "be kind", CacheControl: anthropic.NewCacheControlEphemeralParam()}}})
		if err != nil {
			t.Fatal(err)
		}
		if text(m) != "Good day 🙂" || m.StopReason != "end_turn" || string(m.Model) != flash || !strings.HasPrefix(m.ID, "msg_") || m.Content[0].Type != "thinking" || m.Content[0].Thinking != "weighing it" {
			t.Errorf("%s", m.RawJSON())
		}
		u := m.Usage
		if u.InputTokens != 1204 || u.CacheReadInputTokens != 4096 || u.CacheCreationInputTokens != 0 || u.OutputTokens != 1000 {
			t.Errorf("usage %+v", u)
		}
		if up := g.upstream(t, -1); up.SystemInstruction == nil || len(up.SystemInstruction.Parts) != 2 || up.GenerationConfig.ThinkingConfig == nil || !up.GenerationConfig.ThinkingConfig.IncludeThoughts {
			t.Errorf("%+v", up)
		}
	})
}

func weatherClaude() []anthropic.ToolUnionParam {
	return []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{Name: "get_weather", Description: anthropic.String("weather of a city"),
		InputSchema: anthropic.ToolInputSchemaParam{Required: []string{"city"}, Properties: map[string]any{"city": map[string]any{"type": "string", "minLength": 1}},
			ExtraFields: map[string]any{"$schema": "https://json-schema.org/draft/2020-12/schema", "additionalProperties": false}}}}}
}

// TestAnthropicToolLoop: parallel calls, a second step, the answer and a next
// turn, with thinking on (the client carries the seals) and off (the gateway
// keeps them).
func TestAnthropicToolLoop(t *testing.T) {
	g := launch(t)
	for _, thinking := range []bool{true, false} {
		both(t, func(t *testing.T, stream bool) {
			g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"), weatherCall("Rome"))},
				fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Bern"))}, fakegemini.Answer(fakegemini.Part{Text: "All mild."}))
			p := anthropic.MessageNewParams{Model: pro3, Messages: asks("weather?"), Tools: weatherClaude()}
			if thinking {
				p.Thinking = adaptive()
			}
			for step, want := range []int{2, 1} {
				m, err := g.message(t, stream, p)
				if err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
				var results []anthropic.ContentBlockParamUnion
				for _, b := range m.Content {
					if b.Type == "tool_use" {
						if b.Name != "get_weather" || !json.Valid(b.Input) {
							t.Errorf("call %s", b.RawJSON())
						}
						results = append(results, anthropic.NewToolResultBlock(b.ID, "mild", false))
					}
				}
				if len(results) != want || m.StopReason != "tool_use" {
					t.Fatalf("step %d: %s", step, m.RawJSON())
				}
				p.Messages = append(p.Messages, m.ToParam(), anthropic.NewUserMessage(results...))
			}
			m, err := g.message(t, stream, p)
			if err != nil || text(m) != "All mild." || m.StopReason != "end_turn" {
				t.Fatalf("%v %s", err, m.RawJSON())
			}
			up := g.upstream(t, -1)
			for _, i := range []int{1, 3} {
				calls := 0
				for _, part := range up.Contents[i].Parts {
					if part.FunctionCall == nil {
						continue
					}
					if s := part.ThoughtSignature; calls == 0 && (s == "" || s == "skip_thought_signature_validator") {
						t.Errorf("thinking %v: signature of content %d is %q", thinking, i, s)
					}
					calls++
				}
			}
			p.Messages = append(p.Messages, m.ToParam(), anthropic.NewUserMessage(anthropic.NewTextBlock(mark+" thanks")))
			if _, err := g.message(t, stream, p); err != nil {
				t.Errorf("next turn: %v", err)
			}
		})
	}
}

func TestAnthropicToolChoice(t *testing.T) {
	g := launch(t)
	cases := []struct {
		name, mode string
		choice     anthropic.ToolChoiceUnionParam
		called     bool
	}{
		{"any", "ANY", anthropic.ToolChoiceUnionParam{OfAny: &anthropic.ToolChoiceAnyParam{}}, true},
		{"tool", "ANY", anthropic.ToolChoiceParamOfTool("get_weather"), true},
		{"none", "NONE", anthropic.ToolChoiceUnionParam{OfNone: &anthropic.ToolChoiceNoneParam{}}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, err := g.message(t, true, anthropic.MessageNewParams{Model: flash, Messages: asks("go"), Tools: weatherClaude(), ToolChoice: c.choice})
			if err != nil || (m.StopReason == "tool_use") != c.called || g.upstream(t, -1).ToolConfig.FunctionCallingConfig.Mode != c.mode {
				t.Errorf("%v %s", err, m.RawJSON())
			}
		})
	}
}

func TestAnthropicStructuredOutput(t *testing.T) {
	g := launch(t)
	m, err := g.message(t, false, anthropic.MessageNewParams{Model: flash, Messages: asks("json"), OutputConfig: anthropic.OutputConfigParam{
		Format: anthropic.JSONOutputFormatParam{Schema: map[string]any{"type": "object", "additionalProperties": false, "required": []string{"n"}, "properties": map[string]any{"n": map[string]any{"type": "integer"}}}}}})
	var v struct{ N *int }
	if err != nil || json.Unmarshal([]byte(text(m)), &v) != nil || v.N == nil {
		t.Errorf("%v %s", err, m.RawJSON())
	}
}

// TestAnthropicMedia sends an image and a PDF, and an image inside a tool
// result, as a coding client does after reading one.
func TestAnthropicMedia(t *testing.T) {
	g := launch(t)
	if _, err := g.message(t, false, anthropic.MessageNewParams{Model: flash, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(
		anthropic.NewImageBlockBase64("image/png", pngPixel), anthropic.NewDocumentBlock(anthropic.Base64PDFSourceParam{Data: tinyPDF}), anthropic.NewTextBlock(mark+" look"))}}); err != nil {
		t.Fatal(err)
	}
	parts := g.upstream(t, -1).Contents[0].Parts
	if len(parts) != 3 || parts[0].InlineData == nil || parts[0].InlineData.Data != pngPixel || parts[1].InlineData == nil || parts[1].InlineData.MIMEType != "application/pdf" {
		t.Errorf("%+v", parts)
	}
	for _, model := range []string{flash, pro3} {
		image := anthropic.ToolResultBlockParam{ToolUseID: "toolu_1", Content: []anthropic.ToolResultBlockParamContentUnion{
			{OfText: &anthropic.TextBlockParam{Text: "here"}},
			{OfImage: &anthropic.ImageBlockParam{Source: anthropic.ImageBlockParamSourceUnion{OfBase64: &anthropic.Base64ImageSourceParam{Data: pngPixel, MediaType: "image/png"}}}}}}
		_, err := g.message(t, false, anthropic.MessageNewParams{Model: anthropic.Model(model), Tools: weatherClaude(), Messages: append(asks("see"),
			anthropic.NewAssistantMessage(anthropic.NewToolUseBlock("toolu_1", map[string]any{"city": "Oslo"}, "get_weather")),
			anthropic.NewUserMessage(anthropic.ContentBlockParamUnion{OfToolResult: &image}))})
		if err != nil {
			t.Fatalf("%s: %v", model, err)
		}
		all := g.fake.Generates()
		if body := string(all[len(all)-1].Body); !strings.Contains(body, pngPixel) {
			t.Errorf("%s: the image is gone: %s", model, body)
		}
	}
}

func TestAnthropicStopReasons(t *testing.T) {
	g := launch(t)
	for upstream, want := range map[string]string{"STOP": "end_turn", "MAX_TOKENS": "max_tokens", "SAFETY": "refusal"} {
		both(t, func(t *testing.T, stream bool) {
			g.script(fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "so far"}}, Finish: upstream}})
			m, err := g.message(t, stream, anthropic.MessageNewParams{Model: flash, Messages: asks("go")})
			if err != nil || string(m.StopReason) != want {
				t.Errorf("%s: %v %s", upstream, err, m.RawJSON())
			}
		})
	}
}

func TestAnthropicErrors(t *testing.T) {
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}, settings: [][2]string{{"scheduling.max_wait", "0s"}}})
	g.refusals = true
	cases := []struct {
		name, model string
		step        *fakegemini.Error
		status      int
		typ         anthropic.ErrorType
		says        string
	}{
		{"bad request", flash, fakegemini.Invalid("the upstream dislikes field x"), 400, anthropic.ErrorTypeInvalidRequestError, "dislikes field x"},
		{"unknown model", "no-such-model", nil, 404, anthropic.ErrorTypeNotFoundError, "no-such-model"},
		{"overloaded", flash, fakegemini.Overloaded(), 529, anthropic.ErrorTypeOverloadedError, "overloaded"},
		{"rate limited", "gemini-2.5-pro", fakegemini.RateLimited("gemini-2.5-pro", 90*time.Second), 429, anthropic.ErrorTypeRateLimitError, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			g.script()
			if c.step != nil {
				g.script(fakegemini.Step{Error: c.step, Times: -1})
			}
			_, err := g.message(t, true, anthropic.MessageNewParams{Model: anthropic.Model(c.model), Messages: asks("go")})
			var e *anthropic.Error
			if !errors.As(err, &e) || e.StatusCode != c.status || e.Type() != c.typ || !strings.Contains(e.RawJSON(), c.says) || e.RequestID == "" {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("cut", func(t *testing.T) {
		g.script(fakegemini.Step{Fault: fakegemini.FaultCutClean, After: 2, Times: -1})
		if m, err := g.message(t, true, anthropic.MessageNewParams{Model: flash, Messages: asks("go on for a while")}); err == nil {
			t.Errorf("a cut stream looks whole: %s", m.RawJSON())
		}
	})
}

func TestAnthropicCountTokens(t *testing.T) {
	g := launch(t)
	c := g.anthropic()
	n, err := c.Messages.CountTokens(ctx(t), anthropic.MessageCountTokensParams{Model: flash, Messages: asks("count me")})
	if err != nil || n.InputTokens == 0 {
		t.Fatalf("%v %+v", err, n)
	}
	g.lastCall("countTokens")
}
