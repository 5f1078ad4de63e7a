package judges

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakevertex"
)

// vertex is a gateway with service accounts over a strict Vertex AI.
type vertex struct {
	*upstreams
	service *fakevertex.Server
}

const (
	projectOne = "project-one-7f3a"
	projectTwo = "project-two-7f3a"
)

func launchVertex(t *testing.T, projects ...string) *vertex {
	t.Helper()
	s, err := fakevertex.New(projects...)
	if err != nil {
		t.Fatal(err)
	}
	g := launchWith(t, config{behind: s.Server, settings: [][2]string{{"scheduling.mode", "balance"}}, add: func(g *gateway) {
		for _, name := range projects {
			g.secrets = append(g.secrets, name)
			g.run(s.Key(name)+"\n", "account", "add", "--provider", "vertex", "--name", name, "--location", fakevertex.Location, "--base-url", s.URL(), "--api-key-stdin")
		}
	}})
	g.secrets = append(g.secrets, "ya29.fake", "PRIVATE KEY")
	t.Cleanup(func() {
		for _, r := range s.Claude.Refused() {
			t.Errorf("the upstream refused: %s", r)
		}
	})
	return &vertex{&upstreams{gateway: g}, s}
}

// TestVertexGemini: every client's SDK through the gateway to Gemini on a strict
// Vertex AI, whose signatures have to come back.
func TestVertexGemini(t *testing.T) {
	v := launchVertex(t, projectOne)
	for _, model := range []string{pro3, flash} {
		for name, client := range v.clients() {
			t.Run(model+"/"+name, func(t *testing.T) {
				both(t, func(t *testing.T, stream bool) {
					v.toolLoop(t, client, model, stream)
				})
			})
		}
	}
	t.Run("structure", func(t *testing.T) { v.structured(t, `"responseJsonSchema"`) })
	t.Run("count", func(t *testing.T) { v.counted(t, flash+":countTokens") })
}

// TestVertexClaude: the same to Claude there, whose thinking has to come back as
// it was signed, whatever the client can carry.
func TestVertexClaude(t *testing.T) {
	v := launchVertex(t, projectOne)
	for name, client := range v.clients() {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				call := func(id string) fakeanthropic.Reply {
					return fakeanthropic.Reply{Thought: "I shall look " + id + ".", Text: looking, Calls: []fakeanthropic.Call{{ID: id, Name: "get_weather", Input: args}}}
				}
				v.service.Claude.Script(call("toolu_1"), call("toolu_2"), fakeanthropic.Reply{Text: "Mild."})
				k := client.talk(false)
				k.say(asked)
				for range 2 {
					step := k.must(t, fakeanthropic.Adaptive, stream)
					if call := step.call(); step.text != looking || call.name != "get_weather" || call.args != args || step.stop != client.tool {
						t.Fatalf("the call: %+v", step)
					}
					step.keep("mild")
				}
				if last := k.must(t, fakeanthropic.Adaptive, stream); last.text != "Mild." || last.stop != client.done {
					t.Fatalf("the answer: %+v", last)
				}
				seen := v.service.Claude.Requests()
				sent := string(seen[len(seen)-1].Body)
				if strings.Count(sent, `"type":"thinking"`) != 2 || !strings.Contains(sent, `"tool_use_id":"toolu_2"`) || !strings.Contains(sent, "be brief") {
					t.Errorf("sent %s", sent)
				}
			})
		})
	}
	t.Run("structure", func(t *testing.T) {
		v.service.Claude.Script(fakeanthropic.Reply{Text: `{"n":1,"kind":"a"}`})
		r, err := v.gateway.chat(t, false, openai.ChatCompletionNewParams{Model: fakeanthropic.Adaptive, Messages: userSays("json"), ResponseFormat: thingFormat()})
		if err != nil || !isThing(r.Choices[0].Message.Content) {
			t.Errorf("%v %s", err, r.RawJSON())
		}
	})
	t.Run("count", func(t *testing.T) {
		c := v.gateway.anthropic()
		n, err := c.Messages.CountTokens(ctx(t), anthropic.MessageCountTokensParams{Model: fakeanthropic.Adaptive, Messages: asks("count me")})
		all := v.fake.Requests()
		if err != nil || n.InputTokens != 42 || all[len(all)-1].Model != "count-tokens" {
			t.Errorf("%v %+v", err, n)
		}
	})
}

