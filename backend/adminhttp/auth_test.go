package adminhttp

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSignIn(t *testing.T) {
	s := newSetup(t)
	c := s.signInAs(t, "")
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/api" || c.MaxAge <= 0 {
		t.Errorf("cookie: %+v", c)
	}
	call := request{path: "/api/rpc/Nothing", body: "[]", cookie: c}
	wantCode(t, "with the cookie", s.do(call), 200, "null")
	wantCode(t, "session", s.do(request{method: "GET", path: "/api/session", cookie: c}), 200, `"authenticated":true`)
	noOrigin := call
	noOrigin.header = map[string]string{"Origin": ""}
	wantCode(t, "a browser always names its origin", s.do(noOrigin), 401, "unauthenticated")
	foreign := call
	foreign.header = map[string]string{"Origin": "http://evil.example"}
	wantCode(t, "another page", s.do(foreign), 403, "foreign_origin")

	w := s.do(request{method: "DELETE", path: "/api/session", cookie: c})
	if w.Code != 200 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("sign-out: %d %v", w.Code, w.Result().Cookies())
	}
	wantCode(t, "after the sign-out", s.do(call), 401, "unauthenticated")
	wantCode(t, "session over", s.do(request{method: "GET", path: "/api/session", cookie: c}), 200, `"authenticated":false`)
}

func TestTwoGatewaysOnOneMachineKeepTheirCookies(t *testing.T) {
	s := newSetup(t)
	a, b := s.signInAs(t, "127.0.0.1:8045"), s.signInAs(t, "127.0.0.1:8046")
	if a.Name == b.Name {
		t.Errorf("both are named %s", a.Name)
	}
}

func TestSessionsEnd(t *testing.T) {
	s := newSetup(t)
	call := func(c *http.Cookie) int {
		return s.do(request{path: "/api/rpc/Nothing", body: "[]", cookie: c}).Code
	}
	c := s.signInAs(t, "")
	for range 5 { // in use it lives on
		s.clock.pass(sessionIdle - time.Minute)
		if got := call(c); got != 200 {
			t.Fatalf("a session in use ended: %d", got)
		}
	}
	s.clock.pass(sessionIdle)
	if got := call(c); got != 401 {
		t.Errorf("idle: %d", got)
	}
	c = s.signInAs(t, "")
	for passed := time.Duration(0); passed < sessionLife; passed += time.Hour {
		s.clock.pass(time.Hour)
		call(c)
	}
	if got := call(c); got != 401 {
		t.Errorf("old: %d", got)
	}
	c = s.signInAs(t, "")
	s.EndSessions()
	if got := call(c); got != 401 {
		t.Errorf("after a change of the password: %d", got)
	}
}

// changingPassword changes while a sign-in is being checked.
type changingPassword struct{ s *setup }

func (p changingPassword) CheckAdminPassword(string) bool {
	p.s.EndSessions()
	return true
}

// TestAChangeDuringASignIn: a sign-in that was checked against the old password
// opens no session.
func TestAChangeDuringASignIn(t *testing.T) {
	s := newSetup(t)
	s.opts.Passwords = changingPassword{s}
	wantCode(t, "sign-in", s.do(request{path: "/api/session", body: `{"password":"old"}`}), 401, "wrong_password")
}

func TestSessionsAreBounded(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	all := newSessions(c.now)
	first := all.open(0)
	c.pass(time.Second)
	second := all.open(0)
	for range maxSessions - 1 {
		c.pass(time.Second)
		all.open(0)
	}
	if len(all.all) != maxSessions || all.valid(first) || !all.valid(second) {
		t.Errorf("%d sessions; the one idle longest must go: first %v, second %v", len(all.all), all.valid(first), all.valid(second))
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	s := newSetup(t)
	try := func(password string) (int, string) {
		w := s.do(request{path: "/api/session", body: fmt.Sprintf(`{"password":%q}`, password)})
		return w.Code, w.Header().Get("Retry-After")
	}
	for i := range freeTries {
		if code, _ := try("wrong"); code != 401 {
			t.Fatalf("try %d: %d", i, code)
		}
	}
	if code, after := try(testPassword); code != 429 || after != "2" {
		t.Fatalf("after %d wrong ones: %d, Retry-After %q", freeTries, code, after)
	}
	s.clock.pass(2 * time.Second)
	if code, _ := try("wrong"); code != 401 {
		t.Errorf("after the wait: %d", code)
	}
	if code, after := try("wrong"); code != 429 || after != "4" {
		t.Errorf("the wait must double: %d %q", code, after)
	}
	s.clock.pass(4 * time.Second)
	if code, _ := try(testPassword); code != 200 {
		t.Errorf("the right one after the wait: %d", code)
	}
	if code, _ := try("wrong"); code != 401 {
		t.Error("a success forgets the failures")
	}
}

func TestManyAddressesShareALimit(t *testing.T) {
	c := &clock{at: time.Unix(1e9, 0)}
	th := newThrottle(c.now)
	for i := range allPerWindow {
		th.fail(fmt.Sprint(i))
	}
	if th.wait("new") <= 0 {
		t.Error("guesses from many addresses are not limited")
	}
	c.pass(allWindow)
	if th.wait("new") != 0 {
		t.Error("the limit does not end")
	}
	for i := range 5000 {
		th.fail(fmt.Sprint("x", i))
	}
	if len(th.by) > maxAddresses+2 {
		t.Errorf("%d addresses are remembered", len(th.by))
	}
}

func TestBadSignIns(t *testing.T) {
	s := newSetup(t)
	for _, body := range []string{``, `[]`, `{"password":1}`, `{"password":"` + strings.Repeat("x", 5000) + `"}`} {
		wantCode(t, body, s.do(request{path: "/api/session", body: body}), 400, "invalid_request")
	}
	for _, body := range []string{`{}`, `{"password":""}`, `{"password":"` + strings.Repeat("x", maxPassword+1) + `"}`} {
		wantCode(t, body, s.do(request{path: "/api/session", body: body}), 401, "wrong_password")
	}
	s.opts.Passwords = nil
	s.throttle.succeed("127.0.0.1")
	wantCode(t, "no password set", s.do(request{path: "/api/session", body: `{"password":""}`}), 401, "wrong_password")
}
