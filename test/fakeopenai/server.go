// Package fakeopenai is a strict, scriptable stand-in for OpenAI's Chat
// Completions and Responses: it refuses what the real service refuses, unknown members
// included, and records what it saw. It shares no code with the gateway.
package fakeopenai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"antigravity-tools/test/fakecontrol"
)

// Reply is what the service answers to one request.
type Reply struct {
	For     string // the model that the reply is meant for; "" for any
	Status  int    // an error with that status, 0 for an answer
	Body    string // of the error
	Thought string // sealed in Responses; reasoning_content in chat, as compatible servers have it
	Text    string // streamed in two pieces
	Refusal string
	Calls   []Call
	Finish  string // "" means stop, or tool_calls with calls; in Responses length and content_filter are incomplete
	Fault   string // the code of a failed response, of Responses alone
	Broken  string // the code of an error in the middle of the stream
	Cut     bool   // the answer breaks off before its end
}

// Call is one tool call of a reply.
type Call struct{ ID, Name, Args string }

// Server is a running fake.
type Server struct {
	fakecontrol.Box[Reply]
	key string
	// chatOnly: the server has no Responses.
	chatOnly bool
	offers   []string // nil: all models
	steps    sync.Mutex
	pieces   chan struct{} // see Step; steps guards it
}

// New starts a fake that wants this key ("" for none).
func New(key string) *Server {
	s := &Server{key: key}
	s.Start(s.serve)
	return s
}

// ChatOnly takes Responses away, as older compatible servers do not have it.
func (s *Server) ChatOnly() *Server {
	s.chatOnly = true
	return s
}

// Offering limits the list of models; it takes requests for the others still.
func (s *Server) Offering(models ...string) *Server {
	s.offers = models
	return s
}

// next is the scripted reply for the model; with none left it says hello.
func (s *Server) next(model string) Reply {
	reply, ok := s.Take(func(r Reply) bool { return r.For == "" || r.For == model })
	if !ok {
		return Reply{Text: "Hello."}
	}
	return reply
}

// Model is what the fake offers; Reasoner refuses sampling and max_tokens, as
// OpenAI's reasoning models do.
const (
	Model    = "gpt-4.1"
	Reasoner = "gpt-5"
	// Thinker is one more of these, of Responses alone, whose name has clients
	// offer the model their common tools.
	Thinker = "o4-mini"
	// Newest reasons unless it is told not to, and takes tools here only then.
	Newest = "gpt-5.6"
	// Searcher searches the web, Hearer takes recordings; no other model does.
	Searcher = "gpt-4o-search-preview"
	Hearer   = "gpt-audio"
	// Compatible and CompatibleSmall take every documented member, as the
	// models of servers do that speak OpenAI's protocol and know no families.
	Compatible      = "compatible-large"
	CompatibleSmall = "compatible-small"
)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if s.key != "" && r.Header.Get("Authorization") != "Bearer "+s.key {
		fail(w, 401, "Incorrect API key provided.", "invalid_api_key")
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/models":
		fmt.Fprintf(w, `{"object":"list","data":[%s]}`, s.models())
	case "POST /v1/responses":
		if s.chatOnly {
			http.NotFound(w, r)
			return
		}
		s.respond(w, r)
	case "POST /v1/chat/completions":
		s.complete(w, r)
	default:
		if !s.operate(w, r) {
			http.NotFound(w, r)
		}
	}
}

func (s *Server) models() string {
	var list []string
	ids := s.offers
	if ids == nil {
		ids = append([]string{Model, Reasoner, Thinker, Compatible, CompatibleSmall}, operationModels()...)
	}
	for _, id := range ids {
		list = append(list, fmt.Sprintf(`{"id":%q,"object":"model","created":1,"owned_by":"openai"}`, id))
	}
	return strings.Join(list, ",")
}

func fail(w http.ResponseWriter, status int, message, code string) {
	fakecontrol.WriteJSON(w, status, fmt.Sprintf(`{"error":{"message":%q,"type":"invalid_request_error","param":null,"code":%q}}`, message, code))
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	body, err := s.Record(r)
	if err != nil {
		return
	}
	req, err := parse(body)
	if err != nil {
		s.Refuse(err.Error())
		fail(w, 400, err.Error(), "invalid_value")
		return
	}
	switch reply := s.next(req.Model); {
	case reply.Status != 0:
		fakecontrol.WriteJSON(w, reply.Status, reply.Body)
	case req.Stream:
		stream(w, req, reply)
	default:
		whole(w, req, reply)
	}
}

