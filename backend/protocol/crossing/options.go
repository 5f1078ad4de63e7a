package crossing

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// ForeignOptions records what a Gemini client asked for that only Gemini
// knows; the decoders of the other protocols record theirs themselves. A
// reference to cached content is refused: without it the conversation would
// lack its beginning.
func ForeignOptions(req *llm.Request, losses *llm.Losses) error {
	for key := range rawjson.Members(req.Native.For(llm.Gemini)) {
		switch key {
		case "cachedContent", "cached_content":
			return fault.Invalid(key, "cached content is bound to Gemini's own models").WithCode("cached_content")
		case "safetySettings", "safety_settings", "modelArmorConfig":
			losses.Drop("safety", key, "")
		case "labels":
			losses.Drop("metadata", key, "")
		case "generationConfig", "systemInstruction", "toolConfig", "store":
		default:
			losses.Drop("option", key, "")
		}
	}
	return nil
}
