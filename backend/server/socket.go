package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
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
	socketWrite   = 2 * time.Minute // for one event
	socketWaiting = 16              // requests of one stream that wait for the running one
	maxLanes      = 8               // streams of a name that run side by side
)

// SocketLimits bound a connection in time.
type SocketLimits struct {
	Life  time.Duration // after it no request is taken any more
	Grace time.Duration // for what runs then
	Ping  time.Duration // how often the peer is asked whether it is there
	Pong  time.Duration // how long its answer may take
}

func (l SocketLimits) withDefaults() SocketLimits {
	for _, d := range []struct {
		at   *time.Duration
		want time.Duration
	}{
		{&l.Life, 60 * time.Minute}, // as OpenAI's; clients connect anew
		{&l.Grace, 10 * time.Minute}, {&l.Ping, 30 * time.Second}, {&l.Pong, 20 * time.Second},
	} {
		if *d.at <= 0 {
			*d.at = d.want
		}
	}
	return l
}

// ending is why a connection is closed, as the peer is told.
type ending struct {
	code websocket.StatusCode
	text string
}

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
		req.done = true
		return nil //nolint:nilerr // the library has answered
	}
	limit := s.opts.Settings().MaxBodyBytes
	conn.SetReadLimit(limit)
	k := &socket{server: s, req: req, conn: conn, lanes: map[string]chan []byte{}, local: ledger.NewLocal(limit), expired: make(chan struct{})}
	k.serve(req.r.Context())
	return nil
}

// socket is one connection. Its handler reads, so that a client that leaves ends
// what runs; each stream of a name is a lane, whose goroutine answers one request
// after another.
type socket struct {
	server *Server
	req    *request
	conn   *websocket.Conn
	local  *ledger.Local
	stop   context.CancelFunc // ends what runs
	others sync.WaitGroup     // who looks after the connection
	once   sync.Once          // of close

	mu      sync.Mutex
	lanes   map[string]chan []byte // by stream_id
	old     bool                   // no request is taken any more
	expired chan struct{}          // closed when old
	running sync.WaitGroup         // the lanes; none begins when old
}

// serve returns when the connection has ended and nothing of it runs.
func (k *socket) serve(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { k.close(ending{websocket.StatusGoingAway, "the gateway stops"}) })()
	ctx, k.stop = context.WithCancel(ctx)
	k.others.Go(func() { k.ping(ctx) })
	k.others.Go(func() { k.age(ctx) })
	k.read(ctx)
	k.others.Wait()
	k.running.Wait()
}

// close ends the connection: what runs is cancelled, and the peer is told why.
// The first reason counts.
func (k *socket) close(why ending) {
	k.once.Do(func() {
		k.stop()
		_ = k.conn.Close(why.code, why.text) // the client may have gone
	})
}

func (k *socket) ping(ctx context.Context) {
	limits := k.server.opts.Socket
	tick := time.NewTicker(limits.Ping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		wait, done := context.WithTimeout(ctx, limits.Pong)
		err := k.conn.Ping(wait)
		done()
		if err != nil {
			k.close(ending{websocket.StatusPolicyViolation, "no answer to a ping"})
			return
		}
	}
}

// age ends the connection at the end of its life: what runs may come to its end,
// within bounds.
func (k *socket) age(ctx context.Context) {
	limits := k.server.opts.Socket
	timer := time.NewTimer(limits.Life)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return
	case <-timer.C:
	}
	k.mu.Lock()
	k.old = true
	close(k.expired)
	k.mu.Unlock()
	k.refuse(ctx, errOld())
	over := make(chan struct{})
	go func() { // ends with the lanes, which end with ctx
		k.running.Wait()
		close(over)
	}()
	timer.Reset(limits.Grace)
	select {
	case <-ctx.Done():
	case <-over:
	case <-timer.C:
	}
	k.close(ending{websocket.StatusNormalClosure, "the connection is too old"})
}

// errOld is what makes Codex connect anew.
func errOld() *fault.Error {
	return fault.New(fault.InvalidRequest, "This connection is too old; connect anew.").WithCode("websocket_connection_limit_reached")
}

