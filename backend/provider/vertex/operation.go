package vertex

import (
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
)

var (
	_ provider.Operator = (*Provider)(nil)
	_ provider.Embedder = (*Provider)(nil)
	_ provider.Drawer   = (*Provider)(nil)
)

// textsAtOnce is how many texts go up in one call. The service takes 250, but
// no more than 20000 tokens of all together, and says no to the whole call
// ("Get text embeddings", Vertex AI): so many fit at 1000 tokens each.
const textsAtOnce = 20

// Way implements provider.Operator. Claude models converse; the others do what
// Gemini's do.
func (p *Provider) Way(_ provider.Credential, op provider.Operation, model string) provider.Way {
	if p.Protocol(model).Name() == llm.Gemini {
		if embeds := op == provider.Embed || op == provider.EmbedBatch; embeds && embedder(bare(model)) {
			return provider.Native
		}
		if embedder(bare(model)) {
			return provider.Cannot
		}
		if op == provider.MakeImage && family.IsImagen(bare(model)) {
			return provider.Native
		}
		return provider.GeminiWay(op, bare(model), p.Caps)
	}
	switch op {
	case provider.Generate, provider.CountTokens:
		return provider.Native
	case provider.Complete:
		return provider.AsChat
	}
	return provider.Cannot
}

// Embeddings implements provider.Embedder.
func (*Provider) Embeddings(model string) protocol.EmbedUpstream {
	name := bare(model)
	v := gemini.VertexEmbeddings{Content: embedsContent(name), Inputs: textsAtOnce}
	if strings.HasPrefix(name, "gemini") || v.Content { // "one instance per request"
		v.Inputs = 1
	}
	return v
}

// Pictures implements provider.Drawer.
func (*Provider) Pictures() protocol.Upstream { return gemini.Pictures{} }

// MaxPictures implements provider.Drawer.
func (*Provider) MaxPictures() int { return gemini.MaxPictures }

// relayed tells whether a model of Google's shelf is of use here.
func relayed(model string) bool {
	return family.IsGemini(model) || family.IsImagen(model) || embedder(model)
}

// embedder tells whether a model makes embeddings of text. Vertex AI has names
// of its own beside those of the Gemini API: text-embedding-005,
// text-multilingual-embedding-002.
func embedder(model string) bool {
	return family.GeminiUse(model) == family.UseEmbedding ||
		strings.HasPrefix(model, "text-embedding-0") || strings.HasPrefix(model, "text-multilingual-embedding-")
}

// embedsContent tells whether a model is asked by embedContent and not by
// predict: those of Gemini but the first (genai v1.77.0,
// tIsVertexEmbedContentModel).
func embedsContent(model string) bool {
	return strings.HasPrefix(model, "gemini") && model != "gemini-embedding-001"
}
