package judges

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"antigravity-tools/test/fakegemini"
)

func called(name, args string) fakegemini.Call {
	return fakegemini.Call{Name: name, Args: json.RawMessage(args)}
}

// TestResponsesClientTools: the tools that a client runs itself come back as the
// items that the SDK knows, with their events, and their results go up.
func TestResponsesClientTools(t *testing.T) {
	g := launch(t)
	tools := []responses.ToolUnionParam{
		{OfShell: &responses.FunctionShellToolParam{}}, {OfApplyPatch: &responses.ApplyPatchToolParam{}}, {OfLocalShell: &responses.ToolLocalShellParam{}},
		{OfCustom: &responses.CustomToolParam{Name: "note", Format: shared.CustomToolInputFormatParamOfGrammar("start: /.+/", "lark")}},
		{OfToolSearch: &responses.ToolSearchToolParam{Execution: "client"}},
	}
	both(t, func(t *testing.T, stream bool) {
		g.script(fakegemini.Step{Reply: fakegemini.Calls(called("shell", `{"commands":["ls -l","wc a.go"]}`),
			called("apply_patch", `{"type":"create_file","path":"a.go","diff":"+x"}`), called("local_shell", `{"command":["ls"]}`),
			called("note", `{"input":"a<b\n"}`), called("tool_search", `{"query":"ships"}`))},
			fakegemini.Answer(fakegemini.Part{Text: "All done."}))
		p := responses.ResponseNewParams{Model: pro3, Input: input("work"), Tools: tools, Store: openai.Bool(false)}
		r, err := g.respond(t, stream, p)
		if err != nil || len(r.Output) < 5 {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
		answers := map[string]string{
			"shell_call":       `{"type":"shell_call_output","call_id":"ID","output":[{"stdout":"a.go","stderr":"","outcome":{"type":"exit","exit_code":0}}]}`,
			"apply_patch_call": `{"type":"apply_patch_call_output","call_id":"ID","status":"completed","output":"patched"}`,
			"local_shell_call": `{"type":"local_shell_call_output","id":"ID","output":"a.go"}`,
			"custom_tool_call": `{"type":"custom_tool_call_output","call_id":"ID","output":"noted"}`,
			"tool_search_call": `{"type":"tool_search_output","call_id":"ID","execution":"client","status":"completed","tools":[{"type":"function","name":"ships","parameters":{"type":"object","properties":{}},"strict":false}]}`,
		}
		var results []responses.ResponseInputItemUnionParam
		for _, item := range r.Output {
			p.Input.OfInputItemList = append(p.Input.OfInputItemList, again(item.RawJSON()))
			answer, ok := answers[item.Type]
			if !ok {
				continue
			}
			id := item.CallID
			if item.Type == "local_shell_call" {
				id = item.ID
			}
			results = append(results, again(strings.Replace(answer, "ID", id, 1)))
			delete(answers, item.Type)
			switch item.Type {
			case "shell_call":
				if c := item.AsShellCall(); len(c.Action.Commands) != 2 || c.Action.Commands[1] != "wc a.go" || c.Environment.Type != "local" {
					t.Errorf("%s", item.RawJSON())
				}
			case "custom_tool_call":
				if c := item.AsCustomToolCall(); c.Input != "a<b\n" || c.Name != "note" {
					t.Errorf("%s", item.RawJSON())
				}
			case "tool_search_call":
				if c := item.AsToolSearchCall(); c.Execution != "client" || c.JSON.Arguments.Raw() != `{"query":"ships"}` {
					t.Errorf("%s", item.RawJSON())
				}
			case "apply_patch_call":
				if c := item.AsApplyPatchCall(); c.Operation.Path != "a.go" || c.Operation.Type != "create_file" {
					t.Errorf("%s", item.RawJSON())
				}
			}
		}
		if len(answers) > 0 {
			t.Fatalf("no item for %v in %s", answers, r.RawJSON())
		}
		p.Input.OfInputItemList = append(p.Input.OfInputItemList, results...)
		r, err = g.respond(t, stream, p)
		if err != nil || r.OutputText() != "All done." {
			t.Fatalf("%v %s", err, r.RawJSON())
		}
		up := g.upstream(t, -1)
		if n := len(up.Contents); n != 3 || len(up.Contents[2].Parts) != 5 {
			t.Errorf("%+v", up.Contents)
		}
		if names := declared(up); !strings.Contains(names, "ships") {
			t.Errorf("declared: %s", names)
		}
	})
}

func declared(s sent) (names string) {
	for _, tool := range s.Tools {
		for _, f := range tool.FunctionDeclarations {
			names += f.Name + " "
		}
	}
	return names
}
