package gemini

import (
	"antigravity-tools/backend/fault"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/rawjson"
)

// countBody makes the body of countTokens of one of generateContent: contents
// alone go as they are; system text and tools count only in the longer form,
// which repeats the model.
func countBody(model string, body []byte) ([]byte, error) {
	contents, long := []byte(nil), false
	for key, v := range rawjson.Members(body) {
		switch key {
		case "contents":
			contents = v
		case "generateContentRequest", "generate_content_request":
			return body, nil
		case "systemInstruction", "system_instruction", "tools":
			long = true
		}
	}
	w := rawjson.NewWriter(len(body) + 128)
	w.Obj()
	if !long {
		if contents == nil {
			return nil, fault.Invalid("contents", "the request has no contents")
		}
		w.RawField("contents", contents)
		w.End()
		return w.Bytes(), nil
	}
	w.Key("generateContentRequest")
	w.Obj()
	w.StrField("model", "models/"+codec.BareModel(model))
	for key, v := range rawjson.Members(body) {
		switch key {
		case "model", "generationConfig", "generation_config", "safetySettings", "safety_settings":
		default:
			w.RawField(key, v)
		}
	}
	w.End()
	w.End()
	return w.Bytes(), nil
}
