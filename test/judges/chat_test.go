package judges

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"antigravity-tools/test/fakegemini"
)

func (g *gateway) openai(opts ...option.RequestOption) openai.Client {
	all := append([]option.RequestOption{option.WithBaseURL(g.url() + "/v1"), option.WithAPIKey(clientKey), option.WithMaxRetries(0)}, opts...)
	return openai.NewClient(all...)
}

// chat asks in either form; a stream is gathered by the SDK's accumulator.
func (g *gateway) chat(t *testing.T, stream bool, p openai.ChatCompletionNewParams) (openai.ChatCompletion, error) {
	t.Helper()
	c := g.openai()
	if !stream {
		r, err := c.Chat.Completions.New(ctx(t), p)
		if err != nil {
			return openai.ChatCompletion{}, err
		}
		return *r, nil
	}
	p.StreamOptions.IncludeUsage = openai.Bool(true)
	s := c.Chat.Completions.NewStreaming(ctx(t), p)
	defer s.Close()
	acc := openai.ChatCompletionAccumulator{}
	for s.Next() {
		if !acc.AddChunk(s.Current()) {
			return acc.ChatCompletion, fmt.Errorf("a chunk does not fit: %s", s.Current().RawJSON())
		}
	}
	return acc.ChatCompletion, s.Err()
}

func userSays(text string) []openai.ChatCompletionMessageParamUnion {
	return []openai.ChatCompletionMessageParamUnion{openai.UserMessage(mark + " " + text)}
}

func TestChatTalk(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: &fakegemini.Reply{
			Parts: []fakegemini.Part{{Text: "thinking it over", Thought: true}, {Text: "Good day, élève 🙂"}},
			Usage: &fakegemini.Usage{Prompt: 5000, Cached: 4096, Candidates: 200, Thoughts: 800, ToolUse: 300}}})
		r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("hello")})
		if err != nil {
			t.Fatal(err)
		}
		c := r.Choices[0]
		if c.Message.Content != "Good day, élève 🙂" || c.FinishReason != "stop" || r.Model != flash || !strings.HasPrefix(r.ID, "chatcmpl-") || r.Created == 0 {
			t.Errorf("%s", r.RawJSON())
		}
		u := r.Usage
		if u.PromptTokens != 5300 || u.PromptTokensDetails.CachedTokens != 4096 || u.CompletionTokens != 1000 ||
			u.CompletionTokensDetails.ReasoningTokens != 800 || u.TotalTokens != 6300 {
			t.Errorf("usage %+v", u)
		}
	})
}

func TestChatSystemPromptsAndSampling(t *testing.T) {
	g := launch(t)
	p := openai.ChatCompletionNewParams{Model: flash, Temperature: openai.Float(0.25), TopP: openai.Float(0.9),
		Seed: openai.Int(7), MaxCompletionTokens: openai.Int(500),
		Stop: openai.ChatCompletionNewParamsStopUnion{OfStringArray: []string{"END"}},
		Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("be brief"), openai.DeveloperMessage("be kind"),
			openai.UserMessage(mark + " one"), openai.AssistantMessage("two"), openai.DeveloperMessage("now count on"), openai.UserMessage(mark + " three")}}
	if _, err := g.chat(t, false, p); err != nil {
		t.Fatal(err)
	}
	up := g.upstream(t, -1)
	if up.SystemInstruction == nil || len(up.SystemInstruction.Parts) != 2 || *up.SystemInstruction.Parts[1].Text != "be kind" {
		t.Errorf("system instruction %+v", up.SystemInstruction)
	}
	gc := up.GenerationConfig
	if gc.Temperature != "0.25" || gc.TopP != "0.9" || gc.Seed != "7" || gc.MaxOutputTokens != 500 || len(gc.StopSequences) != 1 {
		t.Errorf("generation config %+v", gc)
	}
	last := up.Contents[len(up.Contents)-1]
	if len(up.Contents) != 3 || last.Role != "user" || !strings.Contains(*last.Parts[0].Text, "<system>\nnow count on\n</system>") {
		t.Errorf("contents %+v", up.Contents)
	}
}

