package responses_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

const hi = `"model":"m","input":"hi"`

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
		{`"stream":true,"stream_options":{"include_obfuscation":false}`, "request \"m\" stream\n"},
		{`"instructions":"Be brief."`, "system[0] text \"Be brief.\"\n"},
		{`"max_output_tokens":16`, "sampling max=16\n"},
		{`"temperature":0.10000000000000000001,"top_p":1e-1,"top_logprobs":4`, `sampling temperature="0.10000000000000000001" top_p="1e-1" top=4`},
		{`"include":["reasoning.encrypted_content","web_search_call.results"]`, "request \"m\" sealsInBand\n"},
		{`"include":["message.output_text.logprobs"]`, "sampling logprobs=true\n"},
		{`"stream":null,"temperature":null,"tools":null,"reasoning":null,"previous_response_id":null,"background":null`, "request \"m\"\n"},
		{`"background":false`, "request \"m\"\n"},
		{`"text":{"format":{"type":"text"},"verbosity":"low"}`, `verbosity="low"`},
		{`"text":{"format":{"type":"text"}}`, `format kind="text"`},
		{`"text":{"format":{"type":"json_object"}}`, `format kind="json"`},
		{`"text":{"format":{"type":"json_schema","name":"n","description":"d","strict":true,"schema":{"type":"object"}}}`,
			`format kind="schema" name="n" description="d" strict=true schema="{\"type\":\"object\"}"`},
		{`"reasoning":{"effort":"none"}`, `reasoning mode="off" visible="omit"`},
		{`"reasoning":{"effort":"minimal","summary":"auto"}`, `reasoning mode="on" effort="minimal" visible="text"`},
		{`"reasoning":{"effort":"max","summary":null}`, `reasoning mode="on" effort="max" visible="omit"`},
		{`"reasoning":{"generate_summary":"concise"}`, `reasoning visible="text"`},
		{`"reasoning":{"summary":"none"}`, `reasoning visible="omit"`},
		{`"reasoning":{"mode":"pro"}`, `native(openai-responses {"reasoning":{"mode":"pro"}})`},
		{`"reasoning":{"context":"auto"}`, "loss dropped option reasoning\n"},
		{`"user":"u"`, `user="u"`},
		{`"safety_identifier":"s","user":"u"`, `user="s"`},
		{`"metadata":{"a":"b"}`, `metadata="{\"a\":\"b\"}"`},
		{`"service_tier":"flex"`, `tier="flex"`},
		{`"prompt_cache_key":"k"`, `affinity="k"`},
		{`"store":false`, "native(openai-responses {\"store\":false})\n"},
		{`"truncation":"auto"`, `native(openai-responses {"truncation":"auto"})`},
		{`"max_tool_calls":3`, "loss dropped option max_tool_calls\n"},
		{`"prompt_cache_options":{"mode":"explicit"}`, "loss dropped option prompt_cache_options\n"},
		{`"x_unknown":{"big":12345678901234567890}`, `native(openai-responses {"x_unknown":{"big":12345678901234567890}})`},
		{`"parallel_tool_calls":false`, "choice parallel=false\n"},
	}
	for _, row := range table {
		if got := dump(t, "{"+hi+","+row.members+"}"); !strings.Contains(got, row.want) {
			t.Errorf("%s gives\n%swithout %s", row.members, got, row.want)
		}
	}
}

