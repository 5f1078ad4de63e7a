package judges

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

// vendor is one kind of upstream: what it is told to answer, and what of its
// own reasoning it finds in the last request that it got.
type vendor struct {
	kind, model string
	play        func(thought, text string, calls ...toolCall)
	sealed      func(t *testing.T) []string // the thoughts that came back sealed, in order
	body        func(t *testing.T) string   // of the last request
}

// everyKind is a gateway before an upstream of each kind.
type everyKind struct {
	*upstreams
	answers *fakeopenai.Server // speaks Responses
	vendors map[string]vendor
	made    int // calls so far: no id comes twice
}

func launchEveryKind(t *testing.T) *everyKind {
	t.Helper()
	u := &upstreams{gateway: launchWith(t, config{accounts: []account{{"gemini", keyOne}}}), claude: fakeanthropic.New(anthropicKey),
		chat: fakeopenai.New(openAIKey).ChatOnly().Offering(fakeopenai.Compatible)}
	e := &everyKind{upstreams: u, answers: fakeopenai.New(openAIKey).Offering(fakeopenai.Reasoner)}
	u.secrets = append(u.secrets, openAIKey, anthropicKey)
	for _, close := range []func(){u.claude.Close, u.chat.Close, e.answers.Close} {
		t.Cleanup(close)
	}
	u.run(openAIKey+"\n", "account", "add", "--provider", "openai", "--name", "chat", "--base-url", u.chat.URL()+"/v1", "--api", "chat", "--api-key-stdin", "--test")
	u.run(openAIKey+"\n", "account", "add", "--provider", "openai", "--name", "responses", "--base-url", e.answers.URL()+"/v1", "--api", "responses", "--api-key-stdin", "--test")
	u.run(anthropicKey+"\n", "account", "add", "--provider", "anthropic", "--name", "claude", "--base-url", u.claude.URL(), "--api-key-stdin", "--test")
	e.vendors = map[string]vendor{"gemini": e.gemini(), "chat": e.completions(), "responses": e.responsesKind(), "anthropic": e.anthropicKind()}
	e.listed(t)
	return e
}

// listed waits until the gateway knows who has which model.
func (e *everyKind) listed(t *testing.T) {
	t.Helper()
	until(t, "the models are listed", func() bool {
		list := e.ask(t, "GET", "/v1/models", "").body
		for _, v := range e.vendors {
			if !strings.Contains(list, `"`+v.model+`"`) {
				return false
			}
		}
		return true
	})
}

// refusedNothing: a request that a fake refused is a mistake even where a second
// attempt mended it.
func (e *everyKind) refusedNothing(t *testing.T) {
	t.Helper()
	refused := append(append(e.chat.Refused(), e.answers.Refused()...), e.claude.Refused()...)
	refused = append(refused, e.fake.Controlled().Refused()...)
	for _, r := range refused {
		t.Errorf("an upstream refused: %s", r)
	}
	e.forget()
}

func (e *everyKind) forget() {
	e.chat.Reset()
	e.answers.Reset()
	e.claude.Reset()
	e.fake.Reset()
}

func (e *everyKind) gemini() vendor {
	v := vendor{kind: "gemini", model: pro3}
	v.play = func(thought, text string, calls ...toolCall) {
		var parts []fakegemini.Part
		if thought != "" {
			parts = append(parts, fakegemini.Part{Text: thought, Thought: true})
		}
		if text != "" {
			parts = append(parts, fakegemini.Part{Text: text})
		}
		for _, c := range calls {
			parts = append(parts, fakegemini.Part{Call: &fakegemini.Call{ID: c.id, Name: c.name, Args: json.RawMessage(c.args)}})
		}
		e.script(fakegemini.Answer(parts...))
	}
	v.body = func(t *testing.T) string {
		t.Helper()
		all := e.fake.Generates()
		return all[len(all)-1].Text
	}
	// Its seals stand on calls: the cities of the calls that have one of its own.
	v.sealed = func(t *testing.T) (out []string) {
		t.Helper()
		for _, c := range e.upstream(t, -1).Contents {
			for _, p := range c.Parts {
				if p.FunctionCall != nil && p.ThoughtSignature != "" && p.ThoughtSignature != "skip_thought_signature_validator" {
					out = append(out, p.FunctionCall.ID)
				}
			}
		}
		return out
	}
	return v
}

