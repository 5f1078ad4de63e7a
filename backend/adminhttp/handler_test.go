package adminhttp

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/admin"
)

// Every verb of the service is either served over HTTP or left out on purpose.
func TestTheListOfVerbsIsWhole(t *testing.T) {
	leftOut := []string{}
	api := reflect.TypeFor[*admin.API]()
	for m := range api.Methods() {
		if slices.Contains(Verbs(), m.Name) == slices.Contains(leftOut, m.Name) {
			t.Errorf("%s must be in exactly one of the lists", m.Name)
		}
	}
	if _, err := NewDispatcher(admin.New(t.Context(), admin.Deps{}), Verbs()); err != nil {
		t.Error(err)
	}
}

// Verbs that write to this machine's home directory answer nobody else, whatever the password.
func TestLocalVerbs(t *testing.T) {
	for _, name := range LocalVerbs() {
		if !slices.Contains(Verbs(), name) {
			t.Errorf("%s is no verb", name)
		}
	}
	table := []struct {
		name   string
		req    request
		status int
		code   string
	}{
		{"a command", request{}, 200, "null"},
		{"IPv6 loopback", request{remote: "[::1]:9", host: "[::1]:8045"}, 200, "null"},
		{"localhost", request{host: "localhost:8045"}, 200, "null"},
		{"another machine", request{remote: "192.168.1.9:5", host: "my-machine:8045"}, 403, "local_only"},
		{"this machine by its name", request{host: "my-machine:8045"}, 403, "local_only"},
		{"another machine that claims to be this one", request{remote: "192.168.1.9:5"}, 403, "local_only"},
		{"behind a proxy of this machine", request{header: map[string]string{"X-Forwarded-For": "192.168.1.9"}}, 403, "local_only"},
		{"behind a proxy that speaks RFC 7239", request{header: map[string]string{"Forwarded": "for=192.168.1.9"}}, 403, "local_only"},
	}
	for _, row := range table {
		s := newSetup(t)
		s.lan = true
		row.req.path, row.req.body, row.req.token = "/api/rpc/Nothing", "[]", true
		wantCode(t, row.name, s.do(row.req), row.status, row.code)
	}
	s := newSetup(t)
	wantCode(t, "without a password", s.do(request{path: "/api/rpc/Nothing", body: "[]"}), 401, "unauthenticated")
	s.lan = true
	away := request{path: "/api/rpc/Echo", body: `[{"text":"hi"}]`, token: true, remote: "192.168.1.9:5", host: "my-machine:8045"}
	wantCode(t, "other verbs answer the LAN", s.do(away), 200, "hi")
}

