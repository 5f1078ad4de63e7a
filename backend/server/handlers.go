package server

import (
	"crypto/rand"
	"net/http"
	"time"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/relay"
)

// answer serves a request that was admitted, by the operation of its route.
func (s *Server) answer(req *request) *fault.Error {
	switch req.route.Operation {
	case doctor.OpHealth:
		writeJSON(req.w, http.StatusOK, health{"ok", s.opts.Version})
	case doctor.OpRoot:
		writeJSON(req.w, http.StatusOK, s.welcome())
	case doctor.OpSink:
		req.w.WriteHeader(http.StatusOK)
	case doctor.OpModels:
		return s.listModels(req.w, req.r, modelShape(req.r, req.route))
	case doctor.OpModel:
		return s.oneModel(req.w, req.r, modelShape(req.r, req.route), req.params.Model)
	case doctor.OpModelDetect:
		return s.detect(req)
	case doctor.OpResponses, doctor.OpResponsesTokens, doctor.OpResponseGet, doctor.OpResponseDelete,
		doctor.OpResponseInputItems, doctor.OpResponseCancel, doctor.OpResponsesCompact:
		return s.responses(req)
	case doctor.OpChatCompletions, doctor.OpMessages, doctor.OpGenerate:
		return s.relay(req, provider.Generate, false)
	case doctor.OpStreamGenerate:
		return s.relay(req, provider.Generate, true)
	case doctor.OpMessagesCount, doctor.OpCountTokens:
		return s.relay(req, provider.CountTokens, false)
	case doctor.OpResponsesSocket:
		return s.socket(req)
	default:
		if op, ok := operationOf(req.route.Operation); ok {
			return s.relay(req, op, false)
		}
		return fault.New(fault.InvalidRequest, req.route.Pattern+" is not supported by this version of the gateway yet.").
			WithCode("not_implemented").WithStatus(http.StatusNotImplemented)
	}
	return nil
}

type health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
}

type welcome struct {
	Name     string   `json:"name"`
	Version  string   `json:"version"`
	BaseURLs baseURLs `json:"base_urls"`
}

type baseURLs struct {
	OpenAI    string `json:"openai"`
	Anthropic string `json:"anthropic"`
	Gemini    string `json:"gemini"`
}

func (s *Server) welcome() welcome {
	origin := s.opts.Site().Origin
	return welcome{"Antigravity Tools", s.opts.Version, baseURLs{origin + "/v1", origin, origin}}
}

// detect explains where a model name would be routed.
func (s *Server) detect(req *request) *fault.Error {
	model := req.r.URL.Query().Get("model")
	if req.r.Method == http.MethodPost {
		body, err := readBody(req.w, req.r, s.opts.Settings().MaxBodyBytes)
		if err != nil {
			return err
		}
		raw, _ := rawjson.Get(body, "model")
		name, serr := rawjson.String(raw)
		if serr != nil {
			return fault.Invalid("model", "model must be a string")
		}
		model = name
	}
	if model == "" {
		return fault.Invalid("model", "name the model, as in ?model=gemini-2.5-flash")
	}
	writeJSON(req.w, http.StatusOK, s.opts.Detect(model))
	return nil
}

// relay reads the body and hands the call over. From then on the relay writes
// the answer, errors included.
func (s *Server) relay(req *request, op provider.Operation, stream bool) *fault.Error {
	call, err := s.call(req, op, stream)
	if err != nil {
		return err
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	s.opts.Relay.Serve(req.r.Context(), req.w, call)
	return nil
}

// call reads a request into what the relay takes.
func (s *Server) call(req *request, op provider.Operation, stream bool) (relay.Call, *fault.Error) {
	start := time.Now()
	read := readBody
	if takesForm(op) && wire.IsForm(req.r.Header.Get("Content-Type")) {
		read = readAny
	}
	body, err := read(req.w, req.r, s.opts.Settings().MaxBodyBytes)
	if err != nil {
		return relay.Call{}, err
	}
	shape := protocolOf(req.route.Protocol)
	if shape == llm.Anthropic {
		req.w.Header().Set("Request-Id", req.id)
	}
	sse := shape != llm.Gemini || req.r.URL.Query().Get("alt") == "sse"
	return relay.Call{
		Protocol: shape, Operation: op, Stream: stream, SSE: sse,
		Inbound: protocol.Inbound{Header: req.r.Header, Model: req.params.Model, Stream: stream, Body: body},
		Method:  req.r.Method, Path: req.r.URL.Path, RequestID: req.id, ClientName: doctor.ClientName(req.r.Header),
		KeyID: req.identity.KeyID, KeyName: req.identity.KeyName, Start: start,
	}, nil
}

func newRequestID() string { return "req_" + rand.Text() }

// Implements tells whether an operation is answered by this version; the
// others answer 501.
func Implements(op doctor.Operation) bool {
	switch op {
	case doctor.OpHealth, doctor.OpRoot, doctor.OpSink, doctor.OpModels, doctor.OpModel, doctor.OpModelDetect,
		doctor.OpChatCompletions, doctor.OpResponses, doctor.OpMessages, doctor.OpGenerate, doctor.OpStreamGenerate,
		doctor.OpMessagesCount, doctor.OpResponsesTokens, doctor.OpCountTokens,
		doctor.OpResponseGet, doctor.OpResponseDelete, doctor.OpResponseInputItems, doctor.OpResponseCancel,
		doctor.OpResponsesCompact, doctor.OpResponsesSocket:
		return true
	}
	_, ok := operationOf(op)
	return ok
}
