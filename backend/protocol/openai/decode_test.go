package openai_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

const hi = `"model":"m","messages":[{"role":"user","content":"hi"}]`

func dump(t *testing.T, body string) string {
	t.Helper()
	losses := &llm.Losses{}
	req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(body)}, losses)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return protocoltest.Dump(req) + protocoltest.DumpLosses(losses)
}

// Every top-level field, each with the lines that it must give.
func TestDecodeFields(t *testing.T) {
	table := []struct{ members, want string }{
		{`"stream":true`, "request \"m\" stream\n"},
		{`"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}`, "request \"m\" stream usage\n"},
		{`"max_tokens":5`, "sampling max=5\n"},
		{`"max_tokens":5,"max_completion_tokens":7`, "sampling max=7\n"},
		{`"max_completion_tokens":7,"max_tokens":5`, "sampling max=7\n"},
		{`"temperature":0.10000000000000000001,"top_p":1e-1,"seed":12345678901234567890`, `temperature="0.10000000000000000001" top_p="1e-1" seed="12345678901234567890"`},
		{`"frequency_penalty":-2,"presence_penalty":1.50`, `presence="1.50" frequency="-2"`},
		{`"n":3,"logprobs":true,"top_logprobs":4,"logit_bias":{"50256":-100}`, `n=3 logprobs=true top=4 bias="{\"50256\":-100}"`},
		{`"stop":"END"`, `stop=["END"]`},
		{`"stop":["a","b"]`, `stop=["a" "b"]`},
		{`"stop":null,"temperature":null,"tools":null`, "request \"m\"\n"},
		{`"verbosity":"low"`, `verbosity="low"`},
		{`"top_k":40`, `top_k="40"`},
		{`"response_format":{"type":"text"}`, `format kind="text"`},
		{`"response_format":{"type":"json_object"}`, `format kind="json"`},
		{`"response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","strict":true,"schema":{"type":"object"}}}`,
			`format kind="schema" name="n" description="d" strict=true schema="{\"type\":\"object\"}"`},
		{`"reasoning_effort":"none"`, `reasoning mode="off" visible="text"`},
		{`"reasoning_effort":"minimal"`, `reasoning mode="on" effort="minimal" visible="text"`},
		{`"reasoning_effort":""`, "reasoning visible=\"text\"\n"},
		{`"prompt_cache_retention":"24h"`, "loss dropped cache prompt_cache_retention\n"},
		{`"reasoning_effort":"max"`, `reasoning mode="on" effort="max" visible="text"`},
		{`"thinking":{"type":"enabled","budget_tokens":2048}`, `reasoning mode="on" budget=2048 visible="text"`},
		{`"thinking":{"type":"disabled"}`, `reasoning mode="off" visible="text"`},
		{`"enable_thinking":true,"thinking_budget":99`, `reasoning mode="on" budget=99 visible="text"`},
		{`"enable_thinking":false`, `reasoning mode="off" visible="text"`},
		{`"reasoning":{"effort":"high","exclude":true}`, `reasoning mode="on" effort="high" visible="omit"`},
		{`"reasoning":{"max_tokens":1000}`, `reasoning mode="on" budget=1000 visible="text"`},
		{`"extra_body":{"google":{"thinking_config":{"thinking_budget":-1,"include_thoughts":true}}}`, `reasoning mode="on" visible="text"`},
		{`"extra_body":{"google":{"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":false}}}`, `reasoning mode="on" effort="high" visible="omit"`},
		{`"google":{"thinking_config":{"thinking_budget":0}}`, `reasoning mode="off" visible="text"`},
		{`"modalities":["text","audio"],"audio":{"voice":"alloy","format":"wav"}`, `output modalities="text,audio" voice="alloy" format="wav"`},
		{`"audio":{"voice":{"id":"v1"},"format":"pcm16"}`, `output voice="v1" format="pcm16"`},
		{`"user":"u"`, `user="u"`},
		{`"safety_identifier":"s","user":"u"`, `user="s"`},
		{`"metadata":{"a":"b"}`, `metadata="{\"a\":\"b\"}"`},
		{`"service_tier":"flex"`, `tier="flex"`},
		{`"prompt_cache_key":"k"`, `affinity="k"`},
		{`"store":true`, "native(openai-chat {\"store\":true})\n"},
		{`"prediction":{"type":"content","content":"x"}`, "loss dropped prediction prediction\n"},
		{`"x_unknown":{"big":12345678901234567890}`, `native(openai-chat {"x_unknown":{"big":12345678901234567890}})`},
		{`"x_unknown":1`, "loss dropped option x_unknown\n"},
		{`"parallel_tool_calls":false`, "choice parallel=false\n"},
		{`"web_search_options":{"search_context_size":"low"}`, `tool[0] server builtin="web_search" name="web_search" native(openai-chat {"search_context_size":"low"})`},
	}
	for _, row := range table {
		if got := dump(t, "{"+hi+","+row.members+"}"); !strings.Contains(got, row.want) {
			t.Errorf("%s gives\n%swithout %s", row.members, got, row.want)
		}
	}
}

