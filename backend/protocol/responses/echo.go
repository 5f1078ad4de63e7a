package responses

import (
	"bytes"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// echoMember is a member of the request that the response object repeats,
// with its value where the request had none; "" leaves it out then.
type echoMember struct{ key, absent string }

// echoMembers lists them in the order in which they are written.
func echoMembers() [echoCount]echoMember {
	return [echoCount]echoMember{
		{"instructions", "null"},
		{"metadata", "{}"},
		{"parallel_tool_calls", "true"},
		{"temperature", "null"},
		{"tool_choice", `"auto"`},
		{"tools", "[]"},
		{"top_p", "null"},
		{"background", "false"},
		{"max_output_tokens", "null"},
		{"max_tool_calls", "null"},
		{"previous_response_id", "null"},
		{"prompt_cache_key", ""},
		{"prompt_cache_options", ""},
		{"prompt_cache_retention", ""},
		{"reasoning", `{"effort":null,"summary":null}`},
		{"safety_identifier", ""},
		{"service_tier", ""},
		{"store", ""},
		{"text", `{"format":{"type":"text"}}`},
		{"top_logprobs", ""},
		{"truncation", `"disabled"`},
		{"user", ""},
	}
}

const echoCount = 22

// echoIndex is the place of key in echoMembers, -1 if the reply does not
// repeat it.
func echoIndex(key string) int {
	for i, m := range echoMembers() {
		if m.key == key {
			return i
		}
	}
	return -1
}

// echoTail makes the object of all echoed members. It holds no line end, so
// that it can stand in an event's data.
func echoTail(req *llm.Request) []byte {
	var raw []byte
	if req != nil {
		raw = req.Echo
	}
	var given [echoCount][]byte
	for key, val := range rawjson.Members(raw) {
		if i := echoIndex(key); i >= 0 {
			given[i] = val
		}
	}
	w := rawjson.NewWriter(len(raw) + 512)
	w.Obj()
	for i, m := range echoMembers() {
		switch {
		case given[i] != nil:
			w.RawField(m.key, given[i])
		case m.absent != "":
			w.RawField(m.key, []byte(m.absent))
		}
	}
	w.End()
	if bytes.ContainsAny(w.Bytes(), "\r\n") {
		return rawjson.Compact(nil, w.Bytes())
	}
	return w.Bytes()
}
