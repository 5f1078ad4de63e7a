package adminhttp

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testToken    = "fake-token-of-this-start"
	testPassword = "fake password"
	testHost     = "127.0.0.1:8045"
)

type onePassword string

func (p onePassword) CheckAdminPassword(s string) bool { return s == string(p) }

// clock is a time that tests move by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type setup struct {
	*Handler
	clock *clock
	feed  *admin.Feed
	lan   bool
}

type echoService struct{}

type echoRequest struct {
	Text string `json:"text"`
	N    int    `json:"n"`
}

func (echoService) Echo(req echoRequest) (echoRequest, error) { return req, nil }
func (echoService) Nothing() error                            { return nil }
func (echoService) Fail() (int, error) {
	return 0, fault.New(fault.NotFound, "there is no such thing").WithCode("unknown_thing").WithHint("look elsewhere")
}
func (echoService) Panic() (int, error)    { panic("secret detail") }
func (echoService) Unlisted() (int, error) { return 1, nil }

func newSetup(t *testing.T) *setup {
	t.Helper()
	d, err := NewDispatcher(echoService{}, []string{"Echo", "Nothing", "Fail", "Panic"})
	if err != nil {
		t.Fatal(err)
	}
	s := &setup{clock: &clock{at: time.Unix(1e9, 0)}, feed: admin.NewFeed()}
	s.Handler = New(Options{
		Version: "1.2.3", Dispatcher: d, LocalVerbs: []string{"Nothing"}, Feed: s.feed, Token: testToken, Passwords: onePassword(testPassword),
		State: func() (admin.State, error) { return admin.State{Version: "1.2.3"}, nil },
		Guard: Guard{
			KnownHost: func(h string) bool { return h == "my-machine" },
			LAN:       func() bool { return s.lan },
		},
		Console: fstest.MapFS{
			"index.html":     {Data: []byte("<!doctype html><title>console</title>")},
			"assets/a-1.js":  {Data: []byte("export {}")},
			"icon.svg":       {Data: []byte("<svg/>")},
			".gitkeep":       {Data: []byte("")},
			"assets/.hidden": {Data: []byte("x")},
		},
		Now: s.clock.now,
	})
	return s
}

// request describes one call; empty members take those of a command on this machine.
type request struct {
	method, path, body string
	host, remote       string
	header             map[string]string
	token              bool
	cookie             *http.Cookie
}

func (s *setup) do(r request) *httptest.ResponseRecorder {
	if r.method == "" {
		r.method = http.MethodPost
	}
	req := httptest.NewRequest(r.method, r.path, bytes.NewReader([]byte(r.body)))
	req.Host, req.RemoteAddr = testHost, "127.0.0.1:5000"
	if r.host != "" {
		req.Host = r.host
	}
	if r.remote != "" {
		req.RemoteAddr = r.remote
	}
	req.Header.Set("Content-Type", "application/json")
	if r.token {
		req.Header.Set("Authorization", "Bearer "+testToken)
	}
	if r.cookie != nil {
		req.AddCookie(r.cookie)
		if r.method != http.MethodGet {
			req.Header.Set("Origin", "http://"+req.Host)
		}
	}
	for k, v := range r.header {
		if v == "" {
			req.Header.Del(k)
			continue
		}
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w
}

// signInAs returns the cookie of a new session.
func (s *setup) signInAs(t *testing.T, host string) *http.Cookie {
	t.Helper()
	w := s.do(request{path: "/api/session", body: `{"password":"` + testPassword + `"}`, host: host})
	if w.Code != http.StatusOK || len(w.Result().Cookies()) != 1 {
		t.Fatalf("sign-in: %d %s", w.Code, w.Body)
	}
	return w.Result().Cookies()[0]
}

func wantCode(t *testing.T, name string, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), code) {
		t.Errorf("%s: %d %s, want %d %s", name, w.Code, strings.TrimSpace(w.Body.String()), status, code)
	}
}