func TestWhoMayComeIn(t *testing.T) {
	table := []struct {
		name   string
		req    request
		lan    bool
		status int
		code   string
	}{
		{"a command", request{token: true}, false, 200, "hi"},
		{"IPv6 loopback", request{token: true, remote: "[::1]:9", host: "[::1]:8045"}, false, 200, "hi"},
		{"localhost name", request{token: true, host: "localhost:8045"}, false, 200, "hi"},
		{"no token", request{}, false, 401, "unauthenticated"},
		{"wrong token", request{header: map[string]string{"Authorization": "Bearer nonsense"}}, false, 401, "unauthenticated"},
		{"token as another scheme", request{header: map[string]string{"Authorization": "Basic " + testToken}}, false, 401, "unauthenticated"},
		{"another machine", request{token: true, remote: "192.168.1.9:5", host: "my-machine:8045"}, false, 403, "loopback_only"},
		{"another machine with LAN on", request{token: true, remote: "192.168.1.9:5", host: "my-machine:8045"}, true, 200, "hi"},
		{"forwarding headers do not count", request{token: true, remote: "192.168.1.9:5", header: map[string]string{"X-Forwarded-For": "127.0.0.1"}}, false, 403, "loopback_only"},
		{"rebound name", request{token: true, host: "evil.example:8045"}, false, 403, "unknown_host"},
		{"rebound name, LAN on", request{token: true, host: "evil.example"}, true, 403, "unknown_host"},
		{"looks like loopback", request{token: true, host: "127.0.0.1.evil.example"}, false, 403, "unknown_host"},
		{"no host", request{token: true, host: " "}, false, 403, "unknown_host"},
		{"own origin", request{token: true, header: map[string]string{"Origin": "http://" + testHost}}, false, 200, "hi"},
		{"foreign origin", request{token: true, header: map[string]string{"Origin": "http://evil.example"}}, false, 403, "foreign_origin"},
		{"own machine, other port", request{token: true, header: map[string]string{"Origin": "http://127.0.0.1:3000"}}, false, 403, "foreign_origin"},
		{"own host, other scheme", request{token: true, header: map[string]string{"Origin": "https://" + testHost}}, false, 403, "foreign_origin"},
		{"null origin", request{token: true, header: map[string]string{"Origin": "null"}}, false, 403, "foreign_origin"},
		{"cross-site without origin", request{token: true, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, false, 403, "foreign_origin"},
		{"same-site is not same-origin", request{token: true, header: map[string]string{"Sec-Fetch-Site": "same-site"}}, false, 403, "foreign_origin"},
		{"form body", request{token: true, header: map[string]string{"Content-Type": "text/plain"}}, false, 415, "unsupported_media_type"},
	}
	for _, row := range table {
		s := newSetup(t)
		s.lan = row.lan
		row.req.path, row.req.body = "/api/rpc/Echo", `[{"text":"hi","n":1}]`
		wantCode(t, row.name, s.do(row.req), row.status, row.code)
	}
}

func TestDispatch(t *testing.T) {
	s := newSetup(t)
	table := []struct {
		name, verb, body string
		status           int
		want             string
	}{
		{"a value", "Echo", `[{"text":"ä","n":2}]`, 200, `{"text":"ä","n":2}`},
		{"nothing", "Nothing", `[]`, 200, `null`},
		{"empty body", "Nothing", ``, 200, `null`},
		{"a fault", "Fail", `[]`, 404, `{"code":"unknown_thing","message":"there is no such thing","hint":"look elsewhere"}`},
		{"a panic says nothing", "Panic", `[]`, 500, `"code":"internal"`},
		{"unlisted method", "Unlisted", `[]`, 404, `unknown_verb`},
		{"no such method", "Nope", `[]`, 404, `unknown_verb`},
		{"no array", "Echo", `{"text":"x"}`, 400, `invalid_request`},
		{"too few", "Echo", `[]`, 400, `invalid_request`},
		{"too many", "Nothing", `[1]`, 400, `invalid_request`},
		{"unknown member", "Echo", `[{"txet":"x"}]`, 400, `txet`},
		{"wrong type", "Echo", `[{"n":"hidden value"}]`, 400, `n must be int`},
		{"broken", "Echo", `[{"n":`, 400, `invalid_request`},
		{"too large", "Echo", `[{"text":"` + strings.Repeat("x", maxBody) + `"}]`, 413, `too_large`},
	}
	for _, row := range table {
		w := s.do(request{path: "/api/rpc/" + row.verb, body: row.body, token: true})
		wantCode(t, row.name, w, row.status, row.want)
		if strings.Contains(w.Body.String(), "hidden value") || strings.Contains(w.Body.String(), "secret detail") {
			t.Errorf("%s: the answer repeats what it must not: %s", row.name, w.Body)
		}
	}
}

func TestBadDispatchTables(t *testing.T) {
	for _, verbs := range [][]string{{"Nope"}, {"echo"}} {
		if _, err := NewDispatcher(echoService{}, verbs); err == nil {
			t.Errorf("%v was accepted", verbs)
		}
	}
	if _, err := NewDispatcher(strings.NewReader(""), []string{"ReadAt"}); err == nil {
		t.Error("a method with two arguments was accepted")
	}
}

func TestMethodsAndPaths(t *testing.T) {
	s := newSetup(t)
	table := []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "/api/rpc/Echo", 405, "POST"},
		{http.MethodPost, "/api/events", 405, "GET"},
		{http.MethodPut, "/api/session", 405, "DELETE, GET, POST"},
		{http.MethodGet, "/api/nope", 404, ""},
		{http.MethodGet, "/api", 404, ""},
		{http.MethodGet, "/api/rpc/", 404, ""},
		{http.MethodHead, "/api/session", 200, ""},
		{http.MethodGet, "/nope", 404, ""},
		{http.MethodGet, "/.gitkeep", 404, ""},
		{http.MethodGet, "/assets/.hidden", 404, ""},
		{http.MethodGet, "/assets", 404, ""},
		{http.MethodGet, "/../../etc/passwd", 404, ""},
		{http.MethodPost, "/", 404, ""},
	}
	for _, row := range table {
		w := s.do(request{method: row.method, path: row.path, token: true, header: map[string]string{"Accept": "text/html"}})
		if w.Code != row.status || w.Header().Get("Allow") != row.allow {
			t.Errorf("%s %s: %d, Allow %q; want %d, %q", row.method, row.path, w.Code, w.Header().Get("Allow"), row.status, row.allow)
		}
	}
}

