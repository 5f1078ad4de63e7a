package gemini_test

import (
	"strings"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
)

// Claude behind this protocol must have an id on each call, the same on its
// result, in the characters that Anthropic takes; Gemini there takes none.
func TestCallIDsOfClaude(t *testing.T) {
	call := func(id string) llm.Part {
		return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: id, Name: "f", Args: "{}"}}
	}
	result := func(id string) llm.Part {
		return llm.Part{Kind: llm.KindResult, Result: &llm.Result{CallID: id, Name: "f", Parts: []llm.Part{llm.TextPart("done")}}}
	}
	for _, ids := range [][2]string{{"", ""}, {"a", "b"}, {"a.b", "a:b"}} {
		req := &llm.Request{Model: "m", Turns: []llm.Turn{
			{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart("go")}},
			{Role: llm.RoleModel, Parts: []llm.Part{call(ids[0]), call(ids[1])}},
			{Role: llm.RoleUser, Parts: []llm.Part{result(ids[0]), result(ids[1])}},
		}}
		for _, model := range []string{"claude-sonnet-4-6", "gemini-2.5-pro"} {
			enc, err := gemini.Upstream{}.EncodeRequest(req, protocol.Target{Model: model, Caps: family.CodeAssist(model)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]int{}
			for _, piece := range strings.Split(string(enc.Body), `"id":"`)[1:] {
				id, _, _ := strings.Cut(piece, `"`)
				seen[id]++
				if strings.ContainsAny(id, ".:") {
					t.Errorf("%s: id %q", model, id)
				}
			}
			if family.IsGemini(model) != (len(seen) == 0) || !family.IsGemini(model) && len(seen) != 2 {
				t.Errorf("%s: %v in %s", model, seen, enc.Body)
			}
			for id, n := range seen {
				if n != 2 {
					t.Errorf("%s: id %q stands %d times", model, id, n)
				}
			}
		}
	}
}