func weatherTool() openai.ChatCompletionToolUnionParam {
	return openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: "get_weather", Description: openai.String("weather of a city"),
		Parameters: shared.FunctionParameters{"type": "object", "additionalProperties": false, "required": []string{"city"},
			"properties": map[string]any{"city": map[string]any{"type": "string", "minLength": 1, "pattern": "^[A-Z]"}, "days": map[string]any{"type": "integer", "exclusiveMinimum": 0, "default": 1}}}})
}

func weatherCall(city string) fakegemini.Call {
	b, _ := json.Marshal(struct {
		City string `json:"city"`
	}{city})
	return fakegemini.Call{Name: "get_weather", Args: b}
}

// TestChatToolLoop goes through three steps with a model that insists on its
// signatures: two parallel calls, one more call, the answer, a new question.
// An OpenAI client cannot carry signatures, so the gateway has to.
func TestChatToolLoop(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"), weatherCall("Rome"))},
			fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Bern"))}, fakegemini.Answer(fakegemini.Part{Text: "All mild."}))
		p := openai.ChatCompletionNewParams{Model: pro3, Messages: userSays("weather?"), Tools: []openai.ChatCompletionToolUnionParam{weatherTool()}}
		for step, want := range []int{2, 1} {
			r, err := g.chat(t, stream, p)
			if err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			m := r.Choices[0].Message
			if len(m.ToolCalls) != want || r.Choices[0].FinishReason != "tool_calls" {
				t.Fatalf("step %d: %s", step, r.RawJSON())
			}
			p.Messages = append(p.Messages, m.ToParam())
			for _, c := range m.ToolCalls {
				if c.ID == "" || c.Function.Name != "get_weather" || !json.Valid([]byte(c.Function.Arguments)) {
					t.Fatalf("call %s", c.RawJSON())
				}
				p.Messages = append(p.Messages, openai.ToolMessage("mild", c.ID))
			}
		}
		r, err := g.chat(t, stream, p)
		if err != nil || r.Choices[0].Message.Content != "All mild." || r.Choices[0].FinishReason != "stop" {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
		up := g.upstream(t, -1)
		call, second := up.Contents[1].Parts[0], up.Contents[1].Parts[1]
		if call.ThoughtSignature == "" || call.ThoughtSignature == "skip_thought_signature_validator" || second.ThoughtSignature != "" {
			t.Errorf("signatures on parallel calls: %q, %q", call.ThoughtSignature, second.ThoughtSignature)
		}
		if s := up.Contents[3].Parts[0].ThoughtSignature; s == "" || s == "skip_thought_signature_validator" {
			t.Errorf("second step's signature: %q", s)
		}
		p.Messages = append(p.Messages, r.Choices[0].Message.ToParam(), openai.UserMessage(mark+" thanks"))
		if _, err := g.chat(t, stream, p); err != nil {
			t.Errorf("next turn: %v", err)
		}
	})
}

// TestChatSignaturesSurviveRestart stops the gateway between two steps.
func TestChatSignaturesSurviveRestart(t *testing.T) {
	g := launch(t)
	g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"))})
	p := openai.ChatCompletionNewParams{Model: pro3, Messages: userSays("weather?"), Tools: []openai.ChatCompletionToolUnionParam{weatherTool()}}
	r, err := g.chat(t, true, p)
	if err != nil {
		t.Fatal(err)
	}
	g.stop()
	g.serve()
	m := r.Choices[0].Message
	p.Messages = append(p.Messages, m.ToParam(), openai.ToolMessage("mild", m.ToolCalls[0].ID))
	if _, err := g.chat(t, true, p); err != nil {
		t.Fatal(err)
	}
	if s := g.upstream(t, -1).Contents[1].Parts[0].ThoughtSignature; s == "" || s == "skip_thought_signature_validator" {
		t.Errorf("after the restart the signature is %q", s)
	}
}

// TestChatForeignHistory sends calls that no Gemini model made.
func TestChatForeignHistory(t *testing.T) {
	g := launch(t)
	p := openai.ChatCompletionNewParams{Model: pro3, Tools: []openai.ChatCompletionToolUnionParam{weatherTool()},
		Messages: append(userSays("weather?"), openai.ChatCompletionMessageParamUnion{OfAssistant: &openai.ChatCompletionAssistantMessageParam{
			ToolCalls: []openai.ChatCompletionMessageToolCallUnionParam{{OfFunction: &openai.ChatCompletionMessageFunctionToolCallParam{ID: "call_foreign", Function: openai.ChatCompletionMessageFunctionToolCallFunctionParam{Name: "get_weather", Arguments: `{"city":"Oslo"}`}}}}}},
			openai.ToolMessage("mild", "call_foreign"))}
	if _, err := g.chat(t, false, p); err != nil {
		t.Fatal(err)
	}
	if s := g.upstream(t, -1).Contents[1].Parts[0].ThoughtSignature; s != "skip_thought_signature_validator" {
		t.Errorf("signature of a foreign call: %q", s)
	}
}