func TestDecodeTools(t *testing.T) {
	table := []struct{ members, want string }{
		{`"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"z":1,"a":1.0},"strict":true}}]`,
			`tool[0] function name="f" description="d" schema="{\"z\":1,\"a\":1.0}" strict=true` + "\n"},
		{`"tools":[{"type":"function","function":{"name":"f"}}]`, `tool[0] function name="f"` + "\n"},
		{`"tools":[{"type":"custom","custom":{"name":"c","description":"d","format":{"type":"text"}}}]`, `tool[0] custom name="c" description="d" native(`},
		{`"tools":[{"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":{"definition":"start: x","syntax":"lark"}}}}]`, `grammar="start: x"`},
		{`"tools":[{"type":"function","function":{"name":"f","x":1}}]`, "loss dropped tool.option tools[0]\n"},
		{`"tools":[{"type":"web_search"}]`, `tool[0] server builtin="web_search" name="web_search" native(openai-chat {"type":"web_search"})`},
		{`"tools":[{"type":"mystery"}]`, `tool[0] server builtin="other" name="mystery"`},
		{`"functions":[{"name":"f","parameters":{}}]`, `tool[0] function name="f" schema="{}"`},
		{`"functions":[{"name":"f"}]`, "choice parallel=false\n"},
		{`"tool_choice":"none"`, `choice mode="none"`},
		{`"tool_choice":"auto"`, `choice mode="auto"`},
		{`"tool_choice":"required"`, `choice mode="any"`},
		{`"tool_choice":{"type":"function","function":{"name":"f"}}`, `choice mode="any" names="f"`},
		{`"tool_choice":{"type":"custom","custom":{"name":"c"}}`, `choice mode="any" names="c"`},
		{`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}}`,
			`choice mode="auto" names="f,c"`},
		{`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}`, `choice mode="any" names="f"`},
		{`"tool_choice":{"type":"web_search"}`, `choice mode="any" names="web_search" native(openai-chat {"type":"web_search"})`},
		{`"function_call":"auto"`, `choice mode="auto"`},
		{`"function_call":{"name":"f"}`, `choice mode="any" names="f"`},
	}
	for _, row := range table {
		if got := dump(t, "{"+hi+","+row.members+"}"); !strings.Contains(got, row.want) {
			t.Errorf("%s gives\n%swithout %s", row.members, got, row.want)
		}
	}
	both := `"tools":[{"type":"function","function":{"name":"f"}}],"web_search_options":{},"functions":[{"name":"g"}]`
	if got := dump(t, "{"+both+","+hi+"}"); !strings.Contains(got, `tool[2] server`) || !strings.Contains(got, `tool[1] function name="g"`) {
		t.Error(got)
	}
}

