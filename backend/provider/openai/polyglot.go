package openai

import (
	"net/http"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	chat "antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/provider"
)

// Values of an account's choice of protocol.
const (
	apiChat      = "chat"
	apiResponses = "responses"
)

// ProtocolAt implements provider.Polyglot. A client gets its own protocol where
// the server has it, so that the bytes pass; all others go to Responses at
// OpenAI, which has more to say than chat, and to chat elsewhere.
func (p *Provider) ProtocolAt(cred provider.Credential, ask provider.Ask) protocol.Upstream {
	if p.speaksResponses(cred, ask) {
		return responses.Upstream{}
	}
	return chat.Upstream{}
}

func (p *Provider) speaksResponses(cred provider.Credential, ask provider.Ask) bool {
	switch cred.API {
	case apiChat:
		return false
	case apiResponses:
		return true
	}
	own := rule().Own(cred.BaseURL)
	switch ask.Client {
	case llm.OpenAIChat:
		return own && (family.ResponsesOnly(ask.Model) || reasonsWithTools(ask))
	case llm.Responses:
		return !p.learned.has(noResponses, cred) && (own || plain(ask.Request))
	}
	return own && !p.learned.has(noResponses, cred)
}

// reasonsWithTools tells what Chat Completions refuses of the newest models:
// function tools, unless reasoning is switched off (mapping rules, section 11).
// What only chat has keeps a request there.
func reasonsWithTools(ask provider.Ask) bool {
	r := ask.Request
	if r == nil || len(r.Tools) == 0 || r.Reasoning.Mode == llm.ReasoningOff || !family.OpenAI(ask.Model).ToolsWithoutReasoning {
		return false
	}
	several := r.Sampling.N != nil && *r.Sampling.N > 1
	return !several && len(r.Modalities) == 0
}

// plain tells a request that any server of Responses understands: functions
// alone as tools, and nothing that only OpenAI can run.
func plain(r *llm.Request) bool {
	if r == nil {
		return false
	}
	for i := range r.Tools {
		if t := &r.Tools[i]; t.Kind != llm.ToolFunction || t.Namespace != "" || t.Trained != "" || t.Deferred {
			return false
		}
	}
	for i := range r.Turns {
		for j := range r.Turns[i].Parts {
			p := &r.Turns[i].Parts[j]
			if p.Kind == llm.KindOpaque || p.Kind == llm.KindMedia || p.Seal != nil {
				return false
			}
		}
	}
	return true
}

// CapsIn implements provider.Polyglot.
func (p *Provider) CapsIn(cred provider.Credential, model string, in llm.Protocol) family.Caps {
	if in != llm.Responses {
		return p.CapsAt(cred, model)
	}
	var c family.Caps
	if rule().Own(cred.BaseURL) {
		c = family.OpenAIResponses(model)
	} else {
		at := p.CapsAt(cred, model)
		c = family.CompatibleResponses(model)
		c.Files, c.URLImages = at.Files, at.URLImages
		if at.Reasoning.Dialect == family.DialectLevel {
			c.Reasoning = at.Reasoning
		}
	}
	c.NoSummary = p.learned.has(noSummary, cred)
	return c
}

// FinalURLAt implements provider.Addressed.
func (*Provider) FinalURLAt(cred provider.Credential, _ string) (string, error) {
	path := "chat/completions"
	if cred.API == apiResponses || cred.API != apiChat && rule().Own(cred.BaseURL) {
		path = "responses"
	}
	return rule().Join(cred.BaseURL, path)
}

// Refused implements provider.Polyglot: it learns that a server has no
// Responses, and that an organisation may not see summaries of reasoning.
func (p *Provider) Refused(cred provider.Credential, call provider.Call, status int, err *fault.Error) bool {
	switch {
	case status == http.StatusBadRequest && call.Protocol == llm.OpenAIChat && strings.Contains(err.Message, "max_completion_tokens"):
		// "Unsupported parameter: 'max_tokens' is not supported with this model. Use
		// 'max_completion_tokens' instead."
		return p.learned.add(newLimit+call.Model, cred)
	case status == http.StatusBadRequest && call.Protocol == llm.OpenAIChat && chat.RefusesThoughts(err.Message):
		return p.learned.add(noThoughts, cred)
	case call.Protocol != llm.Responses:
	case call.Operation == provider.Generate && cred.API != apiResponses && noSuchPath(status, err):
		return p.learned.add(noResponses, cred)
	case status == http.StatusBadRequest && strings.HasPrefix(err.Param, "reasoning.summary"):
		return p.learned.add(noSummary, cred)
	}
	return false
}

// noSuchPath tells an address that leads nowhere from a model or an item that is
// not there, of which the service speaks in its own error shape.
func noSuchPath(status int, err *fault.Error) bool {
	switch status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return err.Code != protocol.CodeSealRejected && err.Reason == "" && !strings.Contains(strings.ToLower(err.Message), "model")
	}
	return false
}
