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
		"cache":  {`"cache_control":{"type":"ephemeral"},"inference_geo":"us"`, "dropped cache", `"inference_geo":"us"`, `"cache_control"`},
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
