package judges

import (
	"strings"
	"testing"
)

// TestAuditKeys goes through modes × places × keys × routes (contract, section 2).
func TestAuditKeys(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{})
	keys := map[string]string{"none": "", "unknown": "sk-agt-fake-unknown"}
	for _, name := range []string{"good", "disabled", "expired"} {
		args := []string{"key", "create", "--name", name}
		if name == "expired" {
			args = append(args, "--expires", "1s")
		}
		keys[name] = strings.TrimSpace(g.run("", args...))
		g.secrets = append(g.secrets, keys[name])
	}
	g.run("", "key", "disable", "disabled")
	until(t, "the key that expires", func() bool { return strings.Contains(g.run("", "key", "list", "--json"), `"expired": true`) })
	type target struct{ method, path, body, shape string }
	targets := []target{{"GET", "/healthz", "", ""}, {"GET", "/health", "", ""}, {"GET", "/", "", ""}, {"GET", "/v1/models", "", ""},
		{"GET", "/v1beta/models", "", "gemini"}, {"POST", "/v1/embeddings", "{}", "chat"}, {"GET", "/v1/responses/x", "", "chat"},
		{"POST", "/v1/messages/count_tokens", `{"model":"loopback","messages":[{"role":"user","content":"x"}]}`, "messages"}}
	for _, p := range wire() {
		path, body := question(p, "loopback", mark, false)
		targets = append(targets, target{"POST", path, body, shapeOf(p)})
	}
	for _, mode := range []string{"off", "all_except_health", "strict"} {
		g.run("", "config", "set", "proxy.auth_mode", mode)
		for _, to := range targets {
			health := strings.HasPrefix(to.path, "/health")
			open := mode == "off" || mode == "all_except_health" && health
			for name, key := range keys {
				for place := range 4 {
					path, header := withKey(to.path, key, place)
					r := g.ask(t, to.method, path, to.body, header...)
					refused := !open && name != "good" || open && !health && (name == "disabled" || name == "expired")
					if (r.status == 401) != refused {
						t.Errorf("%s, %s key in place %d, %s %s: %d %s", mode, name, place, to.method, to.path, r.status, r.body)
					}
					if r.status == 401 && (r.header.Get("WWW-Authenticate") != "Bearer" || !strings.Contains(r.body, "x-goog-api-key") || to.shape != "" && shape(r.body) != to.shape) {
						t.Errorf("%s %s: %v %s", to.method, to.path, r.header, r.body)
					}
					if r.header.Get("X-Request-Id") == "" || key != "" && strings.Contains(r.body, key) {
						t.Errorf("%s %s: %v %s", to.method, to.path, r.header, r.body)
					}
				}
			}
		}
	}
	if r := g.ask(t, "OPTIONS", "/v1/messages", "", "Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST"); r.status != 204 {
		t.Errorf("a preflight needs a key: %d", r.status)
	}
	if r := g.ask(t, "POST", "/api/event_logging/batch", "anything", "Content-Type", "text/plain"); r.status != 200 || r.body != "" {
		t.Errorf("telemetry: %d %s", r.status, r.body)
	}
	if r := g.ask(t, "GET", "/nonsense", ""); r.status != 404 {
		t.Errorf("an unknown path teaches without a key: %d", r.status)
	}
}

func withKey(path, key string, place int) (string, []string) {
	if key == "" {
		return path, nil
	}
	switch place {
	case 0:
		return path, []string{"Authorization", "Bearer " + key}
	case 1:
		return path, []string{"x-api-key", key}
	case 2:
		return path, []string{"x-goog-api-key", key}
	}
	if strings.Contains(path, "?") {
		return path + "&key=" + key, nil
	}
	return path + "?key=" + key, nil
}

