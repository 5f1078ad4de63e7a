package judges

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicparam "github.com/anthropics/anthropic-sdk-go/packages/param"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"google.golang.org/genai"
)

// toolCall is a tool call as a client sees it.
type toolCall struct{ id, name, args string }

// answer is what any client makes of a reply.
type answer struct {
	text    string
	refused string // a refusal, where the protocol sets it apart
	calls   []toolCall
	stop    string
	in, out int64
	keep    func(results ...string) // puts the reply into the history, and a result for each call
}

// call is the only call of an answer.
func (a answer) call() toolCall {
	if len(a.calls) != 1 {
		return toolCall{}
	}
	return a.calls[0]
}

// history is what a client sends of the conversation so far.
type history[T any] struct {
	list []T
	load func(raw []byte) T
}

func (h *history[T]) add(items ...T) { h.list = append(h.list, items...) }
func (h *history[T]) size() int      { return len(h.list) }
func (h *history[T]) rewind(to int)  { h.list = h.list[:to] }
func (h *history[T]) edit(old, changed string) { // a user or a client that changes what was said
	for i := range h.list {
		if raw, _ := json.Marshal(h.list[i]); strings.Contains(string(raw), old) {
			h.list[i] = h.load([]byte(strings.ReplaceAll(string(raw), old, changed)))
		}
	}
}

// talk is one client in one conversation; each turn may go to another model.
type talk struct {
	ask    func(t *testing.T, model string, stream bool) (answer, error)
	say    func(text string)
	show   func(url string) // an image: data or https
	edit   func(old, changed string)
	size   func() int
	rewind func(to int)
	format func(name string, schema map[string]any) // structured output
}

// must asks and wants an answer.
func (k *talk) must(t *testing.T, model string, stream bool) answer {
	t.Helper()
	a, err := k.ask(t, model, stream)
	if err != nil {
		t.Fatalf("%s: %v", model, err)
	}
	return a
}

// clientRow is one kind of client, with the words by which it says that a tool
// is called and that all is said. A poor one sends back what its protocol
// cannot do without, and nothing else: no reasoning, no signature, no item id.
type clientRow struct {
	talk       func(poor bool) *talk
	tool, done string
}

func (u *upstreams) clients() map[string]clientRow {
	return map[string]clientRow{
		"chat":      {func(bool) *talk { return u.chatTalk() }, "tool_calls", "stop"}, // it can carry nothing else
		"responses": {u.responsesTalk, "completed", "completed"},
		"messages":  {u.messagesTalk, "tool_use", "end_turn"},
		"gemini":    {u.geminiTalk, "STOP", "STOP"},
	}
}

func talkOver[T any](h *history[T]) *talk {
	return &talk{edit: h.edit, size: h.size, rewind: h.rewind}
}

func (u *upstreams) chatTalk() *talk {
	h := &history[openai.ChatCompletionMessageParamUnion]{load: func(raw []byte) openai.ChatCompletionMessageParamUnion {
		return param.Override[openai.ChatCompletionMessageParamUnion](json.RawMessage(raw))
	}}
	h.add(openai.SystemMessage("be brief"))
	p := openai.ChatCompletionNewParams{Tools: []openai.ChatCompletionToolUnionParam{weatherTool()}}
	k := talkOver(h)
	k.say = func(text string) { h.add(openai.UserMessage(text)) }
	k.show = func(url string) {
		h.add(openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: url})}))
	}
	k.format = func(name string, schema map[string]any) {
		p.ResponseFormat.OfJSONSchema = &openai.ResponseFormatJSONSchemaParam{JSONSchema: openai.ResponseFormatJSONSchemaJSONSchemaParam{Name: name, Schema: schema, Strict: openai.Bool(true)}}
	}
	k.ask = func(t *testing.T, model string, stream bool) (answer, error) {
		p.Model, p.Messages = model, h.list
		r, err := u.gateway.chat(t, stream, p)
		if err != nil {
			return answer{}, err
		}
		m := r.Choices[0].Message
		a := answer{text: m.Content, refused: m.Refusal, stop: r.Choices[0].FinishReason, in: r.Usage.PromptTokens, out: r.Usage.CompletionTokens}
		for _, c := range m.ToolCalls {
			a.calls = append(a.calls, toolCall{c.ID, c.Function.Name, c.Function.Arguments})
		}
		a.keep = func(results ...string) {
			h.add(m.ToParam())
			for i, r := range results {
				h.add(openai.ToolMessage(r, a.calls[i].id))
			}
		}
		return a, nil
	}
	return k
}

