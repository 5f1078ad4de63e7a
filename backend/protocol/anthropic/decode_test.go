package anthropic_test

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

const hi = `"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]`

func dump(t *testing.T, body string) string {
	t.Helper()
	losses := &llm.Losses{}
	req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(body)}, losses)
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return protocoltest.Dump(req) + protocoltest.DumpLosses(losses)
}

type row struct{ in, want string }

func (r row) check(t *testing.T, body string) {
	t.Helper()
	if got := dump(t, body); !strings.Contains(got, r.want) {
		t.Errorf("%s gives\n%swithout %s", r.in, got, r.want)
	}
}

// Every top-level field, each with the lines that it must give.
func TestDecodeFields(t *testing.T) {
	table := []row{
		{`"stream":true`, "request \"m\" stream usage\n"},
		{`"max_tokens":0`, "sampling max=0\n"},
		{`"temperature":1.0,"top_p":0.990,"top_k":5`, `temperature="1.0" top_p="0.990" top_k="5"`},
		{`"stop_sequences":["a","b"]`, `stop=["a" "b"]`},
		{`"system":"s"`, "system[0] text \"s\"\n"},
		{`"system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}]`, "system[0] text \"a\"\nsystem[1] text \"b\" cache(1h)\n"},
		{`"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1; cch=0"},{"type":"text","text":"b"}]`,
			`dropAs="system.billing"` + "\nsystem[1] text \"b\"\n"},
		{`"system":[{"type":"text","text":"a"},{"type":"text","text":"x-anthropic-billing-header: quoted"}]`, "system[1] text \"x-anthropic-billing-header: quoted\"\n"},
		{`"thinking":{"type":"adaptive"}`, "sealsInBand\n"},
		{`"thinking":{"type":"adaptive"}`, "reasoning mode=\"on\" visible=\"text\"\n"},
		{`"thinking":{"type":"adaptive","display":"omitted"}`, "reasoning mode=\"on\" visible=\"omit\"\n"},
		{`"thinking":{"type":"enabled","budget_tokens":31999}`, "reasoning mode=\"on\" budget=31999 visible=\"text\"\n"},
		{`"thinking":{"type":"enabled","budget_tokens":31999,"display":"summarized"}`, "sealsInBand\n"},
		{`"thinking":{"type":"disabled"}`, "reasoning mode=\"off\"\n"},
		{`"thinking":{"type":"between_tools"}`, "reasoning mode=\"on\" effort=\"minimal\" visible=\"text\"\n"},
		{`"thinking":{"type":"between_tools"},"output_config":{"effort":"high"}`, "reasoning mode=\"on\" effort=\"high\" visible=\"text\"\n"},
		{`"thinking":{"type":"of_a_newer_client"}`, "reasoning mode=\"on\" visible=\"text\"\nloss dropped option thinking.type\n"},
		{`"output_config":{"effort":"max"}`, "reasoning effort=\"max\"\n"},
		{`"output_config":{"format":{"type":"json_schema","schema":{"b":1,"a":2}}}`, `format kind="schema" schema="{\"b\":1,\"a\":2}"`},
		{`"output_format":{"type":"json_schema","schema":{}}`, `format kind="schema" schema="{}"`},
		{`"output_config":{"task_budget":{"total":1}}`, `native(anthropic {"output_config":{"task_budget":{"total":1}}})`},
		{`"output_config":{"task_budget":{"total":1}}`, "loss dropped option output_config.task_budget\n"},
		{`"metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"abc\"}"}`, `affinity="abc" user="{\"device_id\":\"d\",\"session_id\":\"abc\"}"`},
		{`"metadata":{"user_id":"user_1_account_2_session_abc"}`, `affinity="abc" user="user_1_account_2_session_abc"`},
		{`"metadata":{"user_id":"plain"}`, `user="plain"`},
		{`"metadata":{"user_id":null}`, "request \"m\" usage\n"},
		{`"cache_control":{"type":"ephemeral"}`, "request \"m\" usage cache()\n"},
		{`"service_tier":"standard_only"`, `tier="default"`},
		{`"service_tier":"auto"`, `tier="auto"`},
		{`"context_management":{"edits":[]}`, "loss dropped option context_management\n"},
		{`"mcp_servers":[{"type":"url","url":"https://x","name":"n"}]`, "loss dropped tool.builtin mcp_servers\n"},
		{`"speed":"fast","container":"c"`, `native(anthropic {"speed":"fast","container":"c"})`},
	}
	for _, r := range table {
		r.check(t, "{"+hi+","+r.in+"}")
	}
}

