package anthropic_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// A client that sends the content of a reply back gives the next upstream the
// same calls with the same seals on them, and the images as media.
func TestReplyComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		resp := protocoltest.Collect(t, protocoltest.Events(t, protocoltest.Shape{}))
		carries := func(*llm.Seal) bool { return true }
		body, err := codec.EncodeResponse(resp, protocoltest.Reply(&llm.Request{SealsInBand: true}), nil)
		if err != nil {
			t.Fatalf("%v", err)
		}
		content, _ := rawjson.Get(body, "content")
		history := `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":` + string(content) + `}]}`
		req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(history)}, nil)
		if err != nil {
			t.Fatalf("%v in %s", err, history)
		}
		want := protocoltest.Summary(shown(resp.Choices[0].Parts), carries)
		got := protocoltest.Summary(protocoltest.ModelParts(req), carries)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%s", d, history)
		}
	})
}

// shown leaves out reasoning that came behind text, which clients do not get.
func shown(parts []llm.Part) (out []llm.Part) {
	text := false
	for _, p := range parts {
		if p.Kind == llm.KindReasoning && text {
			continue
		}
		text = text || (p.Kind == llm.KindText && p.Text != "") || p.Kind == llm.KindMedia || p.Kind == llm.KindCode
		out = append(out, p)
	}
	return out
}
