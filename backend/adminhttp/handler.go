package adminhttp

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

// maxBody bounds the arguments of a verb.
const maxBody = 1 << 20

// Options is what the handler is made of.
type Options struct {
	Version    string
	Dispatcher *Dispatcher
	// LocalVerbs are those of the dispatcher that answer this machine alone.
	LocalVerbs []string
	State      func() (admin.State, error)
	Feed       *admin.Feed
	Guard      Guard
	// ClientAddress names who signs in, so that guessing is slowed down per caller; nil: the socket's
	// address. It may look at forwarding headers of trusted proxies.
	ClientAddress func(*http.Request) string
	Passwords     Passwords
	// Token is the secret of this start of the program, which commands send as a bearer; empty: none.
	Token string
	// Console holds the pages; nil or without index.html: there is no console.
	Console fs.FS
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}

// Handler answers /api/… and the console. It is safe for concurrent use.
type Handler struct {
	opts     Options
	sessions *sessions
	throttle *throttle
	hashing  chan struct{}
	api      *http.ServeMux
	local    map[string]bool // LocalVerbs
}

// New returns the handler.
func New(opts Options) *Handler {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.ClientAddress == nil {
		opts.ClientAddress = remoteIP
	}
	h := &Handler{
		opts:     opts,
		sessions: newSessions(opts.Now),
		throttle: newThrottle(opts.Now),
		hashing:  make(chan struct{}, hashers),
		api:      http.NewServeMux(),
	}
	h.local = map[string]bool{}
	for _, verb := range opts.LocalVerbs {
		h.local[verb] = true
	}
	h.api.HandleFunc("/api/session", methods(map[string]http.HandlerFunc{
		http.MethodGet: h.session, http.MethodPost: jsonBody(h.signIn), http.MethodDelete: h.signOut,
	}))
	h.api.HandleFunc("/api/events", methods(map[string]http.HandlerFunc{http.MethodGet: h.stream}))
	h.api.HandleFunc("/api/rpc/{verb}", methods(map[string]http.HandlerFunc{http.MethodPost: jsonBody(h.rpc)}))
	h.api.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, fault.New(fault.NotFound, "the admin API has no such path").WithCode("unknown_route"))
	})
	return h
}

// EndSessions signs all consoles out, their event streams at once, after a change of the password.
func (h *Handler) EndSessions() { h.sessions.closeAll() }

// ServeHTTP answers what is the admin API's or the console's (see OwnsPath).
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.opts.Guard.check(r); err != nil {
		writeError(w, err)
		return
	}
	if r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		h.api.ServeHTTP(w, r)
		return
	}
	if h.OwnsPath(r) {
		h.serveConsole(w, r)
		return
	}
	writeError(w, fault.New(fault.NotFound, "no such page").WithCode("unknown_route"))
}

// methods answers by method; HEAD goes where GET does, and the others get a 405 that names what is allowed.
func methods(by map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		if next, ok := by[method]; ok {
			next(w, r)
			return
		}
		allowed := strings.Join(slices.Sorted(maps.Keys(by)), ", ")
		w.Header().Set("Allow", allowed)
		writeError(w, fault.New(fault.InvalidRequest, "use "+allowed+" here").WithCode("method_not_allowed").
			WithStatus(http.StatusMethodNotAllowed))
	}
}

// jsonBody lets only JSON bodies through: a page of another origin cannot send one without a
// preflight, which is never granted.
func jsonBody(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/json" {
			writeError(w, fault.New(fault.InvalidRequest, "the body must be application/json").
				WithCode("unsupported_media_type").WithStatus(http.StatusUnsupportedMediaType))
			return
		}
		next(w, r)
	}
}

func (h *Handler) rpc(w http.ResponseWriter, r *http.Request) {
	if _, ok := h.authenticated(r); !ok {
		refuse(w, r)
		return
	}
	if h.local[r.PathValue("verb")] {
		if err := checkLocal(r); err != nil {
			writeError(w, err)
			return
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			writeError(w, fault.New(fault.TooLarge, "the arguments are too large"))
			return
		}
		writeError(w, fault.Invalid("", "the body could not be read"))
		return
	}
	result, err := h.opts.Dispatcher.Call(r.PathValue("verb"), body)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(result) // the page left: nobody to tell
}

// refuse sends no WWW-Authenticate: the browser's own password dialog must not open.
func refuse(w http.ResponseWriter, r *http.Request) {
	err := fault.New(fault.Unauthenticated, "sign in first").WithCode("unauthenticated").
		WithHint("POST the admin password to /api/session")
	if _, none := r.Cookie(cookieName(r)); none == nil && r.Method == http.MethodPost && r.Header.Get("Origin") == "" {
		err = err.WithHint("with the console's cookie send the console's own Origin too, as a browser does")
	}
	writeError(w, err)
}

func writeError(w http.ResponseWriter, err error) {
	e := fault.From(err)
	if e.Class == fault.Internal {
		slog.Error("a verb failed", "error", e.Private())
	}
	writeJSON(w, e.HTTPStatus(), fault.Public(err))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the page left: nobody to tell
}
