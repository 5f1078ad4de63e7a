package gemini

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// functionResponse reads a tool result. The text of {"output":"…"} and
// {"error":"…"} is taken as it is, any other response stays JSON (and native,
// so that it goes back to Google unchanged).
func (d *partDecoder) functionResponse(raw []byte) error {
	r := &llm.Result{Kind: llm.CallFunction}
	d.part.Kind, d.part.Result = llm.KindResult, r
	var inner rest
	var response []byte
	var media []llm.Part
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "id":
			err = readStr(&r.CallID, key, v)
		case "name":
			err = readStr(&r.Name, key, v)
		case "response":
			var ok bool
			if ok, err = readObject(key, v); ok {
				response = v
			}
		case "parts":
			media, err = decodeResultParts(key, v)
		default:
			inner.add(key, v)
		}
		if err != nil {
			return err
		}
	}
	text, isError, plain := responseText(response)
	if !plain {
		inner.add("response", response)
	}
	r.IsError = isError
	if text != "" || len(media) == 0 {
		r.Parts = append(r.Parts, llm.TextPart(text))
	}
	r.Parts = append(r.Parts, media...)
	d.rest.addRest("functionResponse", &inner)
	return nil
}

func decodeResultParts(key string, raw []byte) (parts []llm.Part, err error) {
	err = eachItem(key, raw, func(_ int, item []byte) error {
		p, err := decodePart(item)
		if err == nil {
			parts = append(parts, p)
		}
		return err
	})
	return parts, err
}

// responseText gives the text of a response object. plain is true where the
// encoder makes the same object of that text again.
func responseText(response []byte) (text string, isError, plain bool) {
	if len(response) == 0 {
		return "", false, true
	}
	members := 0
	var key string
	var value []byte
	for k, v := range rawjson.Members(response) {
		members++
		key, value = k, v
	}
	if members == 0 {
		return "", false, false
	}
	if members == 1 && (key == "output" || key == "error") && rawjson.KindOf(value) == rawjson.KindString {
		if s, err := rawjson.String(value); err == nil {
			return s, key == "error", true
		}
	}
	return string(rawjson.Compact(nil, response)), false, false
}

// levelOf gives the mediaResolution of a detail word, detailOf the reverse; ""
// where there is none.
func levelOf(detail string) string {
	switch detail {
	case "low":
		return "MEDIA_RESOLUTION_LOW"
	case "high":
		return "MEDIA_RESOLUTION_HIGH"
	case "original":
		return "MEDIA_RESOLUTION_ULTRA_HIGH"
	}
	return ""
}

func detailOf(level string) string {
	switch level {
	case "MEDIA_RESOLUTION_LOW":
		return "low"
	case "MEDIA_RESOLUTION_HIGH":
		return "high"
	case "MEDIA_RESOLUTION_ULTRA_HIGH":
		return "original"
	}
	return ""
}
