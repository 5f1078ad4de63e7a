package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
)

// Bounds of a socket.
const (
	socketLife    = 60 * time.Minute // as OpenAI's; clients connect anew
	socketPing    = 30 * time.Second
	socketPong    = 20 * time.Second
	socketWrite   = 2 * time.Minute // for one event
	socketWaiting = 16              // requests that wait for the running one
)

// socket answers GET /v1/responses. Where sockets are switched off it is 426,
// which sends Codex to HTTP at once; a 404 would cost it seven tries (clients.md).
func (s *Server) socket(req *request) *fault.Error {
	if !strings.EqualFold(req.r.Header.Get("Upgrade"), "websocket") {
		req.w.Header().Set("Allow", "POST")
		return fault.New(fault.InvalidRequest, "GET is not allowed here; this path takes POST.").
			WithCode("method_not_allowed").WithStatus(http.StatusMethodNotAllowed)
	}
	if !s.opts.Settings().WebSocket {
		return fault.New(fault.InvalidRequest, "WebSocket is switched off (proxy.websocket): use POST with streaming.").
			WithCode("websocket_not_supported").WithStatus(http.StatusUpgradeRequired)
	}
	// admit has looked at the origin, by the rule of all routes.
	conn, err := websocket.Accept(req.w, req.r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		req.done = true // the library has answered
		return nil
	}
	limit := s.opts.Settings().MaxBodyBytes
	conn.SetReadLimit(limit)
	ctx, cancel := context.WithTimeout(req.r.Context(), socketLife)
	defer cancel()
	k := &socket{server: s, req: req, conn: conn, waiting: make(chan []byte, socketWaiting), local: ledger.NewLocal(limit)}
	go k.ping(ctx, cancel) // ends with ctx
	go k.read(ctx, cancel) // ends with ctx, or when the client leaves
	k.work(ctx)
	_ = conn.Close(websocket.StatusNormalClosure, "") // the client may have gone
	return nil
}

// socket is one connection. Its handler answers one request after another; a
// goroutine of its own reads, so that a client that leaves ends what runs.
type socket struct {
	server  *Server
	req     *request
	conn    *websocket.Conn
	waiting chan []byte
	local   *ledger.Local
}

func (k *socket) ping(ctx context.Context, cancel context.CancelFunc) {
	tick := time.NewTicker(socketPing)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		wait, done := context.WithTimeout(ctx, socketPong)
		err := k.conn.Ping(wait)
		done()
		if err != nil {
			cancel()
			return
		}
	}
}

func (k *socket) read(ctx context.Context, cancel context.CancelFunc) {
	defer cancel()
	for {
		kind, text, err := k.conn.Read(ctx)
		if err != nil {
			return
		}
		if kind != websocket.MessageText {
			_ = k.conn.Close(websocket.StatusUnsupportedData, "text frames only") // the client may have gone
			return
		}
		if !k.take(ctx, text) {
			return
		}
	}
}

// take looks at one message; false ends the connection.
func (k *socket) take(ctx context.Context, text []byte) bool {
	if err := checkJSON(text); err != nil {
		k.refuse(ctx, err)
		return true
	}
	message, err := responses.ReadMessage(text)
	switch {
	case err != nil:
		k.refuse(ctx, err)
	case message == responses.MessageSteer:
		k.send(ctx, responses.SteerFailed(text))
	case message == responses.MessageCreate:
		select {
		case k.waiting <- text:
		default:
			k.refuse(ctx, fault.New(fault.RateLimited, "Too many requests wait on this connection.").WithCode("too_many_requests_waiting"))
		}
	}
	return true
}

func (k *socket) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case text := <-k.waiting:
			if !k.turn(ctx, text) {
				return
			}
		}
	}
}

// turn answers one request. The key is looked at anew: it may have been revoked
// since the connection was made.
func (k *socket) turn(ctx context.Context, text []byte) bool {
	s := k.server
	identity, err := s.opts.Guard.Authenticate(k.req.r, s.opts.AuthMode(), false)
	if err == nil && s.Stopped() {
		err = fault.New(fault.Overloaded, "The gateway is stopped.").WithCode("service_stopped")
	}
	if err != nil {
		k.refuse(ctx, err)
		return false
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	s.opts.Responses.Turn(ctx, relay.Call{
		Protocol: llm.Responses, Operation: provider.Generate, SSE: true,
		Inbound: protocol.Inbound{Header: k.req.r.Header, Body: text},
		Method:  k.req.r.Method, Path: k.req.r.URL.Path, RequestID: newRequestID(), ClientName: doctor.ClientName(k.req.r.Header),
		KeyID: identity.KeyID, KeyName: identity.KeyName, Start: time.Now(),
	}, k.local, func(event []byte) { k.send(ctx, event) })
	return ctx.Err() == nil
}

func (k *socket) refuse(ctx context.Context, err *fault.Error) {
	status, body := responses.Client{}.EncodeError(err, "")
	k.send(ctx, responses.ErrorFrame(status, body, nil))
}

// send writes one event. A client that takes none ends the connection: the write
// closes it, and the reader notices.
func (k *socket) send(ctx context.Context, event []byte) {
	ctx, cancel := context.WithTimeout(ctx, socketWrite)
	defer cancel()
	_ = k.conn.Write(ctx, websocket.MessageText, event)
}
