package crossing

import (
	"strings"

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
	validated(req, losses)
	return nil
}

// validated records that a Gemini client wanted the arguments of free calls to
// obey their schemas, which is the mode VALIDATED of all its tools; with names it
// is what a choice among some tools looks like there.
func validated(req *llm.Request, losses *llm.Losses) {
	config := req.ToolChoice.Native.For(llm.Gemini)
	for _, path := range [][]string{{"functionCallingConfig", "mode"}, {"function_calling_config", "mode"}} {
		raw, found := rawjson.Get(config, path...)
		if mode, err := rawjson.String(raw); found && err == nil && strings.EqualFold(mode, "VALIDATED") && len(req.ToolChoice.Names) == 0 {
			losses.Drop("tool.strict", "toolConfig."+path[0]+".mode", "")
		}
	}
}