func TestDecodeToolChoice(t *testing.T) {
	table := []struct{ choice, want string }{
		{`"auto"`, `choice mode="auto"`},
		{`"none"`, `choice mode="none"`},
		{`"required"`, `choice mode="any"`},
		{`{"type":"function","name":"f"}`, `choice mode="any" names="f"`},
		{`{"name":"f","type":"custom"}`, `choice mode="any" names="f"`},
		{`{"type":"apply_patch"}`, `choice mode="any" names="apply_patch"`},
		{`{"type":"shell"}`, `choice mode="any" names="shell"`},
		{`{"type":"web_search_preview_2025_03_11"}`, `choice mode="any" names="web_search"`},
		{`{"type":"mcp","server_label":"s"}`, `choice mode="any" names="mcp" native(openai-responses {"type":"mcp","server_label":"s"})`},
		{`{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"},{"type":"image_generation"}]}`, `choice mode="auto" names="f,image_generation"`},
		{`{"tools":[{"type":"custom","name":"f"}],"mode":"required","type":"allowed_tools"}`, `choice mode="any" names="f"`},
	}
	for _, row := range table {
		if got := dump(t, "{"+hi+`,"tool_choice":`+row.choice+"}"); !strings.Contains(got, row.want) {
			t.Errorf("%s gives\n%swithout %s", row.choice, got, row.want)
		}
	}
}

// Strict is on unless the tool says otherwise, here and nowhere else.
func TestDecodeStrict(t *testing.T) {
	for member, want := range map[string]string{"": "strict=true", `,"strict":null`: "strict=true", `,"strict":false`: "strict=false", `,"strict":true`: "strict=true"} {
		got := dump(t, "{"+hi+`,"tools":[{"type":"function","name":"f"`+member+`}]}`)
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s", member, got)
		}
	}
}

func TestGroupText(t *testing.T) {
	req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte("{" + hi +
		`,"tools":[{"type":"namespace","name":"n","description":"Group.","tools":[{"type":"custom","name":"c"}]}]}`)}, nil)
	if err != nil || len(req.Tools) != 1 || req.Tools[0].GroupText != "Group." || req.Tools[0].Namespace != "n" || req.Tools[0].Kind != llm.ToolCustom {
		t.Errorf("%v %+v", err, req)
	}
}