func (e *everyKind) completions() vendor {
	v := vendor{kind: "chat", model: fakeopenai.Compatible}
	v.play = func(thought, text string, calls ...toolCall) {
		e.chat.Script(fakeopenai.Reply{Thought: thought, Text: text, Calls: openAICalls(calls)})
	}
	v.body = func(*testing.T) string { return lastBody(e.chat.Requests()) }
	v.sealed = func(*testing.T) []string { return nil }
	return v
}

func (e *everyKind) responsesKind() vendor {
	v := vendor{kind: "responses", model: fakeopenai.Reasoner}
	v.play = func(thought, text string, calls ...toolCall) {
		e.answers.Script(fakeopenai.Reply{Thought: thought, Text: text, Calls: openAICalls(calls)})
	}
	v.body = func(*testing.T) string { return lastBody(e.answers.Requests()) }
	v.sealed = func(t *testing.T) []string {
		t.Helper()
		var s sentUp
		if err := json.Unmarshal([]byte(v.body(t)), &s); err != nil {
			t.Fatal(err)
		}
		return s.seals()
	}
	return v
}

func (e *everyKind) anthropicKind() vendor {
	v := vendor{kind: "anthropic", model: fakeanthropic.Adaptive}
	v.play = func(thought, text string, calls ...toolCall) {
		r := fakeanthropic.Reply{Thought: thought, Text: text}
		for _, c := range calls {
			r.Calls = append(r.Calls, fakeanthropic.Call{ID: c.id, Name: c.name, Input: c.args})
		}
		e.claude.Script(r)
	}
	v.body = func(*testing.T) string { return lastBody(e.claude.Requests()) }
	v.sealed = func(t *testing.T) (out []string) {
		t.Helper()
		var body struct {
			Messages []struct{ Content json.RawMessage }
		}
		if err := json.Unmarshal([]byte(v.body(t)), &body); err != nil {
			t.Fatal(err)
		}
		for _, m := range body.Messages {
			var blocks []struct{ Type, Thinking string }
			_ = json.Unmarshal(m.Content, &blocks) // else a string
			for _, b := range blocks {
				if b.Type == "thinking" {
					out = append(out, b.Thinking)
				}
			}
		}
		return out
	}
	return v
}

func openAICalls(calls []toolCall) (out []fakeopenai.Call) {
	for _, c := range calls {
		out = append(out, fakeopenai.Call{ID: c.id, Name: c.name, Args: c.args})
	}
	return out
}

// orders are all orders in which a conversation may go through the kinds.
func orders(kinds []string) (out [][]string) {
	if len(kinds) == 0 {
		return [][]string{nil}
	}
	for i, first := range kinds {
		rest := append(append([]string(nil), kinds[:i]...), kinds[i+1:]...)
		for _, tail := range orders(rest) {
			out = append(out, append([]string{first}, tail...))
		}
	}
	return out
}

// TestSwitch: a conversation goes through the four kinds of upstream in every
// order and comes back to the first, in the middle of a tool loop, for the
// client of every protocol. No request is refused, every call has its result,
// and every upstream finds its own sealed reasoning again and none of another's.
func TestSwitch(t *testing.T) {
	e := launchEveryKind(t)
	for client, c := range e.clients() {
		t.Run(client, func(t *testing.T) {
			for i, order := range orders([]string{"responses", "anthropic", "gemini", "chat"}) {
				name := strings.Join(order, "-")
				if i%4 == 3 {
					name += "-poor"
				}
				t.Run(name, func(t *testing.T) {
					w := &wander{everyKind: e, t: t, client: client, talk: c.talk(i%4 == 3), poor: i%4 == 3, mine: map[string][]string{}}
					w.through(append(order, order[0]), i%2 == 0)
					e.refusedNothing(t)
				})
			}
		})
	}
}