func (u *upstreams) responsesTalk(poor bool) *talk {
	h := &history[responses.ResponseInputItemUnionParam]{load: func(raw []byte) responses.ResponseInputItemUnionParam { return again(string(raw)) }}
	p := responses.ResponseNewParams{Instructions: openai.String("be brief"), Tools: []responses.ToolUnionParam{weatherFunction()}, Store: openai.Bool(false)}
	if !poor {
		p.Include = []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent}
	}
	k := talkOver(h)
	k.say = func(text string) {
		h.add(responses.ResponseInputItemParamOfMessage(text, responses.EasyInputMessageRoleUser))
	}
	k.show = func(url string) {
		h.add(responses.ResponseInputItemParamOfMessage(responses.ResponseInputMessageContentListParam{
			{OfInputImage: &responses.ResponseInputImageParam{Detail: "auto", ImageURL: openai.String(url)}}}, responses.EasyInputMessageRoleUser))
	}
	k.format = func(name string, schema map[string]any) {
		p.Text.Format = responses.ResponseFormatTextConfigParamOfJSONSchema(name, schema)
	}
	k.ask = func(t *testing.T, model string, stream bool) (answer, error) {
		p.Model, p.Input.OfInputItemList = model, h.list
		r, err := u.respond(t, stream, p)
		if err != nil {
			return answer{}, err
		}
		a := answer{text: r.OutputText(), stop: string(r.Status), in: r.Usage.InputTokens, out: r.Usage.OutputTokens}
		var items []responses.ResponseInputItemUnionParam
		for _, item := range r.Output {
			raw := item.RawJSON()
			switch item.Type {
			case "function_call":
				c := item.AsFunctionCall()
				a.calls = append(a.calls, toolCall{c.CallID, c.Name, c.Arguments})
			case "message":
				for _, part := range item.AsMessage().Content {
					a.refused += part.Refusal
				}
			case "reasoning":
				if poor {
					continue
				}
			}
			if poor {
				raw = without(t, raw, "id", "status")
			}
			items = append(items, again(raw))
		}
		a.keep = func(results ...string) {
			h.add(items...)
			for i, r := range results {
				h.add(functionOutput(a.calls[i].id, r))
			}
		}
		return a, nil
	}
	return k
}

// without is a JSON object without some of its members.
func without(t *testing.T, raw string, names ...string) string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(raw), &object); err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		delete(object, n)
	}
	b, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (u *upstreams) messagesTalk(poor bool) *talk {
	h := &history[anthropic.MessageParam]{load: func(raw []byte) anthropic.MessageParam {
		return anthropicparam.Override[anthropic.MessageParam](json.RawMessage(raw))
	}}
	p := anthropic.MessageNewParams{Tools: weatherClaude(), System: []anthropic.TextBlockParam{{Text: "be brief"}}}
	p.Tools[0].OfTool.InputSchema.ExtraFields = nil
	if !poor {
		p.Thinking = adaptive()
	}
	k := talkOver(h)
	k.say = func(text string) { h.add(anthropic.NewUserMessage(anthropic.NewTextBlock(text))) }
	k.show = func(url string) {
		block := anthropic.NewImageBlock(anthropic.URLImageSourceParam{URL: url})
		if kind, data, inline := strings.Cut(strings.TrimPrefix(url, "data:"), ";base64,"); inline {
			block = anthropic.NewImageBlockBase64(kind, data)
		}
		h.add(anthropic.NewUserMessage(block))
	}
	k.format = func(_ string, schema map[string]any) {
		p.OutputConfig.Format = anthropic.JSONOutputFormatParam{Schema: schema}
	}
	k.ask = func(t *testing.T, model string, stream bool) (answer, error) {
		p.Model, p.Messages = model, h.list
		m, err := u.message(t, stream, p)
		if err != nil {
			return answer{}, err
		}
		use := m.Usage
		a := answer{text: text(m), stop: string(m.StopReason), out: use.OutputTokens,
			in: use.InputTokens + use.CacheReadInputTokens + use.CacheCreationInputTokens}
		said := m.ToParam()
		if poor {
			said.Content = nil
		}
		for i, b := range m.Content {
			if b.Type == "tool_use" {
				a.calls = append(a.calls, toolCall{b.ID, b.Name, string(b.Input)})
			}
			if poor && b.Type != "thinking" && b.Type != "redacted_thinking" {
				said.Content = append(said.Content, m.ToParam().Content[i])
			}
		}
		a.keep = func(results ...string) {
			h.add(said)
			var blocks []anthropic.ContentBlockParamUnion
			for i, r := range results {
				blocks = append(blocks, anthropic.NewToolResultBlock(a.calls[i].id, r, false))
			}
			if blocks != nil {
				h.add(anthropic.NewUserMessage(blocks...))
			}
		}
		return a, nil
	}
	return k
}

