package judges

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"antigravity-tools/test/fakegemini"
)

// respond asks in either form. A stream must keep its order: sequence numbers
// without gaps, every item opened and closed, the deltas equal to the whole.
func (g *gateway) respond(t *testing.T, stream bool, p responses.ResponseNewParams) (responses.Response, error) {
	t.Helper()
	c := g.openai()
	if !stream {
		r, err := c.Responses.New(ctx(t), p)
		if err != nil {
			return responses.Response{}, err
		}
		return *r, nil
	}
	s := c.Responses.NewStreaming(ctx(t), p)
	defer s.Close()
	var final responses.Response
	var text, args strings.Builder
	var seen []string
	open := map[int64]bool{}
	for n := int64(0); s.Next(); n++ {
		e := s.Current()
		seen = append(seen, e.Type)
		if e.SequenceNumber != n {
			t.Errorf("event %d (%s) has number %d", n, e.Type, e.SequenceNumber)
		}
		switch e.Type {
		case "response.output_item.added":
			open[e.OutputIndex] = true
		case "response.output_item.done":
			delete(open, e.OutputIndex)
		case "response.output_text.delta":
			text.WriteString(e.Delta)
		case "response.function_call_arguments.delta":
			args.WriteString(e.Delta)
		case "response.completed", "response.incomplete", "response.failed":
			final = e.Response
		case "error": // no error to the SDK
			return final, fmt.Errorf("an error event: %s", e.RawJSON())
		}
	}
	if err := s.Err(); err != nil {
		return final, err
	}
	if len(seen) < 3 || seen[0] != "response.created" || seen[1] != "response.in_progress" || final.ID == "" {
		t.Fatalf("events %v", seen)
	}
	if final.Status == "failed" {
		return final, fmt.Errorf("a failed response: %s", final.Error.Message)
	}
	if len(open) > 0 || text.String() != final.OutputText() || args.String() != arguments(final) {
		t.Errorf("open %v, text %q, arguments %q against %s", open, text.String(), args.String(), final.RawJSON())
	}
	return final, nil
}

func arguments(r responses.Response) string {
	var b strings.Builder
	for _, item := range r.Output {
		if item.Type == "function_call" {
			b.WriteString(item.AsFunctionCall().Arguments)
		}
	}
	return b.String()
}

func input(text string) responses.ResponseNewParamsInputUnion {
	return responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
		responses.ResponseInputItemParamOfMessage(mark+" "+text, responses.EasyInputMessageRoleUser)}}
}

func TestResponsesTalk(t *testing.T) {
	g := launch(t)
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: &fakegemini.Reply{
			Parts: []fakegemini.Part{{Text: "weighing it", Thought: true}, {Text: "Good day 🙂"}},
			Usage: &fakegemini.Usage{Prompt: 5000, Cached: 4096, Candidates: 200, Thoughts: 800, ToolUse: 300}}})
		r, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, Input: input("hello"), Instructions: openai.String("be brief"),
			Store: openai.Bool(false), Reasoning: shared.ReasoningParam{Effort: "low", Summary: "auto"}})
		if err != nil {
			t.Fatal(err)
		}
		if r.Status != "completed" || r.OutputText() != "Good day 🙂" || r.Model != flash || !strings.HasPrefix(r.ID, "resp_") {
			t.Errorf("%s", r.RawJSON())
		}
		u := r.Usage
		if u.InputTokens != 5300 || u.InputTokensDetails.CachedTokens != 4096 || u.OutputTokens != 1000 || u.OutputTokensDetails.ReasoningTokens != 800 || u.TotalTokens != 6300 {
			t.Errorf("usage %+v", u)
		}
		if first := r.Output[0]; first.Type != "reasoning" || len(first.AsReasoning().Summary) != 1 || first.AsReasoning().Summary[0].Text != "weighing it" {
			t.Errorf("reasoning item %s", first.RawJSON())
		}
		if up := g.upstream(t, -1); up.SystemInstruction == nil || *up.SystemInstruction.Parts[0].Text != "be brief" {
			t.Errorf("%+v", up.SystemInstruction)
		}
	})
}

func weatherFunction() responses.ToolUnionParam {
	return responses.ToolParamOfFunction("get_weather", map[string]any{"type": "object", "additionalProperties": false, "required": []string{"city"},
		"properties": map[string]any{"city": map[string]any{"type": "string"}}}, false)
}

// again turns an output item into an input item, byte for byte.
func again(raw string) responses.ResponseInputItemUnionParam {
	return param.Override[responses.ResponseInputItemUnionParam](json.RawMessage(raw))
}

func functionOutput(callID, text string) responses.ResponseInputItemUnionParam {
	item := responses.ResponseInputItemParamOfFunctionCallOutput(text)
	item.OfFunctionCallOutput.CallID = openai.String(callID)
	return item
}

