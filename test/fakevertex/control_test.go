package fakevertex

import (
	"net/http"
	"testing"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakecontrol"
	"antigravity-tools/test/fakegemini"
)

var (
	_ fakecontrol.Fake[fakegemini.Step, fakegemini.Request]     = GeminiControl{}
	_ fakecontrol.Fake[fakeanthropic.Reply, fakegemini.Request] = ClaudeControl{}
	_ fakecontrol.Keyed                                         = ClaudeControl{}
)

// TestControls: each control scripts its publisher's models and names the
// account; the Claude one tells what either judge refused.
func TestControls(t *testing.T) {
	s := start(t)
	one := signIn(t, s)
	const claudeCalls = claude
	gemini, claude := s.ControlGemini("p-one"), s.ControlClaude("p-one")
	if gemini.Credential() != s.Key("p-one") || claude.Credential() != s.Key("p-one") {
		t.Error("not the account's key")
	}
	gemini.Script(fakegemini.Fail(fakegemini.RateLimited("gemini-2.5-pro", 0)))
	claude.Script(fakeanthropic.Reply{Status: 529, Body: "{}"})
	for _, c := range []struct {
		path, body string
		status     int
	}{{google + "gemini-2.5-pro:generateContent", hello, 429}, {claudeCalls + "claude-opus-5:rawPredict", message, 529}} {
		if got, reply := send(t, s, http.MethodPost, c.path, c.body, one...); got != c.status {
			t.Errorf("%s: %d %s", c.path, got, reply)
		}
	}
	send(t, s, http.MethodPost, claudeCalls+"claude-opus-5:rawPredict", messageWith(`"seed":1`), one...)
	send(t, s, http.MethodPost, claudeCalls+"claude-opus-5:rawPredict", messageWith(`"cache_control":{"type":"ephemeral"}`), one...)
	if got := claude.Refused(); len(got) != 2 {
		t.Errorf("refused: %v", got)
	}
	claude.Reset()
	if len(claude.Refused())+len(claude.Requests()) != 0 {
		t.Error("not forgotten")
	}
}
