package anthropic

import (
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

func TestRepairUnsignedThinking(t *testing.T) {
	const head, user, tail = `{"model":"claude-opus-5", "unknown": 1e3,"messages":[`, `{"role":"user","content":"hi"},`, `{"role":"user","content":"go on"}]}`
	const signed = `{"type":"thinking","thinking":"why","signature":"c2ln"},`
	for name, row := range map[string]struct{ in, want string }{
		"signed":       {`{"role":"assistant","content":[` + signed + `{"type":"text","text":"a"}]},`, ""},
		"a text of it": {`{"role":"assistant","content":"\"signature\":\"\""},`, ""},
		"a user's":     {`{"role":"user","content":[{"type":"thinking","thinking":"why","signature":""}]},`, ""},
		"unsigned": {`{"role":"assistant", "x":1,"content":[{"type":"thinking","thinking":"hm","signature":""},` + signed + `{"type":"text", "text":"a"}]},`,
			`{"role":"assistant", "x":1,"content":[` + signed + `{"type":"text", "text":"a"}]},`},
		"nothing else": {`{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature": ""}]},`, ``},
	} {
		in, want := head+user+row.in+tail, head+user+row.want+tail
		changes := strings.Contains(row.in, "hm")
		if !changes {
			want = in
		}
		losses := &llm.Losses{}
		got := string(Upstream{}.Repair([]byte(in), protocol.Target{}, losses))
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
		if (len(losses.List()) == 1) != changes {
			t.Errorf("%s: losses %v", name, losses.List())
		}
		if again := string(Upstream{}.Repair([]byte(got), protocol.Target{}, nil)); again != got {
			t.Errorf("%s: repaired twice: %s", name, again)
		}
	}
}
