package schema

import (
	"antigravity-tools/backend/rawjson"
)

// choiceKey is the member that holds the word of a choice.
const choiceKey = "value"

// Choice is the schema of an object that holds one word of an enumeration: where
// Gemini answers with the bare word (text/x.enum), the others answer with an
// object or not at all.
func Choice(enum []byte) []byte {
	var w rawjson.Writer
	w.Obj()
	w.StrField("type", "object")
	w.Key("properties")
	w.Obj()
	w.RawField(choiceKey, rawjson.Compact(nil, FromGemini(enum)))
	w.End()
	w.Key("required")
	w.Arr()
	w.Str(choiceKey)
	w.EndArr()
	w.Key("additionalProperties")
	w.Raw([]byte("false"))
	w.End()
	return w.Bytes()
}

// ChoicePrompt asks for the word where there is no structured output.
func ChoicePrompt(enum []byte) string {
	list, _ := rawjson.Get(enum, "enum")
	return "Answer with one of these words, without quotes, and with nothing else:\n" + string(rawjson.Compact(nil, list))
}

// Chosen is the bare word of an answer to a choice: of the object, or of a word
// in quotes. Any other answer is returned as it is.
func Chosen(answer string) string {
	raw := []byte(answer)
	if rawjson.Check(raw, 4) != nil {
		return answer
	}
	if inner, ok := rawjson.Get(raw, choiceKey); ok {
		raw = inner
	}
	if word, err := rawjson.String(raw); err == nil {
		return word
	}
	return answer
}
