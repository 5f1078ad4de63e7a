package anthropic

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// What the service ran is code to every client; blocks that edit files are not.
func TestCodeOf(t *testing.T) {
	for block, want := range map[string]*llm.Code{
		`{"type":"server_tool_use","id":"s1","name":"code_execution","input":{"code":"print(1)"}}`:                                                                  {Language: "python", Text: "print(1)", ID: "s1"},
		`{"type":"server_tool_use","id":"s1","name":"bash_code_execution","input":{"command":"ls"}}`:                                                                {Language: "bash", Text: "ls", ID: "s1"},
		`{"type":"server_tool_use","id":"s1","name":"bash_code_execution","input":{}}`:                                                                              nil,
		`{"type":"server_tool_use","id":"s1","name":"text_editor_code_execution","input":{"command":"view"}}`:                                                       nil,
		`{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"q"}}`:                                                                            nil,
		`{"type":"bash_code_execution_tool_result","tool_use_id":"s1","content":{"type":"bash_code_execution_result","stdout":"a\n","stderr":"b","return_code":0}}`: {Output: true, Text: "a\nb", ID: "s1"},
		`{"type":"code_execution_tool_result","tool_use_id":"s1","content":{"type":"code_execution_result","stdout":"","stderr":"no","return_code":2}}`:             {Output: true, Text: "no", Outcome: codeFailed, ID: "s1"},
		`{"type":"bash_code_execution_tool_result","tool_use_id":"s1","content":{"type":"bash_code_execution_tool_result_error","error_code":"unavailable"}}`:       {Output: true, Text: "unavailable", Outcome: codeFailed, ID: "s1"},
	} {
		if d := cmp.Diff(want, codeOf([]byte(block))); d != "" {
			t.Errorf("%s (-want +got):\n%s", block, d)
		}
	}
}

// Where a search begins and what it found are told apart, in every form.
func TestSearchOf(t *testing.T) {
	for block, want := range map[string]*llm.Search{
		`{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"q"}}`:                                                                                 {ID: "s1", Queries: []string{"q"}},
		`{"type":"server_tool_use","id":"s1","name":"web_fetch","input":{"url":"u"}}`:                                                                                    nil,
		`{"type":"web_search_tool_result","tool_use_id":"s1","content":[{"type":"web_search_result","url":"u","title":"t","encrypted_content":"e","page_age":null},{}]}`: {ID: "s1", Sources: []llm.Citation{{URL: "u", Title: "t"}}},
		`{"type":"web_search_tool_result","tool_use_id":"s1","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}`:                        {ID: "s1", Failed: true},
	} {
		if d := cmp.Diff(want, searchOf([]byte(block))); d != "" {
			t.Errorf("%s (-want +got):\n%s", block, d)
		}
	}
}

// A turn that the service broke off after running code goes back as it came.
func TestPausedCode(t *testing.T) {
	const content = `[{"type":"server_tool_use","id":"srvtoolu_1","name":"bash_code_execution","input":{"command":"ls"}},` +
		`{"type":"bash_code_execution_tool_result","tool_use_id":"srvtoolu_1","content":{"type":"bash_code_execution_result","stdout":"a","stderr":"","return_code":0,"content":[]}}]`
	resp, err := Upstream{}.DecodeResponse([]byte(`{"id":"m","type":"message","role":"assistant","model":"claude-opus-5","content":`+content+`,"stop_reason":"pause_turn","usage":{"input_tokens":1,"output_tokens":1}}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	next, ok := Upstream{}.Resume([]byte(`{"model":"m","messages":[{"role":"user","content":"go"}]}`), resp, &resp.Choices[0].Close)
	if !ok {
		t.Fatal("the turn cannot be gone on with")
	}
	var sent struct {
		Messages []struct{ Content json.RawMessage }
	}
	if err := json.Unmarshal(next, &sent); err != nil || len(sent.Messages) != 2 || !rawjson.Equal(sent.Messages[1].Content, []byte(content)) {
		t.Errorf("%v %s", err, next)
	}
}
