package judges

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"

	"antigravity-tools/test/fakeopenai"
)

// eachClient runs a judge for the clients of all protocols, in both forms.
func (u *upstreams) eachClient(t *testing.T, judge func(t *testing.T, name string, c clientRow, stream bool)) {
	t.Helper()
	for name, c := range u.clients() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) { judge(t, name, c, stream) })
		})
	}
}

// sentUp is what a Responses was asked, as far as the judges look at it.
type sentUp struct {
	Include []string
	Text    struct {
		Format struct {
			Type, Name string
			Strict     bool
			Schema     json.RawMessage
		}
	}
	Input []struct {
		Type, Role, Arguments, Encrypted string
		CallID                           string          `json:"call_id"`
		Sealed                           string          `json:"encrypted_content"`
		Content, Output                  json.RawMessage // a string or parts
	}
}

func (u *upstreams) sentUp(t *testing.T) sentUp {
	t.Helper()
	var s sentUp
	if err := json.Unmarshal(u.last().Body, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// seals are the encrypted contents of a request's reasoning items, in order.
func (s sentUp) seals() (out []string) {
	for _, it := range s.Input {
		if it.Type == "reasoning" {
			out = append(out, it.Sealed)
		}
	}
	return out
}

// TestResponsesUpstreamStructured: every client's schema arrives as a text
// format, and its JSON comes back.
func TestResponsesUpstreamStructured(t *testing.T) {
	u := launchResponses(t, "responses")
	schema := map[string]any{"type": "object", "properties": map[string]any{"n": map[string]any{"type": "integer"}}, "required": []string{"n"}, "additionalProperties": false}
	u.eachClient(t, func(t *testing.T, _ string, c clientRow, stream bool) {
		u.chat.Script(fakeopenai.Reply{Text: `{"n":5}`})
		k := c.talk(false)
		k.say(mark + " a number")
		k.format("thing", schema)
		if a := k.must(t, fakeopenai.Reasoner, stream); a.text != `{"n":5}` || a.stop != c.done {
			t.Errorf("%+v", a)
		}
		f := u.sentUp(t).Text.Format
		var got map[string]any
		if err := json.Unmarshal(f.Schema, &got); err != nil || f.Type != "json_schema" || f.Name == "" || got["properties"] == nil || got["additionalProperties"] != false {
			t.Errorf("%+v %s", f, f.Schema)
		}
	})
}

// TestResponsesUpstreamImages: pictures as data and behind a URL. The URL goes
// up in the client's own protocol alone: servers that are not OpenAI's do not
// fetch, so the gateway does, and tells when it cannot.
func TestResponsesUpstreamImages(t *testing.T) {
	u := launchResponses(t, "responses")
	for name, url := range map[string]string{"data": "data:image/png;base64," + pngPixel, "url": "https://nowhere.invalid/a.png"} {
		t.Run(name, func(t *testing.T) {
			u.eachClient(t, func(t *testing.T, client string, c clientRow, stream bool) {
				u.chat.Script(fakeopenai.Reply{Text: "A picture."})
				k := c.talk(false)
				k.show(url)
				k.say(mark + " what is it?")
				a, err := k.ask(t, fakeopenai.Reasoner, stream)
				if name == "url" && client != "responses" {
					if err == nil || !strings.Contains(sdkError(err), "could not be fetched") {
						t.Errorf("%+v %v", a, err)
					}
					return
				}
				if err != nil || a.text != "A picture." {
					t.Fatalf("%+v %v", a, err)
				}
				if sent := string(u.last().Body); !strings.Contains(sent, `"type":"input_image"`) || !strings.Contains(sent, url) {
					t.Errorf("sent %s", sent)
				}
			})
		})
	}
}

// TestResponsesUpstreamReasoning: two steps of parallel calls, an answer and a
// next question. Each reasoning item goes back as it was given, whatever the
// client can carry, and stands before the calls that it led to.
func TestResponsesUpstreamReasoning(t *testing.T) {
	u := launchResponses(t, "responses")
	for _, poor := range []bool{false, true} {
		u.eachClient(t, func(t *testing.T, name string, c clientRow, stream bool) {
			call := func(id, city string) fakeopenai.Call {
				return fakeopenai.Call{ID: id, Name: "get_weather", Args: `{"city":"` + city + `"}`}
			}
			u.chat.Script(
				fakeopenai.Reply{Thought: "Two at once.", Text: looking, Calls: []fakeopenai.Call{call("call_a", "Oslo"), call("call_b", "Rome")}},
				fakeopenai.Reply{Thought: "One more.", Calls: []fakeopenai.Call{call("call_c", "Bern")}},
				fakeopenai.Reply{Text: "All mild."}, fakeopenai.Reply{Text: "Nothing else."})
			k := c.talk(poor)
			k.say(asked)
			first := k.must(t, fakeopenai.Reasoner, stream)
			if len(first.calls) != 2 || first.calls[0].args != `{"city":"Oslo"}` || first.calls[1].args != `{"city":"Rome"}` || first.stop != c.tool {
				t.Fatalf("%+v", first)
			}
			first.keep("mild", "warm")
			second := k.must(t, fakeopenai.Reasoner, stream)
			second.keep("cold")
			third := k.must(t, fakeopenai.Reasoner, stream)
			if third.text != "All mild." || third.stop != c.done {
				t.Fatalf("%+v", third)
			}
			third.keep()
			k.say("anything else?")
			if last := k.must(t, fakeopenai.Reasoner, stream); last.text != "Nothing else." {
				t.Fatalf("%+v", last)
			}
			u.judgeReasoning(t, name, poor)
		})
	}
}

func (u *upstreams) judgeReasoning(t *testing.T, client string, poor bool) {
	t.Helper()
	s := u.sentUp(t)
	var order []string
	for _, it := range s.Input {
		switch it.Type {
		case "reasoning":
			order = append(order, it.Sealed)
		case "function_call", "function_call_output":
			order = append(order, it.CallID)
		}
	}
	want := []string{seal("Two at once."), "call_a", "call_b", "call_a", "call_b", seal("One more."), "call_c", "call_c"}
	if client == "responses" && poor { // its own protocol: what it leaves out stays out
		want = slices.DeleteFunc(want, func(s string) bool { return !strings.HasPrefix(s, "call_") })
	}
	if strings.Join(order, " ") != strings.Join(want, " ") {
		t.Errorf("%s: the history went up as %q, want %q", client, order, want)
	}
}

// seal is what the fake makes of a thought.
func seal(thought string) string { return fakeopenai.Seal(thought) }

// TestResponsesUpstreamEnds: refusals and ends before the end, in each
// client's words.
func TestResponsesUpstreamEnds(t *testing.T) {
	u := launchResponses(t, "responses")
	type ends map[string]string
	for name, row := range map[string]struct {
		reply fakeopenai.Reply
		stop  ends
	}{
		"a refusal": {fakeopenai.Reply{Refusal: "I cannot help with that."},
			ends{"chat": "content_filter", "responses": "completed", "messages": "refusal", "gemini": "SAFETY"}},
		"too long": {fakeopenai.Reply{Text: "so far", Finish: "length"},
			ends{"chat": "length", "responses": "incomplete", "messages": "max_tokens", "gemini": "MAX_TOKENS"}},
		"filtered": {fakeopenai.Reply{Text: "so far", Finish: "content_filter"},
			ends{"chat": "content_filter", "responses": "incomplete", "messages": "refusal", "gemini": "SAFETY"}},
	} {
		t.Run(name, func(t *testing.T) {
			u.eachClient(t, func(t *testing.T, client string, c clientRow, stream bool) {
				u.chat.Script(row.reply)
				k := c.talk(false)
				k.say(asked)
				a := k.must(t, fakeopenai.Reasoner, stream)
				if want := row.reply.Text + row.reply.Refusal; a.stop != row.stop[client] || a.text+a.refused != want || a.in != 2600 || a.out != 90 {
					t.Errorf("%+v", a)
				}
				if row.reply.Refusal == "" {
					return
				}
				if apart := client == "chat" || client == "responses"; apart != (a.refused != "") {
					t.Errorf("refused %q", a.refused)
				}
				a.keep() // and it goes back as what it was
				k.say("then something else")
				if again := k.must(t, fakeopenai.Reasoner, stream); again.text != "Hello." {
					t.Errorf("%+v", again)
				}
			})
		})
	}
}

// TestResponsesUpstreamFaults: what fails in the middle of an answer is an
// error to every client, in its SDK's own kind.
func TestResponsesUpstreamFaults(t *testing.T) {
	u := launchResponses(t, "responses")
	for name, reply := range map[string]fakeopenai.Reply{
		"a failed response":        {Text: "half of it", Fault: "server_error"},
		"an error event":           {Text: "half of it", Broken: "server_error"},
		"an error event in a call": {Calls: []fakeopenai.Call{{ID: "call_1", Name: "get_weather", Args: args}}, Broken: "server_error"},
		"a cut":                    {Text: "half of it", Cut: true},
		"a cut in a call":          {Calls: []fakeopenai.Call{{ID: "call_1", Name: "get_weather", Args: args}}, Cut: true},
	} {
		t.Run(name, func(t *testing.T) {
			u.eachClient(t, func(t *testing.T, client string, c clientRow, stream bool) {
				if !stream && reply.Broken != "" {
					return // there are no events
				}
				u.chat.Script(reply, reply, reply)
				k := c.talk(false)
				k.say(asked)
				a, err := k.ask(t, fakeopenai.Reasoner, stream)
				switch {
				case err == nil:
					t.Errorf("a broken answer is whole: %+v", a)
				case !stream && sdkError(err) == "":
					t.Errorf("no error of the SDK's: %T %v", err, err)
				case !reply.Cut && !strings.Contains(err.Error()+sdkError(err), "fault"):
					t.Errorf("the service's words are lost: %v", err)
				}
			})
		})
	}
}

// sdkError is the message of an error that an SDK made of a reply.
func sdkError(err error) string {
	var o *openai.Error
	var a *anthropic.Error
	var g genai.APIError
	switch {
	case errors.As(err, &o):
		return o.Message
	case errors.As(err, &a):
		return a.Error()
	case errors.As(err, &g):
		return g.Message
	}
	return ""
}

// TestResponsesUpstreamHistory: what clients do to a history between turns. The
// gateway is started anew in between.
func TestResponsesUpstreamHistory(t *testing.T) {
	u := launchResponses(t, "responses")
	for _, poor := range []bool{false, true} {
		for name, c := range u.clients() {
			t.Run(name, func(t *testing.T) {
				k := c.talk(poor)
				step := func(thought, id string) {
					t.Helper()
					u.chat.Script(fakeopenai.Reply{Thought: thought, Calls: []fakeopenai.Call{{ID: id, Name: "get_weather", Args: args}}})
					k.must(t, fakeopenai.Reasoner, true).keep("mild")
				}
				seals := func(want ...string) {
					t.Helper()
					u.chat.Script(fakeopenai.Reply{Text: "So it is."})
					k.must(t, fakeopenai.Reasoner, false)
					if name == "responses" && poor { // its own protocol: what it leaves out stays out
						want = nil
					}
					if got := u.sentUp(t).seals(); strings.Join(got, " ") != strings.Join(want, " ") {
						t.Errorf("poor %v: seals %q, want %q", poor, got, want)
					}
				}
				k.say(asked)
				step("The first.", "call_1")
				u.stop()
				u.serve()
				until(t, "the models are listed", func() bool { return strings.Contains(u.ask(t, "GET", "/v1/models", "").body, fakeopenai.Reasoner) })
				seals(seal("The first."))
				at := k.size()
				step("The second.", "call_2")
				seals(seal("The first."), seal("The second."))
				k.rewind(at) // the user takes the last step back and says something else
				k.say("no, wait")
				seals(seal("The first."))
				k.edit("a.txt", "b.txt") // and changes what was asked in the beginning
				seals(seal("The first."))
				k.edit("mild", "cold")
				k.edit("Oslo", "Rome") // a client that edits a call
				k.must(t, fakeopenai.Reasoner, true)
				if sent := string(u.last().Body); !strings.Contains(sent, "b.txt") || !strings.Contains(sent, "cold") || strings.Contains(sent, "Oslo") {
					t.Errorf("sent %s", sent)
				}
			})
		}
	}
}
