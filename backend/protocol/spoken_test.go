package protocol_test

import (
	"fmt"
	"strings"
)

// allPairs are the sixteen pairs of a client and an upstream.
func allPairs() (pairs []string) {
	for _, upstream := range []string{"C", "R", "A", "G"} {
		for _, client := range []string{"C", "R", "A", "G"} {
			pairs = append(pairs, client+"-"+upstream)
		}
	}
	return pairs
}

// spoken is an answer of an upstream, written by hand for each protocol.
type spoken struct {
	parts string // text, call, refusal, nothing; "text call" for both
	// end are the members that tell how it ended, in the upstream's protocol;
	// "" for its usual end.
	end string
	// usage is told by turns: all but the last before the end.
	usage []string
}

// frames is the answer as the upstream with this letter streams it.
func (s spoken) frames(upstream string) []string {
	switch upstream {
	case "C":
		return s.chat()
	case "R":
		return s.response()
	case "A":
		return s.message()
	}
	return s.gemini()
}

// stream is the answer on the wire.
func (s spoken) stream(upstream string) []byte { return onWire(upstream, s.frames(upstream)...) }

// onWire writes frames as the upstream does: two protocols name each event.
func onWire(upstream string, frames ...string) []byte {
	var b strings.Builder
	for _, f := range frames {
		if _, rest, ok := strings.Cut(f, `"type":"`); ok && (upstream == "A" || upstream == "R") && strings.HasPrefix(f, `{"type"`) {
			word, _, _ := strings.Cut(rest, `"`)
			fmt.Fprintf(&b, "event: %s\n", word)
		}
		fmt.Fprintf(&b, "data: %s\n\n", f)
	}
	return []byte(b.String())
}

func (s spoken) has(part string) bool { return strings.Contains(s.parts, part) }

// told splits the usage into what comes before the end and what comes with it,
// each as a member that begins with a comma.
func (s spoken) told(name string) (before, last string) {
	for i, u := range s.usage {
		switch member := `,"` + name + `":` + u; {
		case u == "": // nothing is said
		case i < len(s.usage)-1:
			before = member
		default:
			last = member
		}
	}
	return before, last
}

func chatChunk(choices, more string) string {
	return `{"id":"chatcmpl-up","object":"chat.completion.chunk","created":1,"model":"gpt-5.2-2026","choices":[` + choices + `]` + more + `}`
}

func chatDelta(delta, more string) string {
	return chatChunk(`{"index":0,"delta":{`+delta+`},"finish_reason":null}`, more)
}

func (s spoken) chat() []string {
	before, last := s.told("usage")
	out := []string{chatDelta(`"role":"assistant","content":null`, before)}
	if s.has("text") {
		out = append(out, chatDelta(`"content":"Hi"`, before))
	}
	if s.has("refusal") {
		out = append(out, chatDelta(`"refusal":"No."`, before))
	}
	if s.has("call") {
		out = append(out, chatDelta(`"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]`, before),
			chatDelta(`"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]`, before))
	}
	end := s.end
	if end == "" {
		end = `"finish_reason":"stop"`
	}
	out = append(out, chatChunk(`{"index":0,"delta":{},`+end+`}`, before))
	if last != "" {
		out = append(out, chatChunk("", last))
	}
	return append(out, "[DONE]")
}

func (s spoken) message() []string {
	before, last := s.told("usage")
	out := []string{`{"type":"message_start","message":{"id":"msg_up","type":"message","role":"assistant","model":"claude-opus-5","content":[],"stop_reason":null,"stop_sequence":null` + before + `}}`}
	block := func(start, delta string) {
		i := fmt.Sprint((len(out) - 1) / 3)
		out = append(out, `{"type":"content_block_start","index":`+i+`,"content_block":`+start+`}`,
			`{"type":"content_block_delta","index":`+i+`,"delta":`+delta+`}`, `{"type":"content_block_stop","index":`+i+`}`)
	}
	if s.has("text") {
		block(`{"type":"text","text":""}`, `{"type":"text_delta","text":"Hi"}`)
	}
	if s.has("refusal") { // there is no block of that kind
		block(`{"type":"text","text":""}`, `{"type":"text_delta","text":"No."}`)
	}
	if s.has("call") {
		block(`{"type":"tool_use","id":"toolu_1","name":"f","input":{}}`, `{"type":"input_json_delta","partial_json":"{\"a\":1}"}`)
	}
	end := s.end
	if end == "" {
		end = `"stop_reason":"end_turn","stop_sequence":null`
	}
	return append(out, `{"type":"message_delta","delta":{`+end+`}`+last+`}`, `{"type":"message_stop"}`)
}

