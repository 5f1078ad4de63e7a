// Package fakeanthropic is a strict, scriptable stand-in for Anthropic's
// Messages: it refuses what the real service refuses, unknown members and
// altered thinking included, and records what it saw. It shares no code with
// the gateway.
package fakeanthropic

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"antigravity-tools/test/fakecontrol"
)

// Reply is what the service answers to one request.
type Reply struct {
	For     string // the model that the reply is meant for; "" for any
	Status  int    // an error with that status, 0 for an answer
	Body    string // of the error
	Thought string // signed by the fake
	Text    string
	Search  *Search // the service's own web search, behind the text
	Calls   []Call
	Stop    string // "" means end_turn, or tool_use with calls
	Fault   string // an error event in the middle of the stream, of this type
}

// Search is a web search that the service ran. Without a URL its result is not
// there yet, as in a turn that is paused.
type Search struct{ ID, Query, URL string }

// Call is one tool call of a reply; Input is a JSON object.
type Call struct{ ID, Name, Input string }

// Engine judges and answers messages, whatever service they come through. The
// zero value is ready; what listens for it calls Answer.
type Engine struct{ fakecontrol.Box[Reply] }

// Server is a running fake of Anthropic's own service.
type Server struct {
	Engine
	key string
}

// New starts a fake that wants this key.
func New(key string) *Server {
	s := &Server{key: key}
	s.Start(s.serve)
	return s
}

// next is the scripted reply for the model; with none left it says hello.
func (s *Engine) next(model string) Reply {
	reply, ok := s.Take(func(r Reply) bool { return r.For == "" || r.For == model })
	if !ok {
		return Reply{Text: "Hello."}
	}
	return reply
}

// Models of the fake: Adaptive takes adaptive thinking and no sampling, Manual
// thinks by budget and takes sampling. Plain is of a generation to come whose
// list entry says that it can do less than its name promises: it thinks by
// budget, looks at no pictures and writes little.
const (
	Adaptive = "claude-opus-5"
	Manual   = "claude-sonnet-4-5"
	Plain    = "claude-haiku-7"
)

// PlainOutput is the output limit of Plain, in tokens.
const PlainOutput = 5000

// Versions of the protocol that are alive. Under the new one, which
// @anthropic-ai/sdk sends from its version 1.0 on, there is no sampling.
const (
	oldVersion = "2023-06-01"
	newVersion = "2026-10-21"
)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Api-Key") != s.key {
		fail(w, 401, "authentication_error", "invalid x-api-key")
		return
	}
	if v := r.Header.Get("Anthropic-Version"); v != oldVersion && v != newVersion {
		fail(w, 400, "invalid_request_error", fmt.Sprintf("anthropic-version: %q is not a valid version", v))
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/models":
		fmt.Fprint(w, modelList())
	case "POST /v1/messages":
		s.Answer(w, r, false)
	case "POST /v1/messages/count_tokens":
		s.Answer(w, r, true)
	default:
		http.NotFound(w, r)
	}
}