func TestChatToolChoice(t *testing.T) {
	g := launch(t)
	named := openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: "get_weather"})
	auto := func(s string) openai.ChatCompletionToolChoiceOptionUnionParam {
		return openai.ChatCompletionToolChoiceOptionUnionParam{OfAuto: openai.String(s)}
	}
	other := openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{Name: "no_arguments"})
	cases := []struct {
		name, mode string
		choice     openai.ChatCompletionToolChoiceOptionUnionParam
		allowed    int
		called     bool
	}{
		{"required", "ANY", auto("required"), 0, true},
		{"named", "ANY", named, 1, true},
		{"none", "NONE", auto("none"), 0, false},
		{"auto", "AUTO", auto("auto"), 0, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go on"), ToolChoice: c.choice,
				Tools: []openai.ChatCompletionToolUnionParam{weatherTool(), other}})
			if err != nil {
				t.Fatal(err)
			}
			f := g.upstream(t, -1).ToolConfig.FunctionCallingConfig
			mode := f.Mode
			if mode == "" {
				mode = "AUTO"
			}
			if mode != c.mode || len(f.AllowedFunctionNames) != c.allowed || (len(r.Choices[0].Message.ToolCalls) > 0) != c.called {
				t.Errorf("%+v, answer %s", f, r.RawJSON())
			}
		})
	}
}

// thingFormat wants a small object, with a word that Gemini's schemas lack.
func thingFormat() openai.ChatCompletionNewParamsResponseFormatUnion {
	schema := map[string]any{"type": "object", "additionalProperties": false, "required": []string{"n", "kind"},
		"properties": map[string]any{"n": map[string]any{"type": "integer"}, "kind": map[string]any{"type": "string", "const": "a"}}}
	return openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
		JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "thing", Strict: openai.Bool(true), Schema: schema}}}
}

// isThing tells an answer in that format.
func isThing(text string) bool {
	var v struct {
		N    *int
		Kind string
	}
	return json.Unmarshal([]byte(text), &v) == nil && v.N != nil && v.Kind == "a"
}

func TestChatStructuredOutput(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("json"), ResponseFormat: thingFormat()})
		if err != nil {
			t.Fatal(err)
		}
		if !isThing(r.Choices[0].Message.Content) {
			t.Errorf("%s", r.Choices[0].Message.Content)
		}
		if gc := g.upstream(t, -1).GenerationConfig; gc.ResponseMIMEType != "application/json" || (gc.ResponseJSONSchema == nil && gc.ResponseSchema == nil) {
			t.Errorf("%+v", gc)
		}
	})
}

func TestChatMedia(t *testing.T) {
	g := launch(t)
	_, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: flash, Messages: []openai.ChatCompletionMessageParamUnion{
		openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart(mark + " look"),
			openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + pngPixel}),
			openai.FileContentPart(openai.ChatCompletionContentPartFileFileParam{Filename: openai.String("a.pdf"), FileData: openai.String("data:application/pdf;base64," + tinyPDF)}),
		})}})
	if err != nil {
		t.Fatal(err)
	}
	parts := g.upstream(t, -1).Contents[0].Parts
	if len(parts) != 3 || parts[1].InlineData == nil || parts[1].InlineData.Data != pngPixel || parts[1].InlineData.MIMEType != "image/png" ||
		parts[2].InlineData == nil || parts[2].InlineData.Data != tinyPDF || parts[2].InlineData.MIMEType != "application/pdf" {
		t.Errorf("%+v", parts)
	}
}