// TestAuditBrowsers: a web page must not be able to use an open gateway.
func TestAuditBrowsers(t *testing.T) {
	g := launchWith(t, config{})
	path, body := question("messages", "loopback", mark, false)
	for host, ok := range map[string]bool{"localhost": true, "127.0.0.1:1": true, "[::1]:5": true, "LOCALHOST.": true, "host.docker.internal": true,
		"evil.example": false, "127.0.0.1.evil.example": false, "0.0.0.0": false, "203.0.113.9": false} {
		if r := g.ask(t, "POST", path, body, "Host", host); (r.status == 200) != ok || !ok && (r.status != 403 || !strings.Contains(r.body, "proxy.allowed_hosts")) {
			t.Errorf("Host %s: %d %s", host, r.status, r.body)
		}
	}
	for origin, ok := range map[string]bool{"http://localhost:3000": true, "http://127.0.0.1:" + g.port: true, "app://x": true, "tauri://localhost": true,
		"wails://wails": true, "vscode-webview://x": true, "vscode-file://vscode-app": true,
		"null": false, "https://evil.example": false, "http://localhost.evil.example": false, "file://": false, "http://u@localhost": false} {
		r := g.ask(t, "POST", path, body, "Origin", origin)
		allowed := r.header.Get("Access-Control-Allow-Origin")
		if (r.status == 200) != ok || ok && allowed != origin || !ok && (r.status != 403 || allowed != "" || !strings.Contains(r.body, "proxy.cors_origins")) {
			t.Errorf("Origin %s: %d %q %s", origin, r.status, allowed, r.body)
		}
	}
	if r := g.ask(t, "GET", "/v1/models", "", "Sec-Fetch-Site", "cross-site"); r.status != 403 {
		t.Errorf("cross-site without Origin: %d", r.status)
	}
	const foreign = "https://evil.example"
	g.run("", "config", "set", "proxy.cors_origins", "*")
	if r := g.ask(t, "POST", path, body, "Origin", foreign); r.status != 403 {
		t.Errorf("* counts while no key is needed: %d", r.status)
	}
	// Once a key is needed it is the key that decides.
	g.run("", "config", "set", "proxy.auth_mode", "all_except_health")
	if r := g.ask(t, "POST", path, body, "Origin", foreign); r.status != 401 || r.header.Get("Access-Control-Allow-Origin") != foreign {
		t.Errorf("* while a key is needed: %d %v", r.status, r.header)
	}
	if r := g.ask(t, "GET", "/healthz", "", "Host", "gateway.example"); r.status != 200 {
		t.Errorf("health is open in this mode, whatever the Host: %d", r.status)
	}
}

// TestAuditConsole: the admin API asks for password and Origin, whatever the mode.
func TestAuditConsole(t *testing.T) {
	g := launchWith(t, config{})
	const line = "password of the web console: "
	until(t, "the password", func() bool { return strings.Contains(g.log.String(), line) })
	_, after, found := strings.Cut(g.log.String(), line)
	if !found || strings.Contains(after, line) {
		t.Fatal("the password is printed once at the first start")
	}
	password, _, _ := strings.Cut(after, "\n")
	own := []string{"Origin", g.url()}
	if r := g.ask(t, "POST", "/api/rpc/Status", "[]", own...); r.status != 401 {
		t.Errorf("without a session: %d", r.status)
	}
	r := g.ask(t, "POST", "/api/session", `{"password":"`+password+`"}`, own...)
	cookie := r.header.Get("Set-Cookie")
	if r.status != 200 || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || !strings.Contains(cookie, "Path=/api") {
		t.Fatalf("%d %q", r.status, cookie)
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	for name, row := range map[string]struct {
		header []string
		status int
	}{
		"own page":         {[]string{"Cookie", cookie, "Origin", g.url()}, 200},
		"other port":       {[]string{"Cookie", cookie, "Origin", "http://127.0.0.1:1"}, 403},
		"other name":       {[]string{"Cookie", cookie, "Origin", "http://localhost:" + g.port}, 403},
		"editor's webview": {[]string{"Cookie", cookie, "Origin", "vscode-webview://x"}, 403},
		"null":             {[]string{"Cookie", cookie, "Origin", "null"}, 403},
		"cross-site":       {[]string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}, 403},
		"foreign Host":     {[]string{"Cookie", cookie, "Origin", g.url(), "Host", "evil.example"}, 403},
		"plain form":       {[]string{"Cookie", cookie, "Origin", g.url(), "Content-Type", "text/plain"}, 415},
		"no such token":    {[]string{"Authorization", "Bearer x"}, 401},
	} {
		if r := g.ask(t, "POST", "/api/rpc/Status", "[]", row.header...); r.status != row.status {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := g.ask(t, "POST", "/api/rpc/BackupDatabase", `["/tmp/x"]`, "Cookie", cookie, "Origin", g.url()); r.status != 404 {
		t.Errorf("a verb with a path of the file system: %d", r.status)
	}
	throttled := false
	for range 7 {
		r := g.ask(t, "POST", "/api/session", `{"password":"wrong"}`, own...)
		throttled = throttled || r.status == 429 && r.header.Get("Retry-After") != ""
	}
	if !throttled {
		t.Error("guessing is not slowed down")
	}
	// A caller's word for its address counts only where its proxy is trusted.
	elsewhere := append([]string{"X-Forwarded-For", "203.0.113.5"}, own...)
	if r := g.ask(t, "POST", "/api/session", `{"password":"wrong"}`, elsewhere...); r.status != 429 {
		t.Errorf("a made-up address gets past the throttle: %d", r.status)
	}
	g.run("", "config", "set", "proxy.trusted_proxies", "127.0.0.1")
	if r := g.ask(t, "POST", "/api/session", `{"password":"`+password+`"}`, elsewhere...); r.status != 200 {
		t.Errorf("another caller behind a trusted proxy: %d", r.status)
	}
	g.stop()
	g.serve()
	if strings.Count(g.log.String(), line) != 1 {
		t.Error("the password is printed again")
	}
}