func fail(w http.ResponseWriter, status int, kind, message string) {
	fakecontrol.WriteJSON(w, status, fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":%q},"request_id":"req_1"}`, kind, message))
}

// Answer judges a message, or a token count, and answers it. It gives the status
// of the answer, 0 if there was none.
func (s *Engine) Answer(w http.ResponseWriter, r *http.Request, count bool) (status int) {
	body, err := s.Record(r)
	if err != nil {
		return 0
	}
	req, err := parse(body, count)
	if err == nil && req.ContextManagement != nil && !strings.Contains(r.Header.Get("Anthropic-Beta"), "context-management-") {
		err = errors.New("context_management: Extra inputs are not permitted")
	}
	if err == nil && r.Header.Get("Anthropic-Version") == newVersion && (req.Temperature != nil || req.TopP != nil || req.TopK != nil) {
		err = errors.New("temperature, top_p, top_k: Extra inputs are not permitted")
	}
	if err != nil {
		s.Refuse(err.Error())
		fail(w, http.StatusBadRequest, "invalid_request_error", err.Error())
		return http.StatusBadRequest
	}
	if count {
		fakecontrol.WriteJSON(w, http.StatusOK, `{"input_tokens":42}`)
		return http.StatusOK
	}
	switch reply := s.next(req.Model); {
	case reply.Status != 0:
		fakecontrol.WriteJSON(w, reply.Status, reply.Body)
		return reply.Status
	case req.Stream:
		stream(w, req, reply)
	default:
		whole(w, req, reply)
	}
	return http.StatusOK
}

// signature is bound to the model and the thought: an altered one is refused.
func signature(model, thought string) string {
	sum := sha256.Sum256([]byte(model + "\x00" + thought))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (r Reply) stop() string {
	switch {
	case r.Stop != "":
		return r.Stop
	case len(r.Calls) > 0:
		return "tool_use"
	}
	return "end_turn"
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// blocks are the blocks of a reply: how each begins, its deltas, and the whole.
func (r Reply) blocks(model string) (out []struct {
	start  string
	deltas []string
	whole  string
}) {
	add := func(start, whole string, deltas ...string) {
		out = append(out, struct {
			start  string
			deltas []string
			whole  string
		}{start, deltas, whole})
	}
	if r.Thought != "" {
		sign := signature(model, r.Thought)
		add(`{"type":"thinking","thinking":"","signature":""}`, fmt.Sprintf(`{"type":"thinking","thinking":%s,"signature":%q}`, quote(r.Thought), sign),
			`{"type":"thinking_delta","thinking":`+quote(r.Thought)+`}`, fmt.Sprintf(`{"type":"signature_delta","signature":%q}`, sign))
	}
	if r.Text != "" {
		n := len(r.Text) / 2
		for n > 0 && r.Text[n]&0xC0 == 0x80 {
			n--
		}
		add(`{"type":"text","text":""}`, `{"type":"text","text":`+quote(r.Text)+`}`,
			`{"type":"text_delta","text":`+quote(r.Text[:n])+`}`, `{"type":"text_delta","text":`+quote(r.Text[n:])+`}`)
	}
	if s := r.Search; s != nil {
		input := `{"query":` + quote(s.Query) + `}`
		add(fmt.Sprintf(`{"type":"server_tool_use","id":%q,"name":"web_search","input":{}}`, s.ID), fmt.Sprintf(`{"type":"server_tool_use","id":%q,"name":"web_search","input":%s}`, s.ID, input),
			`{"type":"input_json_delta","partial_json":`+quote(input)+`}`)
		if s.URL != "" {
			found := fmt.Sprintf(`{"type":"web_search_tool_result","tool_use_id":%q,"content":[{"type":"web_search_result","url":%q,"title":"Found","encrypted_content":%q,"page_age":null}]}`, s.ID, s.URL, signature(model, s.URL))
			add(found, found)
		}
	}
	for _, c := range r.Calls {
		n := len(c.Input) / 2
		add(fmt.Sprintf(`{"type":"tool_use","id":%q,"name":%q,"input":{}}`, c.ID, c.Name), fmt.Sprintf(`{"type":"tool_use","id":%q,"name":%q,"input":%s}`, c.ID, c.Name, c.Input),
			`{"type":"input_json_delta","partial_json":""}`, `{"type":"input_json_delta","partial_json":`+quote(c.Input[:n])+`}`, `{"type":"input_json_delta","partial_json":`+quote(c.Input[n:])+`}`)
	}
	return out
}

const inputUsage = `"input_tokens":12,"cache_creation_input_tokens":500,"cache_read_input_tokens":9000,"cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":0}`

func whole(w http.ResponseWriter, req *request, reply Reply) {
	content := ""
	for i, b := range reply.blocks(req.Model) {
		if i > 0 {
			content += ","
		}
		content += b.whole
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"id":"msg_1","type":"message","role":"assistant","model":%q,"content":[%s],"stop_reason":%q,"stop_sequence":null,"usage":{%s,"output_tokens":350,"output_tokens_details":{"thinking_tokens":120}}}`,
		req.Model+"-20260101", content, reply.stop(), inputUsage)
}

func stream(w http.ResponseWriter, req *request, reply Reply) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	event := func(kind, format string, args ...any) {
		fmt.Fprintf(w, "event: %s\ndata: {\"type\":%q%s}\n\n", kind, kind, fmt.Sprintf(format, args...))
		w.(http.Flusher).Flush()
	}
	event("message_start", `,"message":{"id":"msg_1","type":"message","role":"assistant","model":%q,"content":[],"stop_reason":null,"stop_sequence":null,"usage":{%s,"output_tokens":1}}`, req.Model+"-20260101", inputUsage)
	event("ping", "")
	for i, b := range reply.blocks(req.Model) {
		event("content_block_start", `,"index":%d,"content_block":%s`, i, b.start)
		for _, d := range b.deltas {
			event("content_block_delta", `,"index":%d,"delta":%s`, i, d)
		}
		event("content_block_stop", `,"index":%d`, i)
	}
	if reply.Fault != "" {
		event("error", `,"error":{"type":%q,"message":"The service had a fault."}`, reply.Fault)
		return
	}
	event("message_delta", `,"delta":{"stop_reason":%q,"stop_sequence":null},"usage":{"output_tokens":350,"output_tokens_details":{"thinking_tokens":120}}`, reply.stop())
	event("message_stop", "")
}