func TestDecodeTools(t *testing.T) {
	table := []row{
		{`"tools":[{"name":"f","description":"d","input_schema":{"type":"object","z":1.0},"strict":true,"defer_loading":true,"cache_control":{"type":"ephemeral"}}]`,
			`tool[0] function name="f" description="d" schema="{\"type\":\"object\",\"z\":1.0}" strict=true deferred cache()` + "\n"},
		{`"tools":[{"type":"custom","name":"f","input_schema":{}}]`, `tool[0] function name="f" schema="{}"` + "\n"},
		{`"tools":[{"name":"f","input_schema":{},"input_examples":[{}]}]`, "loss dropped tool.option tools[0]\n"},
		{`"tools":[{"type":"bash_20250124","name":"bash"}]`, `trained="bash" native(anthropic {"type":"bash_20250124","name":"bash"})`},
		{`"tools":[{"type":"text_editor_20250728","name":"str_replace_based_edit_tool","max_characters":9}]`, `trained="text_editor" native(`},
		{`"tools":[{"type":"memory_20250818","name":"memory"}]`, `trained="memory" native(`},
		{`"tools":[{"type":"web_search_20260318","name":"web_search","max_uses":2}]`, `tool[0] server builtin="web_search" name="web_search" native(`},
		{`"tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]`, `tool[0] server builtin="url_context"`},
		{`"tools":[{"type":"code_execution_20250825","name":"code_execution"}]`, `tool[0] server builtin="code_execution"`},
		{`"tools":[{"type":"computer_20250124","name":"computer"}]`, `tool[0] server builtin="other" name="computer"`},
		{`"tools":[{"type":"tool_search_tool_bm25"}]`, `tool[0] server builtin="tool_search" name="tool_search_tool_bm25"`},
		{`"tool_choice":{"type":"auto"}`, "choice mode=\"auto\"\n"},
		{`"tool_choice":{"type":"any","disable_parallel_tool_use":true}`, "choice mode=\"any\" parallel=false\n"},
		{`"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":false}`, "choice mode=\"any\" names=\"f\" parallel=true\n"},
		{`"tool_choice":{"type":"none"}`, "choice mode=\"none\"\n"},
	}
	for _, r := range table {
		r.check(t, "{"+hi+","+r.in+"}")
	}
	row{"call of a trained tool", `name="bash" args="{}" trained="bash"`}.check(t, `{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"bash","input":{}}]}],"tools":[{"type":"bash_20250124","name":"bash"}]}`)
}

