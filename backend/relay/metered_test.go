package relay_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/relay"
)

func (b *bed) chatBody(body string) *httptest.ResponseRecorder {
	return b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat, Inbound: protocol.Inbound{Body: []byte(body)}})
}

// A stream with members and frames that nobody knows, and usage where servers
// put it: beside a choice, and in a chunk of its own.
const (
	chatHead  = ": hello\n\ndata: {\"id\":\"c\",\"new\":12345678901234567890,\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hé\"}}],\"usage\":null}\r\n\r\n"
	chatEnd   = "event: x\nid: 7\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}\n\n"
	chatAzure = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"
	chatUse   = "data: { \"choices\" : [ ] , \"usage\" : {\"prompt_tokens\":7,\"completion_tokens\":2,\"new\":1} }\n\n"
	chatDone  = "data: [DONE]\n\n"
)

// TestUsageIsAskedFor: the stream of a chat client that did not ask for usage has
// its bytes, without the chunk that is there for our question; the records have the
// usage.
func TestUsageIsAskedFor(t *testing.T) {
	const tail = `"messages":[{"role":"user","content":"hi"}],"newMember":{"big":12345678901234567890,"a":1.0}`
	whole := chatAzure + chatHead + chatEnd + chatUse + chatDone
	hidden := chatAzure + chatHead + chatEnd + chatDone
	for name, c := range map[string]struct{ body, sent, got string }{
		"not asked":       {`{"model":"` + model + `","stream":true,` + tail + `}`, `{"model":"` + model + `","stream":true,` + tail + `,"stream_options":{"include_usage":true}}`, hidden},
		"asked not to":    {`{"stream_options":{"include_usage":false},"model":"` + model + `","stream":true,` + tail + `}`, `{"stream_options":{"include_usage":true},"model":"` + model + `","stream":true,` + tail + `}`, hidden},
		"of other things": {`{"stream_options":{"z":1},"model":"` + model + `","stream":true,` + tail + `}`, `{"stream_options":{"z":1,"include_usage":true},"model":"` + model + `","stream":true,` + tail + `}`, hidden},
		"null":            {`{"stream_options":null,"model":"` + model + `","stream":true,` + tail + `}`, `{"stream_options":{"include_usage":true},"model":"` + model + `","stream":true,` + tail + `}`, hidden},
		"asked":           {`{"model":"` + model + `","stream":true,"stream_options":{"include_usage":true},` + tail + `}`, "", whole},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBedOf(t, stubChat{}, "one")
			b.script("one", raw(whole))
			w := b.chatBody(c.body)
			wantStatus(t, w, 200)
			if c.sent == "" {
				c.sent = c.body
			}
			if got := string(b.bodies[0]); got != c.sent {
				t.Errorf("sent %s\nwant %s", got, c.sent)
			}
			if w.Body.String() != c.got {
				t.Errorf("got  %q\nwant %q", w.Body, c.got)
			}
			if use := b.record().Usage; use == nil || use.Input != 7 || use.Output != 2 {
				t.Errorf("usage %+v", use)
			}
		})
	}
}

// TestUsageHiddenWhereverCut: where the network cuts the stream makes no
// difference.
func TestUsageHiddenWhereverCut(t *testing.T) {
	b := newBedOf(t, stubChat{}, "one")
	whole := chatHead + chatEnd + chatUse + chatDone
	for i := 1; i < len(whole); i++ {
		b.script("one", raw(whole[:i], whole[i:]))
		w := b.chatBody(`{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"hi"}]}`)
		if got := w.Body.String(); got != chatHead+chatEnd+chatDone {
			t.Fatalf("cut at %d: %q", i, got)
		}
	}
}

// noOptions is a server that does not know stream_options.
func noOptions(w http.ResponseWriter, r *http.Request, body []byte) {
	if strings.Contains(string(body), "stream_options") {
		refuses(422, `{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}`)(w, r, body)
		return
	}
	raw(chatHead+chatEnd+chatDone)(w, r, body)
}

// TestServerWithoutStreamOptions: the question is taken back once, and not asked
// again of that account; a client's own question is answered as it is.
func TestServerWithoutStreamOptions(t *testing.T) {
	for name, ask := range map[string]func(b *bed) *httptest.ResponseRecorder{
		"chat": func(b *bed) *httptest.ResponseRecorder {
			return b.chatBody(`{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"hi"}]}`)
		},
		"crossing": func(b *bed) *httptest.ResponseRecorder {
			return b.gemini(`{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`, true, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBedOf(t, stubChat{}, "one")
			b.script("one", noOptions)
			for i, want := range []int{2, 3} {
				w := ask(b)
				wantStatus(t, w, 200)
				wantBody(t, w, "Hé")
				if len(b.asked) != want {
					t.Errorf("answer %d: asked %d times, want %d", i+1, len(b.asked), want)
				}
				if x := b.record(); len(x.Attempts) != 1 || x.Failed() {
					t.Errorf("record: %+v", x.Attempts)
				}
			}
		})
	}
	b := newBedOf(t, stubChat{}, "one")
	b.script("one", noOptions)
	w := b.chatBody(`{"model":"` + model + `","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}`)
	if w.Code == 200 || len(b.asked) != 1 {
		t.Errorf("status %d after %d calls", w.Code, len(b.asked))
	}
	b = newBedOf(t, stubChat{}, "one")
	b.script("one", refuses(400, `{"error":{"message":"messages: too many","type":"invalid_request_error","code":"x"}}`))
	w = b.chatBody(fmt.Sprintf(`{"model":%q,"stream":true,"messages":[{"role":"user","content":"hi"}]}`, model))
	if w.Code != 400 || len(b.asked) != 1 {
		t.Errorf("status %d after %d calls", w.Code, len(b.asked))
	}
}
