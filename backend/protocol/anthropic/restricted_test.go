package anthropic_test

import (
	"strings"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
)

// TestRestrictedEndpoint: what an Anthropic client asks for and Claude on Vertex
// AI does not have is told in words or left out, with its loss; Anthropic's own
// service gets it as it was written.
func TestRestrictedEndpoint(t *testing.T) {
	const function = `"name":"f","input_schema":{"type":"object","properties":{},"additionalProperties":false}`
	const fetch = `{"type":"web_fetch_20250910","name":"web_fetch"}`
	for name, tc := range map[string]struct{ more, loss, has, hasNot string }{
		"schema": {`"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"city":{"type":"string"}}}}}`,
			"adapted format.prompt", `"effort":"low"`, `"format"`},
		"strict": {`"tools":[{"strict":true,"input_examples":[{}],` + function + `}]`, "dropped tool.strict", `"input_examples":[{}]`, `"strict"`},
		"fetch":  {`"tools":[` + fetch + `,{` + function + `}]`, "dropped tool.builtin", `"name":"f"`, "web_fetch"},
		"code":   {`"tools":[{"type":"code_execution_20250825","name":"code_execution"}]`, "dropped tool.builtin", "hi", "code_execution"},
		"search": {`"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":2}]`, "", `"max_uses":2`, "no such words"},
		"mark":   {`"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]`, "", `"cache_control":{"type":"ephemeral"}`, "no such words"},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"model":"claude-opus-5","max_tokens":9000,"messages":[{"role":"user","content":"hi"}],` + tc.more + `}`
			encode := func(caps family.Caps) (string, string) {
				var losses llm.Losses
				req, err := anthropic.Client{}.DecodeRequest(protocol.Inbound{Body: []byte(body)}, &losses)
				if err != nil {
					t.Fatal(err)
				}
				out, err := anthropic.Upstream{}.EncodeRequest(req, protocol.Target{Model: "claude-opus-5", Caps: caps}, &losses)
				if err != nil {
					t.Fatal(err)
				}
				var lines []string
				for _, l := range losses.List() {
					lines = append(lines, string(l.Grade)+" "+l.Code)
				}
				return string(out.Body), strings.Join(lines, "; ")
			}
			if out, lost := encode(family.Vertex("claude-opus-5")); lost != tc.loss || !strings.Contains(out, tc.has) || strings.Contains(out, tc.hasNot) {
				t.Errorf("losses %q, want %q; sent %s", lost, tc.loss, out)
			}
			if out, lost := encode(family.Anthropic("claude-opus-5")); lost != "" || !strings.Contains(out, tc.has) || tc.loss != "" && !strings.Contains(out, tc.hasNot) {
				t.Errorf("at home: losses %q; sent %s", lost, out)
			}
		})
	}
}

// TestMarkedEnd: where automatic caching is refused, the end of the conversation
// is marked in its place, for an agent's prompt without being asked, unless the
// client has used up its marks; the request itself stays as it is.
func TestMarkedEnd(t *testing.T) {
	const auto, mark = `"cache_control":{"type":"ephemeral","ttl":"1h"}`, `{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}`
	const result = `[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"42"}]}]`
	const said = `[{"role":"user","content":"hi"}]`
	for name, tc := range map[string]struct{ body, has string }{
		"text":       {auto + `,"messages":` + said, `"content":[{"type":"text","text":"hi",` + auto + `}]`},
		"result":     {auto + `,"messages":` + result, `"content":"42",` + auto + `}]`},
		"with marks": {auto + `,"system":[` + mark + `],"messages":` + said, `"text":"hi",` + auto},
		"no room":    {auto + `,"system":[` + mark + `,` + mark + `,` + mark + `,` + mark + `],"messages":` + said, `"messages":[{"role":"user","content":"hi"}]`},
		"own tools":  {`"messages":` + said + `,"tools":[{"name":"f","input_schema":{"type":"object"}}]`, `"messages":[{"role":"user","content":"hi"}]`},
	} {
		var losses llm.Losses
		req, err := anthropic.Client{}.DecodeRequest(protocol.Inbound{Body: []byte(`{"model":"claude-opus-5","max_tokens":9000,` + tc.body + `}`)}, &losses)
		if err != nil {
			t.Fatal(err)
		}
		target := protocol.Target{Model: "claude-opus-5", Caps: family.Vertex("claude-opus-5")}
		for range 2 {
			out, err := anthropic.Upstream{}.EncodeRequest(req, target, &losses)
			if err != nil || losses.Len() > 0 || !strings.Contains(string(out.Body), tc.has) || strings.Contains(string(out.Body), `9000,"cache_control"`) {
				t.Errorf("%s: %v, %v; sent %s", name, err, losses.List(), out.Body)
			}
		}
	}
	foreign := &llm.Request{Turns: []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{{Kind: llm.KindText, Text: "hi"}}}}, Tools: []llm.Tool{{Name: "f"}}}
	for model, caps := range map[string]family.Caps{"marked": family.Vertex("claude-opus-5"), "automatic": family.Anthropic("claude-opus-5")} {
		out, err := anthropic.Upstream{}.EncodeRequest(foreign, protocol.Target{Model: "claude-opus-5", Caps: caps}, nil)
		want := map[string]string{"marked": `"text":"hi","cache_control":{"type":"ephemeral"}}]`, "automatic": `],"cache_control":{"type":"ephemeral"}`}[model]
		if err != nil || strings.Count(string(out.Body), "cache_control") != 1 || !strings.Contains(string(out.Body), want) {
			t.Errorf("an agent's prompt, %s: %v %s", model, err, out.Body)
		}
	}
}
