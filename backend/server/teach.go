package server

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
)

// unrouted answers a path that is no route: 405 if only the method is wrong,
// else a 404 that teaches.
func (s *Server) unrouted(req *request) {
	if allowed := doctor.Allowed(req.r.Method, req.r.URL.Path); len(allowed) > 0 {
		methods := strings.Join(allowed, ", ")
		req.w.Header().Set("Allow", methods)
		for _, method := range allowed { // the shape of the route that is there
			if route, params, ok := doctor.Match(method, req.r.URL.Path); ok {
				req.route, req.params = route, params
				break
			}
		}
		s.refuse(req, fault.New(fault.InvalidRequest, req.r.Method+" is not allowed here; this path takes "+methods+".").
			WithCode("method_not_allowed").WithStatus(http.StatusMethodNotAllowed))
		return
	}
	verdict := doctor.Diagnose(seen(req.r), s.opts.Site())
	if s.opts.Problem != nil {
		s.opts.Problem(Problem{Time: time.Now(), Method: req.r.Method, Path: req.r.URL.Path, Verdict: verdict, Remote: req.r.RemoteAddr})
	}
	req.route.Protocol, req.route.Operation = verdict.Protocol, "unrouted"
	req.inStream = verdict.InStream()
	message := verdict.Message
	if verdict.Protocol == doctor.Anthropic || verdict.Protocol == doctor.Gemini {
		message += " (" + verdict.Code + ")" // these shapes have no member that clients show a code from
	}
	kind := fault.NotFound
	if verdict.Status() == http.StatusBadRequest {
		kind = fault.InvalidRequest
	}
	s.refuse(req, fault.New(kind, message).WithCode(verdict.Code).WithStatus(verdict.Status()).WithHint("Enter the base URL "+verdict.BaseURL+"."))
}

// wrongHost words the refusal of a Host that is none of this gateway's for a person
// who typed it as the base URL. What a browser sends is refused all the same, but
// fills no list: a page could fill it.
func (s *Server) wrongHost(req *request, refused *fault.Error) *fault.Error {
	verdict := doctor.DiagnoseHost(seen(req.r), req.r.Host, s.opts.Site())
	browser := req.r.Header.Get("Origin") != "" || req.r.Header.Get("Sec-Fetch-Site") != ""
	if s.opts.Problem != nil && !browser && verdict.Protocol != doctor.None {
		s.opts.Problem(Problem{Time: time.Now(), Method: req.r.Method, Path: req.r.URL.Path, Verdict: verdict, Remote: req.r.RemoteAddr})
	}
	req.inStream = verdict.InStream()
	message := verdict.Message + " The setting proxy.allowed_hosts allows further names."
	return fault.New(fault.Forbidden, message).WithCode(refused.Code).WithHint(refused.Hint)
}

// refuseInStream answers with an error event in a stream, for a client that shows the words of no other error.
func refuseInStream(req *request, body []byte) {
	h := req.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Del("WWW-Authenticate")
	req.w.WriteHeader(http.StatusOK)
	_, _ = req.w.Write(bytes.Join([][]byte{[]byte("data: "), body, []byte("\n\ndata: [DONE]\n\n")}, nil))
}
