package relay_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// stubChat is a provider whose protocol has no token count.
type stubChat struct{ stub }

func (stubChat) Protocol(string) protocol.Upstream { return openai.Upstream{} }

func TestEstimatesWhereNothingCounts(t *testing.T) {
	b := newBedOf(t, stubChat{}, "one")
	w := httptest.NewRecorder()
	b.relay.Serve(t.Context(), w, relay.Call{
		Protocol: llm.Anthropic, Operation: provider.CountTokens, RequestID: "req_test", Start: time.Now(),
		Inbound: protocol.Inbound{Body: []byte(`{"model":"` + model + `","messages":[{"role":"user","content":"twelve bytes"}]}`)},
	})
	wantStatus(t, w, 200)
	if got := w.Body.String(); got != `{"input_tokens":3}` || w.Header().Get("X-Antigravity-Estimate") != "1" {
		t.Errorf("%s %v", got, w.Header())
	}
	if len(b.asked) != 0 {
		t.Errorf("the upstream was asked: %v", b.asked)
	}
}
