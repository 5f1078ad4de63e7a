package relay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/relay"
)

// breaksOff answers one text and wants to be asked on with a token; "" for none.
func breaksOff(text, token string) upstream {
	return func(w http.ResponseWriter, r *http.Request, _ []byte) {
		whole := frame(text, "CONTINUATION")
		if token != "" {
			whole = strings.Replace(whole, `"index":0`, `"index":0,"continuationToken":"`+token+`"`, 1)
		}
		if strings.Contains(r.URL.Path, ":stream") {
			whole = "data: " + whole + "\r\n\r\n"
		}
		fmt.Fprint(w, whole)
	}
}

// TestContinuation: an answer in several legs reaches the client as one, and each
// further leg is the same request with the token of the one before.
func TestContinuation(t *testing.T) {
	for _, stream := range []bool{false, true} {
		t.Run(fmt.Sprintf("stream=%v", stream), func(t *testing.T) {
			b := newBed(t, "one")
			b.script("one", breaksOff("Once up", "dG9rMQ=="), breaksOff("on a ti", "dG9rMg=="), says("me."))
			w := b.chat(stream)
			wantStatus(t, w, 200)
			// 11 in and 3 out, three times.
			wantBody(t, w, `"finish_reason":"stop"`, `"prompt_tokens":33,"completion_tokens":9`)
			wantNot(t, w, "length", "error")
			if !stream {
				wantBody(t, w, `"content":"Once upon a time."`)
			} else if n := strings.Count(w.Body.String(), `"role":"assistant"`); n != 1 {
				t.Errorf("the stream opens %d times:\n%s", n, w.Body)
			}
			if len(b.bodies) != 3 {
				t.Fatalf("asked %d times", len(b.bodies))
			}
			for i, token := range []string{"dG9rMQ==", "dG9rMg=="} {
				want := strings.TrimSuffix(string(b.bodies[0]), "}") + `,"continuationToken":"` + token + `"}`
				if got := string(b.bodies[i+1]); got != want {
					t.Errorf("leg %d: %s\nwant %s", i+2, got, want)
				}
			}
			x := b.record()
			if x.Usage.Input != 33 || x.Usage.Output != 9 || x.FinishReason != llm.ReasonEnd || len(x.Attempts) != 1 {
				t.Errorf("record: %+v %+v", x.Usage, x)
			}
		})
	}
}

// TestContinuationIsBounded: what would go on for ever, stands still or would
// pass the client's limit ends as too long.
func TestContinuationIsBounded(t *testing.T) {
	endless := func() upstream {
		n := 0
		return func(w http.ResponseWriter, r *http.Request, body []byte) {
			n++
			breaksOff("x", fmt.Sprint("dG9r", n))(w, r, body)
		}
	}
	limited := func(n int) string { return fmt.Sprintf(`"max_tokens":%d,`, n) }
	for name, c := range map[string]struct {
		step  upstream
		extra string
		asked int
	}{
		"for ever":                {endless(), "", 6},
		"the same token again":    {breaksOff("x", "dG9r"), "", 2},
		"no token":                {breaksOff("x", ""), "", 1},
		"at the client's limit":   {endless(), limited(6), 2}, // 3 out each
		"below the client's next": {endless(), limited(7), 3},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, "one")
			b.script("one", c.step)
			w := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(
				`{"model":"` + model + `","stream":true,` + c.extra + `"messages":[{"role":"user","content":"go"}]}`)}})
			wantStatus(t, w, 200)
			wantBody(t, w, `"finish_reason":"length"`)
			if len(b.asked) != c.asked {
				t.Errorf("asked %d times, want %d", len(b.asked), c.asked)
			}
		})
	}
}

// TestContinuationFails: a leg that fails fails the answer. A client that has
// seen nothing gets it from another account, from the beginning.
func TestContinuationFails(t *testing.T) {
	overloaded := refuses(503, `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`)
	b := newBed(t, "one", "two")
	b.script("one", breaksOff("Hel", "dG9r"), overloaded)
	b.script("two", says("Hello."))
	w := b.chat(true)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hel"`, `data: {"error":`, "data: [DONE]")
	wantNot(t, w, "Hello.", `"finish_reason":"length"`, `"finish_reason":"stop"`)
	if x := b.record(); !x.Failed() || len(x.Attempts) != 1 {
		t.Errorf("record: %+v", x)
	}

	b = newBed(t, "one", "two")
	b.script("one", breaksOff("Hel", "dG9r"), overloaded)
	b.script("two", says("Hello."))
	w = b.chat(false)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hello."`)
}

