package relay_test

import (
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/traffic"
)

// tailored asks for what Messages has no words for, and Gemini has.
const tailored = `{"model":"` + model + `","seed":7,"presence_penalty":0.5,"temperature":1.5,"messages":[{"role":"user","content":"hi"}]}`

func TestLossesHeader(t *testing.T) {
	for _, stream := range []bool{false, true} {
		b := newBedOf(t, claude{}, "one")
		b.script("one", messages("end_turn", `{"type":"text","text":"Hello."}`))
		body := tailored
		if stream {
			body = `{"stream":true,` + tailored[1:]
		}
		w := b.chatBody(body)
		wantStatus(t, w, 200)
		x := b.record()
		if got := w.Header().Get("X-Antigravity-Losses"); got != "3" || len(x.Losses) != 3 {
			t.Errorf("header %q, record %v", got, x.Losses)
		}
	}
	b := newBedOf(t, stubChat{}, "one")
	b.script("one", raw(chatHead+chatEnd+chatDone))
	w := b.chatBody(`{"stream":true,` + tailored[1:])
	if got := w.Header().Get("X-Antigravity-Losses"); got != "0" || len(b.record().Losses) != 0 {
		t.Errorf("bytes that pass: header %q, record %v", got, b.record().Losses)
	}
}

// named is a provider under a kind of its own.
type named struct {
	provider.Provider
	kind string
}

func (n named) Kind() string { return n.kind }

func twoKinds(t *testing.T) *bed {
	b := newBedOfKinds(t, map[string]provider.Provider{"anthropic": named{claude{}, "anthropic"}, "gemini": named{stub{}, "gemini"}},
		"anthropic/one", "anthropic/two", "gemini/three")
	for _, key := range []string{"anthropic/one", "anthropic/two"} {
		b.script(key, messages("end_turn", `{"type":"text","text":"from claude"}`))
	}
	b.script("gemini/three", says("from gemini"))
	return b
}

// TestStrictFidelity: with the setting on, another candidate is taken that can say
// all of the request; where there is none, it is refused and nothing was sent. The
// accounts are none the worse.
func TestStrictFidelity(t *testing.T) {
	b := twoKinds(t)
	w := b.chatBody(tailored)
	wantStatus(t, w, 200)
	wantBody(t, w, "from claude")
	if len(b.record().Losses) != 3 {
		t.Errorf("losses %v", b.record().Losses)
	}

	b = twoKinds(t)
	b.limits.Strict = true
	w = b.chatBody(tailored)
	wantStatus(t, w, 200)
	wantBody(t, w, "from gemini")
	x := b.record()
	if len(b.asked) != 1 || x.Failed() || len(x.Losses) != 0 || w.Header().Get("X-Antigravity-Losses") != "0" || x.Provider != "gemini" {
		t.Errorf("asked %v, record %+v, losses %v", b.asked, x, x.Losses)
	}

	b = newBedOf(t, claude{}, "one", "two")
	b.limits.Strict = true
	b.script("one", messages("end_turn", `{"type":"text","text":"from claude"}`))
	for name, body := range map[string]string{"chat": tailored, "stream": `{"stream":true,` + tailored[1:]} {
		w = b.chatBody(body)
		wantStatus(t, w, 400)
		wantBody(t, w, `"code":"strict_fidelity"`, "penalty at presence_penalty", "seed at seed", "proxy.strict_fidelity")
		wantNot(t, w, "temperature") // takes another form
		if x := b.record(); len(x.Attempts) != 1 || x.Attempts[0].Outcome() == traffic.OutcomeOK {
			t.Errorf("%s: attempts %+v", name, x.Attempts)
		}
	}
	if len(b.asked) != 0 {
		t.Errorf("asked %v", b.asked)
	}
	w = b.chatBody(`{"model":"` + model + `","temperature":1.5,"messages":[{"role":"user","content":"hi"}]}`)
	wantStatus(t, w, 200)
	if got := w.Header().Get("X-Antigravity-Losses"); got != "1" {
		t.Errorf("header %q", got)
	}
}

// TestRefusalTriesAnother: what one target has no place for at all goes to one
// that has (mapping.md law L5), with the setting or without.
func TestRefusalTriesAnother(t *testing.T) {
	const several = `{"model":"` + model + `","n":2,"messages":[{"role":"user","content":"hi"}]}`
	b := twoKinds(t)
	w := b.chatBody(several)
	wantStatus(t, w, 200)
	wantBody(t, w, "from gemini")
	b = newBedOf(t, claude{}, "one", "two")
	w = b.chatBody(several)
	wantStatus(t, w, 400)
	wantBody(t, w, `"param":"n"`)
	if len(b.asked) != 0 || len(b.record().Attempts) != 1 {
		t.Errorf("asked %v, attempts %v", b.asked, b.record().Attempts)
	}
	// The accounts are as good as before.
	b.script("one", messages("end_turn", `{"type":"text","text":"from claude"}`))
	w = b.post(t.Context(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
		`{"model":"` + model + `","messages":[{"role":"user","content":"hi"}]}`)}})
	wantBody(t, w, "from claude")
}
