package gemini

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/protocol"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
)

var (
	_ provider.Operator = (*Provider)(nil)
	_ provider.Embedder = (*Provider)(nil)
	_ provider.Drawer   = (*Provider)(nil)
)

// Pictures implements provider.Drawer.
func (*Provider) Pictures() protocol.Upstream { return codec.Pictures{} }

// MaxPictures implements provider.Drawer.
func (*Provider) MaxPictures() int { return codec.MaxPictures }

// Embeddings implements provider.Embedder.
func (*Provider) Embeddings(string) protocol.EmbedUpstream { return codec.Embeddings{} }

// Way implements provider.Operator.
func (p *Provider) Way(_ provider.Credential, op provider.Operation, model string) provider.Way {
	model = codec.BareModel(model)
	if embeds := op == provider.Embed || op == provider.EmbedBatch; embeds && family.GeminiUse(model) == family.UseEmbedding {
		return provider.Native
	}
	if op == provider.MakeImage && family.IsImagen(model) {
		return provider.Native
	}
	return provider.GeminiWay(op, model, p.Caps)
}

// verbOf is the method of a call.
func verbOf(call provider.Call) string {
	switch {
	case call.Operation == provider.CountTokens:
		return "countTokens"
	case call.Operation == provider.Embed:
		return "embedContent"
	case call.Operation == provider.EmbedBatch:
		return "batchEmbedContents"
	case call.Operation == provider.MakeImage:
		return "predict"
	case call.Stream:
		return "streamGenerateContent"
	}
	return "generateContent"
}