// Each fault names the field, and its code where OpenAI has one.
func TestDecodeFaults(t *testing.T) {
	item := func(s string) string { return `{"model":"m","input":[` + s + `]}` }
	tool := func(s string) string { return "{" + hi + `,"tools":[` + s + `]}` }
	user := func(part string) string { return item(`{"role":"user","content":[` + part + `]}`) }
	table := []struct{ body, param, code string }{
		{`[]`, "", ""},
		{`{"input":"x"}`, "model", ""},
		{`{"model":3,"input":"x"}`, "model", ""},
		{`{"model":"m"}`, "input", ""},
		{`{"model":"m","input":null}`, "input", ""},
		{`{"model":"m","input":{}}`, "input", ""},
		{`{"model":"m","input":[]}`, "input", ""},
		{`{"model":"m","input":["x"]}`, "input[0]", ""},
		{"{" + hi + `,"previous_response_id":"resp_1"}`, "previous_response_id", "previous_response_not_found"},
		{"{" + hi + `,"previous_response_id":1}`, "previous_response_id", ""},
		{"{" + hi + `,"conversation":"conv_1"}`, "conversation", "conversation"},
		{"{" + hi + `,"prompt":{"id":"pmpt_1"}}`, "prompt", "prompt"},
		{"{" + hi + `,"background":true}`, "background", "unsupported_value"},
		{"{" + hi + `,"background":"yes"}`, "background", ""},
		{item(`{}`), "input[0].type", ""},
		{item(`{"type":1}`), "input[0].type", ""},
		{item(`{"id":"msg_1"}`), "input[0].id", "previous_response_not_found"},
		{item(`{"type":"item_reference","id":"msg_1"}`), "input[0].id", "previous_response_not_found"},
		{item(`{"type":"item_reference"}`), "input[0].id", ""},
		{item(`{"type":"message","content":"x"}`), "input[0].role", ""},
		{item(`{"role":"user"}`), "input[0].content", ""},
		{item(`{"role":"user","content":3}`), "input[0].content", ""},
		{item(`{"role":"tool","content":"x"}`), "input[0].role", ""},
		{item(`{"role":"user","content":"x"},{"role":1}`), "input[1].role", ""},
		{user(`"x"`), "input[0].content[0]", ""},
		{user(`{"text":"x"}`), "input[0].content[0].type", ""},
		{user(`{"type":"input_text"}`), "input[0].content[0].text", ""},
		{user(`{"type":"input_text","text":[]}`), "input[0].content[0].text", ""},
		{user(`{"type":"input_text","text":"x","prompt_cache_breakpoint":1}`), "input[0].content[0].prompt_cache_breakpoint", ""},
		{user(`{"type":"input_image"}`), "input[0].content[0].image_url", ""},
		{user(`{"type":"input_image","image_url":1}`), "input[0].content[0].image_url", ""},
		{user(`{"type":"input_image","image_url":"file:///etc/passwd"}`), "input[0].content[0].image_url", ""},
		{user(`{"type":"input_image","image_url":{"url":"data:,x"}}`), "input[0].content[0].image_url.url", ""},
		{user(`{"type":"input_image","image_url":"https://a","detail":1}`), "input[0].content[0].detail", ""},
		{user(`{"type":"input_image","file_id":1}`), "input[0].content[0].file_id", ""},
		{user(`{"type":"input_file"}`), "input[0].content[0].file_data", ""},
		{user(`{"type":"input_file","file_data":1}`), "input[0].content[0].file_data", ""},
		{user(`{"type":"input_file","file_url":"/etc/passwd"}`), "input[0].content[0].file_url", ""},
		{user(`{"type":"input_file","filename":1,"file_id":"f"}`), "input[0].content[0].filename", ""},
		{user(`{"type":"input_audio"}`), "input[0].content[0].input_audio", ""},
		{user(`{"type":"input_audio","input_audio":{"data":"QQ=="}}`), "input[0].content[0].input_audio.format", ""},
		{user(`{"type":"refusal","refusal":1}`), "input[0].content[0].refusal", ""},
		{user(`{"type":"output_text","text":"x","annotations":{}}`), "input[0].content[0].annotations", ""},
		{user(`{"type":"output_text","text":"x","annotations":[{"type":"url_citation","start_index":"a"}]}`), "input[0].content[0].annotations[0].start_index", ""},
		{item(`{"type":"reasoning","summary":"x"}`), "input[0].summary", ""},
		{item(`{"type":"reasoning","summary":[{"text":1}]}`), "input[0].summary[0].text", ""},
		{item(`{"type":"reasoning","encrypted_content":1}`), "input[0].encrypted_content", ""},
		{item(`{"type":"function_call","name":"f","arguments":"{}"}`), "input[0].call_id", ""},
		{item(`{"type":"function_call","call_id":"c","arguments":"{}"}`), "input[0].name", ""},
		{item(`{"type":"function_call","call_id":"c","name":"f","arguments":{}}`), "input[0].arguments", ""},
		{item(`{"type":"function_call","call_id":"c","name":"f","namespace":1}`), "input[0].namespace", ""},
		{item(`{"type":"custom_tool_call","call_id":"c","name":"f","input":{}}`), "input[0].input", ""},
		{item(`{"type":"function_call_output","call_id":"c"}`), "input[0].output", ""},
		{item(`{"type":"function_call_output","call_id":"c","output":3}`), "input[0].output", ""},
		{item(`{"type":"function_call_output","call_id":"c","output":[{"type":"input_image"}]}`), "input[0].output[0].image_url", ""},
		{item(`{"type":"local_shell_call","call_id":"c"}`), "input[0].action", ""},
		{item(`{"type":"local_shell_call","action":{}}`), "input[0].call_id", ""},
		{item(`{"type":"shell_call","call_id":"c","action":[]}`), "input[0].action", ""},
		{item(`{"type":"shell_call_output","call_id":"c","output":"x"}`), "input[0].output", ""},
		{item(`{"type":"apply_patch_call","call_id":"c"}`), "input[0].operation", ""},
		{item(`{"type":"apply_patch_call_output","call_id":"c"}`), "input[0].status", ""},
		{item(`{"type":"apply_patch_call_output","call_id":"c","status":"odd"}`), "input[0].status", ""},
		{item(`{"type":"compaction"}`), "input[0].encrypted_content", ""},
		{item(`{"type":"compaction","encrypted_content":"gAAAA"}`), "input[0].encrypted_content", "compaction"},
		{item(`{"type":"compaction_trigger"}`), "input[0].type", "compaction"},
		{item(`{"type":"additional_tools"}`), "input[0].tools", ""},
		{item(`{"type":"additional_tools","tools":[{"type":"function"}]}`), "input[0].tools[0].name", ""},
		{item(`{"type":"configuration_update","reasoning":{"effort":"odd"}}`), "input[0].reasoning.effort", ""},
		{item(`{"type":"configuration_update","text":[]}`), "input[0].text", ""},
		{item(`{"type":"image_generation_call","result":1}`), "input[0].result", ""},
		{item(`{"type":"image_generation_call","result":"QQ==","output_format":1}`), "input[0].output_format", ""},
		{item(`{"type":"code_interpreter_call","code":1}`), "input[0].code", ""},
		{item(`{"type":"code_interpreter_call","code":"1","outputs":"x"}`), "input[0].outputs", ""},
		{item(`{"type":"code_interpreter_call","code":"1","outputs":[{"logs":1}]}`), "input[0].outputs[0].logs", ""},
		{"{" + hi + `,"tools":{}}`, "tools", ""},
		{tool(`{}`), "tools[0].type", ""},
		{tool(`{"type":"function"}`), "tools[0].name", ""},
		{tool(`{"type":"function","name":"f","parameters":"x"}`), "tools[0].parameters", ""},
		{tool(`{"type":"function","name":"f","strict":"x"}`), "tools[0].strict", ""},
		{tool(`{"type":"function","name":"f","defer_loading":1}`), "tools[0].defer_loading", ""},
		{tool(`{"type":"custom","name":"f","format":"x"}`), "tools[0].format", ""},
		{tool(`{"type":"custom","name":"f","format":{"definition":1}}`), "tools[0].format.definition", ""},
		{tool(`{"type":"namespace","tools":[]}`), "tools[0].name", ""},
		{tool(`{"type":"namespace","name":"n"}`), "tools[0].tools", ""},
		{tool(`{"type":"namespace","name":"n","tools":[{"type":"mcp"}]}`), "tools[0].tools[0].type", ""},
		{tool(`{"type":"web_search","external_web_access":"no"}`), "tools[0].external_web_access", ""},
		{tool(`{"type":"shell","environment":1}`), "tools[0].environment", ""},
		{"{" + hi + `,"tool_choice":"some"}`, "tool_choice", ""},
		{"{" + hi + `,"tool_choice":1}`, "tool_choice", ""},
		{"{" + hi + `,"tool_choice":{}}`, "tool_choice.type", ""},
		{"{" + hi + `,"tool_choice":{"type":"function"}}`, "tool_choice.name", ""},
		{"{" + hi + `,"tool_choice":{"type":"allowed_tools","tools":[]}}`, "tool_choice.mode", ""},
		{"{" + hi + `,"tool_choice":{"type":"allowed_tools","mode":"auto"}}`, "tool_choice.tools", ""},
		{"{" + hi + `,"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function"}]}}`, "tool_choice.tools[0].name", ""},
		{"{" + hi + `,"reasoning":{"effort":"odd"}}`, "reasoning.effort", ""},
		{"{" + hi + `,"reasoning":{"summary":1}}`, "reasoning.summary", ""},
		{"{" + hi + `,"include":"x"}`, "include", ""},
		{"{" + hi + `,"include":[1]}`, "include[0]", ""},
		{"{" + hi + `,"text":{"format":{}}}`, "text.format.type", ""},
		{"{" + hi + `,"text":{"format":{"type":"json_schema"}}}`, "text.format.schema", ""},
		{"{" + hi + `,"text":{"verbosity":"loud"}}`, "text.verbosity", ""},
	}
	for _, row := range table {
		_, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(row.body)}, nil)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.InvalidRequest || e.Param != row.param || e.Code != row.code || !strings.HasPrefix(e.Message, row.param) {
			t.Errorf("%s: %+v, want %s (%s)", row.body, err, row.param, row.code)
		}
	}
}

