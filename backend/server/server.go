// Package server is the public side of the gateway: sockets, request limits,
// who may call, the route table, and the error answers of paths that are no
// routes. What a model is asked goes to the relay.
//
// The gin engine carries the middleware; routes are found by doctor.Match and
// not by gin's tree, which cannot express a verb behind a model name with
// slashes (docs/adr/0005).
package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/settings"
)

// Relay answers calls.
type Relay interface {
	Serve(ctx context.Context, w http.ResponseWriter, call relay.Call)
}

// Responses answers the operations of the Responses protocol; scope is the id of
// the client key, which alone may read what it made.
type Responses interface {
	Create(ctx context.Context, w http.ResponseWriter, call relay.Call) *fault.Error
	Count(ctx context.Context, w http.ResponseWriter, call relay.Call) *fault.Error
	Compact(ctx context.Context, w http.ResponseWriter, call relay.Call) *fault.Error
	Turn(ctx context.Context, call relay.Call, local *ledger.Local, send func(event []byte))
	Get(ctx context.Context, scope, id string) ([]byte, *fault.Error)
	Stream(ctx context.Context, w http.ResponseWriter, scope, id string, q url.Values) *fault.Error
	Delete(ctx context.Context, scope, id string) ([]byte, *fault.Error)
	Cancel(ctx context.Context, scope, id string) ([]byte, *fault.Error)
	InputItems(ctx context.Context, scope, id string, q url.Values) ([]byte, *fault.Error)
}

// Console is the web console and the admin API.
type Console interface {
	http.Handler
	// OwnsPath tells whether a request outside of /api/ is the console's.
	OwnsPath(r *http.Request) bool
}

// Problem is one request that missed every route, for the list of base-URL
// problems.
type Problem struct {
	Time    time.Time
	Method  string
	Path    string // as asked, without its query
	Verdict doctor.Verdict
	Remote  string
}

// Options are the parts of a Server.
type Options struct {
	Version string
	Relay   Relay
	// Responses serves the Responses protocol, whose answers may be stored.
	Responses Responses
	Clients   map[llm.Protocol]protocol.Client
	Guard     *access.Guard
	// AuthMode is the effective mode, Hosts the names of this gateway.
	AuthMode func() access.Mode
	Hosts    func() access.Hosts
	Settings func() *settings.Values
	Models   func() []provider.Model
	// Detect explains where a model name goes.
	Detect func(model string) any
	// Suggest words which models an unknown name may have meant, "" for none.
	Suggest func(model string) string
	// Site tells where the gateway is reached, for base URLs in messages.
	Site func() doctor.Site
	// Console serves the web console and the admin API; nil for none.
	Console Console
	// Problem takes what missed every route; it must not block.
	Problem func(Problem)
	// Socket bounds WebSocket connections; what is 0 has its default.
	Socket SocketLimits
	Log    *slog.Logger
}

// Server is the gateway's HTTP side. It is safe for concurrent use.
type Server struct {
	opts     Options
	engine   *gin.Engine
	stopped  atomic.Bool // the public routes answer 503, the console stays
	inFlight atomic.Int64
}

// New builds the server; it listens nowhere yet.
func New(opts Options) *Server {
	opts.Socket = opts.Socket.withDefaults()
	s := &Server{opts: opts}
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.HandleMethodNotAllowed = false
	e.ContextWithFallback = true
	_ = e.SetTrustedProxies(nil) // the socket's address counts; see access
	e.Use(s.identify, s.recover)
	e.NoRoute(s.dispatch)
	s.engine = e
	return s
}

// Handler serves every request of the gateway's port.
func (s *Server) Handler() http.Handler { return s.engine }

// SetStopped closes or opens the public routes while the socket stays: what
// "stop" means for a headless program, whose console must stay reachable.
func (s *Server) SetStopped(stopped bool) { s.stopped.Store(stopped) }

// Stopped tells whether the public routes are closed.
func (s *Server) Stopped() bool { return s.stopped.Load() }

// InFlight is the number of calls being answered.
func (s *Server) InFlight() int { return int(s.inFlight.Load()) }

// dispatch is the way of every request: console, guard, route, key, answer.
func (s *Server) dispatch(c *gin.Context) {
	w, r := c.Writer, c.Request
	c.Status(http.StatusOK) // gin presets 404 for a request without a gin route
	if s.toConsole(r) {
		s.opts.Console.ServeHTTP(w, r)
		return
	}
	route, params, matched := doctor.Match(r.Method, r.URL.Path)
	if !matched && r.Method != http.MethodOptions {
		if rewritten, ok := s.rewrite(r); ok {
			w.Header().Set("X-Antigravity-Rewritten-Path", rewritten)
			route, params, matched = doctor.Match(r.Method, rewritten)
		}
	}
	req := &request{w: w, r: r, route: route, params: params, id: requestID(c)}
	if err := s.admit(req, matched); err != nil {
		s.refuse(req, err)
		return
	}
	if req.done {
		return
	}
	if !matched {
		s.unrouted(req)
		return
	}
	if s.Stopped() && route.Operation != doctor.OpHealth {
		s.refuse(req, fault.New(fault.Overloaded, "The gateway is stopped. Start it in the window, in the console or with the command: serve.").
			WithCode("service_stopped").WithStatus(http.StatusServiceUnavailable))
		return
	}
	if err := s.answer(req); err != nil {
		s.refuse(req, err)
	}
}

// request is one request on its way through the server.
type request struct {
	w        http.ResponseWriter
	r        *http.Request
	route    doctor.Route
	params   doctor.Params
	id       string
	identity access.Identity
	done     bool // answered while it was being admitted (a CORS preflight)
	inStream bool // an error goes out as an event of a stream
}

// toConsole tells requests of the console and the admin API from those of the
// gateway. Other paths below /api/ are the gateway's: telemetry that clients
// post there, and another gateway's habit, which gets a 404 that teaches.
func (s *Server) toConsole(r *http.Request) bool {
	path := r.URL.Path
	return s.opts.Console != nil && (strings.HasPrefix(path, "/api/rpc/") ||
		path == "/api/events" || path == "/api/session" || s.opts.Console.OwnsPath(r))
}