func TestDecodeMessages(t *testing.T) {
	const user = `{"role":"user","content":"hi"}`
	seal := &llm.Seal{Issuer: llm.IssuerGoogle, Model: "g", Realm: "r", Data: "GS"}
	table := []row{
		{`{"role":"system","content":"s"},` + user, "system[0] text \"s\"\nturn[0] user\n"},
		{user + `,{"role":"system","content":[{"type":"text","text":"s"}]}`, "turn[1] system\n  [0] text \"s\"\n"},
		{`{"content":[{"text":"x","type":"text"}],"role":"user"}`, "turn[0] user\n  [0] text \"x\"\n"},
		{user + `,{"role":"assistant","content":"a","clear_at":1}`, "turn[1] model native(anthropic {\"clear_at\":1})\n"},
	}
	block := func(role, b, want string) {
		table = append(table, row{`{"role":"` + role + `","content":[` + b + `]}`, want})
	}
	block("user", `{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"5m"}}`, `[0] text "x" cache(5m)`)
	block("assistant", `{"type":"text","text":"x","citations":[{"type":"web_search_result_location","url":"https://u","title":"T","cited_text":"c","encrypted_index":"e"}]}`,
		"citation 0-0 \"https://u\" \"T\" \"c\" native(anthropic {\"type\":\"web_search_result_location\"")
	block("assistant", `{"type":"text","text":"see ![image](data:image/png;base64,AAAA)"}`, "[0] text \"see \"\n  [1] media mime=\"image/png\" data=\"AAAA\"\n")
	block("user", `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"},"cache_control":{"type":"ephemeral"}}`, `[0] media mime="image/png" data="AAAA" cache()`)
	block("user", `{"type":"image","source":{"type":"base64","data":"/9j/4AAQ"}}`, `[0] media mime="image/jpeg"`)
	block("user", `{"type":"image","source":{"type":"url","url":"https://x/y"}}`, `[0] media url="https://x/y"`)
	block("user", `{"type":"image","source":{"type":"url","url":"data:image/gif;base64,R0lG"}}`, `[0] media mime="image/gif" data="R0lG"`)
	block("user", `{"type":"image","source":{"type":"file","file_id":"file_1"}}`, `[0] media file="file_1"`)
	block("user", `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"},"title":"T","context":"C","citations":{"enabled":true}}`,
		`[0] media mime="application/pdf" data="AAAA" name="T" context="C" document native(anthropic {"citations":{"enabled":true}})`)
	block("user", `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain"}}`, `[0] media mime="text/plain" document plain="plain"`)
	block("user", `{"type":"document","source":{"type":"content","content":"plain"}}`, `[0] media mime="text/plain" document plain="plain"`)
	block("user", `{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"image","source":{"type":"url","url":"https://x"}}]}}`,
		"plain=\"a\\nb\"\n  [1] media url=\"https://x\"\n")
	block("user", `{"type":"search_result","source":"https://s","title":"T","content":[{"type":"text","text":"body"}]}`, `[0] text "T\nhttps://s\nbody" native(anthropic {"type":"search_result"`)
	block("assistant", `{"type":"thinking","thinking":"t","signature":"AS=="}`, `[0] reasoning "t" seal(anthropic "AS==")`)
	block("assistant", `{"type":"thinking","thinking":"t","signature":""}`, "[0] reasoning \"t\"\n")
	block("assistant", `{"type":"thinking","thinking":"","signature":"`+seal.Envelope("call:0")+`"}`, `[0] reasoning "" seal(google "GS" model="g" realm="r" slot="call:0")`)
	block("assistant", `{"type":"redacted_thinking","data":"RD"}`, `[0] reasoning "" seal(anthropic "RD" redacted)`)
	block("assistant", `{"type":"tool_use","id":"toolu_1","name":"f","input":{"b":1.0,"a":12345678901234567890}}`, `[0] call kind="function" id="toolu_1" name="f" args="{\"b\":1.0,\"a\":12345678901234567890}"`)
	block("assistant", `{"type":"tool_use","id":"toolu_1","name":"f","input":{},"caller":{"type":"direct"}}`, `args="{}" native(anthropic {"caller":{"type":"direct"}})`)
	block("user", `{"type":"tool_result","tool_use_id":"toolu_1","content":"r","is_error":true,"cache_control":{"type":"ephemeral"}}`,
		"[0] result kind=\"function\" id=\"toolu_1\" error cache()\n    [0] text \"r\"\n")
	block("user", `{"type":"tool_result","tool_use_id":"toolu_1"}`, "[0] result kind=\"function\" id=\"toolu_1\"\n")
	block("user", `{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"tool_reference","tool_name":"n"}]}`,
		"    [0] text \"a\"\n    [1] media mime=\"image/png\" data=\"AAAA\"\n    [2] opaque native(anthropic {\"type\":\"tool_reference\",\"tool_name\":\"n\"})\n")
	block("assistant", `{"type":"server_tool_use","id":"s","name":"web_search","input":{}}`, `[0] opaque native(anthropic {"type":"server_tool_use"`)
	block("assistant", `{"type":"web_search_tool_result","tool_use_id":"s","content":[]}`, `[0] opaque native(`)
	block("assistant", `{"type":"from_the_future"}`, `[0] opaque native(anthropic {"type":"from_the_future"})`)
	block("assistant", `{"type":"compaction","content":"All done."},{"type":"text","text":"go"}`,
		"turn[1] user\n  [0] text \"Summary of the conversation so far:\\nAll done.\"\nturn[2] model\n  [0] text \"go\"\n")
	block("assistant", `{"type":"compaction","encrypted_content":"x"}`, `[0] opaque`)
	for _, r := range table {
		r.check(t, `{"model":"m","max_tokens":1,"messages":[`+r.in+`]}`)
	}
}

// A token count has no max_tokens.
func TestDecodeCount(t *testing.T) {
	row{"count", "request \"m\" usage\nturn[0] user\n"}.check(t, `{"model":"m","messages":[{"role":"user","content":"hi"}]}`)
}

