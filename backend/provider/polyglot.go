package provider

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// Ask is what a provider that speaks several protocols chooses by.
type Ask struct {
	Model  string
	Client llm.Protocol
	// Request is what the client asks for, nil while it passes through unread.
	Request *llm.Request
}

// Polyglot is implemented by a Provider that speaks several protocols. It may
// keep what it learned of an account's server, bounded and in memory alone.
type Polyglot interface {
	ProtocolAt(cred Credential, ask Ask) protocol.Upstream
	CapsIn(cred Credential, model string, p llm.Protocol) family.Caps
	// Refused tells the provider of an answer that was not 2xx. True means that
	// it learned from it, so that the same call may be made anew at once.
	Refused(cred Credential, call Call, status int, err *fault.Error) bool
}

// ProtocolOf gives the protocol in which the account is asked.
func ProtocolOf(p Provider, cred Credential, ask Ask) protocol.Upstream {
	if s, ok := p.(Polyglot); ok {
		return s.ProtocolAt(cred, ask)
	}
	return p.Protocol(ask.Model)
}

// CapsIn gives what the model can do behind the account in a protocol.
func CapsIn(p Provider, cred Credential, model string, in llm.Protocol) family.Caps {
	if s, ok := p.(Polyglot); ok {
		return s.CapsIn(cred, model, in)
	}
	return CapsOf(p, cred, model)
}

// checkAPI refuses a choice of protocol that the provider does not know.
func checkAPI(p Provider, api string) error {
	if api == "" || api == APIAuto {
		return nil
	}
	for _, f := range p.Fields() {
		if f.Name != "api" {
			continue
		}
		for _, o := range f.Options {
			if o.Value == api {
				return nil
			}
		}
		return fault.Invalid("api", "%q is no API of this provider", api).WithHint("Use one of: auto, chat, responses.")
	}
	return fault.Invalid("api", "this provider speaks one API only").WithHint("Leave the API out.")
}