func (k *socket) read(ctx context.Context) {
	for {
		// A context that ends would break the connection off without a word.
		kind, text, err := k.conn.Read(context.WithoutCancel(ctx))
		switch {
		case err != nil:
			k.close(ending{websocket.StatusNormalClosure, ""}) // the client left, unless somebody said why before
			return
		case kind != websocket.MessageText:
			k.close(ending{websocket.StatusUnsupportedData, "text frames only"})
			return
		}
		k.take(ctx, text)
	}
}

// take looks at one message.
func (k *socket) take(ctx context.Context, text []byte) {
	if err := checkJSON(text); err != nil {
		k.refuse(ctx, err)
		return
	}
	message, stream, err := responses.ReadMessage(text)
	switch {
	case err != nil:
		k.refuse(ctx, err)
	case message == responses.MessageSteer:
		k.send(ctx, responses.SteerFailed(text))
	case message == responses.MessageCreate:
		if err := k.queue(ctx, stream, text); err != nil {
			k.refuseIn(ctx, stream, err)
		}
	}
}

// queue hands a request to its lane.
func (k *socket) queue(ctx context.Context, stream string, text []byte) *fault.Error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.old {
		return errOld()
	}
	lane, ok := k.lanes[stream]
	if !ok {
		if len(k.lanes) >= maxLanes {
			return fault.New(fault.RateLimited, "Too many streams have names of their own on this connection.").WithCode("too_many_streams")
		}
		lane = make(chan []byte, socketWaiting)
		k.lanes[stream] = lane
		k.running.Go(func() { k.work(ctx, stream, lane) })
	}
	select {
	case lane <- text:
		return nil
	default:
		return fault.New(fault.RateLimited, "Too many requests wait on this connection.").WithCode("too_many_requests_waiting")
	}
}

// work answers the requests of a lane until the connection ends.
func (k *socket) work(ctx context.Context, stream string, lane <-chan []byte) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.expired:
			for range len(lane) {
				<-lane
				k.refuseIn(ctx, stream, errOld())
			}
			return
		case text := <-lane:
			if ctx.Err() == nil {
				k.turn(ctx, stream, text)
			}
		}
	}
}

// turn answers one request. The key is looked at anew: it may have been revoked
// since the connection was made.
func (k *socket) turn(ctx context.Context, stream string, text []byte) {
	s := k.server
	identity, err := s.opts.Guard.Authenticate(k.req.r, s.opts.AuthMode(), false)
	why := ending{websocket.StatusPolicyViolation, "the key does not count"}
	if err == nil && s.Stopped() {
		err = fault.New(fault.Overloaded, "The gateway is stopped.").WithCode("service_stopped")
		why = ending{websocket.StatusGoingAway, "the gateway is stopped"}
	}
	if err != nil {
		k.refuseIn(ctx, stream, err)
		k.close(why)
		return
	}
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	s.opts.Responses.Turn(ctx, relay.Call{
		Protocol: llm.Responses, Operation: provider.Generate, SSE: true,
		Inbound: protocol.Inbound{Header: k.req.r.Header, Body: text},
		Method:  k.req.r.Method, Path: k.req.r.URL.Path, RequestID: newRequestID(), ClientName: doctor.ClientName(k.req.r.Header),
		KeyID: identity.KeyID, KeyName: identity.KeyName, Start: time.Now(),
	}, k.local, func(event []byte) { k.send(ctx, event) })
}

func (k *socket) refuse(ctx context.Context, err *fault.Error) { k.refuseIn(ctx, "", err) }

// refuseIn tells of an error in a stream of a name.
func (k *socket) refuseIn(ctx context.Context, stream string, err *fault.Error) {
	status, body := responses.Client{}.EncodeError(err, "")
	k.send(ctx, responses.InStream(responses.ErrorFrame(status, body, nil), stream))
}

// send writes one event. A client that takes none ends the connection: the write
// closes it, and the reader notices.
func (k *socket) send(ctx context.Context, event []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), socketWrite) // see read
	defer cancel()
	_ = k.conn.Write(ctx, websocket.MessageText, event)
}
