package google

import (
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
)

var _ provider.Operator = (*Provider)(nil)

// Way implements provider.Operator.
func (p *Provider) Way(_ provider.Credential, op provider.Operation, model string) provider.Way {
	return provider.GeminiWay(op, codec.BareModel(model), p.Caps)
}
