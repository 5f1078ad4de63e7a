package vertex

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
)

var _ provider.Operator = (*Provider)(nil)

// Way implements provider.Operator. Claude models converse; the others do what
// Gemini's do.
func (p *Provider) Way(_ provider.Credential, op provider.Operation, model string) provider.Way {
	if p.Protocol(model).Name() == llm.Gemini {
		return provider.GeminiWay(op, bare(model), p.Caps(model))
	}
	switch op {
	case provider.Generate, provider.CountTokens:
		return provider.Native
	case provider.Complete:
		return provider.AsChat
	}
	return provider.Cannot
}
