package gemini

import (
	"os"
	"path/filepath"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

// Requests as Gemini clients send them, and what the model holds of them.
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
		req, err := Client{}.DecodeRequest(protocol.Inbound{Model: "models/asked", Body: body}, losses)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got := protocoltest.Dump(req) + protocoltest.DumpLosses(losses)
		protocoltest.Golden(t, got, filepath.Base(filepath.Dir(file)), "llm.txt")
	}
}

// Replies of other vendors' upstreams as a Gemini client gets them: streamed,
// whole, and as an array.
func TestGoldenReplies(t *testing.T) {
	for name, events := range protocoltest.Replies() {
		losses := &llm.Losses{}
		reply := protocoltest.Reply(&llm.Request{})
		stream := protocoltest.Stream(t, Client{}.NewStreamEncoder(reply, losses), events)
		protocoltest.Golden(t, string(stream), name, "client.sse")
		protocoltest.Golden(t, protocoltest.DumpLosses(losses), name, "loss.txt")
		body, err := Client{}.EncodeResponse(protocoltest.Collect(t, events), reply, nil)
		if err != nil {
			t.Fatal(err)
		}
		protocoltest.Golden(t, string(body)+"\n", name, "client.json")
	}
}

// An SDK may hand a signature back in the URL alphabet.
func TestEnvelopeAlphabets(t *testing.T) {
	seal := &llm.Seal{Issuer: llm.IssuerOpenAI, Model: "m", Data: "\xff\xfe\xfb?>~~"}
	std := seal.Envelope("text")
	url := ""
	for _, c := range std {
		switch c {
		case '+':
			c = '-'
		case '/':
			c = '_'
		}
		url += string(c)
	}
	for _, sig := range []string{std, url} {
		got := openSeal(sig)
		if got.Issuer != llm.IssuerOpenAI || got.Data != seal.Data || got.Slot != "text" {
			t.Errorf("%s: %+v", sig, got)
		}
	}
	if std == url {
		t.Error("the test proves nothing")
	}
}
