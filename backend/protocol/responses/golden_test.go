package responses_test

import (
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

// Requests as clients send them, and what the model holds of them.
func TestGoldenRequests(t *testing.T) {
	protocoltest.GoldenRequests(t, codec, protocol.Inbound{})
}

// Replies as streams and whole, to a client that wants sealed reasoning.
func TestGoldenReplies(t *testing.T) {
	req := &llm.Request{SealsInBand: true, Echo: []byte(`{"instructions":"Be brief.","temperature":0.30,"store":false}`)}
	protocoltest.GoldenReplies(t, codec, func() protocol.Reply { return reply(req) })
	for _, events := range protocoltest.Replies() {
		checkStream(t, req, events)
	}
}
