package family

import "testing"

func TestUse(t *testing.T) {
	for model, want := range map[string]Use{
		"gpt-4.1": UseChat, "o3-mini": UseChat, "gpt-4o-audio-preview": UseChat, "ft:gpt-4o-mini:org": UseChat,
		"text-embedding-3-small": UseEmbedding, "text-embedding-ada-002": UseEmbedding,
		"gpt-image-1": UseImage, "dall-e-3": UseImage, "chatgpt-image-latest": UseImage,
		"whisper-1": UseTranscription, "gpt-4o-transcribe": UseTranscription, "gpt-4o-mini-transcribe": UseTranscription,
		"tts-1": UseSpeech, "tts-1-hd": UseSpeech, "gpt-4o-mini-tts": UseSpeech,
		"gpt-3.5-turbo-instruct": UseCompletion, "davinci-002": UseCompletion,
		"omni-moderation-latest": UseOther, "sora-2": UseOther, "gpt-realtime": UseOther,
	} {
		if got := OpenAIUse(model); got != want {
			t.Errorf("OpenAI %s: %s, want %s", model, got, want)
		}
	}
	for model, want := range map[string]Use{
		"openai/gpt-3.5-turbo-instruct": UseCompletion, "llama-3-70b-instruct": UseChat,
		"nomic-embed-text": UseEmbedding, "BAAI/bge-rerank-v2": UseOther, "llama-4": UseChat, "qwen3-embedding": UseEmbedding,
		"openai/whisper-large-v3": UseTranscription, "kokoro-tts": UseSpeech, "openai/gpt-image-1": UseImage, "deepseek-chat": UseChat,
	} {
		if got := CompatibleUse(model); got != want {
			t.Errorf("compatible %s: %s, want %s", model, got, want)
		}
	}
	for model, want := range map[string]Use{
		"gemini-2.5-flash": UseChat, "gemini-2.5-flash-image": UseChat, "gemini-embedding-001": UseEmbedding,
		"text-embedding-004": UseEmbedding, "text-embedding-3-small": UseOther, "embedding-001": UseEmbedding, "gemini-2.5-flash-preview-tts": UseSpeech,
		"imagen-4.0-generate-001": UseImage, "imagen-3.0-capability-001": UseOther, "veo-3": UseOther, "gemma-3-27b-it": UseChat, "gemini-live-2.5-flash": UseOther,
	} {
		if got := GeminiUse(model); got != want {
			t.Errorf("Gemini %s: %s, want %s", model, got, want)
		}
	}
	if !HearsGemini("gemini-2.5-flash") || HearsGemini("gemini-2.5-flash-image") || HearsGemini("gemma-3-27b-it") || HearsGemini("gemini-2.5-pro-preview-tts") {
		t.Error("hears")
	}
}
