package gemini

import (
	"antigravity-tools/backend/fault"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/rawjson"
)

// countBody returns the body of countTokens with the model that is called: its
// longer form repeats the name, which a route may have changed.
func countBody(model string, body []byte) ([]byte, error) {
	for _, key := range []string{"generateContentRequest", "generate_content_request"} {
		inner, ok := rawjson.Get(body, key)
		if !ok || rawjson.KindOf(inner) != rawjson.KindObject {
			continue
		}
		want := "models/" + codec.BareModel(model)
		if have, ok := rawjson.Get(inner, "model"); ok {
			if name, err := rawjson.String(have); err == nil && name == want {
				return body, nil
			}
		}
		var w rawjson.Writer
		w.Str(want)
		out, err := rawjson.Set(body, w.Bytes(), key, "model")
		if err != nil {
			return nil, fault.Invalid(key, "expected an object")
		}
		return out, nil
	}
	return body, nil
}
