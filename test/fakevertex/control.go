package fakevertex

import (
	"slices"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
)

// GeminiControl is a fake as package fakecontrol drives it, its Gemini models
// scripted.
type GeminiControl struct {
	fakegemini.Controlled
	account
}

// ClaudeControl is the same with its Claude models scripted.
type ClaudeControl struct {
	*Server
	account
}

// account is the account that a judge is told of.
type account struct{ key string }

// Credential is the account's key file.
func (a account) Credential() string { return a.key }

// ControlGemini gives the fake with the key of the account of this name.
func (s *Server) ControlGemini(name string) GeminiControl {
	return GeminiControl{s.Controlled(), account{s.Key(name)}}
}

// ControlClaude gives the fake with the key of the account of this name.
func (s *Server) ControlClaude(name string) ClaudeControl {
	return ClaudeControl{s, account{s.Key(name)}}
}

// Script sets what the next messages get.
func (c ClaudeControl) Script(replies ...fakeanthropic.Reply) { c.Claude.Script(replies...) }

// Refused are the errors that the rules of either judge found in requests.
func (c ClaudeControl) Refused() []string {
	return slices.Concat(c.Controlled().Refused(), c.Claude.Refused())
}

// Reset forgets the script and all that was seen.
func (c ClaudeControl) Reset() {
	c.Server.Reset()
	c.Claude.Reset()
}