func TestDecodeMessages(t *testing.T) {
	user := `{"role":"user","content":"hi"}`
	call := `{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	table := []struct{ messages, want string }{
		{`{"role":"system","content":"s"},{"role":"developer","content":[{"type":"text","text":"d"}]},` + user,
			"system[0] text \"s\"\nsystem[1] text \"d\" native(openai-chat {\"role\":\"developer\"})\nturn[0] user\n"},
		{user + `,{"role":"system","content":"later"}`, "turn[1] system\n  [0] text \"later\"\n"},
		{user + `,{"role":"developer","content":"later"}`, "turn[1] system native(openai-chat {\"role\":\"developer\"})\n"},
		{`{"content":"role last","role":"user"}`, "turn[0] user\n  [0] text \"role last\"\n"},
		{`{"role":"user","content":"hi","name":"Ann"}`, "loss dropped message.name messages[0].name\n"},
		{`{"role":"user","content":[{"type":"text","text":"x","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}}]}`, `[0] text "x" cache(12h)`},
		{`{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/PNG;base64,AAAA","detail":"low"}}]}`, `[0] media mime="image/png" data="AAAA" detail="low"`},
		{`{"role":"user","content":[{"type":"image_url","image_url":"https://x/y.png"}]}`, `[0] media url="https://x/y.png"`},
		{`{"role":"user","content":[{"type":"image_url","image_url":{"url":"gs://b/o"}}]}`, `[0] media file="gs://b/o"`},
		{`{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}`, `[0] media mime="audio/wav" data="AAAA"`},
		{`{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}}]}`, `[0] media mime="application/pdf" data="AAAA" name="a.pdf" document`},
		{`{"role":"user","content":[{"type":"file","file":{"file_data":"AAAA","filename":"a.csv"}}]}`, `[0] media mime="text/csv" data="AAAA" name="a.csv" document`},
		{`{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}`, `[0] media file="file-1" document`},
		{`{"role":"user","content":[{"type":"hologram","x":1}]}`, `[0] opaque native(openai-chat {"type":"hologram","x":1})`},
		{call + `,{"role":"tool","tool_call_id":"c1","content":"r"}`,
			"turn[0] model\n  [0] call kind=\"function\" id=\"c1\" name=\"f\" args=\"{}\"\nturn[1] user\n  [0] result kind=\"function\" id=\"c1\"\n    [0] text \"r\"\n"},
		{call + `,{"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"tool","tool_call_id":"c2","content":""}`,
			"    [0] text \"a\"\n    [1] text \"b\"\n  [1] result kind=\"function\" id=\"c2\"\n"},
		{`{"role":"assistant","tool_calls":[{"id":"c1","type":"custom","custom":{"name":"p","input":"free"}}]},{"role":"tool","tool_call_id":"c1","content":"r"}`,
			"call kind=\"custom\" id=\"c1\" name=\"p\" args=\"free\"\nturn[1] user\n  [0] result kind=\"custom\" id=\"c1\"\n"},
		{`{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":""},"extra_content":{"google":{"thought_signature":"SIG+/="}}}]}`,
			`seal(google "SIG+/=")`},
		{`{"role":"assistant","content":"t","reasoning_content":"r"}`, "[0] reasoning \"r\"\n  [1] text \"t\"\n"},
		{`{"role":"assistant","content":"t","reasoning":"r"}`, "[0] reasoning \"r\"\n  [1] text \"t\"\n"},
		{`{"role":"assistant","content":"t","reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"x","signature":"S","format":"anthropic-claude-v1"}]}`,
			"[0] reasoning \"r\" seal(anthropic \"S\")\n"},
		{`{"role":"assistant","content":"t","reasoning_details":[{"type":"reasoning.encrypted","data":"S","format":"openai-responses-v1"},{"summary":"s"}]}`,
			"[0] reasoning \"s\" seal(openai \"S\")\n"},
		{`{"role":"assistant","content":"see ![image](data:image/png;base64,AAAA) ok"}`,
			"[0] text \"see \"\n  [1] media mime=\"image/png\" data=\"AAAA\"\n  [2] text \" ok\"\n"},
		{`{"role":"user","content":"see ![image](data:image/png;base64,AAAA) ok"}`, `[0] text "see ![image](data:image/png;base64,AAAA) ok"`},
		{`{"role":"assistant","content":null,"refusal":"no"}`, `[0] text "no" refusal`},
		{`{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}`, `[0] text "no" refusal`},
		{`{"role":"assistant","audio":{"id":"audio_1"}}`, `[0] media file="audio_1"`},
		{`{"role":"assistant","content":"","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}`, `[0] media mime="image/png"`},
		{`{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}`,
			"call kind=\"function\" id=\"function_call_0\" name=\"f\" args=\"{}\"\nturn[1] user\n  [0] result kind=\"function\" id=\"function_call_0\" name=\"f\"\n"},
		{`{"role":"assistant","content":"t","x":1}`, `turn[0] model native(openai-chat {"x":1})`},
	}
	for _, row := range table {
		if got := dump(t, `{"model":"m","messages":[`+row.messages+`]}`); !strings.Contains(got, row.want) {
			t.Errorf("%s gives\n%swithout %s", row.messages, got, row.want)
		}
	}
}

// An envelope that a client carried opens to the seal within.
func TestDecodeEnvelope(t *testing.T) {
	seal := &llm.Seal{Issuer: llm.IssuerOpenAI, Model: "gpt", Realm: "r", Data: "enc"}
	body := `{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},` +
		`"extra_content":{"google":{"thought_signature":"` + seal.Envelope("call:0") + `"}}}]}]}`
	if got := dump(t, body); !strings.Contains(got, `seal(openai "enc" model="gpt" realm="r" slot="call:0")`) {
		t.Error(got)
	}
}

// Every wrong type and every missing field is a 400 that names the field, in
// Param and at the start of the message.
func TestDecodeRefusals(t *testing.T) {
	msg := func(m string) string { return `{"model":"m","messages":[` + m + `]}` }
	part := func(p string) string { return msg(`{"role":"user","content":[{"type":"text","text":"x"},` + p + `]}`) }
	member := func(m string) string { return "{" + hi + "," + m + "}" }
	call := func(c string) string { return msg(`{"role":"assistant","tool_calls":[` + c + `]}`) }
	table := []struct{ body, param string }{
		{`[]`, ""},
		{`"x"`, ""},
		{`{"messages":[]}`, "model"},
		{`{"model":"","messages":[]}`, "model"},
		{`{"model":1,"messages":[]}`, "model"},
		{`{"model":"m"}`, "messages"},
		{`{"model":"m","messages":null}`, "messages"},
		{`{"model":"m","messages":{}}`, "messages"},
		{`{"model":"m","messages":[]}`, "messages"},
		{msg(`"x"`), "messages[0]"},
		{msg(`{"content":"x"}`), "messages[0].role"},
		{msg(`{"role":"alien","content":"x"}`), "messages[0].role"},
		{msg(`{"role":7}`), "messages[0].role"},
		{msg(`{"role":"user"}`), "messages[0].content"},
		{msg(`{"role":"user","content":7}`), "messages[0].content"},
		{msg(`{"role":"system","content":null}`), "messages[0].content"},
		{msg(`{"role":"system","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}`), "messages[0].content[0].type"},
		{msg(`{"role":"user","content":"x","name":1}`), "messages[0].name"},
		{msg(`{"role":"tool","content":"x"}`), "messages[0].tool_call_id"},
		{msg(`{"role":"tool","tool_call_id":3,"content":"x"}`), "messages[0].tool_call_id"},
		{msg(`{"role":"function","content":"x"}`), "messages[0].name"},
		{msg(`{"role":"assistant","tool_calls":{}}`), "messages[0].tool_calls"},
		{msg(`{"role":"assistant","content":{}}`), "messages[0].content"},
		{msg(`{"role":"assistant","refusal":{}}`), "messages[0].refusal"},
		{msg(`{"role":"assistant","reasoning_content":{}}`), "messages[0].reasoning_content"},
		{msg(`{"role":"assistant","reasoning_details":[{"text":1}]}`), "messages[0].reasoning_details[0].text"},
		{msg(`{"role":"assistant","audio":{}}`), "messages[0].audio.id"},
		{msg(`{"role":"assistant","function_call":{"arguments":"{}"}}`), "messages[0].function_call.name"},
		{part(`7`), "messages[0].content[1]"},
		{part(`{}`), "messages[0].content[1].type"},
		{part(`{"type":3}`), "messages[0].content[1].type"},
		{part(`{"type":"text"}`), "messages[0].content[1].text"},
		{part(`{"type":"text","text":[]}`), "messages[0].content[1].text"},
		{part(`{"type":"refusal","refusal":"x"}`), "messages[0].content[1].type"},
		{part(`{"type":"image_url"}`), "messages[0].content[1].image_url"},
		{part(`{"type":"image_url","image_url":{}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"image_url","image_url":{"url":5}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"image_url","image_url":{"url":"/etc/passwd"}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"image_url","image_url":{"url":"data:image/png,raw"}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"image_url","image_url":{"url":"data:image/png;base64,"}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"image_url","image_url":{"url":"data:image/png"}}`), "messages[0].content[1].image_url.url"},
		{part(`{"type":"input_audio","input_audio":{"format":"wav"}}`), "messages[0].content[1].input_audio.data"},
		{part(`{"type":"input_audio","input_audio":{"data":"AA"}}`), "messages[0].content[1].input_audio.format"},
		{part(`{"type":"file","file":{}}`), "messages[0].content[1].file.file_data"},
		{part(`{"type":"file","file":{"file_data":"file:///etc/passwd"}}`), "messages[0].content[1].file.file_data"},
		{part(`{"type":"text","text":"x","prompt_cache_breakpoint":{"ttl":1}}`), "messages[0].content[1].prompt_cache_breakpoint.ttl"},
		{call(`1`), "messages[0].tool_calls[0]"},
		{call(`{"type":"function","function":{"name":"f","arguments":"{}"}}`), "messages[0].tool_calls[0].id"},
		{call(`{"id":"c","type":"function"}`), "messages[0].tool_calls[0].function"},
		{call(`{"id":"c","type":"weird","function":{}}`), "messages[0].tool_calls[0].type"},
		{call(`{"id":"c","type":"function","function":{"arguments":"{}"}}`), "messages[0].tool_calls[0].function.name"},
		{call(`{"id":"c","type":"function","function":{"name":"f","arguments":{}}}`), "messages[0].tool_calls[0].function.arguments"},
		{call(`{"id":"c","function":{"name":"f"},"extra_content":{"google":{"thought_signature":1}}}`), "messages[0].tool_calls[0].extra_content.google.thought_signature"},
		{member(`"stream":"yes"`), "stream"},
		{member(`"stream_options":{"include_usage":1}`), "stream_options.include_usage"},
		{member(`"max_tokens":"5"`), "max_tokens"},
		{member(`"max_tokens":0`), "max_tokens"},
		{member(`"max_completion_tokens":1.5`), "max_completion_tokens"},
		{member(`"temperature":"hot"`), "temperature"},
		{member(`"top_p":[]`), "top_p"},
		{member(`"seed":true`), "seed"},
		{member(`"n":0`), "n"},
		{member(`"stop":5`), "stop"},
		{member(`"stop":["a",1]`), "stop[1]"},
		{member(`"logprobs":1`), "logprobs"},
		{member(`"top_logprobs":-1`), "top_logprobs"},
		{member(`"logit_bias":[]`), "logit_bias"},
		{member(`"verbosity":1`), "verbosity"},
		{member(`"presence_penalty":"x"`), "presence_penalty"},
		{member(`"frequency_penalty":{}`), "frequency_penalty"},
		{member(`"tools":{}`), "tools"},
		{member(`"tools":[5]`), "tools[0]"},
		{member(`"tools":[{"function":{"name":"f"}}]`), "tools[0].type"},
		{member(`"tools":[{"type":"function"}]`), "tools[0].function"},
		{member(`"tools":[{"type":"function","function":{}}]`), "tools[0].function.name"},
		{member(`"tools":[{"type":"function","function":{"name":1}}]`), "tools[0].function.name"},
		{member(`"tools":[{"type":"function","function":{"name":"f","parameters":[]}}]`), "tools[0].function.parameters"},
		{member(`"tools":[{"type":"function","function":{"name":"f","strict":"no"}}]`), "tools[0].function.strict"},
		{member(`"tools":[{"type":"custom"}]`), "tools[0].custom"},
		{member(`"tools":[{"type":"custom","custom":{}}]`), "tools[0].custom.name"},
		{member(`"functions":[{}]`), "functions[0].name"},
		{member(`"tool_choice":7`), "tool_choice"},
		{member(`"tool_choice":"maybe"`), "tool_choice"},
		{member(`"tool_choice":{}`), "tool_choice.type"},
		{member(`"tool_choice":{"type":"function"}`), "tool_choice.function.name"},
		{member(`"tool_choice":{"type":"function","function":{"name":2}}`), "tool_choice.function.name"},
		{member(`"tool_choice":{"type":"allowed_tools"}`), "tool_choice.allowed_tools"},
		{member(`"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[]}}`), "tool_choice.allowed_tools.mode"},
		{member(`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function"}]}}`), "tool_choice.allowed_tools.tools[0].function.name"},
		{member(`"function_call":{}`), "function_call.name"},
		{member(`"parallel_tool_calls":"x"`), "parallel_tool_calls"},
		{member(`"response_format":"json"`), "response_format"},
		{member(`"response_format":{}`), "response_format.type"},
		{member(`"response_format":{"type":"xml"}`), "response_format.type"},
		{member(`"response_format":{"type":"json_schema"}`), "response_format.json_schema"},
		{member(`"response_format":{"type":"json_schema","json_schema":{"schema":"x"}}`), "response_format.json_schema.schema"},
		{member(`"reasoning_effort":"huge"`), "reasoning_effort"},
		{member(`"reasoning_effort":3`), "reasoning_effort"},
		{member(`"thinking":{"type":"maybe"}`), "thinking.type"},
		{member(`"enable_thinking":"x"`), "enable_thinking"},
		{member(`"extra_body":{"google":{"thinking_config":{"thinking_budget":"x"}}}`), "extra_body.google.thinking_config.thinking_budget"},
		{member(`"extra_body":{"google":{"thinking_config":{"thinking_level":"x"}}}`), "extra_body.google.thinking_config.thinking_level"},
		{member(`"extra_body":{"google":{"cached_content":"x"}}`), "extra_body.google.cached_content"},
		{member(`"modalities":"text"`), "modalities"},
		{member(`"audio":{"voice":1}`), "audio.voice"},
		{member(`"user":1`), "user"},
		{member(`"metadata":[]`), "metadata"},
		{member(`"service_tier":1`), "service_tier"},
		{member(`"prompt_cache_key":1`), "prompt_cache_key"},
		{member(`"web_search_options":true`), "web_search_options"},
	}
	for _, row := range table {
		_, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(row.body)}, nil)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.InvalidRequest || e.Param != row.param {
			t.Errorf("%s: %+v, want param %q", row.body, err, row.param)
			continue
		}
		if !strings.HasPrefix(e.Message, row.param) || len(e.Message) < len(row.param)+5 {
			t.Errorf("%s: message %q", row.body, e.Message)
		}
	}
}

func TestSessionHeader(t *testing.T) {
	in := protocol.Inbound{Header: http.Header{"X-Session-Id": {"abc"}}, Body: []byte("{" + hi + "}")}
	req, err := codec.DecodeRequest(in, nil)
	if err != nil || req.Affinity != "abc" {
		t.Errorf("%v %v", req, err)
	}
	in.Body = []byte("{" + hi + `,"prompt_cache_key":"k"}`)
	if req, err = codec.DecodeRequest(in, nil); err != nil || req.Affinity != "k" {
		t.Errorf("%v %v", req, err)
	}
}
