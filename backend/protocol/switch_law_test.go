package protocol_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

// stand is an upstream codec before the strict stand-in of its service.
type stand struct {
	upstream protocol.Upstream
	target   protocol.Target
	url      string
	header   http.Header
	play     func(thought string, calls []llm.Call)
}

func stands(t *testing.T) map[string]stand {
	t.Helper()
	const key = "AIza-fake-switch"
	google := fakegemini.MustNew(fakegemini.Options{Direct: true})
	claude, chat, answers := fakeanthropic.New(key), fakeopenai.New(key), fakeopenai.New(key)
	for _, f := range []interface{ Close() }{google, claude, chat, answers} {
		t.Cleanup(f.Close)
	}
	bearer := http.Header{"Authorization": {"Bearer " + key}}
	target := func(model string, caps family.Caps) protocol.Target {
		return protocol.Target{Model: model, Caps: caps, Realm: protocoltest.Realm}
	}
	openAI := func(thought string, calls []llm.Call) fakeopenai.Reply {
		r := fakeopenai.Reply{Thought: thought, Text: "So."}
		for _, c := range calls {
			r.Calls = append(r.Calls, fakeopenai.Call{ID: c.ID, Name: c.Name, Args: c.Args})
		}
		return r
	}
	return map[string]stand{
		"gemini": {gemini.Upstream{}, target("gemini-3-pro-preview", family.Gemini("gemini-3-pro-preview")),
			google.URL() + "/v1beta/models/gemini-3-pro-preview:generateContent", http.Header{"X-Goog-Api-Key": {key}},
			func(thought string, calls []llm.Call) {
				parts := []fakegemini.Part{{Text: thought, Thought: true}, {Text: "So."}}
				for _, c := range calls {
					parts = append(parts, fakegemini.Part{Call: &fakegemini.Call{ID: c.ID, Name: c.Name, Args: json.RawMessage(c.Args)}})
				}
				google.Controlled().Script(fakegemini.Answer(parts...))
			}},
		"anthropic": {anthropic.Upstream{}, target(fakeanthropic.Adaptive, family.Anthropic(fakeanthropic.Adaptive)),
			claude.URL() + "/v1/messages", http.Header{"X-Api-Key": {key}, "Anthropic-Version": {"2023-06-01"}},
			func(thought string, calls []llm.Call) {
				r := fakeanthropic.Reply{Thought: thought, Text: "So."}
				for _, c := range calls {
					r.Calls = append(r.Calls, fakeanthropic.Call{ID: c.ID, Name: c.Name, Input: c.Args})
				}
				claude.Script(r)
			}},
		"chat": {openai.Upstream{}, target(fakeopenai.Compatible, family.Compatible(fakeopenai.Compatible)), chat.URL() + "/v1/chat/completions", bearer,
			func(thought string, calls []llm.Call) { chat.Script(openAI(thought, calls)) }},
		"responses": {responses.Upstream{}, target(fakeopenai.Reasoner, family.OpenAIResponses(fakeopenai.Reasoner)), answers.URL() + "/v1/responses", bearer,
			func(thought string, calls []llm.Call) { answers.Script(openAI(thought, calls)) }},
	}
}

// send gives the body of the answer; a refusal is a broken law.
func (s stand) send(t *rapid.T, client *http.Client, body []byte) []byte {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = s.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s\nanswered %d %s %v", body, res.StatusCode, answer, err)
	}
	return answer
}

