package anthropic

import (
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// Code that another vendor ran is text to Anthropic, which knows of no such run;
// its own is left alone.
func TestRepairForeignCode(t *testing.T) {
	const own = `{"type":"server_tool_use","id":"srvtoolu_1","name":"code_execution","input":{"code":"1"}}`
	body := `{"messages":[{"role":"assistant","content":[` + own + `,{"type":"server_tool_use","id":"srvtoolu_agt1x","name":"code_execution","input":{"code":"print(1)"}},` +
		`{"type":"code_execution_tool_result","tool_use_id":"srvtoolu_agt1x","content":{"type":"code_execution_result","stdout":"1\n","stderr":"","return_code":0,"content":[]}}]}]}`
	want := `{"messages":[{"role":"assistant","content":[` + own + `,{"type":"text","text":"` + "```python\\nprint(1)\\n```" + `"},{"type":"text","text":"` + "```output\\n1\\n```" + `"}]}]}`
	losses := &llm.Losses{}
	if got := string(Upstream{}.Repair([]byte(body), protocol.Target{}, losses)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if list := losses.List(); len(list) != 1 || list[0].Code != "code" {
		t.Errorf("losses %v", list)
	}
}

// So is a search for tools that another vendor made left out.
func TestRepairForeignSearch(t *testing.T) {
	body := `{"messages":[{"role":"assistant","content":[{"type":"server_tool_use","id":"srvtoolu_agt1x","name":"tool_search_tool_bm25","input":{"query":"q"}},` +
		`{"type":"tool_search_tool_result","tool_use_id":"srvtoolu_agt1x","content":{"type":"tool_search_tool_search_result","tool_references":[]}},{"type":"text","text":"a"}]}]}`
	losses := &llm.Losses{}
	if got := string(Upstream{}.Repair([]byte(body), protocol.Target{}, losses)); got != `{"messages":[{"role":"assistant","content":[{"type":"text","text":"a"}]}]}` {
		t.Error(got)
	}
	if list := losses.List(); len(list) != 1 || list[0].Code != "opaque" {
		t.Errorf("losses %v", list)
	}
}

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
