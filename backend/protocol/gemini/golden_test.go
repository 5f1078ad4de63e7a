package gemini

import (
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
)

// Requests as Gemini clients send them, and what the model holds of them.
func TestGoldenRequests(t *testing.T) {
	protocoltest.GoldenRequests(t, Client{}, protocol.Inbound{Model: "models/asked"})
}

// Replies of other vendors' upstreams as a Gemini client gets them: streamed
// and whole.
func TestGoldenReplies(t *testing.T) {
	protocoltest.GoldenReplies(t, Client{}, func() protocol.Reply { return protocoltest.Reply(&llm.Request{}) })
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
