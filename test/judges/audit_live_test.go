package judges

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// longStream asks loopback-slow for some seconds of answer; the channel gets
// what arrived, or the error.
func (g *gateway) longStream(t *testing.T, header ...string) (started <-chan struct{}, done <-chan reply) {
	t.Helper()
	began, end := make(chan struct{}), make(chan reply, 1)
	path, body := question("messages", "loopback-slow", mark+strings.Repeat(" word", 20), true)
	url := g.url()
	go func() {
		req, _ := http.NewRequest(http.MethodPost, url+path, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			close(began)
			end <- reply{body: err.Error()}
			return
		}
		defer res.Body.Close()
		var all []byte
		buf := make([]byte, 4096)
		for first := true; ; first = false {
			n, err := res.Body.Read(buf)
			if all = append(all, buf[:n]...); first {
				close(began)
			}
			if err != nil {
				end <- reply{status: res.StatusCode, header: res.Header, body: string(all)}
				return
			}
		}
	}()
	return began, end
}

func wantWhole(t *testing.T, what string, done <-chan reply) {
	t.Helper()
	select {
	case r := <-done:
		if !strings.Contains(r.body, "message_stop") || strings.Contains(r.body, "event: error") {
			t.Errorf("%s: the stream was cut: %d %s", what, r.status, r.body)
		}
	case <-time.After(30 * time.Second):
		t.Errorf("%s: the stream does not end", what)
	}
}

// serveMovable starts the gateway without --port, so that the port can be changed.
func (g *gateway) serveMovable() {
	g.t.Helper()
	g.port = freePort(g.t)
	g.run("", "config", "set", "proxy.port", g.port)
	g.cmd = g.command("serve")
	g.cmd.Stdout, g.cmd.Stderr = g.log, g.log
	if err := g.cmd.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.exited = make(chan error, 1)
	cmd, exited := g.cmd, g.exited
	go func() { exited <- cmd.Wait() }()
	until(g.t, "healthz", g.healthy)
}

// TestAuditLiveChanges: settings, port and LAN switch take effect at once, and
// no running stream is cut.
func TestAuditLiveChanges(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{})
	g.stop()
	g.serveMovable()
	old := g.port
	started, done := g.longStream(t)
	<-started
	path, body := question("messages", "loopback", strings.Repeat("x", 2000), false)
	g.run("", "config", "set", "proxy.max_body_bytes", "1000")
	if r := g.ask(t, "POST", path, body); r.status != 413 {
		t.Errorf("the limit just set: %d", r.status)
	}
	g.run("", "config", "unset", "proxy.max_body_bytes")
	if r := g.ask(t, "POST", path, body); r.status != 200 {
		t.Errorf("the limit just unset: %d", r.status)
	}

	// Another port, and one that is taken.
	g.port = freePort(t)
	g.run("", "config", "set", "proxy.port", g.port)
	if r := g.ask(t, "GET", "/healthz", ""); r.status != 200 {
		t.Errorf("the new port: %d", r.status)
	}
	if conn, err := net.Dial("tcp", "127.0.0.1:"+old); err == nil {
		_ = conn.Close()
		t.Error("the old port still listens")
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	if _, msg, err := g.try("", "config", "set", "proxy.port", port); err == nil || !strings.Contains(msg, port) || !strings.Contains(msg, "taken") {
		t.Errorf("a taken port: %v %s", err, msg)
	}
	if r := g.ask(t, "GET", "/healthz", ""); r.status != 200 || strings.TrimSpace(g.run("", "config", "get", "proxy.port")) != g.port {
		t.Error("after a failed move the old port is not back")
	}

	// LAN on makes a key, shown once, and asks for it from then on.
	out := g.run("", "config", "set", "proxy.allow_lan_access", "true")
	i := strings.Index(out, "sk-agt-")
	if i < 0 {
		t.Fatalf("no key is shown: %q", out)
	}
	key := strings.TrimSpace(out[i:])
	g.secrets = append(g.secrets, key)
	var st struct {
		LAN      bool
		AuthMode string `json:"auth_mode"`
	}
	if err := json.Unmarshal([]byte(g.run("", "status", "--json")), &st); err != nil || !st.LAN || st.AuthMode != "all_except_health" {
		t.Errorf("%v %+v", err, st)
	}
	if a, b := g.ask(t, "GET", "/v1/models", ""), g.ask(t, "GET", "/v1/models", "", "x-api-key", key); a.status != 401 || b.status != 200 {
		t.Errorf("without the key %d, with it %d", a.status, b.status)
	}
	began, second := g.longStream(t, "x-api-key", key)
	<-began
	if out := g.run("", "config", "set", "proxy.allow_lan_access", "false"); strings.Contains(out, "sk-agt-") {
		t.Error("a key is shown again")
	}
	if r := g.ask(t, "GET", "/v1/models", ""); r.status != 200 {
		t.Errorf("LAN off: %d", r.status)
	}
	wantWhole(t, "settings, port and LAN on", done)
	wantWhole(t, "LAN off", second)
}