func TestConsoleFiles(t *testing.T) {
	s := newSetup(t)
	w := s.do(request{method: "GET", path: "/", header: map[string]string{"Accept": "text/html,*/*"}})
	if w.Code != 200 || !strings.Contains(w.Body.String(), "console") || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("start page: %d %s %v", w.Code, w.Body, w.Header())
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
		"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if !strings.Contains(w.Header().Get(name), want) {
			t.Errorf("%s: %q, want %q", name, w.Header().Get(name), want)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "script-src 'self' '") || strings.Contains(csp, "*") {
		t.Errorf("the policy lets foreign or inline scripts in: %s", csp)
	}
	w = s.do(request{method: "GET", path: "/assets/a-1.js"})
	if w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), "javascript") || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("asset: %d %v", w.Code, w.Header())
	}
	owned := map[string]bool{"/": true, "/icon.svg": true, "/accounts": false, "/v1/models": false, "/index.html": true}
	for path, want := range owned {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("Accept", "text/html")
		if got := s.OwnsPath(r); got != want {
			t.Errorf("OwnsPath(%s) = %v", path, got)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	if s.OwnsPath(r) {
		t.Error("a program that asks for / gets the gateway's JSON, not the page")
	}
}

func FuzzDispatch(f *testing.F) {
	d, err := NewDispatcher(echoService{}, []string{"Echo", "Nothing"})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{`[{"text":"x","n":1}]`, `[]`, `[[]]`, `[null]`, `[{"n":1e999}]`, "[{\"text\":\"\xff\"}]", ``, `[{}{}]`} {
		f.Add("Echo", []byte(seed))
	}
	f.Add("Nothing", []byte(`[]`))
	f.Fuzz(func(t *testing.T, verb string, body []byte) {
		out, err := d.Call(verb, body)
		if (err == nil) == (out == nil) {
			t.Errorf("result %s and error %v", out, err)
		}
		if err == nil && !json.Valid(out) {
			t.Errorf("the answer is no JSON: %q", out)
		}
	})
}

func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"localhost", "127.0.0.1:1", "[::1]", "evil.example", "a.localhost.", "127.1", "::ffff:127.0.0.1", "[", "]", ""} {
		f.Add(seed, "http://"+seed)
	}
	f.Fuzz(func(t *testing.T, host, origin string) {
		r := &http.Request{Host: host, RemoteAddr: "127.0.0.1:1", Header: http.Header{"Origin": {origin}}}
		if (Guard{}).check(r) == nil && !strings.EqualFold(origin, "http://"+host) {
			t.Errorf("host %q let origin %q in", host, origin)
		}
	})
}
