package custody_test

import (
	"testing"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/llm"
)

// A client that was shown no thoughts carries their signature alone: the text
// that it was made for comes from the store.
func TestRestoresHiddenThought(t *testing.T) {
	s := custody.New(nil, nil, nil)
	seal := &llm.Seal{Issuer: llm.IssuerAnthropic, Data: "c2ln"}
	call := llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: "toolu_1", Name: "f", Args: "{}"}}
	s.Keep("k", &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{{Kind: llm.KindReasoning, Text: "why", Seal: seal}, llm.TextPart("so"), call}}}})
	for _, data := range []string{"c2ln", "other"} {
		req := &llm.Request{Turns: []llm.Turn{{Role: llm.RoleModel, Parts: []llm.Part{
			{Kind: llm.KindReasoning, Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Data: data}}, llm.TextPart("so"), call,
		}}}}
		parts := s.Restore(t.Context(), "k", req, llm.IssuerAnthropic).Turns[0].Parts
		want := ""
		if data == seal.Data {
			want = "why"
		}
		if len(parts) != 3 || parts[0].Text != want || parts[0].Seal.Data != data {
			t.Errorf("%s: %+v", data, parts)
		}
		if req.Turns[0].Parts[0].Text != "" {
			t.Error("the request itself was changed")
		}
	}
}