// TestVertexClaudeLacks: what Anthropic's own clients may ask for and this
// service does not have is done in another way or left out, and said.
func TestVertexClaudeLacks(t *testing.T) {
	v := launchVertex(t, projectOne)
	const fetch = `{"type":"web_fetch_20250910","name":"web_fetch"}`
	const function = `"name":"get_weather","input_schema":{"type":"object","properties":{},"additionalProperties":false}`
	for name, tc := range map[string]struct {
		more   string
		losses int
		gone   string
	}{
		"schema":           {`"output_config":{"effort":"low","format":{"type":"json_schema","schema":{"type":"object","properties":{"city":{"type":"string"}}}}}`, 1, `"json_schema"`},
		"schema, beta":     {`"output_format":{"type":"json_schema","schema":{"type":"object","properties":{"city":{"type":"string"}}}}`, 1, `"output_format"`},
		"strict":           {`"tools":[{"strict":true,` + function + `}]`, 1, `"strict"`},
		"automatic cache":  {`"cache_control":{"type":"ephemeral"}`, 0, "no such words"},
		"fetching":         {`"tools":[` + fetch + `,{` + function + `}]`, 1, `web_fetch`},
		"code":             {`"tools":[{"type":"code_execution_20250825","name":"code_execution"}]`, 1, `code_execution`},
		"mark on a block":  {`"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}]`, 0, "no such words"},
		"cache and a user": {`"cache_control":{"type":"ephemeral"},"metadata":{"user_id":"u"}`, 0, "no such words"},
		"a schema's words": {`"tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{"kind":{"type":"string","enum":["json_schema"]}}}}]`, 0, "no such words"},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, stream bool) {
				body := fmt.Sprintf(`{"model":%q,"max_tokens":9000,"stream":%v,"messages":[{"role":"user","content":%q}],%s}`, fakeanthropic.Adaptive, stream, mark, tc.more)
				r := v.ask(t, "POST", "/v1/messages", body)
				seen := v.service.Claude.Requests()
				sent := string(seen[len(seen)-1].Body)
				if r.status != 200 || !strings.Contains(sent, mark) || strings.Contains(sent, tc.gone) {
					t.Fatalf("%d %s\nsent %s", r.status, r.body, sent)
				}
				if strings.Contains(tc.more, "city") && !strings.Contains(sent, "city") {
					t.Errorf("the schema is not told: %s", sent)
				}
				if got := r.header.Get("X-Antigravity-Losses"); got != strconv.Itoa(tc.losses) {
					t.Errorf("%q losses, want %d", got, tc.losses)
				}
			})
		})
	}
	// A tool that must be called and is not there cannot be left out.
	body := fmt.Sprintf(`{"model":%q,"max_tokens":900,"messages":[{"role":"user","content":%q}],"tools":[%s],"tool_choice":{"type":"tool","name":"web_fetch"}}`, fakeanthropic.Adaptive, mark, fetch)
	if r := v.ask(t, "POST", "/v1/messages", body); r.status != 400 || !strings.Contains(r.body, "tools[0]") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// TestVertexTokenEnds: a token that ends in the middle of a run is renewed once,
// for both publishers' models.
func TestVertexTokenEnds(t *testing.T) {
	v := launchVertex(t, projectOne)
	v.askMany(t, 2, flash)
	for _, model := range []string{flash, fakeanthropic.Adaptive} {
		before := v.service.Tokens.Issued(projectOne)
		v.service.Tokens.Expire()
		v.askMany(t, 8, model)
		if n := v.service.Tokens.Issued(projectOne) - before; n != 1 {
			t.Errorf("%s: %d tokens were asked for", model, n)
		}
	}
	if row := v.account(t, projectOne); row.State != "ready" {
		t.Errorf("%+v", row)
	}
}

// TestVertexAccounts: a service account whose key was deleted is put aside, a
// limited one waits; the other one answers.
func TestVertexAccounts(t *testing.T) {
	v := launchVertex(t, projectOne, projectTwo)
	v.fake.Script(projectOne, fakegemini.Fail(fakegemini.RateLimited(flash, 3*time.Minute)))
	v.askMany(t, 6, flash)
	if row := v.account(t, projectOne); !row.limited(flash) {
		t.Errorf("%+v", row)
	}
	v.service.Delete(projectTwo)
	v.service.Tokens.Expire()
	v.run("", "account", "enable", projectOne)
	for range 4 {
		v.askMany(t, 1, fakeanthropic.Adaptive)
	}
	if row := v.account(t, projectTwo); row.State != "refused" || !strings.Contains(row.Reason, "invalid_grant") {
		t.Errorf("%+v", row)
	}
	if row := v.account(t, projectOne); row.State != "ready" {
		t.Errorf("%+v", row)
	}
}