func TestChatReasoningEffort(t *testing.T) {
	g := launch(t)
	for _, c := range []struct {
		model, effort string
		budget        int
		level         string
	}{
		{flash, "none", 0, ""}, {flash, "high", 24576, ""}, {"gemini-2.5-pro", "minimal", 512, ""},
		{pro3, "low", -1, "LOW"}, {pro3, "high", -1, "HIGH"},
	} {
		t.Run(c.model+" "+c.effort, func(t *testing.T) {
			if _, err := g.chat(t, false, openai.ChatCompletionNewParams{Model: c.model, Messages: userSays("think"), ReasoningEffort: shared.ReasoningEffort(c.effort)}); err != nil {
				t.Fatal(err)
			}
			tc := g.upstream(t, -1).GenerationConfig.ThinkingConfig
			if tc == nil || !strings.EqualFold(tc.ThinkingLevel, c.level) || (c.level == "") != (tc.ThinkingBudget != nil) || (tc.ThinkingBudget != nil && *tc.ThinkingBudget != c.budget) {
				t.Errorf("%+v", tc)
			}
		})
	}
}

func TestChatFinishReasons(t *testing.T) {
	g := launch(t)
	for upstream, want := range map[string]string{"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "content_filter", "RECITATION": "content_filter", "LANGUAGE": "stop"} {
		t.Run(upstream, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				g.script(fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "so far"}}, Finish: upstream}})
				r, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
				if err != nil || r.Choices[0].FinishReason != want {
					t.Errorf("%v %s", err, r.RawJSON())
				}
			})
		})
	}
}

// TestChatErrors wants each upstream error as the SDK's own error type, with
// the upstream's words.
func TestChatErrors(t *testing.T) {
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}, settings: [][2]string{{"scheduling.max_wait", "0s"}}})
	g.refusals = true
	cases := []struct {
		name   string
		model  string
		step   *fakegemini.Error
		status int
		typ    string
		code   string
		says   string
	}{
		{"bad request", flash, fakegemini.Invalid("the upstream dislikes field x"), 400, "invalid_request_error", "", "dislikes field x"},
		{"unknown model", "no-such-model", nil, 404, "invalid_request_error", "model_not_found", "no-such-model"},
		{"family but unknown", "gemini-9-none", nil, 404, "invalid_request_error", "model_not_found", "gemini-9-none"},
		{"overloaded", flash, fakegemini.Overloaded(), 503, "server_error", "overloaded", "overloaded"},
		{"rate limited", "gemini-2.5-pro", fakegemini.RateLimited("gemini-2.5-pro", 90*time.Second), 429, "rate_limit_error", "rate_limit_exceeded", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				g.script()
				if c.step != nil {
					g.script(fakegemini.Step{Error: c.step, Times: -1})
				}
				_, err := g.chat(t, stream, openai.ChatCompletionNewParams{Model: c.model, Messages: userSays("go")})
				var e *openai.Error
				if !errors.As(err, &e) {
					t.Fatalf("no typed error: %v", err)
				}
				if e.StatusCode != c.status || e.Type != c.typ || (c.code != "" && e.Code != c.code) || !strings.Contains(e.Message, c.says) {
					t.Errorf("status %d type %q code %q: %s", e.StatusCode, e.Type, e.Code, e.Message)
				}
				if c.status == 429 && e.Response.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			})
		})
	}
}

// TestChatBrokenStreams wants an error from every stream that does not end as
// it should, after the first text has gone out.
func TestChatBrokenStreams(t *testing.T) {
	g := launch(t)
	for _, f := range []fakegemini.Fault{fakegemini.FaultCutReset, fakegemini.FaultCutClean, fakegemini.FaultErrorIn200,
		fakegemini.FaultBareError, fakegemini.FaultGarbage, fakegemini.FaultMalformed} {
		t.Run(string(f), func(t *testing.T) {
			g.script(fakegemini.Step{Fault: f, After: 2, Times: -1})
			r, err := g.chat(t, true, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go on for a while, please")})
			if err == nil {
				t.Errorf("a broken stream looks whole: %s", r.RawJSON())
			}
		})
	}
	t.Run("byte by byte", func(t *testing.T) {
		g.script(fakegemini.Step{Fault: fakegemini.FaultByteByByte, Reply: fakegemini.Text("slow but whole")})
		r, err := g.chat(t, true, openai.ChatCompletionNewParams{Model: flash, Messages: userSays("go")})
		if err != nil || r.Choices[0].Message.Content != "slow but whole" {
			t.Errorf("%v %s", err, r.RawJSON())
		}
	})
}
