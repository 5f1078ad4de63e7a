package anthropic_test

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

// Replies as streams and whole.
func TestGoldenReplies(t *testing.T) {
	req := &llm.Request{SealsInBand: true}
	protocoltest.GoldenReplies(t, codec, func() protocol.Reply { return protocoltest.Reply(req) })
	for _, events := range protocoltest.Replies() {
		checkStream(t, req, events)
	}
}
