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
)

// Embeddings implements provider.Embedder.
func (*Provider) Embeddings() protocol.EmbedUpstream { return codec.Embeddings{} }

// Way implements provider.Operator. Pictures, transcriptions and speech are
// conversations with a model that draws, hears or speaks.
func (p *Provider) Way(_ provider.Credential, op provider.Operation, model string) provider.Way {
	model = codec.BareModel(model)
	use, caps := family.GeminiUse(model), p.Caps(model)
	if use == family.UseOther { // a name of another make that the account lists: the service knows
		use = family.UseChat
	}
	chats := use == family.UseChat
	switch op {
	case provider.Generate, provider.CountTokens:
		return when(chats || use == family.UseSpeech, provider.Native)
	case provider.Embed, provider.EmbedBatch:
		return when(use == family.UseEmbedding, provider.Native)
	case provider.MakeImage, provider.EditImage:
		return when(caps.ImageOut, provider.AsChat)
	case provider.Transcribe:
		return when(family.HearsGemini(model), provider.AsChat)
	case provider.Speak:
		return when(use == family.UseSpeech, provider.AsChat)
	case provider.Complete:
		return when(chats && !caps.ImageOut, provider.AsChat)
	}
	return provider.Cannot
}

func when(able bool, way provider.Way) provider.Way {
	if able {
		return way
	}
	return provider.Cannot
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
	case call.Stream:
		return "streamGenerateContent"
	}
	return "generateContent"
}