func responseHead(status, output, usage string) string {
	return `{"id":"resp_up","object":"response","created_at":1,"error":null,"model":"gpt-5.2-2026",` + status + `,"output":[` + output + `]` + usage + `}`
}

func (s spoken) response() []string {
	_, last := s.told("usage")
	out := []string{`{"type":"response.created","sequence_number":0,"response":` + responseHead(`"status":"in_progress","incomplete_details":null`, "", `,"usage":null`) + `}`}
	var items []string
	event := func(word, members string) {
		out = append(out, fmt.Sprintf(`{"type":"response.%s","sequence_number":%d,%s}`, word, len(out), members))
	}
	message := func(kind, key, text string) {
		i := fmt.Sprint(len(items))
		head := `{"id":"msg_` + i + `","type":"message","role":"assistant","status":`
		part := `{"type":"` + kind + `","` + key + `":"` + text + `"}`
		at := `"item_id":"msg_` + i + `","output_index":` + i + `,"content_index":0,`
		event("output_item.added", `"output_index":`+i+`,"item":`+head+`"in_progress","content":[]}`)
		event("content_part.added", at+`"part":`+strings.Replace(part, text, "", 1))
		event(strings.TrimSuffix(kind, "_part")+".delta", at+`"delta":"`+text+`"`)
		event("content_part.done", at+`"part":`+part)
		items = append(items, head+`"completed","content":[`+part+`]}`)
		event("output_item.done", `"output_index":`+i+`,"item":`+items[len(items)-1])
	}
	if s.has("text") {
		message("output_text", "text", "Hi")
	}
	if s.has("refusal") {
		message("refusal", "refusal", "No.")
	}
	if s.has("call") {
		i := fmt.Sprint(len(items))
		head := `{"id":"fc_` + i + `","type":"function_call","call_id":"call_1","name":"f","status":`
		event("output_item.added", `"output_index":`+i+`,"item":`+head+`"in_progress","arguments":""}`)
		event("function_call_arguments.delta", `"item_id":"fc_`+i+`","output_index":`+i+`,"delta":"{\"a\":1}"`)
		items = append(items, head+`"completed","arguments":"{\"a\":1}"}`)
		event("output_item.done", `"output_index":`+i+`,"item":`+items[len(items)-1])
	}
	end, word := s.end, "completed"
	if end == "" {
		end = `"status":"completed","incomplete_details":null`
	}
	for _, other := range []string{"incomplete", "failed"} {
		if strings.Contains(end, `"status":"`+other+`"`) {
			word = other
		}
	}
	whole := responseHead(end, strings.Join(items, ","), last)
	if strings.Contains(end, `"error"`) {
		whole = strings.Replace(whole, `"error":null,`, "", 1)
	}
	event(word, `"response":`+whole)
	return out
}

func (s spoken) gemini() []string {
	before, last := s.told("usageMetadata")
	frame := func(candidate, usage string) string {
		return `{"candidates":[{` + candidate + `,"index":0}],"modelVersion":"gemini-3-flash","responseId":"kQcAaVxQ"` + usage + `}`
	}
	content := func(part string) string { return `"content":{"role":"model","parts":[` + part + `]}` }
	var out []string
	if s.has("text") {
		out = append(out, frame(content(`{"text":"Hi"}`), before))
	}
	if s.has("refusal") {
		out = append(out, frame(content(`{"text":"No."}`), before))
	}
	if s.has("call") {
		out = append(out, frame(content(`{"functionCall":{"id":"f1","name":"f","args":{"a":1}}}`), before))
	}
	end := s.end
	if end == "" {
		end = `"finishReason":"STOP"`
	}
	return append(out, frame(end, last))
}
