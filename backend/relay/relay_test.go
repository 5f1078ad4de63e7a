package relay_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/relay"
)

func TestIdentityPassesBytes(t *testing.T) {
	for _, stream := range []bool{false, true} {
		b := newBed(t, "one")
		b.script("one", says("Hel", "lo."))
		w := b.gemini(hello, stream, true)
		wantStatus(t, w, 200)
		if got := string(b.bodies[0]); got != hello {
			t.Errorf("request changed: %s", got)
		}
		want := httptest.NewRecorder()
		path := "/v1beta/models/m:generateContent"
		if stream {
			path = "/v1beta/models/m:streamGenerateContent"
		}
		says("Hel", "lo.")(want, httptest.NewRequest("POST", path, nil), nil)
		if w.Body.String() != want.Body.String() {
			t.Errorf("answer changed:\n%q\nwant\n%q", w.Body, want.Body)
		}
		if x := b.record(); !x.Identity || x.Usage == nil || x.Usage.Input != 11 || x.FinishReason != llm.ReasonEnd {
			t.Errorf("record: %+v", x)
		}
	}
}

// TestIdentityRenames: of a body whose model has the mark of a large context
// window the name alone changes.
func TestIdentityRenames(t *testing.T) {
	body := func(model string) string {
		return `{"future": {"n": 12345678901234567890, "f": 1.50}, "model" : "` + model + `", "max_tokens": 9,` + "\n" + ` "messages": [{"role": "user", "content": "Hi \u00e9"}]}`
	}
	b := newBedOf(t, claude{}, "one")
	b.script("one", messages("end_turn", `{"type":"text","text":"Hello."}`))
	w := b.post(context.Background(), relay.Call{
		Protocol: llm.Anthropic, Inbound: protocol.Inbound{Body: []byte(body(model + "[1m]"))},
	})
	wantStatus(t, w, 200)
	if got := string(b.bodies[0]); got != body(model) {
		t.Errorf("more than the name was changed: %s", got)
	}
	if x := b.record(); !x.Identity || len(x.Losses) != 0 {
		t.Errorf("record: %+v", x)
	}
}

func TestIdentityStreamAsArray(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", says("a", "b", "c"))
	w := b.gemini(hello, true, false)
	wantStatus(t, w, 200)
	var elements []json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &elements); err != nil || len(elements) != 3 {
		t.Fatalf("not an array of three: %v\n%s", err, w.Body)
	}
	if ct := w.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("content type %q", ct)
	}
}

// TestIdentityStreamThatFails: the upstream's own error in a stream that has
// begun passes as it is, in both forms, and is recorded.
func TestIdentityStreamThatFails(t *testing.T) {
	const failure = `{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE","unknown":[1]}}`
	text := frame("Hel", "")
	for _, row := range []struct {
		sse  bool
		want string
	}{
		{true, "data: " + text + "\r\n\r\ndata: " + failure + "\r\n\r\n"},
		{false, "[" + text + ",\r\n" + failure + "]"},
	} {
		b := newBed(t, "one")
		b.script("one", raw("data: "+text+"\r\n\r\n", "data: "+failure+"\r\n\r\n"))
		w := b.gemini(hello, true, row.sse)
		wantStatus(t, w, 200)
		if got := w.Body.String(); got != row.want {
			t.Errorf("answer %q\nwant %q", got, row.want)
		}
		if x := b.record(); x.ErrorClass != fault.Overloaded {
			t.Errorf("record: %+v", x)
		}
	}
}

func TestTranslates(t *testing.T) {
	b := newBed(t, "one")
	b.script("one", says("Hel", "lo."))
	w := b.chat(false)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hello."`, `"finish_reason":"stop"`, `"prompt_tokens":11`, `"model":"`+model+`"`)
	if w.Header().Get("X-Antigravity-Provider") != "gemini" || w.Header().Get("X-Antigravity-Model") != model {
		t.Errorf("headers: %v", w.Header())
	}
	w = b.chat(true)
	wantStatus(t, w, 200)
	wantBody(t, w, `"content":"Hel"`, `"content":"lo."`, `"usage":{"prompt_tokens":11`, "data: [DONE]")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
		if got := w.Header().Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestUnknownModel(t *testing.T) {
	b := newBed(t, "one")
	w := b.post(context.Background(), relay.Call{Protocol: llm.OpenAIChat,
		Inbound: protocol.Inbound{Body: []byte(`{"model":"gpt-99","messages":[{"role":"user","content":"hi"}]}`)}})
	wantStatus(t, w, 404)
	wantBody(t, w, "model_not_found", "Did you mean less than gpt-99?")
}
