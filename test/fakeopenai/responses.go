package fakeopenai

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"antigravity-tools/test/fakecontrol"
)

// Org is the organisation of the fake's key: encrypted reasoning begins with
// it, and that of another is refused.
const Org = "orgA"

func (s *Server) respond(w http.ResponseWriter, r *http.Request) {
	body, err := s.Record(r)
	if err != nil {
		return
	}
	req, err := parseResponses(body)
	var foreign *sealError
	switch {
	case errors.As(err, &foreign): // to be tried again without it: no mistake of the gateway's
		fail(w, 400, err.Error(), "invalid_encrypted_content")
		return
	case err != nil:
		s.Refuse(err.Error())
		fail(w, 400, err.Error(), "invalid_value")
		return
	}
	switch reply := s.next(req.Model); {
	case reply.Status != 0:
		fakecontrol.WriteJSON(w, reply.Status, reply.Body)
	case req.Stream:
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		(&eventWriter{w: w, model: req.Model, reply: reply}).run()
	default:
		e := &eventWriter{w: io.Discard, model: req.Model, reply: reply}
		fakecontrol.WriteJSON(w, 200, e.response("completed", e.items(), responseUsage))
	}
}

const responseUsage = `{"input_tokens":2600,"input_tokens_details":{"cached_tokens":2000,"cache_write_tokens":0},"output_tokens":90,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":2690}`

// eventWriter streams one response in the service's order of events.
type eventWriter struct {
	w     io.Writer
	model string
	reply Reply
	seq   int
}

func (e *eventWriter) event(kind, format string, args ...any) {
	fmt.Fprintf(e.w, "event: response.%s\ndata: {\"type\":\"response.%s\",\"sequence_number\":%d%s}\n\n", kind, kind, e.seq, fmt.Sprintf(format, args...))
	e.seq++
	if f, ok := e.w.(http.Flusher); ok {
		f.Flush()
	}
}

func (e *eventWriter) response(status string, items []string, usage string) string {
	return fmt.Sprintf(`{"id":"resp_up","object":"response","created_at":1,"status":%q,"error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":%q,"output":[%s],"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"store":false,"usage":%s}`,
		status, e.model+"-2026", strings.Join(items, ","), usage)
}

// items are the items of the whole output.
func (e *eventWriter) items() (out []string) {
	if e.reply.Thought != "" {
		out = append(out, fmt.Sprintf(`{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":%s}],"encrypted_content":"gAAA-%s-%x"}`, quote(e.reply.Thought), Org, e.reply.Thought))
	}
	if e.reply.Text != "" {
		out = append(out, fmt.Sprintf(`{"id":"msg_1","type":"message","status":"completed","content":[%s],"role":"assistant"}`, outputText(e.reply.Text)))
	}
	for _, c := range e.reply.Calls {
		out = append(out, fmt.Sprintf(`{"id":"fc_%s","type":"function_call","status":"completed","arguments":%s,"call_id":%q,"name":%q}`, c.ID, quote(c.Args), c.ID, c.Name))
	}
	return out
}

func outputText(text string) string {
	return fmt.Sprintf(`{"type":"output_text","annotations":[],"logprobs":[],"text":%s}`, quote(text))
}

func halves(s string) (a, b string) {
	n := len(s) / 2
	for n > 0 && s[n]&0xC0 == 0x80 { // not within a rune
		n--
	}
	return s[:n], s[n:]
}

func (e *eventWriter) run() {
	items := e.items()
	e.event("created", `,"response":%s`, e.response("in_progress", nil, "null"))
	e.event("in_progress", `,"response":%s`, e.response("in_progress", nil, "null"))
	at := 0
	if e.reply.Thought != "" {
		e.event("output_item.added", `,"output_index":%d,"item":{"id":"rs_1","type":"reasoning","summary":[]}`, at)
		part := fmt.Sprintf(`,"item_id":"rs_1","output_index":%d,"summary_index":0`, at)
		e.event("reasoning_summary_part.added", `%s,"part":{"type":"summary_text","text":""}`, part)
		e.event("reasoning_summary_text.delta", `%s,"delta":%s,"obfuscation":"x"`, part, quote(e.reply.Thought))
		e.event("reasoning_summary_text.done", `%s,"text":%s`, part, quote(e.reply.Thought))
		e.event("reasoning_summary_part.done", `%s,"part":{"type":"summary_text","text":%s}`, part, quote(e.reply.Thought))
		e.event("output_item.done", `,"output_index":%d,"item":%s`, at, items[at])
		at++
	}
	if e.reply.Text != "" {
		e.event("output_item.added", `,"output_index":%d,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}`, at)
		part := fmt.Sprintf(`,"item_id":"msg_1","output_index":%d,"content_index":0`, at)
		e.event("content_part.added", `%s,"part":%s`, part, outputText(""))
		a, b := halves(e.reply.Text)
		e.event("output_text.delta", `%s,"delta":%s,"logprobs":[],"obfuscation":"x"`, part, quote(a))
		e.event("output_text.delta", `%s,"delta":%s,"logprobs":[],"obfuscation":"x"`, part, quote(b))
		if e.reply.Cut {
			panic(http.ErrAbortHandler)
		}
		e.event("output_text.done", `%s,"text":%s,"logprobs":[]`, part, quote(e.reply.Text))
		e.event("content_part.done", `%s,"part":%s`, part, outputText(e.reply.Text))
		e.event("output_item.done", `,"output_index":%d,"item":%s`, at, items[at])
		at++
	}
	for _, c := range e.reply.Calls {
		e.event("output_item.added", `,"output_index":%d,"item":{"id":"fc_%s","type":"function_call","status":"in_progress","arguments":"","call_id":%q,"name":%q}`, at, c.ID, c.ID, c.Name)
		part := fmt.Sprintf(`,"item_id":"fc_%s","output_index":%d`, c.ID, at)
		a, b := halves(c.Args)
		e.event("function_call_arguments.delta", `%s,"delta":%s`, part, quote(a))
		e.event("function_call_arguments.delta", `%s,"delta":%s`, part, quote(b))
		e.event("function_call_arguments.done", `%s,"arguments":%s`, part, quote(c.Args))
		e.event("output_item.done", `,"output_index":%d,"item":%s`, at, items[at])
		at++
	}
	if e.reply.Fault != "" {
		e.event("failed", `,"response":%s`, strings.Replace(e.response("failed", items, "null"), `"error":null`, `"error":{"code":`+quote(e.reply.Fault)+`,"message":"The service had a fault."}`, 1))
		return
	}
	e.event("completed", `,"response":%s`, e.response("completed", items, responseUsage))
}
