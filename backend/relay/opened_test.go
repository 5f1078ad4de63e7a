package relay_test

import (
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/relay"
)

// TestOpened: to a client that has the headers of its stream already, errors are
// told within it, whether the request fails before an account or with it.
func TestOpened(t *testing.T) {
	for name, row := range map[string]struct{ model, want string }{
		"answered": {model, "event: response.completed"},
		"refused":  {model, "Not this one."},
		"unknown":  {"no-such-model", "no-such-model"},
	} {
		b := newBed(t, "a")
		if name == "refused" {
			b.script("a", refuses(400, `{"error":{"code":400,"message":"Not this one.","status":"INVALID_ARGUMENT"}}`))
		} else {
			b.script("a", says("Hello."))
		}
		body := fmt.Sprintf(`{"model":%q,"stream":true,"input":"hi"}`, row.model)
		w := b.post(t.Context(), relay.Call{Protocol: llm.Responses, Opened: true, Inbound: protocol.Inbound{Body: []byte(body)}})
		wantStatus(t, w, 200) // the recorder's, since nothing is written
		if text := w.Body.String(); !strings.HasPrefix(text, "event: ") || !strings.Contains(text, row.want) {
			t.Errorf("%s: %s", name, text)
		}
		if w.Header().Get("X-Antigravity-Model") != "" || w.Header().Get("Content-Length") != "" {
			t.Errorf("%s: headers behind the first byte: %v", name, w.Header())
		}
		if failed := strings.HasPrefix(w.Body.String(), "event: error\n"); failed != (name != "answered") {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}