func (u *upstreams) geminiTalk(poor bool) *talk {
	h := &history[*genai.Content]{load: func(raw []byte) *genai.Content {
		c := &genai.Content{}
		if err := json.Unmarshal(raw, c); err != nil {
			panic(err)
		}
		return c
	}}
	cfg := &genai.GenerateContentConfig{SystemInstruction: genai.NewContentFromText("be brief", genai.RoleUser),
		Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "get_weather", Description: "weather of a city",
			Parameters: &genai.Schema{Type: genai.TypeObject, Properties: map[string]*genai.Schema{"city": {Type: genai.TypeString}}, Required: []string{"city"}}}}}}}
	if !poor {
		cfg.ThinkingConfig = &genai.ThinkingConfig{IncludeThoughts: true}
	}
	k := talkOver(h)
	k.say = func(text string) { h.add(genai.NewContentFromText(text, genai.RoleUser)) }
	k.show = func(url string) {
		part := &genai.Part{FileData: &genai.FileData{FileURI: url, MIMEType: "image/png"}}
		if kind, data, inline := strings.Cut(strings.TrimPrefix(url, "data:"), ";base64,"); inline {
			part = &genai.Part{InlineData: &genai.Blob{MIMEType: kind, Data: unbase64(data)}}
		}
		h.add(genai.NewContentFromParts([]*genai.Part{part}, genai.RoleUser))
	}
	k.format = func(_ string, schema map[string]any) {
		cfg.ResponseMIMEType, cfg.ResponseJsonSchema = "application/json", schema
	}
	k.ask = func(t *testing.T, model string, stream bool) (answer, error) {
		parts, r, err := u.generate(t, stream, model, h.list, cfg)
		if err != nil {
			return answer{}, err
		}
		a := answer{text: joined(parts)}
		if use := r.UsageMetadata; use != nil {
			a.in, a.out = int64(use.PromptTokenCount), int64(use.CandidatesTokenCount+use.ThoughtsTokenCount)
		}
		if len(r.Candidates) > 0 {
			a.stop = string(r.Candidates[0].FinishReason)
		}
		var said []*genai.Part
		var made []*genai.FunctionCall
		for _, part := range parts {
			if part.FunctionCall != nil {
				made = append(made, part.FunctionCall)
				args, _ := json.Marshal(part.FunctionCall.Args)
				a.calls = append(a.calls, toolCall{part.FunctionCall.ID, part.FunctionCall.Name, string(args)})
			}
			if poor && part.Thought || part.Text == "" && part.FunctionCall == nil {
				continue // the SDK leaves an empty text out, which leaves a part of nothing
			}
			part := *part
			if poor {
				part.ThoughtSignature = nil
			}
			said = append(said, &part)
		}
		a.keep = func(results ...string) {
			h.add(&genai.Content{Role: "model", Parts: said})
			answers := &genai.Content{Role: "user"}
			for i, r := range results {
				answers.Parts = append(answers.Parts, &genai.Part{FunctionResponse: &genai.FunctionResponse{ID: made[i].ID, Name: made[i].Name, Response: map[string]any{"output": r}}})
			}
			if answers.Parts != nil {
				h.add(answers)
			}
		}
		return a, nil
	}
	return k
}

func unbase64(text string) []byte {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}
