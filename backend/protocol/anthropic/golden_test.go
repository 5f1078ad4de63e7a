package anthropic_test

import (
	"os"
	"path/filepath"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

// Requests as clients send them, and what the model holds of them.
func TestGoldenRequests(t *testing.T) {
	files, err := filepath.Glob("testdata/*/request.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no cases")
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		losses := &llm.Losses{}
		req, err := codec.DecodeRequest(protocol.Inbound{Body: body}, losses)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got := protocoltest.Dump(req) + protocoltest.DumpLosses(losses)
		protocoltest.Golden(t, got, filepath.Base(filepath.Dir(file)), "llm.txt")
	}
}

// Replies as streams and whole.
func TestGoldenReplies(t *testing.T) {
	req := &llm.Request{SealsInBand: true}
	for name, events := range protocoltest.Replies() {
		losses := &llm.Losses{}
		stream := protocoltest.Stream(t, codec.NewStreamEncoder(protocoltest.Reply(req), losses), events)
		protocoltest.Golden(t, string(stream), name, "client.sse")
		protocoltest.Golden(t, protocoltest.DumpLosses(losses), name, "loss.txt")
		body, err := codec.EncodeResponse(protocoltest.Collect(t, events), protocoltest.Reply(req), nil)
		if err != nil {
			t.Fatal(err)
		}
		protocoltest.Golden(t, string(body)+"\n", name, "client.json")
		checkStream(t, req, events)
	}
}