// Each scalar knob refuses every other kind of value.
func TestDecodeWrongTypes(t *testing.T) {
	values := []string{`"x"`, `1`, `true`, `[]`, `{}`, `1.5`, `-1`}
	fits := map[string]string{
		"instructions": `"x"`, "stream": "true", "store": "true", "temperature": "1 1.5 -1", "top_p": "1 1.5 -1",
		"max_output_tokens": "1", "max_tool_calls": "1", "top_logprobs": "1", "metadata": "{}", "user": `"x"`,
		"safety_identifier": `"x"`, "service_tier": `"x"`, "prompt_cache_key": `"x"`, "parallel_tool_calls": "true",
		"reasoning": "{}", "text": "{}", "include": "[]", "tools": "[]", "truncation": "", "stream_options": "{}",
	}
	for key, ok := range fits {
		for _, val := range values {
			_, err := codec.DecodeRequest(protocol.Inbound{Body: []byte("{" + hi + `,"` + key + `":` + val + "}")}, nil)
			want := strings.Contains(" "+ok+" ", " "+val+" ")
			if (err == nil) != want {
				t.Errorf("%s: %s gives %v", key, val, err)
			}
			if err != nil && fault.From(err).Param != key {
				t.Errorf("%s: %s names %q", key, val, fault.From(err).Param)
			}
		}
	}
}

