package adminhttp

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
)

// Passwords checks the admin password. Implementations compare a slow hash.
type Passwords interface {
	CheckAdminPassword(password string) bool
}

// hashers bounds how many slow password hashes run at once.
const hashers = 2

const maxPassword = 1024 // bytes; a longer one is wrong

type signInRequest struct {
	Password string `json:"password"`
}

type sessionReply struct {
	Authenticated bool   `json:"authenticated"`
	Version       string `json:"version"`
}

// authenticated reports whether the request carries the token of this start or a live session, and,
// for a session, a function that tells whether it still lives.
func (h *Handler) authenticated(r *http.Request) (stillValid func() bool, ok bool) {
	if scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " "); found && strings.EqualFold(scheme, "Bearer") {
		if h.opts.Token != "" && sameText(token, h.opts.Token) {
			return func() bool { return true }, true
		}
		return nil, false
	}
	c, err := r.Cookie(cookieName(r))
	if err != nil || !h.sessions.valid(c.Value) {
		return nil, false
	}
	// A state-changing request by cookie must show the own Origin (browsers always send it there).
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Origin") == "" {
		return nil, false
	}
	return func() bool { return h.sessions.alive(c.Value) }, true
}

// signIn opens a console session for the right password.
func (h *Handler) signIn(w http.ResponseWriter, r *http.Request) {
	address := h.opts.ClientAddress(r)
	if wait := h.throttle.wait(address); wait > 0 {
		seconds := int(math.Ceil(wait.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		writeError(w, fault.New(fault.RateLimited, "too many wrong passwords").WithCode("sign_in_throttled").
			WithHint("wait "+(time.Duration(seconds)*time.Second).String()+" and try again"))
		return
	}
	var req signInRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096))
	if err := dec.Decode(&req); err != nil {
		writeError(w, fault.Invalid("", "the body must be a JSON object with a password"))
		return
	}
	age, token := h.sessions.age(), ""
	if h.checkPassword(r, req.Password) {
		token = h.sessions.open(age)
	}
	if token == "" {
		h.throttle.fail(address)
		writeError(w, fault.New(fault.Unauthenticated, "wrong password").WithCode("wrong_password").
			WithHint("the password was printed at the first `serve`; `admin-password set` sets a new one"))
		return
	}
	h.throttle.succeed(address)
	http.SetCookie(w, h.cookie(r, token, sessionLife))
	writeJSON(w, http.StatusOK, sessionReply{Authenticated: true, Version: h.opts.Version})
}

func (h *Handler) checkPassword(r *http.Request, password string) bool {
	if h.opts.Passwords == nil || password == "" || len(password) > maxPassword {
		return false
	}
	select {
	case h.hashing <- struct{}{}:
		defer func() { <-h.hashing }()
	case <-r.Context().Done():
		return false
	}
	return h.opts.Passwords.CheckAdminPassword(password)
}

// signOut needs no session: whoever sends the cookie may drop it.
func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(cookieName(r)); err == nil {
		h.sessions.close(c.Value)
	}
	http.SetCookie(w, h.cookie(r, "", -time.Second))
	writeJSON(w, http.StatusOK, sessionReply{Version: h.opts.Version})
}

// session tells the page whether it must ask for the password; it needs none itself.
func (h *Handler) session(w http.ResponseWriter, r *http.Request) {
	_, ok := h.authenticated(r)
	writeJSON(w, http.StatusOK, sessionReply{Authenticated: ok, Version: h.opts.Version})
}

func (h *Handler) cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure would keep the cookie from the plain-http console on loopback
		Name: cookieName(r), Value: value, Path: "/api", MaxAge: int(life.Seconds()),
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	}
}

// cookieName holds the port: browsers keep cookies per host, not per port, and two gateways on one
// machine must not sign each other out.
func cookieName(r *http.Request) string {
	port := "80"
	if i := strings.LastIndexByte(r.Host, ':'); i >= 0 && !strings.HasSuffix(r.Host, "]") {
		port = r.Host[i+1:]
	}
	return "antigravity_session_" + port
}

// sameText compares in constant time, whatever the lengths.
func sameText(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