// TestSwitchLaw: histories that grew over random upstreams, whose client carries
// any of the seals or none, are taken by every upstream. Each finds all of its
// own sealed reasoning again, unless an earlier call was edited, and nobody is
// shown another's.
func TestSwitchLaw(t *testing.T) {
	all := stands(t)
	kinds := []string{"anthropic", "chat", "gemini", "responses"}
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	made := 0
	rapid.Check(t, func(t *rapid.T) {
		d := disk{}
		store := custody.New(d, nil, nil)
		history := []llm.Turn{said("what is the weather?")}
		seals := map[string][]string{}
		for range rapid.IntRange(2, 8).Draw(t, "steps") {
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			s := all[kind]
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				store = restarted(store, d)
			}
			calls := drawCalls(t, &made)
			s.play(fmt.Sprintf("Thought %d.", made), calls)
			body := s.encode(t, store, history)
			for owner, list := range seals {
				for _, data := range list {
					if holds := bytes.Contains(body, inJSON(data)); holds != (owner == kind) {
						t.Fatalf("%s: a seal of %s is there: %v\n%s", kind, owner, holds, body)
					}
				}
			}
			reply, err := s.upstream.DecodeResponse(s.send(t, client, body), nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range reply.Choices[0].Parts {
				p := &reply.Choices[0].Parts[i]
				if p.Seal == nil {
					continue
				}
				p.Seal.Issuer, p.Seal.Model, p.Seal.Realm = s.target.Caps.Issuer, s.target.Model, s.target.Realm
				if len(calls) > 0 { // others stand in a turn that Gemini 3 need not have signed
					seals[kind] = append(seals[kind], p.Seal.Data)
				}
			}
			store.Keep("key", reply)
			history = append(history, carried(t, reply), results(t, calls))
		}
	})
}

func said(text string) llm.Turn {
	return llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(text)}}
}

func inJSON(s string) []byte {
	b, _ := json.Marshal(s)
	return b
}

// encode brings the history to the upstream's wire, as package relay does.
func (s stand) encode(t *rapid.T, store *custody.Store, history []llm.Turn) []byte {
	req := &llm.Request{Model: s.target.Model, Turns: slices.Clone(history), Tools: []llm.Tool{{Kind: llm.ToolFunction, Name: "get_weather",
		Schema: json.RawMessage(`{"type":"object","properties":{"city":{"type":"string"}}}`)}}}
	crossing.Normalize(req, nil)
	req = store.Restore(context.Background(), "key", req, s.target.Caps.Issuer)
	enc, err := s.upstream.EncodeRequest(req, s.target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return enc.Body
}

func drawCalls(t *rapid.T, made *int) (out []llm.Call) {
	for range rapid.IntRange(0, 3).Draw(t, "calls") {
		*made++
		out = append(out, llm.Call{ID: fmt.Sprintf("call_%06d", *made), Name: "get_weather", Args: fmt.Sprintf(`{"city":"City %d"}`, *made)})
	}
	return out
}

// carried is a reply as a client sends it back, which may lose its seals and all
// of its reasoning.
func carried(t *rapid.T, reply *llm.Response) llm.Turn {
	turn := llm.Turn{Role: llm.RoleModel, Parts: slices.Clone(reply.Choices[0].Parts)}
	if rapid.Bool().Draw(t, "carries") {
		return turn
	}
	silent := rapid.Bool().Draw(t, "silent")
	turn.Parts = slices.DeleteFunc(turn.Parts, func(p llm.Part) bool { return silent && p.Kind == llm.KindReasoning })
	for i := range turn.Parts {
		turn.Parts[i].Seal = nil
	}
	return turn
}

// results are those of the calls, in any order, and what the user says besides.
func results(t *rapid.T, calls []llm.Call) llm.Turn {
	turn := llm.Turn{Role: llm.RoleUser}
	for _, c := range rapid.Permutation(calls).Draw(t, "order") {
		turn.Parts = append(turn.Parts, llm.Part{Kind: llm.KindResult, Result: &llm.Result{CallID: c.ID, Parts: []llm.Part{llm.TextPart("mild")}}})
	}
	if len(calls) == 0 || rapid.IntRange(0, 3).Draw(t, "speaks") == 0 {
		turn.Parts = append(turn.Parts, llm.TextPart("and now? "+strings.Repeat("x", len(calls))))
	}
	return turn
}
