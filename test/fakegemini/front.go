package fakegemini

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Front is another service that speaks generateContent: its own way in, its own
// fields, and the same judge behind it.
type Front interface {
	// Enter answers a call itself, or gives the part of it that the judge
	// behind is to answer; ok is false in the first case.
	Enter(x *Exchange) (call Inner, ok bool)
	// Wrap is what stands around each reply, unary or in a stream.
	Wrap(reply []byte) []byte
	// Dialect says where its fields differ.
	Dialect() Dialect
}

// Dialect is how a service differs from the public API in what it takes.
type Dialect struct {
	// Fields are further lines of the field tables, in their form; a message
	// that is there already gets these fields besides.
	Fields string
	// Without are fields that the service does not have: `Message.field …`.
	Without string
	// NameLimit is the longest function name in bytes, 0 for the public limit.
	NameLimit int
	// NoPlaceholder: the placeholder for a missing signature is refused.
	NoPlaceholder bool
	// MixesFreely: Gemini 3 takes built-in tools beside functions without a
	// flag that asks for it.
	MixesFreely bool
}

// Inner is the generateContent within a front's call.
type Inner struct {
	Key   string // whose account calls
	Model string
	// Op is generateContent, streamGenerateContent or countTokens; the last
	// takes Body as message CountAs.
	Op      string
	CountAs string
	Body    []byte
}

// Exchange is one call of a front.
type Exchange struct {
	R    *http.Request
	Body []byte
	// W is for what another engine answers.
	W http.ResponseWriter

	w *replyWriter
}

// Note puts into the record who calls, and what for.
func (x *Exchange) Note(key, model, op string) {
	x.w.srv.record.update(x.w.rec, func(q *Request) { q.Key, q.Model, q.Op = key, model, op })
}

// Answered puts into the record the status of an answer that went to W.
func (x *Exchange) Answered(status int) {
	x.w.srv.record.update(x.w.rec, func(q *Request) { q.Status = status })
}

// JSON answers.
func (x *Exchange) JSON(status int, v any) { x.w.json(status, detail(v)) }

// Refuse answers with a rule's error and puts the rule into the record.
func (x *Exchange) Refuse(rule string, e *Error) { x.w.refuse(rule, e) }

// Fail answers with an error that is no fault of the request's.
func (x *Exchange) Fail(e *Error) { x.w.fail(e) }

// NotFound is the answer to a path that the service does not have.
func (x *Exchange) NotFound() { x.w.notFound() }

// Scripted plays the step that the script has for the call; true if that was
// the whole answer.
func (x *Exchange) Scripted(key, op string) bool {
	step, ok := x.w.srv.script.take(key, op, "")
	return ok && x.w.preamble(step)
}

// Decode checks the body by the field tables and gives it in canonical names;
// false if it was refused.
func (x *Exchange) Decode(message string) (json.RawMessage, bool) {
	canonical, e := decodeBody(x.w.srv.cat, x.Body, message)
	if e != nil {
		x.w.refuse("fields", e)
		return nil, false
	}
	return canonical, true
}

// StrayHeader refuses what a gateway must never pass on; the API key too, which
// services with tokens do not take.
func (x *Exchange) StrayHeader() bool {
	e := strayHeader(x.R.Header)
	if e == nil && (x.R.Header.Get("X-Goog-Api-Key") != "" || x.R.URL.Query().Has("key")) {
		e = &Error{Code: 400, Status: "FAILED_PRECONDITION", Message: "an API key must not reach a service that takes tokens"}
	}
	if e != nil {
		x.w.refuse("admission", e)
	}
	return e != nil
}

// enter hands a call to the front, and what is within it to the judge.
func (s *Server) enter(rw *replyWriter, r *http.Request, body []byte) {
	x := &Exchange{R: r, Body: body, W: rw.w, w: rw}
	inner, ok := s.opts.Front.Enter(x)
	if !ok {
		return
	}
	x.Note(inner.Key, inner.Model, inner.Op)
	m, ok := s.model(inner.Model)
	if !ok {
		rw.refuse("unknown model", &Error{Code: 404, Status: "NOT_FOUND", Message: "Requested entity was not found."})
		return
	}
	switch inner.Op {
	case "generateContent", "streamGenerateContent":
		s.generate(rw, r, m, inner.Op, inner.Body)
	case "countTokens":
		s.countTokens(rw, m, inner.CountAs, inner.Body)
	default:
		rw.notFound()
	}
}

// wrap is what the service puts around a reply.
func (s *Server) wrap(frames [][]byte) [][]byte {
	if s.opts.Front != nil {
		for i, b := range frames {
			frames[i] = s.opts.Front.Wrap(b)
		}
	}
	return frames
}

// dialect is the front's, the zero one without a front.
func (s *Server) dialect() Dialect {
	if s.opts.Front == nil {
		return Dialect{}
	}
	return s.opts.Front.Dialect()
}

// apply lays a dialect over the public tables.
func (c *catalogue) apply(d Dialect) {
	for name, fields := range parseTable(d.Fields) {
		if c.messages[name] == nil {
			c.messages[name] = map[string]field{}
		}
		for word, f := range fields {
			c.messages[name][word] = f
		}
	}
	for _, path := range strings.Fields(d.Without) {
		message, name, _ := strings.Cut(path, ".")
		delete(c.messages[message], name)
		delete(c.messages[message], snake(name))
	}
}