// TestResponsesToolLoop runs parallel calls and a second step on a model that
// insists on its signatures. Once the items come back whole, as Codex sends
// them; once the function calls alone, with no reasoning items.
func TestResponsesToolLoop(t *testing.T) {
	g := launch(t)
	for _, whole := range []bool{true, false} {
		both(t, func(t *testing.T, stream bool) {
			g.script(fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Oslo"), weatherCall("Rome"))},
				fakegemini.Step{Reply: fakegemini.Calls(weatherCall("Bern"))}, fakegemini.Answer(fakegemini.Part{Text: "All mild."}))
			p := responses.ResponseNewParams{Model: pro3, Input: input("weather?"), Tools: []responses.ToolUnionParam{weatherFunction()}, Store: openai.Bool(false)}
			if whole {
				p.Include = []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent}
			}
			for step, want := range []int{2, 1} {
				r, err := g.respond(t, stream, p)
				if err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
				var results []responses.ResponseInputItemUnionParam
				for _, item := range r.Output {
					if item.Type == "function_call" {
						results = append(results, functionOutput(item.AsFunctionCall().CallID, "mild"))
					} else if !whole {
						continue
					}
					p.Input.OfInputItemList = append(p.Input.OfInputItemList, again(item.RawJSON()))
				}
				if len(results) != want || r.Status != "completed" {
					t.Fatalf("step %d: %s", step, r.RawJSON())
				}
				p.Input.OfInputItemList = append(p.Input.OfInputItemList, results...)
			}
			r, err := g.respond(t, stream, p)
			if err != nil || r.OutputText() != "All mild." {
				t.Fatalf("%v %s", err, r.RawJSON())
			}
			up := g.upstream(t, -1)
			for _, i := range []int{1, 3} {
				if s := up.Contents[i].Parts[0].ThoughtSignature; s == "" || s == "skip_thought_signature_validator" {
					t.Errorf("whole %v: signature of content %d is %q", whole, i, s)
				}
			}
		})
	}
}

func TestResponsesToolChoiceAndStructure(t *testing.T) {
	g := launch(t)
	tools := []responses.ToolUnionParam{weatherFunction()}
	r, err := g.respond(t, true, responses.ResponseNewParams{Model: flash, Input: input("go"), Tools: tools,
		ToolChoice: responses.ResponseNewParamsToolChoiceUnion{OfFunctionTool: &responses.ToolChoiceFunctionParam{Name: "get_weather"}}})
	if err != nil || arguments(r) == "" {
		t.Errorf("named: %v %s", err, r.RawJSON())
	}
	r, err = g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: input("go"), Tools: tools,
		ToolChoice: responses.ResponseNewParamsToolChoiceUnion{OfToolChoiceMode: param.NewOpt(responses.ToolChoiceOptionsNone)}})
	if err != nil || arguments(r) != "" || g.upstream(t, -1).ToolConfig.FunctionCallingConfig.Mode != "NONE" {
		t.Errorf("none: %v %s", err, r.RawJSON())
	}
	r, err = g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: input("json"),
		Text: responses.ResponseTextConfigParam{Format: responses.ResponseFormatTextConfigParamOfJSONSchema("thing",
			map[string]any{"type": "object", "properties": map[string]any{"n": map[string]any{"type": "integer"}}, "required": []string{"n"}, "additionalProperties": false})}})
	var v struct{ N *int }
	if err != nil || json.Unmarshal([]byte(r.OutputText()), &v) != nil || v.N == nil {
		t.Errorf("structured: %v %s", err, r.RawJSON())
	}
}

func TestResponsesMedia(t *testing.T) {
	g := launch(t)
	content := responses.ResponseInputMessageContentListParam{
		responses.ResponseInputContentParamOfInputText(mark + " look"),
		{OfInputImage: &responses.ResponseInputImageParam{Detail: "auto", ImageURL: openai.String("data:image/png;base64," + pngPixel)}},
		{OfInputFile: &responses.ResponseInputFileParam{Filename: openai.String("a.pdf"), FileData: openai.String("data:application/pdf;base64," + tinyPDF)}},
	}
	_, err := g.respond(t, false, responses.ResponseNewParams{Model: flash, Input: responses.ResponseNewParamsInputUnion{
		OfInputItemList: responses.ResponseInputParam{responses.ResponseInputItemParamOfMessage(content, responses.EasyInputMessageRoleUser)}}})
	if err != nil {
		t.Fatal(err)
	}
	parts := g.upstream(t, -1).Contents[0].Parts
	if len(parts) != 3 || parts[1].InlineData == nil || parts[1].InlineData.Data != pngPixel || parts[2].InlineData == nil || parts[2].InlineData.Data != tinyPDF {
		t.Errorf("%+v", parts)
	}
}

func TestResponsesEnds(t *testing.T) {
	g := launch(t)
	g.refusals = true
	both(t, func(t *testing.T, stream bool) {
		for upstream, reason := range map[string]string{"MAX_TOKENS": "max_output_tokens", "SAFETY": "content_filter"} {
			g.script(fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "so far"}}, Finish: upstream}})
			r, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, Input: input("go")})
			if err != nil || r.Status != "incomplete" || string(r.IncompleteDetails.Reason) != reason {
				t.Errorf("%s: %v %s", upstream, err, r.RawJSON())
			}
		}
		g.script(fakegemini.Fail(fakegemini.Invalid("the upstream dislikes field x")))
		_, err := g.respond(t, stream, responses.ResponseNewParams{Model: flash, Input: input("go")})
		var e *openai.Error
		if !errors.As(err, &e) || e.StatusCode != 400 || !strings.Contains(e.Message, "dislikes field x") {
			t.Errorf("400: %v", err)
		}
		_, err = g.respond(t, stream, responses.ResponseNewParams{Model: "no-such-model", Input: input("go")})
		if !errors.As(err, &e) || e.StatusCode != 404 || e.Code != "model_not_found" {
			t.Errorf("404: %v", err)
		}
	})
	t.Run("cut", func(t *testing.T) {
		g.script(fakegemini.Step{Fault: fakegemini.FaultCutReset, After: 2, Times: -1})
		s := g.openai()
		st := s.Responses.NewStreaming(ctx(t), responses.ResponseNewParams{Model: flash, Input: input("go on for a while")})
		defer st.Close()
		last := ""
		for st.Next() {
			last = st.Current().Type
		}
		if last != "response.failed" && last != "error" && st.Err() == nil {
			t.Errorf("a cut stream ended with %q", last)
		}
	})
}