// TestContinuationEndsEmpty: a last leg without a word means that all was said.
func TestContinuationEndsEmpty(t *testing.T) {
	for _, stream := range []bool{false, true} {
		b := newBed(t, "one")
		b.script("one", breaksOff("Hello.", "dG9r"), func(w http.ResponseWriter, r *http.Request, _ []byte) {
			end := `{"candidates":[{"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"totalTokenCount":1}}`
			if strings.Contains(r.URL.Path, ":stream") {
				end = "data: " + end + "\r\n\r\n"
			}
			fmt.Fprint(w, end)
		})
		w := b.chat(stream)
		wantStatus(t, w, 200)
		wantBody(t, w, "Hello.", `"finish_reason":"stop"`)
	}
}

// TestContinuationOfIdentity: a Gemini client gets the bytes as they are, and
// its SDK goes on.
func TestContinuationOfIdentity(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", breaksOff("Hel", "dG9r"))
	w := b.gemini(hello, true, true)
	wantStatus(t, w, 200)
	wantBody(t, w, `"continuationToken":"dG9r"`, `"finishReason":"CONTINUATION"`)
	if len(b.asked) != 1 {
		t.Errorf("asked %d times", len(b.asked))
	}
}

// claude is a provider that speaks Messages.
type claude struct{ stub }

func (claude) Protocol(string) protocol.Upstream { return anthropic.Upstream{} }
func (claude) Caps(string) family.Caps           { return family.Anthropic("claude-sonnet-4-5") }

const (
	searchCall   = `{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"go"}}`
	searchResult = `{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://go.dev","title":"Go","encrypted_content":"b3BhcXVl","page_age":null}]}`
)

// messages answers blocks, whole or streamed as the body asks.
func messages(stop string, blocks ...string) upstream {
	return func(w http.ResponseWriter, _ *http.Request, body []byte) {
		const use = `"usage":{"input_tokens":10,"output_tokens":2}`
		if !strings.Contains(string(body), `"stream":true`) {
			fmt.Fprintf(w, `{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[%s],"stop_reason":%q,"container":{"id":"container_1","expires_at":"2026-11-23T12:00:00Z"},%s}`, strings.Join(blocks, ","), stop, use)
			return
		}
		fmt.Fprintf(w, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",%s}}\n\n", use)
		for i, b := range blocks {
			fmt.Fprintf(w, "data: {\"type\":\"content_block_start\",\"index\":%d,\"content_block\":%s}\n\ndata: {\"type\":\"content_block_stop\",\"index\":%d}\n\n", i, b, i)
		}
		fmt.Fprintf(w, "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":%q,\"container\":{\"id\":\"container_1\"}},%s}\n\ndata: {\"type\":\"message_stop\"}\n\n", stop, use)
	}
}

// TestPausedTurn: a turn that the service paused goes on with its blocks as they
// were, all of them in one message.
func TestPausedTurn(t *testing.T) {
	look, found := `{"type":"text","text":"I shall look."}`, `{"type":"text","text":"Found it."}`
	for _, stop := range []string{"pause_turn", "compaction"} {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/stream=%v", stop, stream), func(t *testing.T) {
				b := newBedOf(t, claude{}, "one")
				b.script("one", messages(stop, look, searchCall), messages(stop, searchResult), messages("end_turn", found))
				w := b.chat(stream)
				wantStatus(t, w, 200)
				wantBody(t, w, "I shall look.", "Found it.", `"finish_reason":"stop"`, `"prompt_tokens":30,"completion_tokens":6`)
				for i, blocks := range []string{look + "," + searchCall, look + "," + searchCall + "," + searchResult} {
					var sent struct {
						Messages  []struct{ Role string }
						Container string
					}
					if err := json.Unmarshal(b.bodies[i+1], &sent); err != nil || len(sent.Messages) != 2 || sent.Messages[1].Role != "assistant" || sent.Container != "container_1" {
						t.Errorf("leg %d: %v %s", i+2, err, b.bodies[i+1])
					}
					if want := `{"role":"assistant","content":[` + blocks + `]}]`; !strings.Contains(string(b.bodies[i+1]), want) {
						t.Errorf("leg %d lacks %s:\n%s", i+2, want, b.bodies[i+1])
					}
				}
			})
		}
	}
}

// TestPausedForGood: a turn that is paused again and again, or for the client's
// own answer, ends as unfinished.
func TestPausedForGood(t *testing.T) {
	call := `{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}`
	for name, c := range map[string]struct {
		block string
		asked int
	}{"again and again": {searchCall, 6}, "a call of the client's": {call, 1}} {
		t.Run(name, func(t *testing.T) {
			b := newBedOf(t, claude{}, "one")
			b.script("one", messages("pause_turn", `{"type":"text","text":"On it."}`, c.block))
			w := b.chat(true)
			wantStatus(t, w, 200)
			wantBody(t, w, `"finish_reason":"length"`)
			if len(b.asked) != c.asked {
				t.Errorf("asked %d times, want %d", len(b.asked), c.asked)
			}
		})
	}
}
