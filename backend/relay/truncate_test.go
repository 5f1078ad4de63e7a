package relay_test

import (
	"context"
	"strings"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/relay"
)

// narrow is a provider whose models take little.
type narrow struct{ stub }

func (narrow) Caps(model string) family.Caps {
	return family.Gemini(model).With(family.Announced{InputLimit: 300})
}

// TestTruncation: what a model has no room for is left out where the client
// allows it, and nowhere else.
func TestTruncation(t *testing.T) {
	old, young := strings.Repeat("old ", 400), strings.Repeat("young ", 100)
	for truncation, kept := range map[string]bool{`"auto"`: false, `"disabled"`: true} {
		b := newBedOf(t, narrow{}, "one")
		b.script("one", says("Hello."))
		w := b.post(context.Background(), relay.Call{Protocol: llm.Responses, Inbound: protocol.Inbound{Body: []byte(`{"model":"` + model + `","truncation":` + truncation +
			`,"instructions":"brief","input":[{"role":"user","content":"` + old + `"},{"role":"assistant","content":"yes"},{"role":"user","content":"` + young + `"}]}`)}})
		wantStatus(t, w, 200)
		if got := strings.Contains(string(b.bodies[0]), "old old"); got != kept || !strings.Contains(string(b.bodies[0]), "young") {
			t.Errorf("%s: the oldest went up: %v", truncation, got)
		}
		told := false
		for _, loss := range b.record().Losses {
			told = told || loss.Code == "truncation"
		}
		if told == kept {
			t.Errorf("%s: losses %v", truncation, b.record().Losses)
		}
	}
}