// The reply repeats what the request said, with its number literals, and fills
// in the rest.
func TestEcho(t *testing.T) {
	body := `{"model":"m","input":"hi","instructions":"I","temperature":0.30,"tools":[{"type":"local_shell"}],"tool_choice":"required",` +
		`"metadata":{"k":"v"},"top_p":null,"store":false,"reasoning":{"effort":"low"},"user":"u","secret":"s"}`
	req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(body)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := codec.EncodeResponse(&llm.Response{Choices: []llm.Choice{{}}}, reply(req), nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"instructions": `"I"`, "temperature": "0.30", "tools": `[{"type":"local_shell"}]`, "tool_choice": `"required"`,
		"metadata": `{"k":"v"}`, "top_p": "null", "store": "false", "reasoning": `{"effort":"low"}`, "user": `"u"`,
		"parallel_tool_calls": "true", "truncation": `"disabled"`, "text": `{"format":{"type":"text"}}`, "model": `"asked-model"`,
	} {
		if got, _ := rawjson.Get(out, key); string(got) != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	for _, key := range []string{"secret", "input", "safety_identifier"} {
		if got, ok := rawjson.Get(out, key); ok {
			t.Errorf("%s: %s", key, got)
		}
	}
	if !json.Valid(out) {
		t.Errorf("%s", out)
	}
}

func TestSessionHeader(t *testing.T) {
	header := http.Header{"Session_id": {"s1"}}
	req, err := codec.DecodeRequest(protocol.Inbound{Header: header, Body: []byte("{" + hi + "}")}, nil)
	if err != nil || req.Affinity != "s1" {
		t.Errorf("%v %+v", err, req)
	}
}

func TestErrorsAndCount(t *testing.T) {
	status, body := codec.EncodeError(fault.Invalid("input[0].role", "bad"), "req_1")
	want := `{"error":{"message":"bad","type":"invalid_request_error","param":"input[0].role","code":null}}`
	if status != 400 || string(body) != want {
		t.Errorf("%d %s", status, body)
	}
	if got := string(codec.EncodeCount(llm.Usage{Input: 3, CacheRead: 4})); got != `{"object":"response.input_tokens","input_tokens":7}` {
		t.Error(got)
	}
}
