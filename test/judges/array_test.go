package judges

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeopenai"
)

// arrayElement is one element of a stream without alt=sse.
type arrayElement struct {
	Candidates []struct {
		Content struct {
			Parts []struct {
				Text         string
				FunctionCall *struct{ Name string }
			}
		}
		FinishReason string
	}
	UsageMetadata struct{ TotalTokenCount int }
	Error         *struct {
		Code    int
		Message string
		Status  string
	}
}

// array asks for a stream without alt=sse and reads it as the one JSON array
// that it must be, whatever happened.
func (g *gateway) array(t *testing.T, model, body string) (all []arrayElement, text string) {
	t.Helper()
	r := g.ask(t, "POST", "/v1beta/models/"+model+":streamGenerateContent", body)
	if r.status != http.StatusOK || r.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d %s %s", model, r.status, r.header.Get("Content-Type"), r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &all); err != nil || len(all) == 0 {
		t.Fatalf("%s: %v in %s", model, err, r.body)
	}
	for _, e := range all {
		for _, c := range e.Candidates {
			for _, p := range c.Content.Parts {
				text += p.Text
			}
		}
	}
	return all, text
}

const arrayAsk = `{"contents":[{"role":"user","parts":[{"text":"` + mark + ` hello"}]}]}`

// arrayUpstream is a kind of upstream with the model that leads to it, and how
// its fake is told what to answer.
type arrayUpstream struct {
	u     *upstreams
	model string
	says  func(text string, call, breaks bool)
}

func arrayUpstreams(t *testing.T) map[string]arrayUpstream {
	u, r := launchOperations(t), launchResponses(t, "responses")
	u.refusals, r.refusals = true, true
	chat := func(to *fakeopenai.Server) func(string, bool, bool) {
		return func(text string, call, breaks bool) {
			reply := fakeopenai.Reply{Text: text, Cut: breaks}
			if call {
				reply.Calls = []fakeopenai.Call{{ID: "call_1", Name: "get_weather", Args: args}}
			}
			to.Script(reply)
		}
	}
	return map[string]arrayUpstream{
		"gemini": {u, flash, func(text string, call, breaks bool) {
			parts := []fakegemini.Part{{Text: text}}
			if call {
				parts = append(parts, fakegemini.Part{Call: &fakegemini.Call{Name: "get_weather", Args: json.RawMessage(args)}})
			}
			step := fakegemini.Answer(parts...)
			if breaks {
				step.Reply.Pieces, step.Fault, step.After = 4, fakegemini.FaultCutClean, 2
			}
			u.script(step)
		}},
		"anthropic": {u, fakeanthropic.Adaptive, func(text string, call, breaks bool) {
			reply := fakeanthropic.Reply{Text: text}
			if call {
				reply.Calls = []fakeanthropic.Call{{ID: "toolu_1", Name: "get_weather", Input: args}}
			}
			if breaks {
				reply.Fault = "overloaded_error"
			}
			u.claude.Script(reply)
		}},
		"chat":      {u, fakeopenai.Model, chat(u.chat)},
		"responses": {r, fakeopenai.Reasoner, chat(r.chat)},
	}
}

// TestStreamAsArray: Gemini's stream without alt=sse is one JSON array over
// every kind of upstream, whether it brings text, a call or breaks off.
func TestStreamAsArray(t *testing.T) {
	const text = "Hello you, how are you today?"
	tools := strings.Replace(arrayAsk, "{", `{"tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}],`, 1)
	for kind, up := range arrayUpstreams(t) {
		t.Run(kind, func(t *testing.T) {
			up.says(text, false, false)
			all, got := up.u.array(t, up.model, arrayAsk)
			last := all[len(all)-1]
			if got != text || len(last.Candidates) != 1 || last.Candidates[0].FinishReason != "STOP" || last.UsageMetadata.TotalTokenCount == 0 {
				t.Errorf("%q %+v", got, all)
			}
			up.says("Let me see.", true, false)
			all, got = up.u.array(t, up.model, tools)
			calls := 0
			for _, e := range all {
				for _, c := range e.Candidates {
					for _, p := range c.Content.Parts {
						if p.FunctionCall != nil && p.FunctionCall.Name == "get_weather" {
							calls++
						}
					}
				}
			}
			if got != "Let me see." || calls != 1 {
				t.Errorf("%q, %d calls: %+v", got, calls, all)
			}
			up.says(text, false, true)
			all, got = up.u.array(t, up.model, arrayAsk)
			last = all[len(all)-1]
			if last.Error == nil || last.Error.Status == "" || last.Error.Message == "" || got == "" {
				t.Errorf("a stream that broke off after %q ends in %+v", got, last)
			}
			for _, e := range all[:len(all)-1] {
				if e.Error != nil || len(e.Candidates) > 0 && e.Candidates[0].FinishReason != "" {
					t.Errorf("more after the end: %+v", all)
				}
			}
		})
	}
}

// TestFileReferences: a file of a vendor's store goes to that vendor alone; for
// all others it is a 400 that names the place, in the client's shape.
func TestFileReferences(t *testing.T) {
	u := launchOperations(t)
	const gemini, chat, messages, responses = "G", "/v1/chat/completions", "/v1/messages", "/v1/responses"
	bodies := map[string][]string{
		gemini: {
			`{"contents":[{"role":"user","parts":[{"text":"x"},{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc","mimeType":"image/png"}}]}]}`,
			`{"contents":[{"role":"user","parts":[{"text":"x"},{"fileData":{"fileUri":"gs://bucket/a.pdf","mimeType":"application/pdf"}}]}]}`,
		},
		chat:      {`{"model":"MODEL","messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"file","file":{"file_id":"file-1"}}]}]}`},
		messages:  {`{"model":"MODEL","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image","source":{"type":"file","file_id":"file_1"}}]}]}`},
		responses: {`{"model":"MODEL","input":[{"role":"user","content":[{"type":"input_text","text":"x"},{"type":"input_file","file_id":"file-1"}]}]}`},
	}
	reached := func() int { return len(u.fake.Generates()) + len(u.chat.Requests()) + len(u.claude.Requests()) }
	before := reached()
	own := map[string]string{gemini: flash, messages: fakeanthropic.Adaptive, chat: fakeopenai.Model, responses: ""}
	for path, list := range bodies {
		for _, body := range list {
			for _, model := range []string{flash, fakeanthropic.Adaptive, fakeopenai.Model} {
				if own[path] == model {
					continue // passes: what the vendor makes of it is its own affair
				}
				at := path
				if path == gemini {
					at = "/v1beta/models/" + model + ":generateContent"
				}
				r := u.ask(t, "POST", at, strings.ReplaceAll(body, "MODEL", model))
				if r.status != http.StatusBadRequest || !strings.Contains(r.body, "file") || !strings.Contains(r.body, "parts[1]") || strings.Contains(r.body, "bucket") {
					t.Errorf("%s to %s: %d %s", path, model, r.status, r.body)
				}
			}
		}
	}
	if n := reached() - before; n != 0 {
		t.Errorf("%d of the requests reached an upstream", n)
	}
}