// Every wrong type and every missing field is a 400 that names the field, in
// Param and at the start of the message.
func TestDecodeRefusals(t *testing.T) {
	msg := func(m string) string { return `{"model":"m","messages":[` + m + `]}` }
	block := func(b string) string {
		return msg(`{"role":"user","content":[{"type":"text","text":"x"},` + b + `]}`)
	}
	member := func(m string) string { return "{" + hi + "," + m + "}" }
	const at = "messages[0].content[1]"
	table := []struct{ body, param string }{
		{`[]`, ""},
		{`7`, ""},
		{`{"messages":[]}`, "model"},
		{`{"model":7,"messages":[]}`, "model"},
		{`{"model":"m"}`, "messages"},
		{`{"model":"m","messages":"x"}`, "messages"},
		{`{"model":"m","messages":[]}`, "messages"},
		{msg(`[]`), "messages[0]"},
		{msg(`{"content":"x"}`), "messages[0].role"},
		{msg(`{"role":"tool","content":"x"}`), "messages[0].role"},
		{msg(`{"role":1,"content":"x"}`), "messages[0].role"},
		{msg(`{"role":"user"}`), "messages[0].content"},
		{msg(`{"role":"user","content":{}}`), "messages[0].content"},
		{msg(`{"role":"system","content":[{"type":"image"}]}`), "messages[0].content[0].type"},
		{msg(`{"role":"system","content":7}`), "messages[0].content"},
		{block(`7`), at},
		{block(`{}`), at + ".type"},
		{block(`{"type":1}`), at + ".type"},
		{block(`{"type":"text"}`), at + ".text"},
		{block(`{"type":"text","text":1}`), at + ".text"},
		{block(`{"type":"text","text":"x","cache_control":"on"}`), at + ".cache_control"},
		{block(`{"type":"text","text":"x","cache_control":{"ttl":5}}`), at + ".cache_control.ttl"},
		{block(`{"type":"text","text":"x","citations":{}}`), at + ".citations"},
		{block(`{"type":"text","text":"x","citations":[{"url":1}]}`), at + ".citations[0].url"},
		{block(`{"type":"image"}`), at + ".source"},
		{block(`{"type":"image","source":"x"}`), at + ".source"},
		{block(`{"type":"image","source":{}}`), at + ".source.type"},
		{block(`{"type":"image","source":{"type":"telepathy"}}`), at + ".source.type"},
		{block(`{"type":"image","source":{"type":"text","data":"x"}}`), at + ".source.type"},
		{block(`{"type":"image","source":{"type":"base64","media_type":"image/png"}}`), at + ".source.data"},
		{block(`{"type":"image","source":{"type":"base64","data":"AAAA"}}`), at + ".source.media_type"},
		{block(`{"type":"image","source":{"type":"base64","media_type":1,"data":"AAAA"}}`), at + ".source.media_type"},
		{block(`{"type":"image","source":{"type":"url"}}`), at + ".source.url"},
		{block(`{"type":"image","source":{"type":"url","url":"file:///etc/passwd"}}`), at + ".source.url"},
		{block(`{"type":"image","source":{"type":"file"}}`), at + ".source.file_id"},
		{block(`{"type":"document","source":{"type":"content","content":7}}`), at + ".source.content"},
		{block(`{"type":"document","source":{"type":"content","content":[{"type":"text"}]}}`), at + ".source.content[0].text"},
		{block(`{"type":"document","source":{"type":"url","url":"https://x"},"title":1}`), at + ".title"},
		{block(`{"type":"document","source":{"type":"url","url":"https://x"},"context":1}`), at + ".context"},
		{block(`{"type":"search_result","title":"t","content":[]}`), at + ".source"},
		{block(`{"type":"search_result","source":"s","content":[]}`), at + ".title"},
		{block(`{"type":"search_result","source":"s","title":"t"}`), at + ".content"},
		{block(`{"type":"search_result","source":"s","title":"t","content":[{"type":"image"}]}`), at + ".content[0].type"},
		{block(`{"type":"thinking","signature":"x"}`), at + ".thinking"},
		{block(`{"type":"thinking","thinking":"x","signature":1}`), at + ".signature"},
		{block(`{"type":"redacted_thinking"}`), at + ".data"},
		{block(`{"type":"tool_use","name":"f","input":{}}`), at + ".id"},
		{block(`{"type":"tool_use","id":"x","input":{}}`), at + ".name"},
		{block(`{"type":"tool_use","id":"x","name":"f","input":"{}"}`), at + ".input"},
		{block(`{"type":"tool_result","content":"x"}`), at + ".tool_use_id"},
		{block(`{"type":"tool_result","tool_use_id":"x","content":{}}`), at + ".content"},
		{block(`{"type":"tool_result","tool_use_id":"x","is_error":"yes"}`), at + ".is_error"},
		{block(`{"type":"tool_result","tool_use_id":"x","content":[{"type":"image","source":{"type":"base64","data":1}}]}`), at + ".content[0].source.data"},
		{member(`"max_tokens":-1`), "max_tokens"},
		{member(`"max_tokens":"9"`), "max_tokens"},
		{member(`"max_tokens":1.5`), "max_tokens"},
		{member(`"stream":1`), "stream"},
		{member(`"system":7`), "system"},
		{member(`"system":[{"type":"image"}]`), "system[0].type"},
		{member(`"system":[{"type":"text"}]`), "system[0].text"},
		{member(`"stop_sequences":"x"`), "stop_sequences"},
		{member(`"stop_sequences":[1]`), "stop_sequences[0]"},
		{member(`"temperature":"x"`), "temperature"},
		{member(`"top_p":"x"`), "top_p"},
		{member(`"top_k":"x"`), "top_k"},
		{member(`"thinking":true`), "thinking"},
		{member(`"thinking":{}`), "thinking.type"},
		{member(`"thinking":{"type":7}`), "thinking.type"},
		{member(`"thinking":{"type":"enabled"}`), "thinking.budget_tokens"},
		{member(`"thinking":{"type":"enabled","budget_tokens":"x"}`), "thinking.budget_tokens"},
		{member(`"thinking":{"type":"adaptive","display":1}`), "thinking.display"},
		{member(`"output_config":[]`), "output_config"},
		{member(`"output_config":{"effort":"none"}`), "output_config.effort"},
		{member(`"output_config":{"format":{}}`), "output_config.format.type"},
		{member(`"output_config":{"format":{"type":"json_schema"}}`), "output_config.format.schema"},
		{member(`"output_format":{"type":"xml"}`), "output_format.type"},
		{member(`"metadata":"x"`), "metadata"},
		{member(`"metadata":{"user_id":1}`), "metadata.user_id"},
		{member(`"cache_control":1`), "cache_control"},
		{member(`"service_tier":1`), "service_tier"},
		{member(`"tools":{}`), "tools"},
		{member(`"tools":[1]`), "tools[0]"},
		{member(`"tools":[{"input_schema":{}}]`), "tools[0].name"},
		{member(`"tools":[{"name":"f"}]`), "tools[0].input_schema"},
		{member(`"tools":[{"name":"f","input_schema":[]}]`), "tools[0].input_schema"},
		{member(`"tools":[{"name":"f","input_schema":{},"strict":1}]`), "tools[0].strict"},
		{member(`"tools":[{"type":1}]`), "tools[0].type"},
		{member(`"tool_choice":"auto"`), "tool_choice"},
		{member(`"tool_choice":{}`), "tool_choice.type"},
		{member(`"tool_choice":{"type":"tool"}`), "tool_choice.name"},
		{member(`"tool_choice":{"type":"some"}`), "tool_choice.type"},
		{member(`"tool_choice":{"type":"auto","disable_parallel_tool_use":1}`), "tool_choice.disable_parallel_tool_use"},
	}
	for _, r := range table {
		_, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(r.body)}, nil)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.InvalidRequest || e.Param != r.param {
			t.Errorf("%s: %+v, want param %q", r.body, err, r.param)
			continue
		}
		if !strings.HasPrefix(e.Message, r.param) || len(e.Message) < len(r.param)+5 {
			t.Errorf("%s: message %q", r.body, e.Message)
		}
	}
}

func TestSessionHeader(t *testing.T) {
	in := protocol.Inbound{Header: http.Header{"X-Session-Id": {"abc"}}, Body: []byte("{" + hi + "}")}
	if req, err := codec.DecodeRequest(in, nil); err != nil || req.Affinity != "abc" {
		t.Errorf("%v %v", req, err)
	}
	in.Body = []byte("{" + hi + `,"metadata":{"user_id":"u_session_s"}}`)
	if req, err := codec.DecodeRequest(in, nil); err != nil || req.Affinity != "s" {
		t.Errorf("%v %v", req, err)
	}
}
