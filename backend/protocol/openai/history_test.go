package openai_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// A client that sends the message of a reply back, extra_content included,
// gives the next upstream the same calls with the same Google seals, and the
// images as media.
func TestReplyComesBack(t *testing.T) {
	carries := func(s *llm.Seal) bool { return s.Issuer == llm.IssuerGoogle }
	rapid.Check(t, func(t *rapid.T) {
		resp := protocoltest.Collect(t, protocoltest.Events(t, protocoltest.Shape{}))
		body, err := codec.EncodeResponse(resp, protocoltest.Reply(nil), nil)
		if err != nil {
			t.Fatalf("%v", err)
		}
		whole, _ := rawjson.Get(body, "choices")
		var message []byte
		for ch := range rawjson.Items(whole) {
			message, _ = rawjson.Get(ch, "message")
		}
		history := `{"model":"m","messages":[{"role":"user","content":"hi"},` + string(message) + `]}`
		req, err := codec.DecodeRequest(protocol.Inbound{Body: []byte(history)}, nil)
		if err != nil {
			t.Fatalf("%v in %s", err, history)
		}
		want := protocoltest.Summary(resp.Choices[0].Parts, carries)
		got := protocoltest.Summary(protocoltest.ModelParts(req), carries)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%s", d, history)
		}
	})
}
