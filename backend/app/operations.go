package app

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/openai/media"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// operations lists what clients ask of models beside conversation.
func operations() map[relay.OperationKey]protocol.Operation {
	return map[relay.OperationKey]protocol.Operation{
		{Operation: provider.EmbedBatch, Protocol: llm.OpenAIChat}: openai.Embeddings{},
		{Operation: provider.Embed, Protocol: llm.Gemini}:          gemini.Embeddings{},
		{Operation: provider.EmbedBatch, Protocol: llm.Gemini}:     gemini.Embeddings{Batch: true},
		{Operation: provider.Complete, Protocol: llm.OpenAIChat}:   openai.Completions{},
		{Operation: provider.MakeImage, Protocol: llm.OpenAIChat}:  media.Images{},
		{Operation: provider.EditImage, Protocol: llm.OpenAIChat}:  media.Images{Edit: true},
		{Operation: provider.Transcribe, Protocol: llm.OpenAIChat}: media.Transcriptions{},
		{Operation: provider.Speak, Protocol: llm.OpenAIChat}:      media.Speech{},
	}
}