// TestAuditDrain: SIGTERM takes no new caller and lets a stream end.
func TestAuditDrain(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{})
	started, done := g.longStream(t)
	<-started
	if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until(t, "no new connection is taken", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+g.port)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
	wantWhole(t, "SIGTERM", done)
	g.cmd = nil
	if err := <-g.exited; err != nil {
		t.Errorf("exit: %v", err)
	}
	if _, err := os.Stat(filepath.Join(g.dir, "run.json")); !os.IsNotExist(err) {
		t.Errorf("run.json is left over: %v", err)
	}
	if _, _, err := g.try("", "status"); err == nil {
		t.Error("status says that it runs")
	}
}

// TestAuditKill: kill -9 loses nothing that was confirmed, and at most the last
// second of usage.
func TestAuditKill(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{accounts: []account{{"first", keyOne}}, settings: [][2]string{{"loopback.enabled", "on"}}})
	key := strings.TrimSpace(g.run("", "key", "create", "--name", "kept"))
	g.secrets = append(g.secrets, key)
	path, body := question("chat", "loopback", mark, false)
	for range 20 {
		g.ask(t, "POST", path, body)
	}
	g.awaitUsage(t, 20)
	g.run("", "config", "set", "proxy.auth_mode", "all_except_health")
	_ = g.cmd.Process.Kill()
	<-g.exited
	g.cmd = nil
	if _, _, err := g.try("", "status"); err == nil {
		t.Error("status takes the run.json that is left over for a gateway")
	}
	g.serve()
	if rows := runJSON[[]accountRow](g, "account", "list"); len(rows) != 1 || rows[0].Name != "first" {
		t.Errorf("accounts %+v", rows)
	}
	if a, b := g.ask(t, "GET", "/v1/models", ""), g.ask(t, "GET", "/v1/models", "", "x-api-key", key); a.status != 401 || b.status != 200 {
		t.Errorf("without the key %d, with it %d", a.status, b.status)
	}
	g.awaitUsage(t, 20)
}

// TestAuditSecondStart: one gateway per data directory, one program per port.
func TestAuditSecondStart(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{})
	for _, args := range [][]string{{"serve", "--port", freePort(t)}, {}} {
		_, msg, err := g.try("", args...)
		if code(err) != 1 || !strings.Contains(msg, "127.0.0.1:"+g.port) {
			t.Errorf("%v: %v %s", args, err, msg)
		}
	}
	other := &gateway{t: t, dir: filepath.Join(t.TempDir(), "data"), log: &logBuffer{}}
	_, msg, err := other.try("", "serve", "--port", g.port)
	if code(err) != 1 || !strings.Contains(msg, "Port "+g.port+" is taken") || strings.Count(strings.TrimSpace(msg), "\n") != 0 {
		t.Errorf("%v: %s", err, msg)
	}
	if r := g.ask(t, "GET", "/healthz", ""); r.status != 200 {
		t.Error("the first is disturbed")
	}
}
