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

// Seal is the encrypted content that the fake makes of a thought.
func Seal(thought string) string { return fmt.Sprintf("gAAA-%s-%x", Org, thought) }

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
		_, last := e.last()
		answerWhole(w, reply, last)
	}
}

const responseUsage = `{"input_tokens":2600,"input_tokens_details":{"cached_tokens":2000,"cache_write_tokens":0},"output_tokens":90,"output_tokens_details":{"reasoning_tokens":64},"total_tokens":2690}`

// eventWriter streams one response in the service's order of events.
type eventWriter struct {
	w     io.Writer
	model string
	reply Reply
	seq   int
	at    int // the index of the next item
}

func (e *eventWriter) event(kind, format string, args ...any) {
	fmt.Fprintf(e.w, "event: %s\ndata: {\"type\":%q,\"sequence_number\":%d%s}\n\n", kind, kind, e.seq, fmt.Sprintf(format, args...))
	e.seq++
	if f, ok := e.w.(http.Flusher); ok {
		f.Flush()
	}
}

// response is a response object; failed and incomplete ones say why.
func (e *eventWriter) response(status string, items []string, usage string) string {
	failure, incomplete := "null", "null"
	switch status {
	case "failed":
		failure = `{"code":` + quote(e.reply.Fault) + `,"message":"The service had a fault."}`
	case "incomplete":
		incomplete = fmt.Sprintf(`{"reason":%q}`, incompleteReasons[e.reply.Finish])
	}
	return fmt.Sprintf(`{"id":"resp_up","object":"response","created_at":1,"status":%q,"error":%s,"incomplete_details":%s,"instructions":null,"metadata":{},"model":%q,"output":[%s],"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"store":false,"usage":%s}`,
		status, failure, incomplete, e.model+"-2026", strings.Join(items, ","), usage)
}

// incompleteReasons: chat's word for an end, and that of Responses.
var incompleteReasons = map[string]string{"length": "max_output_tokens", "content_filter": "content_filter"}

// last is the status at the end, and the response in it.
func (e *eventWriter) last() (status, response string) {
	switch {
	case e.reply.Fault != "":
		return "failed", e.response("failed", e.items(), "null")
	case incompleteReasons[e.reply.Finish] != "":
		return "incomplete", e.response("incomplete", e.items(), responseUsage)
	}
	return "completed", e.response("completed", e.items(), responseUsage)
}

// items are the items of the whole output.
func (e *eventWriter) items() (out []string) {
	if e.reply.Thought != "" {
		out = append(out, fmt.Sprintf(`{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":%s}],"encrypted_content":%q}`, quote(e.reply.Thought), Seal(e.reply.Thought)))
	}
	if e.reply.Text != "" {
		out = append(out, messageItem(outputText(e.reply.Text)))
	}
	if e.reply.Refusal != "" {
		out = append(out, messageItem(refusalPart(e.reply.Refusal)))
	}
	for _, c := range e.reply.Calls {
		out = append(out, fmt.Sprintf(`{"id":"fc_%s","type":"function_call","status":"completed","arguments":%s,"call_id":%q,"name":%q}`, c.ID, quote(c.Args), c.ID, c.Name))
	}
	return out
}

func messageItem(part string) string {
	return fmt.Sprintf(`{"id":"msg_1","type":"message","status":"completed","content":[%s],"role":"assistant"}`, part)
}

func refusalPart(text string) string { return `{"type":"refusal","refusal":` + quote(text) + `}` }

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
	e.event("response.created", `,"response":%s`, e.response("in_progress", nil, "null"))
	e.event("response.in_progress", `,"response":%s`, e.response("in_progress", nil, "null"))
	items := e.items()
	next := func() (at int, item string) {
		at, item, items = e.at, items[0], items[1:]
		e.at++
		return at, item
	}
	if e.reply.Thought != "" {
		e.thought(next())
	}
	if e.reply.Text != "" {
		at, item := next()
		e.said(at, item, "output_text", outputText(""), outputText(e.reply.Text), "text", e.reply.Text, `,"logprobs":[]`)
	}
	if e.reply.Refusal != "" {
		at, item := next()
		e.said(at, item, "refusal", refusalPart(""), refusalPart(e.reply.Refusal), "refusal", e.reply.Refusal, "")
	}
	for _, c := range e.reply.Calls {
		at, item := next()
		e.call(at, item, c)
	}
	switch {
	case e.reply.Cut:
		panic(http.ErrAbortHandler)
	case e.reply.Broken != "":
		e.event("error", `,"code":%q,"message":"The service had a fault.","param":null`, e.reply.Broken)
		return
	}
	status, response := e.last()
	e.event("response."+status, `,"response":%s`, response)
}

func (e *eventWriter) thought(at int, item string) {
	e.event("response.output_item.added", `,"output_index":%d,"item":{"id":"rs_1","type":"reasoning","summary":[]}`, at)
	part := fmt.Sprintf(`,"item_id":"rs_1","output_index":%d,"summary_index":0`, at)
	text := quote(e.reply.Thought)
	e.event("response.reasoning_summary_part.added", `%s,"part":{"type":"summary_text","text":""}`, part)
	e.event("response.reasoning_summary_text.delta", `%s,"delta":%s,"obfuscation":"x"`, part, text)
	e.event("response.reasoning_summary_text.done", `%s,"text":%s`, part, text)
	e.event("response.reasoning_summary_part.done", `%s,"part":{"type":"summary_text","text":%s}`, part, text)
	e.event("response.output_item.done", `,"output_index":%d,"item":%s`, at, item)
}

// said streams a message of one part.
func (e *eventWriter) said(at int, item, kind, empty, whole, member, text, more string) {
	e.event("response.output_item.added", `,"output_index":%d,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}`, at)
	part := fmt.Sprintf(`,"item_id":"msg_1","output_index":%d,"content_index":0`, at)
	e.event("response.content_part.added", `%s,"part":%s`, part, empty)
	a, b := halves(text)
	e.event("response."+kind+".delta", `%s,"delta":%s%s,"obfuscation":"x"`, part, quote(a), more)
	e.event("response."+kind+".delta", `%s,"delta":%s%s,"obfuscation":"x"`, part, quote(b), more)
	if len(e.reply.Calls) == 0 {
		if e.reply.Cut {
			panic(http.ErrAbortHandler)
		}
		if e.reply.Broken != "" { // within the text
			return
		}
	}
	e.event("response."+kind+".done", `%s,%q:%s%s`, part, member, quote(text), more)
	e.event("response.content_part.done", `%s,"part":%s`, part, whole)
	e.event("response.output_item.done", `,"output_index":%d,"item":%s`, at, item)
}

func (e *eventWriter) call(at int, item string, c Call) {
	e.event("response.output_item.added", `,"output_index":%d,"item":{"id":"fc_%s","type":"function_call","status":"in_progress","arguments":"","call_id":%q,"name":%q}`, at, c.ID, c.ID, c.Name)
	part := fmt.Sprintf(`,"item_id":"fc_%s","output_index":%d`, c.ID, at)
	a, b := halves(c.Args)
	e.event("response.function_call_arguments.delta", `%s,"delta":%s`, part, quote(a))
	e.event("response.function_call_arguments.delta", `%s,"delta":%s`, part, quote(b))
	e.event("response.function_call_arguments.done", `%s,"arguments":%s`, part, quote(c.Args))
	e.event("response.output_item.done", `,"output_index":%d,"item":%s`, at, item)
}
