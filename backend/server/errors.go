package server

import (
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// identify gives every request its id: the client's own if it is well formed.
func (s *Server) identify(c *gin.Context) {
	id := c.GetHeader(requestIDHeader)
	if !wellFormedID(id) {
		id = newRequestID()
	}
	c.Header(requestIDHeader, id)
	c.Next()
}

const requestIDHeader = "X-Request-Id"

func requestID(c *gin.Context) string { return c.Writer.Header().Get(requestIDHeader) }

// wellFormedID accepts what may stand in a header, a log and a file name.
func wellFormedID(id string) bool {
	if len(id) < 8 || len(id) > 128 {
		return false
	}
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != '.' {
			return false
		}
	}
	return true
}

// recover turns a panic into a 500 with the request id and a logged stack:
// nothing that a client sends may end the process.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler { //nolint:errorlint // the value of a panic, as net/http compares it
			panic(v)
		}
		id := requestID(c)
		s.opts.Log.Error("a request ended in a panic", "request_id", id, "panic", panicText(v), "stack", string(debug.Stack()))
		if c.Writer.Written() {
			panic(http.ErrAbortHandler) // the connection must not look complete
		}
		req := &request{w: c.Writer, r: c.Request, id: id}
		req.route, req.params, _ = doctor.Match(c.Request.Method, c.Request.URL.Path)
		s.refuse(req, fault.New(fault.Internal, "The gateway failed on this request; its log tells more under the request id "+id+"."))
	}()
	c.Next()
}

// panicText tells what a panic was about: runtime errors speak of indexes and
// types alone, the text of any other could hold what a client sent.
func panicText(v any) string {
	var err runtime.Error
	if e, ok := v.(error); ok && errors.As(e, &err) {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T, not shown", v)
}

// refuse answers with an error in the protocol of the route.
func (s *Server) refuse(req *request, err *fault.Error) {
	shape := errorShape(req)
	h := req.w.Header()
	if shape == llm.Anthropic {
		h.Set("Request-Id", req.id)
	}
	status, body := s.opts.Clients[shape].EncodeError(err, req.id)
	if req.inStream {
		refuseInStream(req, body)
		return
	}
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(err.RetrySeconds(), 10))
	}
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	req.w.WriteHeader(status)
	if req.r.Method != http.MethodHead {
		_, _ = req.w.Write(body)
	}
}

// errorShape is the protocol in which a request's errors are worded: its
// route's, for model lists that of the caller's headers, else what the path
// resembles.
func errorShape(req *request) llm.Protocol {
	switch req.route.Operation {
	case doctor.OpModels, doctor.OpModel:
		return modelShape(req.r, req.route)
	}
	p := req.route.Protocol
	if req.route.Operation == "" {
		p = doctor.Diagnose(seen(req.r), doctor.Site{}).Protocol
	}
	return protocolOf(p)
}

func protocolOf(p doctor.Protocol) llm.Protocol {
	switch p {
	case doctor.Anthropic:
		return llm.Anthropic
	case doctor.Gemini:
		return llm.Gemini
	case doctor.Responses:
		return llm.Responses
	default:
		return llm.OpenAIChat
	}
}

func seen(r *http.Request) doctor.Seen {
	return doctor.Seen{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header}
}

// rewrite maps a mistaken path to the route it means, if the user has allowed
// that and the meaning is plain.
func (s *Server) rewrite(r *http.Request) (string, bool) {
	if !s.opts.Settings().PathRewrite {
		return "", false
	}
	verdict := doctor.Diagnose(seen(r), s.opts.Site())
	if verdict.Canonical == "" {
		return "", false
	}
	return verdict.Canonical, true
}

// quietLog passes net/http's own complaints on at debug level: they are about
// peers that break off, and name addresses.
type quietLog struct{ log *slog.Logger }

func (q *quietLog) logger() *log.Logger { return log.New(q, "", 0) }

var _ io.Writer = (*quietLog)(nil)

func (q *quietLog) Write(p []byte) (int, error) {
	q.log.Debug("http: " + strings.TrimSpace(string(p)))
	return len(p), nil
}
