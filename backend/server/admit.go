package server

import (
	"net/http"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
)

// preflightAge is how long a browser may remember a preflight, in seconds.
const preflightAge = "600"

// admit decides whether a request may be answered at all. While auth is off, Host and Origin are checked: a web page must not be able to use an
// open local gateway. Then comes the key; telemetry sinks and paths that are
// no routes need none.
func (s *Server) admit(req *request, matched bool) *fault.Error {
	r := req.r
	mode := s.opts.AuthMode()
	health := req.route.Operation == doctor.OpHealth
	keyNeeded := access.NeedsKey(mode, health)
	origins := access.Origins{Listed: s.opts.Settings().CORSOrigins, KeyNeeded: keyNeeded}
	origin := r.Header.Get("Origin")
	if mode == access.Off {
		if err := access.CheckHost(r.Host, s.opts.Hosts()); err != nil {
			return s.wrongHost(req, err)
		}
		if err := access.CheckOrigin(origin, r.Header.Get("Sec-Fetch-Site"), r.Host, origins); err != nil {
			return err
		}
	}
	if origin != "" && access.AllowedOrigin(origin, r.Host, origins) {
		allowOrigin(req.w.Header(), origin)
	}
	if r.Method == http.MethodOptions {
		s.preflight(req)
		return nil
	}
	if !matched || req.route.Operation == doctor.OpSink {
		return nil
	}
	identity, err := s.opts.Guard.Authenticate(r, mode, health)
	req.identity = identity
	return err
}

func allowOrigin(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Expose-Headers",
		"X-Request-Id, Request-Id, Retry-After, X-Antigravity-Model, X-Antigravity-Provider, X-Antigravity-Losses, X-Antigravity-Rewritten-Path")
}

// preflight answers OPTIONS; without an allowed origin it says nothing that a
// browser could take for leave.
func (s *Server) preflight(req *request) {
	req.done = true
	h := req.w.Header()
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, DELETE, OPTIONS")
		h.Set("Access-Control-Max-Age", preflightAge)
		if wanted := req.r.Header.Get("Access-Control-Request-Headers"); wanted != "" {
			h.Set("Access-Control-Allow-Headers", wanted)
		}
		if req.r.Header.Get("Access-Control-Request-Private-Network") == "true" {
			h.Set("Access-Control-Allow-Private-Network", "true")
		}
	}
	req.w.WriteHeader(http.StatusNoContent)
}
