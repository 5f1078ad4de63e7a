package openai_test

import (
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/openai"
)

// Thinking does not go to a server that refuses it; other bodies, and those to
// other servers, are left byte for byte.
func TestRepair(t *testing.T) {
	const head, tail = `{"model":"m", "x":1e3,"messages":[{"role":"user","content":"reasoning_content? \"extra_content\""}`, `,{"role":"user","content":"on"}]}`
	for name, row := range map[string]struct{ server, in, want string }{
		"thinking": {"strict", `,{"role":"assistant", "content":"a","reasoning_content":"hm","annotations":[]}`, `,{"role":"assistant", "content":"a","annotations":[]}`},
		"details":  {"strict", `,{"role":"assistant","reasoning_details":[{}],"content":"a"}`, `,{"role":"assistant","content":"a"}`},
		"a seal": {"strict", `,{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}}]}`,
			`,{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}`},
		"none":      {"strict", `,{"role":"assistant", "content":"\"reasoning_content\""}`, ""},
		"elsewhere": {"", `,{"role":"assistant","content":"a","reasoning_content":"hm"}`, ""},
	} {
		want, changes := row.want, 1
		if want == "" {
			want, changes = row.in, 0
		}
		losses := &llm.Losses{}
		got := openai.Upstream{}.Repair([]byte(head+row.in+tail), protocol.Target{Caps: family.Caps{NoThoughts: row.server == "strict"}}, losses)
		if string(got) != head+want+tail {
			t.Errorf("%s: %s", name, got)
		}
		if len(losses.List()) != changes {
			t.Errorf("%s: %v", name, losses.List())
		}
	}
}
