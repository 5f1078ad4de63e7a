package family

import "strings"

// Use is what a model is made for.
type Use string

// Uses. A model of another use than the operation asked for is never tried.
const (
	UseChat          Use = "chat"
	UseCompletion    Use = "completion" // continues a text and knows no messages
	UseEmbedding     Use = "embedding"
	UseImage         Use = "image" // knows no messages; models that chat and draw are UseChat with Caps.ImageOut
	UseTranscription Use = "transcription"
	UseSpeech        Use = "speech"
	UseOther         Use = "other" // nothing that this gateway relays: moderation, video, live audio, …
)

// OpenAIUse tells what a model of OpenAI's own is made for, by its name.
func OpenAIUse(model string) Use {
	n := openAIName(model)
	switch {
	case n.Series == "whisper", n.Has("transcribe"):
		return UseTranscription
	case n.Series == "tts", n.Has("tts"):
		return UseSpeech
	case n.Series == "dall", n.Has("image"): // dall-e-3, gpt-image-1, chatgpt-image-latest
		return UseImage
	case n.Series == "text" && n.Has("embedding"):
		return UseEmbedding
	case n.Series == "davinci", n.Series == "babbage", n.Has("instruct"):
		return UseCompletion
	case IsOpenAI(model), strings.HasPrefix(strings.ToLower(model), "ft:"):
		return UseChat
	}
	return UseOther
}

// CompatibleUse tells what a model of another server is made for. Such servers
// name models as they like: what is not plainly something else may chat.
func CompatibleUse(model string) Use {
	n := Parse(model)
	is := func(words ...string) bool {
		for _, w := range words {
			if n.Series == w || n.Has(w) {
				return true
			}
		}
		return false
	}
	switch {
	case is("embedding", "embed"):
		return UseEmbedding
	case is("whisper", "transcribe"):
		return UseTranscription
	case is("tts"):
		return UseSpeech
	case is("rerank", "moderation"):
		return UseOther
	case n.Series == "dall", n.Series == "gpt" && n.Has("image"):
		return UseImage
	case n.Series == "gpt" && n.Has("instruct"): // of other makers' models the word means a chat model
		return UseCompletion
	}
	return UseChat
}

// GeminiUse tells what a model of the Gemini API is made for, by its name.
// Veo has methods of its own, which are not relayed.
func GeminiUse(model string) Use {
	n := Parse(model)
	switch {
	case n.Series == "embedding", n.Series != "text" && n.Has("embedding"), n.Has("embedding", "004"):
		return UseEmbedding
	case n.imagen():
		return UseImage
	case n.Series == "gemini" && n.Has("live"), n.Series == "gemini" && n.Has("native", "audio"):
		return UseOther
	case n.Series == "gemini" && n.Has("tts"):
		return UseSpeech
	case n.Series == "gemini", n.Series == "gemma", n.Series == "learnlm":
		return UseChat
	}
	return UseOther
}

// IsImagen tells whether a name is that of a Google model that draws from words
// and knows no conversation. Those that edit ("capability") take another request.
func IsImagen(model string) bool { return Parse(model).imagen() }

func (n Name) imagen() bool { return n.Series == "imagen" && !n.Has("capability") }

// HearsGemini tells whether a Gemini model takes recordings.
func HearsGemini(model string) bool {
	n := Parse(model)
	return n.Series == "gemini" && GeminiUse(model) == UseChat && !n.Has("image") && !strings.Contains(model, "computer-use")
}
