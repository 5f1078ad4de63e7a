package judges

import (
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
)

// TestContinuation: an answer that the upstream gives in three legs is one
// answer to every client. Gemini's own SDK goes on by itself, the gateway does
// it for the others.
func TestContinuation(t *testing.T) {
	u := launchUpstreams(t)
	u.addAccount(account{"gemini", keyOne})
	legs := func() {
		u.fake.Script("",
			fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "Let me lo"}}, Finish: "CONTINUATION", Usage: &fakegemini.Usage{Prompt: 10, Candidates: 3}}},
			fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: "ok, élève"}}, Finish: "CONTINUATION", Usage: &fakegemini.Usage{Prompt: 10, Candidates: 3}}},
			fakegemini.Step{Reply: &fakegemini.Reply{Parts: []fakegemini.Part{{Text: " 🙂"}, {Call: &fakegemini.Call{Name: "get_weather", Args: []byte(args)}}}, Usage: &fakegemini.Usage{Prompt: 10, Candidates: 3}}})
	}
	for name, c := range u.clients() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				legs()
				k := c.talk(false)
				k.say(asked)
				a := k.must(t, flash, stream)
				if call := a.call(); a.text != looking || call.name != "get_weather" || call.args != args || a.stop != c.tool {
					t.Fatalf("%+v", a)
				}
				if name != "gemini" && (a.in != 30 || a.out != 9) { // its SDK counts in its own way
					t.Errorf("usage %d in, %d out", a.in, a.out)
				}
				if n := u.fake.Unplayed(); n != 0 {
					t.Errorf("%d legs were not asked for", n)
				}
			})
		})
	}
}

// TestPausedTurn: a turn that Anthropic pauses in the middle of a search is one
// answer to the clients of other protocols; an Anthropic client is told.
func TestPausedTurn(t *testing.T) {
	u := launchUpstreams(t)
	const model = fakeanthropic.Adaptive
	script := func() int {
		u.claude.Script(
			fakeanthropic.Reply{Thought: "I shall search.", Text: "Let me look.", Search: &fakeanthropic.Search{ID: "srvtoolu_1", Query: "go"}, Stop: "pause_turn"},
			fakeanthropic.Reply{Text: "Once more.", Search: &fakeanthropic.Search{ID: "srvtoolu_2", Query: "go 2", URL: "https://go.dev"}, Stop: "pause_turn"},
			fakeanthropic.Reply{Text: "Found."})
		return len(u.claude.Requests())
	}
	check := func(t *testing.T, got string, before, asked int) {
		t.Helper()
		for _, want := range []string{"Let me look.", "Once more.", "Found."} {
			if strings.Count(got, want) != 1 {
				t.Errorf("%q has not one %q", got, want)
			}
		}
		if n := len(u.claude.Requests()) - before; n != asked {
			t.Errorf("asked %d times", n)
		}
	}
	both(t, func(t *testing.T, stream bool) {
		before := script()
		r, err := u.gateway.chat(t, stream, openai.ChatCompletionNewParams{Model: model, Messages: userSays("search")})
		if err != nil || r.Choices[0].FinishReason != "stop" {
			t.Fatalf("%v %+v", err, r)
		}
		check(t, r.Choices[0].Message.Content, before, 3)

		before = script()
		parts, _, err := u.generate(t, stream, model, genai.Text("search"), nil)
		if err != nil {
			t.Fatal(err)
		}
		check(t, joined(parts), before, 3)

		script()
		m, err := u.message(t, stream, anthropic.MessageNewParams{Model: model, Messages: asks("search")})
		if err != nil || m.StopReason != "pause_turn" || len(m.Content) != 3 {
			t.Errorf("%v %+v", err, m)
		}
	})
}