// wander is a conversation that changes its model.
type wander struct {
	*everyKind
	t      *testing.T
	client string
	poor   bool
	talk   *talk
	steps  int
	calls  []string            // ids that the client has seen
	mine   map[string][]string // by kind, what it has to find sealed
}

// through makes a step with two calls and one with a single call on each
// upstream in turn, the results of a step going to the next, then says something
// more to each.
func (w *wander) through(order []string, stream bool) {
	w.t.Helper()
	w.talk.say(asked)
	for i, kind := range order {
		w.step(w.vendors[kind], 2-i%2, (i%2 == 0) == stream)
	}
	for _, kind := range order {
		w.rest(w.vendors[kind], stream)
		w.talk.say("and now?")
	}
}

// rest is an answer without calls.
func (w *wander) rest(v vendor, stream bool) {
	w.t.Helper()
	text := "So it is, says " + v.kind + "."
	v.play("", text)
	a := w.talk.must(w.t, v.model, stream)
	if a.text != text || len(a.calls) != 0 {
		w.t.Fatalf("%s: %+v", v.kind, a)
	}
	w.judge(v)
	a.keep()
}

// step is an answer with n calls, whose results are kept for the next.
func (w *wander) step(v vendor, n int, stream bool) {
	w.t.Helper()
	w.steps++
	thought, text := fmt.Sprintf("Thought %d before %d.", w.steps, w.made), ""
	if w.steps%2 == 1 {
		text = fmt.Sprintf("Step %d, élève 🙂", w.steps)
	}
	var calls []toolCall
	var results []string
	for i := range n {
		w.made++
		calls = append(calls, toolCall{fmt.Sprintf("call_%06d", w.made), "get_weather", fmt.Sprintf(`{"city":"City %d"}`, i)})
		results = append(results, fmt.Sprintf("mild %d", i))
	}
	v.play(thought, text, calls...)
	a := w.talk.must(w.t, v.model, stream)
	if a.text != text || len(a.calls) != n {
		w.t.Fatalf("%s: %+v", v.kind, a)
	}
	for i, c := range a.calls {
		if c.name != "get_weather" || c.args != calls[i].args {
			w.t.Fatalf("%s: %+v", v.kind, a)
		}
	}
	w.judge(v)
	a.keep(results...)
	w.calls = append(w.calls, calls[0].id)
	switch v.kind {
	case "gemini":
		w.mine[v.kind] = append(w.mine[v.kind], calls[0].id)
	case "responses":
		w.mine[v.kind] = append(w.mine[v.kind], seal(thought))
	case "anthropic":
		w.mine[v.kind] = append(w.mine[v.kind], thought)
	}
}

// judge looks at the last request of an upstream.
func (w *wander) judge(v vendor) {
	w.t.Helper()
	body := v.body(w.t)
	for _, id := range w.calls {
		if n := strings.Count(body, `"`+id+`"`); n < 2 && !(w.poor && w.client == "gemini") {
			w.t.Errorf("%s: the call %s stands %d times in %s", v.kind, id, n, body)
		}
	}
	for kind, mark := range map[string]string{"responses": "gAAA-", "envelope": "YWd0MQ"} {
		if kind != v.kind && strings.Contains(body, mark) {
			w.t.Errorf("%s is shown a seal of %s: %s", v.kind, kind, body)
		}
	}
	if w.poor && w.client == v.client() {
		return // its own protocol: what the client leaves out stays out
	}
	if got, want := v.sealed(w.t), w.mine[v.kind]; strings.Join(got, "|") != strings.Join(want, "|") {
		w.t.Errorf("%s finds %q of its own, want %q in %s", v.kind, got, want, body)
	}
}

// client is the client that speaks the protocol of the upstream.
func (v vendor) client() string {
	if v.kind == "anthropic" {
		return "messages"
	}
	return v.kind
}