func (r Reply) finish() string {
	switch {
	case r.Finish != "":
		return r.Finish
	case len(r.Calls) > 0:
		return "tool_calls"
	}
	return "stop"
}

const usage = `{"prompt_tokens":2600,"completion_tokens":90,"total_tokens":2690,"prompt_tokens_details":{"cached_tokens":2000,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":64,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return quote(s)
}

func whole(w http.ResponseWriter, req *request, reply Reply) {
	calls := ""
	for i, c := range reply.Calls {
		sep := ","
		if i == 0 {
			sep = `,"tool_calls":[`
		}
		calls += fmt.Sprintf(`%s{"id":%q,"type":"function","function":{"name":%q,"arguments":%s}}`, sep, c.ID, c.Name, quote(c.Args))
	}
	if calls != "" {
		calls += "]"
	}
	if reply.Thought != "" {
		calls += `,"reasoning_content":` + quote(reply.Thought)
	}
	answerWhole(w, reply, fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":%q,"choices":[{"index":0,"message":{"role":"assistant","content":%s,"refusal":%s,"annotations":[]%s},"logprobs":null,"finish_reason":%q}],"usage":%s,"service_tier":"default"}`,
		req.Model+"-2026", orNull(reply.Text), orNull(reply.Refusal), calls, reply.finish(), usage))
}

// answerWhole writes a whole answer, or the half of it.
func answerWhole(w http.ResponseWriter, reply Reply, body string) {
	if !reply.Cut {
		fakecontrol.WriteJSON(w, 200, body)
		return
	}
	fakecontrol.WriteJSON(w, 200, body[:len(body)/2])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func stream(w http.ResponseWriter, req *request, reply Reply) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	chunk := func(choices, use string) {
		fmt.Fprintf(w, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":%q,\"service_tier\":\"default\",\"choices\":[%s],\"usage\":%s,\"obfuscation\":\"x\"}\n\n", req.Model+"-2026", choices, use)
		w.(http.Flusher).Flush()
	}
	delta := func(d, finish string) {
		chunk(fmt.Sprintf(`{"index":0,"delta":{%s},"logprobs":null,"finish_reason":%s}`, d, orNull(finish)), "null")
	}
	delta(`"role":"assistant","content":"","refusal":null`, "")
	if reply.Thought != "" {
		delta(`"reasoning_content":`+quote(reply.Thought), "")
	}
	if n := len(reply.Text) / 2; reply.Text != "" {
		for n > 0 && reply.Text[n]&0xC0 == 0x80 { // not within a rune
			n--
		}
		delta(`"content":`+quote(reply.Text[:n]), "")
		delta(`"content":`+quote(reply.Text[n:]), "")
	}
	if reply.Refusal != "" {
		delta(`"refusal":`+quote(reply.Refusal), "")
	}
	for i, c := range reply.Calls {
		delta(fmt.Sprintf(`"tool_calls":[{"index":%d,"id":%q,"type":"function","function":{"name":%q,"arguments":""}}]`, i, c.ID, c.Name), "")
		n := len(c.Args) / 2
		delta(fmt.Sprintf(`"tool_calls":[{"index":%d,"function":{"arguments":%s}}]`, i, quote(c.Args[:n])), "")
		delta(fmt.Sprintf(`"tool_calls":[{"index":%d,"function":{"arguments":%s}}]`, i, quote(c.Args[n:])), "")
	}
	if reply.Cut {
		panic(http.ErrAbortHandler)
	}
	if reply.Broken != "" {
		fmt.Fprintf(w, "data: {\"error\":{\"message\":\"The service had a fault.\",\"type\":\"server_error\",\"param\":null,\"code\":%q}}\n\n", reply.Broken)
		return
	}
	delta("", reply.finish())
	if req.StreamOptions != nil && req.StreamOptions.IncludeUsage {
		chunk("", usage)
	}
	io.WriteString(w, "data: [DONE]\n\n")
}
