package gemini

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/rawjson"
)

func text1(s string) []llm.Turn {
	return []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(s)}}}
}

func call(id, name, args string) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: id, Name: name, Args: args}}
}

func result(id string, parts ...llm.Part) llm.Part {
	return llm.Part{Kind: llm.KindResult, Result: &llm.Result{CallID: id, Parts: parts}}
}

func model(parts ...llm.Part) llm.Turn { return llm.Turn{Role: llm.RoleModel, Parts: parts} }
func user(parts ...llm.Part) llm.Turn  { return llm.Turn{Role: llm.RoleUser, Parts: parts} }

func sealed(p llm.Part, issuer llm.Issuer) llm.Part {
	p.Seal = &llm.Seal{Issuer: issuer, Data: "c2ln"}
	return p
}

func media(m llm.Media) llm.Part { return llm.Part{Kind: llm.KindMedia, Media: &m} }

func TestEncodeForeign(t *testing.T) {
	const g3, g25 = "gemini-3-pro", "gemini-2.5-pro"
	hi := `"contents":[{"role":"user","parts":[{"text":"hi"}]}]`
	img := llm.Media{MIME: "image/png", Data: "aGk="}
	tool := llm.Tool{Kind: llm.ToolFunction, Name: "f", Schema: []byte(`{"type":"object","properties":{}}`)}
	decl := `"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{}}}]}`
	strict := tool
	strict.Strict = llm.Ptr(true)
	search := llm.Tool{Kind: llm.ToolServer, Builtin: llm.BuiltinWebSearch, Name: "web_search"}
	for name, tc := range map[string]struct {
		model  string
		req    llm.Request
		want   string // without the braces
		losses string
	}{
		"system": {g3, llm.Request{System: []llm.Part{llm.TextPart("a"), llm.TextPart("b")}, Turns: text1("hi")}, hi + `,"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]}`, ""},
		"system, mid": {g3, llm.Request{Turns: append(text1("hi"), llm.Turn{Role: llm.RoleSystem, Parts: []llm.Part{llm.TextPart("x")}})},
			`"contents":[{"role":"user","parts":[{"text":"hi"},{"text":"<system>\nx\n</system>"}]}]`, "adapted system.position turns[1]"},
		"system only":       {g3, llm.Request{System: []llm.Part{llm.TextPart("hi")}}, hi, "adapted system.only system"},
		"gemma":             {"gemma-3-4b", llm.Request{System: []llm.Part{llm.TextPart("a")}, Turns: text1("hi")}, `"contents":[{"role":"user","parts":[{"text":"a"},{"text":"hi"}]}]`, "adapted system.position system the model has no system instruction"},
		"model first":       {g3, llm.Request{Turns: []llm.Turn{model(llm.TextPart("x")), user(llm.TextPart("hi"))}}, `"contents":[{"role":"user","parts":[{"text":"Continue."}]},{"role":"model","parts":[{"text":"x"}]},{"role":"user","parts":[{"text":"hi"}]}]`, "adapted role.first turns[0]"},
		"image":             {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{MIME: "image/png", Data: "aGk=", Detail: "original"}))}}, `"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="},"mediaResolution":{"level":"MEDIA_RESOLUTION_ULTRA_HIGH"}}]}]`, ""},
		"image, old":        {g25, llm.Request{Turns: []llm.Turn{user(media(llm.Media{MIME: "image/png", Data: "aGk=", Detail: "low"}))}}, `"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}]`, "dropped media.detail turns[0].parts[0] low"},
		"image URL":         {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{URL: "https://x.example/a.png"}))}}, `"contents":[{"role":"user","parts":[{"fileData":{"mimeType":"image/png","fileUri":"https://x.example/a.png"}}]}]`, ""},
		"YouTube":           {g25, llm.Request{Turns: []llm.Turn{user(media(llm.Media{URL: "https://www.youtube.com/watch?v=x"}))}}, `"contents":[{"role":"user","parts":[{"fileData":{"fileUri":"https://www.youtube.com/watch?v=x"}}]}]`, ""},
		"own file":          {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{FileID: "gs://b/a.pdf", MIME: "application/pdf"}))}}, `"contents":[{"role":"user","parts":[{"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/a.pdf"}}]}]`, ""},
		"text document":     {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{IsPlain: true, Plain: "hi"}))}}, `"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"text/plain","data":"aGk="}}]}]`, "adapted media.document turns[0].parts[0]"},
		"type by magic":     {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{Data: "JVBERi0xLjQK"}))}}, `"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0xLjQK"}}]}]`, ""},
		"refused GIF":       {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{MIME: "image/gif", Data: "aGk="}))}}, "media.kind turns[0].parts[0]", ""},
		"refused URL":       {g25, llm.Request{Turns: []llm.Turn{user(media(llm.Media{URL: "https://x.example/a.png"}))}}, "media.fetch turns[0].parts[0]", ""},
		"refused file":      {g3, llm.Request{Turns: []llm.Turn{user(llm.TextPart("x"), media(llm.Media{FileID: "file-abc"}))}}, "media.file_id turns[0].parts[1]", ""},
		"refused type":      {g3, llm.Request{Turns: []llm.Turn{user(media(llm.Media{Data: "aGk="}))}}, "media.mime turns[0].parts[0]", ""},
		"refused zero":      {g3, llm.Request{Turns: text1("hi"), Sampling: llm.Sampling{MaxTokens: llm.Ptr(int64(0))}}, "max_tokens.zero max_tokens", ""},
		"refused speech":    {g3, llm.Request{Turns: text1("hi"), Modalities: []string{"text", "audio"}}, "audio.out modalities", ""},
		"refused mp3":       {"gemini-2.5-flash-preview-tts", llm.Request{Turns: text1("hi"), Modalities: []string{"audio"}, Audio: &llm.AudioOut{Format: "mp3"}}, "audio.format audio.format", ""},
		"refused built-in":  {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{{Kind: llm.ToolServer, Builtin: llm.BuiltinOther, Name: "computer"}}, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAny, Names: []string{"computer"}}}, "tool.builtin tools[0]", ""},
		"speech":            {"gemini-2.5-flash-preview-tts", llm.Request{Turns: text1("hi"), Modalities: []string{"text", "audio"}, Audio: &llm.AudioOut{Format: "wav", Voice: "Kore"}}, hi + `,"generationConfig":{"responseModalities":["AUDIO"],"speechConfig":{"voiceConfig":{"prebuiltVoiceConfig":{"voiceName":"Kore"}}}}`, ""},
		"image tool":        {"gemini-2.5-flash-image", llm.Request{Turns: text1("hi"), Tools: []llm.Tool{{Kind: llm.ToolServer, Builtin: llm.BuiltinImage}}}, hi + `,"generationConfig":{"responseModalities":["TEXT","IMAGE"]}`, ""},
		"tools":             {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAuto}}, hi + "," + decl + `],"toolConfig":{"functionCallingConfig":{"mode":"AUTO"}}`, ""},
		"strict":            {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{strict}}, hi + "," + decl + `],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"}}`, ""},
		"none":              {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceNone}}, hi + "," + decl + `],"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}`, ""},
		"forced":            {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAny, Names: []string{"f"}, Parallel: llm.Ptr(false)}}, hi + "," + decl + `],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}`, "dropped tool_choice.parallel parallel_tool_calls"},
		"some, auto":        {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool}, ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAuto, Names: []string{"f"}}}, hi + "," + decl + `],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED","allowedFunctionNames":["f"]}}`, ""},
		"choice, no tools":  {g3, llm.Request{Turns: text1("hi"), ToolChoice: llm.ToolChoice{Mode: llm.ChoiceAny}}, hi, ""},
		"search":            {g25, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{search}}, hi + `,"tools":[{"googleSearch":{}}]`, ""},
		"search mixed":      {g3, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool, search}}, hi + "," + decl + `,{"googleSearch":{}}],"toolConfig":{"functionCallingConfig":{"mode":"VALIDATED"},"includeServerSideToolInvocations":true}`, ""},
		"search lost":       {g25, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool, search}}, hi + "," + decl + `]`, "dropped tool.builtin tools[1] web_search"},
		"JSON":              {g3, llm.Request{Turns: text1("hi"), Format: llm.Format{Kind: llm.FormatJSON}}, hi + `,"generationConfig":{"responseMimeType":"application/json"}`, ""},
		"schema":            {g3, llm.Request{Turns: text1("hi"), Format: llm.Format{Kind: llm.FormatSchema, Schema: []byte(`{"type":"object","title":"t"}`)}}, hi + `,"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","title":"t"}}`, ""},
		"JSON with tools":   {g25, llm.Request{Turns: text1("hi"), Tools: []llm.Tool{tool}, Format: llm.Format{Kind: llm.FormatJSON}}, hi + `,"systemInstruction":{"parts":[{"text":"Answer with one JSON object and nothing else."}]},` + decl + `]`, "adapted format.prompt response_format"},
		"sampling":          {g3, llm.Request{Turns: text1("hi"), Sampling: llm.Sampling{Temperature: "0.10", TopP: "1e-1", Seed: "7", N: llm.Ptr(int64(2)), Logprobs: llm.Ptr(true), TopLogprobs: llm.Ptr(int64(3)), Stop: []string{"a"}}}, hi + `,"generationConfig":{"temperature":0.10,"topP":1e-1,"seed":7,"stopSequences":["a"],"candidateCount":2,"responseLogprobs":true,"logprobs":3}`, ""},
		"knobs lost":        {g3, llm.Request{Turns: text1("hi"), EndUser: "u", Metadata: []byte(`{}`), ServiceTier: "scale", Sampling: llm.Sampling{Seed: "9999999999", Verbosity: "low", LogitBias: []byte(`{}`)}}, hi, "dropped logit_bias logit_bias\ndropped metadata metadata\ndropped seed seed the seed must be an integer of 32 bits\ndropped service_tier service_tier scale\ndropped user user\ndropped verbosity verbosity"},
		"tier":              {g3, llm.Request{Turns: text1("hi"), ServiceTier: "priority"}, hi + `,"serviceTier":"priority"`, ""},
		"level":             {g3, llm.Request{Turns: text1("hi"), Reasoning: llm.Reasoning{Mode: llm.ReasoningOn, Effort: llm.EffortHigh}}, hi + `,"generationConfig":{"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}}`, ""},
		"budget":            {g25, llm.Request{Turns: text1("hi"), Reasoning: llm.Reasoning{Mode: llm.ReasoningOn, Budget: llm.Ptr(int64(2000)), Visible: llm.VisibleOmit}}, hi + `,"generationConfig":{"thinkingConfig":{"thinkingBudget":2000}}`, ""},
		"seal in its place": {g3, llm.Request{Turns: append(text1("hi"), model(sealed(call("1", "f", `{"b":1.0,"a":2}`), llm.IssuerGoogle), call("2", "f", "")), user(result("1", llm.TextPart("x")), result("2")))}, `"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"b":1.0,"a":2}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"2","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}},{"functionResponse":{"id":"2","name":"f","response":{"output":""}}}]}]`, ""},
		"placeholders": {g3, llm.Request{Turns: []llm.Turn{user(llm.TextPart("a")), model(call("1", "f", "")), user(result("1")), user(llm.TextPart("b")), model(call("2", "f", ""), call("3", "f", "")), user(result("2"), result("3"))}},
			`"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":""}}}]},{"role":"user","parts":[{"text":"b"}]},{"role":"model","parts":[{"functionCall":{"id":"2","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"id":"3","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"2","name":"f","response":{"output":""}}},{"functionResponse":{"id":"3","name":"f","response":{"output":""}}}]}]`, "adapted seal.placeholder turns[3].parts[0]"},
		"no placeholder on 2.5": {g25, llm.Request{Turns: append(text1("hi"), model(call("1", "f", "")), user(result("1")))}, `"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":""}}}]}]`, ""},
		"foreign thoughts": {g3, llm.Request{Turns: []llm.Turn{user(llm.TextPart("hi")), model(llm.Part{Kind: llm.KindReasoning, Text: "a"}, sealed(llm.Part{Kind: llm.KindReasoning, Text: "b"}, llm.IssuerAnthropic), sealed(llm.Part{Kind: llm.KindReasoning, Text: "c"}, llm.IssuerGoogle), sealed(llm.TextPart("d"), llm.IssuerOpenAI)), user(llm.TextPart("hi"))}},
			`"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"c","thought":true,"thoughtSignature":"c2ln"},{"text":"d"}]},{"role":"user","parts":[{"text":"hi"}]}]`, "dropped reasoning.unsigned turns[1].parts[0]\ndropped reasoning.foreign turns[1].parts[1] anthropic\ndropped reasoning.foreign turns[1].parts[3] openai"},
		"results": {g3, llm.Request{Turns: append(text1("hi"), model(sealed(call("1", "f", `{"a`), llm.IssuerGoogle)), user(llm.Part{Kind: llm.KindResult, Result: &llm.Result{CallID: "1", IsError: true, Parts: []llm.Part{llm.TextPart("a"), llm.TextPart(`{"b":1}`), media(img)}}}, llm.TextPart("go")))},
			`"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"_raw":"{\"a"}},"thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"error":"a\n{\"b\":1}"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}}]},{"role":"user","parts":[{"text":"go"}]}]`, "adapted call.args turns[1].parts[0]"},
		"result media, old": {g25, llm.Request{Turns: append(text1("hi"), model(call("1", "f", ""), call("2", "f", "")), user(result("1", media(img)), result("2")))},
			`"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}},{"functionCall":{"id":"2","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"output":""}}},{"functionResponse":{"id":"2","name":"f","response":{"output":""}}},{"text":"Image from tool call 1:"},{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}]`, "adapted result.media turns[2].parts[0].content[0]"},
		"cache, citation, opaque": {g3, llm.Request{Turns: []llm.Turn{user(llm.Part{Kind: llm.KindText, Text: "hi", Cache: &llm.Cache{}, Citations: []llm.Citation{{}}}, llm.Part{Kind: llm.KindOpaque, Native: llm.Native{Protocol: llm.Responses, Rest: []byte(`{}`)}})}}, hi, "dropped cache turns[0].parts[0]\ndropped citation turns[0].parts[0]\ndropped opaque turns[0].parts[1] openai-responses"},
	} {
		t.Run(name, func(t *testing.T) {
			req := tc.req
			var losses llm.Losses
			crossing.Normalize(&req, nil)
			enc, err := Upstream{}.EncodeRequest(&req, protocol.Target{Model: tc.model, Caps: family.Gemini(tc.model)}, &losses)
			if !strings.HasPrefix(tc.want, `"`) { // refused
				f := fault.From(err)
				if err == nil || f.Class != fault.InvalidRequest || f.Code+" "+f.Param != tc.want {
					t.Errorf("got %v (%s), want a refusal %s", err, f.Param, tc.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff("{"+tc.want+"}", string(enc.Body)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			var lines []string
			for _, l := range losses.List() {
				lines = append(lines, l.String())
			}
			if d := cmp.Diff(tc.losses, strings.Join(lines, "\n")); d != "" {
				t.Errorf("losses -want +got:\n%s", d)
			}
		})
	}
}

// Without the placeholder, unsigned steps of the current turn become text.
func TestCallsAsText(t *testing.T) {
	caps := family.Gemini("gemini-3-pro")
	caps.Placeholder = false
	req := &llm.Request{Turns: append(text1("hi"), model(call("1", "f", `{"a":1}`)), user(result("1", llm.TextPart("x"))), model(sealed(call("2", "f", ""), llm.IssuerGoogle)), user(result("2")))}
	var losses llm.Losses
	enc, err := Upstream{}.EncodeRequest(req, protocol.Target{Caps: caps}, &losses)
	want := `{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"text":"Called the tool f with {\"a\":1}"}]},{"role":"user","parts":[{"text":"The tool f answered:\nx"}]},{"role":"model","parts":[{"functionCall":{"id":"2","name":"f","args":{}},"thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"functionResponse":{"id":"2","name":"f","response":{"output":""}}}]}]}`
	if err != nil || string(enc.Body) != want || losses.Len() != 1 || losses.List()[0].Code != "seal.astext" {
		t.Errorf("%s %v %v", enc.Body, err, losses.List())
	}
	if req.Turns[1].Parts[0].Kind != llm.KindCall {
		t.Error("the request was changed")
	}
}

// A resend after a refused signature carries none of the history's.
func TestDropSeals(t *testing.T) {
	body := `{"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"text":"a","thoughtSignature":"s"},{"text":"","thoughtSignature":"s"},{"toolCall":{"id":"1"},"thoughtSignature":"s"},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"s"},{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"x"}}},{"functionResponse":{"name":"f","response":{"output":"y"}}}]}]}`
	req, err := Client{}.DecodeRequest(protocol.Inbound{Body: []byte(body)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	target := modern("gemini-3-pro")
	target.DropSeals = true
	enc, err := Upstream{}.EncodeRequest(req, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(body, `{"functionCall":{"name":"f","args":{}},"thoughtSignature":"s"}`, `{"functionCall":{"name":"f","args":{}},"thoughtSignature":"`+Placeholder+`"}`, 1)
	want = strings.ReplaceAll(strings.Replace(want, `{"text":"","thoughtSignature":"s"},`, "", 1), `,"thoughtSignature":"s"`, "")
	if !rawjson.Equal([]byte(want), enc.Body) {
		t.Errorf("got  %s\nwant %s", enc.Body, want)
	}
}

func TestToolNamesComeBack(t *testing.T) {
	req := &llm.Request{Turns: text1("hi"), Tools: []llm.Tool{{Kind: llm.ToolFunction, Namespace: "ns", Name: "f"}, {Kind: llm.ToolCustom, Name: "patch"}}}
	enc, err := Upstream{}.EncodeRequest(req, modern("gemini-3-pro"), nil)
	if err != nil {
		t.Fatal(err)
	}
	reply := frames(`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"ns__f","args":{}}},{"functionCall":{"name":"patch","args":{"input":"x"}}}]},"finishReason":"STOP"}]}`)
	resp, err := llm.Collect(enc.Tools.Restore(Upstream{}.DecodeStream(strings.NewReader(reply), nil)))
	if err != nil {
		t.Fatal(err)
	}
	first, second := resp.Choices[0].Parts[0].Call, resp.Choices[0].Parts[1].Call
	if first.Namespace != "ns" || first.Name != "f" || second.Kind != llm.CallCustom || second.Args != "x" {
		t.Errorf("%+v %+v", first, second)
	}
}

func TestEncodeCount(t *testing.T) {
	for want, req := range map[string]*llm.Request{
		`{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`: {Turns: text1("hi"), Sampling: llm.Sampling{Temperature: "1"}, Reasoning: llm.Reasoning{Mode: llm.ReasoningOn}},
		`{"generateContentRequest":{"model":"models/gemini-3-pro","contents":[{"role":"user","parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"s"}]}}}`: {System: []llm.Part{llm.TextPart("s")}, Turns: text1("hi")},
	} {
		enc, err := Upstream{}.EncodeCount(req, modern("gemini-3-pro"), nil)
		if err != nil || string(enc.Body) != want {
			t.Errorf("%s %v", enc.Body, err)
		}
	}
	for body, want := range map[string]llm.Usage{`{"totalTokens":9,"cachedContentTokenCount":4}`: {Input: 5, CacheRead: 4}, `{"totalTokens":0}`: {}} {
		if got, err := (Upstream{}).DecodeCount([]byte(body)); err != nil || got != want {
			t.Errorf("%s: %+v %v", body, got, err)
		}
	}
	for _, body := range []string{"", "[]", `{}`, `{"totalTokens":"x"}`} {
		if _, err := (Upstream{}).DecodeCount([]byte(body)); !fault.Is(err, fault.UpstreamProtocol) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestDecodeRequestForms(t *testing.T) {
	for name, body := range map[string]string{
		"camel": `{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}},{"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{"maxOutputTokens":7,"topP":0.5,"stopSequences":["x"],"thinkingConfig":{"thinkingBudget":5,"includeThoughts":true}}}`,
		"snake": `{"system_instruction":{"parts":[{"text":"s"}]},"contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"aGk="}},{"function_response":{"id":"1","name":"f","response":{"output":"x"}}}],"role":"function"}],"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}},"generation_config":{"max_output_tokens":"7","top_p":0.5,"stop_sequences":["x"],"thinking_config":{"thinking_budget":5,"include_thoughts":true}}}`,
		"count": `{"generateContentRequest":{"model":"models/m","systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}},{"functionResponse":{"id":"1","name":"f","response":{"output":"x"}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{"maxOutputTokens":7,"topP":0.5,"stopSequences":["x"],"thinkingConfig":{"thinkingBudget":5,"includeThoughts":true}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			req, err := Client{}.DecodeRequest(protocol.Inbound{Body: []byte(body)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			s := req.Sampling
			if req.System[0].Text != "s" || req.Turns[0].Role != llm.RoleUser || req.Turns[0].Parts[0].Media.MIME != "image/png" || req.Turns[0].Parts[1].Result.Parts[0].Text != "x" ||
				req.ToolChoice.Mode != llm.ChoiceAny || req.ToolChoice.Names[0] != "f" || *s.MaxTokens != 7 || s.TopP != "0.5" || s.Stop[0] != "x" ||
				*req.Reasoning.Budget != 5 || req.Reasoning.Visible != llm.VisibleText {
				t.Errorf("%+v", req)
			}
		})
	}
}

func TestDecodeRequestErrors(t *testing.T) {
	for body, field := range map[string]string{
		`[]`:                                  "",
		`{}`:                                  "contents",
		`{"contents":{}}`:                     "contents",
		`{"contents":[1]}`:                    "contents[0]",
		`{"contents":[{"role":"assistant"}]}`: "contents[0].role",
		`{"contents":[{},{},{"parts":[{"inlineData":{"mimeType":"a","data":5}}]}]}`:                "contents[2].parts[0].inlineData.data",
		`{"contents":[{"parts":[{"inline_data":[]}]}]}`:                                            "contents[0].parts[0].inline_data",
		`{"contents":[{"parts":[{"functionCall":{"args":"x"}}]}]}`:                                 "contents[0].parts[0].functionCall.args",
		`{"contents":[{"parts":[{"functionResponse":{"parts":[{"inlineData":{"data":true}}]}}]}]}`: "contents[0].parts[0].functionResponse.parts[0].inlineData.data",
		`{"contents":[{"parts":[{"text":{}}]}]}`:                                                   "contents[0].parts[0].text",
		`{"contents":[{"parts":"x"}]}`:                                                             "contents[0].parts",
		`{"contents":[{}],"systemInstruction":"x"}`:                                                "systemInstruction",
		`{"contents":[{}],"tools":[{"functionDeclarations":[{"name":"a"},{"description":"x"}]}]}`:  "tools[0].functionDeclarations[1].name",
		`{"contents":[{}],"tools":{}}`:                                                             "tools",
		`{"contents":[{}],"toolConfig":{"functionCallingConfig":{"mode":"MUST"}}}`:                 "toolConfig.functionCallingConfig.mode",
		`{"contents":[{}],"generationConfig":{"temperature":"hot"}}`:                               "generationConfig.temperature",
		`{"contents":[{}],"generationConfig":{"maxOutputTokens":1.5}}`:                             "generationConfig.maxOutputTokens",
		`{"contents":[{}],"generationConfig":{"stopSequences":["a",1]}}`:                           "generationConfig.stopSequences[1]",
		`{"contents":[{}],"generationConfig":{"thinkingConfig":{"thinkingLevel":"SOME"}}}`:         "generationConfig.thinkingConfig.thinkingLevel",
		`{"generateContentRequest":{"contents":[5]}}`:                                              "generateContentRequest.contents[0]",
	} {
		_, err := Client{}.DecodeRequest(protocol.Inbound{Body: []byte(body)}, nil)
		f := fault.From(err)
		if err == nil || f.Class != fault.InvalidRequest || f.Param != field || f.Message == "" {
			t.Errorf("%s: %v, field %q", body, err, f.Param)
		}
	}
}

// TestRepairUnsigned: in the current turn the first call of each step gets the
// placeholder where it has no signature, for a model that insists on one.
func TestRepairUnsigned(t *testing.T) {
	const before = `{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"name":"old"}}]},{"role":"user","parts":[{"functionResponse":{"name":"old"}}]},{"role":"user","parts":[{"text":"go"}]},`
	const signed = `{"role":"model","parts":[{"functionCall":{"name":"a"},"thoughtSignature":"c2ln"},{"functionCall":{"name":"b"}}]},{"role":"user","parts":[{"functionResponse":{"name":"a"}},{"functionResponse":{"name":"b"}}]},`
	const plain = `{"role":"model","parts":[{"text":"so"},{"functionCall":{"name":"c"}`
	const after = `},{"functionCall":{"name":"d"}}]},{"role":"user","parts":[{"functionResponse":{"name":"c"}}]}], "unknown":1e3}`
	target := protocol.Target{Caps: family.Gemini("gemini-3-pro-preview")}
	losses := &llm.Losses{}
	in := before + signed + plain + after
	want := before + signed + plain + `,"thoughtSignature":"skip_thought_signature_validator"` + after
	if got := string(Upstream{}.Repair([]byte(in), target, losses)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if l := losses.List(); len(l) != 1 || l[0].Code != "seal.placeholder" {
		t.Errorf("%v", l)
	}
	if got := string(Upstream{}.Repair([]byte(want), target, nil)); got != want {
		t.Errorf("repaired twice: %s", got)
	}
	if got := string(Upstream{}.Repair([]byte(in), protocol.Target{Caps: family.Gemini("gemini-2.5-flash")}, nil)); got != in {
		t.Errorf("a model that needs none: %s", got)
	}
}

func TestRepair(t *testing.T) {
	same := `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"}]},{"role":"user","parts":[]}], "x":1.0}`
	if got := (Upstream{}).Repair([]byte(same), protocol.Target{}, nil); string(got) != same {
		t.Errorf("changed: %s", got)
	}
	in := `{"a":1.00,"contents":[{"role":"user","parts":[{"text":"a"}]},{"parts":[{"text":"b"}],"role":"model"},{"role":"model","parts":[]},{"role":"model","parts":[{"functionCall":{"name":"f"}, "x":1}]},{"role":"user","parts":[{"text":"c"}]},{"role":"model","parts":[{"text":"d"}]}],"z":[ 2 ]}`
	want := `{"a":1.00,"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"b"},{"functionCall":{"name":"f"}, "x":1}]},{"role":"user","parts":[{"text":"c"}]},{"role":"model","parts":[{"text":"d"}]}],"z":[ 2 ]}`
	if got := (Upstream{}).Repair([]byte(in), protocol.Target{}, nil); string(got) != want {
		t.Errorf("got %s", got)
	}
	for _, odd := range []string{"", "[]", `{"contents":5}`, `{"contents":[1,2]}`} {
		if got := (Upstream{}).Repair([]byte(odd), protocol.Target{}, nil); string(got) != odd {
			t.Errorf("%s became %s", odd, got)
		}
	}
}
