package server

import (
	"net/http"
	"strconv"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

// responses serves the Responses protocol.
func (s *Server) responses(req *request) *fault.Error {
	ctx, scope, id := req.r.Context(), req.identity.KeyID, req.params.ID
	var body []byte
	var err *fault.Error
	switch req.route.Operation {
	case doctor.OpResponses:
		return s.create(req, provider.Generate)
	case doctor.OpResponsesCompact:
		return s.create(req, "")
	case doctor.OpResponsesTokens:
		return s.create(req, provider.CountTokens)
	case doctor.OpResponseGet:
		q := req.r.URL.Query()
		if q.Get("stream") == "true" && req.r.Method != http.MethodHead {
			return s.opts.Responses.Stream(ctx, req.w, scope, id, q)
		}
		body, err = s.opts.Responses.Get(ctx, scope, id)
	case doctor.OpResponseInputItems:
		body, err = s.opts.Responses.InputItems(ctx, scope, id, req.r.URL.Query())
	case doctor.OpResponseDelete:
		body, err = s.opts.Responses.Delete(ctx, scope, id)
	case doctor.OpResponseCancel:
		body, err = s.opts.Responses.Cancel(ctx, scope, id)
	}
	if err != nil {
		return err
	}
	req.w.Header().Set("Content-Type", "application/json")
	req.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if req.r.Method != http.MethodHead {
		_, _ = req.w.Write(body) // a client that left
	}
	return nil
}

func (s *Server) create(req *request, op provider.Operation) *fault.Error {
	compact := op == ""
	if compact {
		op = provider.Generate
	}
	call, err := s.call(req, op, false)
	if err != nil {
		return err
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	if compact {
		return s.opts.Responses.Compact(req.r.Context(), req.w, call)
	}
	if op == provider.CountTokens {
		return s.opts.Responses.Count(req.r.Context(), req.w, call)
	}
	return s.opts.Responses.Create(req.r.Context(), req.w, call)
}
