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

// boundless is a provider whose models do not tell their window.
type boundless struct{ stub }

func (boundless) Caps(model string) family.Caps {
	caps := family.Gemini(model)
	caps.MaxInput = 0
	return caps
}

// TestTruncationByRefusal: where the window is not known, the upstream's refusal
// tells it; the oldest is left out then, once, before anything has reached the
// client. Whoever did not allow it gets the refusal, and so does one whose
// request is still too long or has nothing to leave out.
func TestTruncationByRefusal(t *testing.T) {
	old, young := strings.Repeat("old ", 400), strings.Repeat("young ", 100)
	long := `[{"role":"user","content":"` + old + `"},{"role":"assistant","content":"yes"},{"role":"user","content":"` + young + `"}]`
	tooLong := refuses(400, `{"error":{"code":400,"message":"The input token count (600) exceeds the maximum number of tokens allowed (300).","status":"INVALID_ARGUMENT"}}`)
	silent := refuses(400, `{"error":{"code":400,"message":"The input token count exceeds the maximum number of tokens allowed.","status":"INVALID_ARGUMENT"}}`)
	for name, row := range map[string]struct {
		truncation, input string
		script            []upstream
		status, calls     int
	}{
		"auto":              {"auto", long, []upstream{tooLong, says("Hello.")}, 200, 2},
		"auto, no numbers":  {"auto", long, []upstream{silent, says("Hello.")}, 200, 2},
		"still too long":    {"auto", long, []upstream{tooLong, tooLong, says("Never.")}, 400, 2},
		"disabled":          {"disabled", long, []upstream{tooLong, says("Never.")}, 400, 1},
		"nothing to remove": {"auto", `"` + young + `"`, []upstream{tooLong, says("Never.")}, 400, 1},
	} {
		for _, stream := range []string{"false", "true"} {
			b := newBedOf(t, boundless{}, "one")
			b.script("one", row.script...)
			w := b.post(context.Background(), relay.Call{Protocol: llm.Responses, Inbound: protocol.Inbound{Body: []byte(`{"model":"` + model + `","stream":` + stream +
				`,"truncation":"` + row.truncation + `","input":` + row.input + `}`)}})
			wantStatus(t, w, row.status)
			if len(b.bodies) != row.calls {
				t.Fatalf("%s: %d calls", name, len(b.bodies))
			}
			last := string(b.bodies[len(b.bodies)-1])
			if row.calls == 2 && (strings.Contains(last, "old old") || !strings.Contains(last, "young")) {
				t.Errorf("%s: sent again: %s", name, last)
			}
			told := false
			for _, loss := range b.record().Losses {
				told = told || loss.Code == "truncation"
			}
			if told != (row.calls == 2) || len(b.record().Attempts) != row.calls {
				t.Errorf("%s: %+v", name, b.record())
			}
		}
	}
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
