package judges

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestAuditBodies: whatever stands in a body, a 4xx in the caller's protocol.
func TestAuditBodies(t *testing.T) {
	g := launchWith(t, config{})
	paths := map[string]string{"/v1/messages/count_tokens": "messages", "/v1beta/models/loopback:countTokens": "gemini", "/v1/responses/input_tokens": "chat"}
	for _, p := range wire() {
		path, _ := question(p, "loopback", "", false)
		paths[path] = shapeOf(p)
	}
	for name, body := range map[string]string{
		"empty": "", "blank": " \n", "half": `{"model":"loopback"`, "array": `[]`, "null": `null`, "number": `7`, "html": `<html>`, "NaN": `{"model":NaN}`,
		"rest": `{"model":"loopback"} x`, "no UTF-8": "{\"model\":\"loopback\",\"input\":\"\xff\"}", "control": "{\"model\":\"a\x00\"}",
		"deep": `{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}", "nothing": `{}`,
		"wrong types": `{"model":"loopback","max_tokens":5,"messages":"x","input":7,"contents":"x"}`,
		"wrong turns": `{"model":"loopback","max_tokens":5,"messages":[{"role":7}],"input":[7],"contents":[null]}`,
		"no turns":    `{"model":"loopback","max_tokens":5,"messages":[],"contents":[]}`,
		"wrong tools": `{"model":"loopback","max_tokens":5,"messages":[{"role":"user","content":"x"}],"input":"x","contents":[{"parts":[{"text":"x"}]}],"tools":"x"}`,
	} {
		for path, want := range paths {
			r := g.ask(t, "POST", path, body, "Content-Type", "application/json")
			if r.status/100 != 4 || shape(r.body) != want {
				t.Errorf("%s to %s: %d %s", name, path, r.status, r.body)
			}
			if want == "messages" && (r.header.Get("Request-Id") == "" || !strings.Contains(r.body, r.header.Get("Request-Id"))) {
				t.Errorf("%s to %s: no request id in %v %s", name, path, r.header, r.body)
			}
		}
	}
	for _, p := range wire() {
		path, body := question(p, "no-such-model", mark, true)
		if r := g.ask(t, "POST", path, body); r.status != 404 || shape(r.body) != shapeOf(p) || !strings.Contains(r.body, "model_not_found") {
			t.Errorf("%s, unknown model: %d %s", p, r.status, r.body)
		}
		path, body = question(p, flash, mark, true)
		if r := g.ask(t, "POST", path, body); r.status != 503 || !strings.Contains(r.body, "no_usable_account") || !strings.Contains(r.body, "account add") {
			t.Errorf("%s, no account: %d %s", p, r.status, r.body)
		}
	}
}

func packed(t *testing.T, encoding, body string) string {
	t.Helper()
	var b bytes.Buffer
	switch encoding {
	case "gzip":
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(body))
		_ = w.Close()
	case "deflate":
		w := zlib.NewWriter(&b)
		_, _ = w.Write([]byte(body))
		_ = w.Close()
	}
	return b.String()
}

// TestAuditEncodingsAndSizes: the limit holds for the decoded size; what is not
// what it says is a 400, what is not known a 415.
func TestAuditEncodingsAndSizes(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{})
	path, body := question("messages", "loopback", mark, false)
	bomb := packed(t, "gzip", `{"a":"`+strings.Repeat("A", 101<<20)+`"}`)
	if len(bomb) > 1<<20 {
		t.Fatal("no bomb")
	}
	for name, row := range map[string]struct {
		body   string
		status int
		header []string
	}{
		"gzip":        {packed(t, "gzip", body), 200, []string{"Content-Encoding", "gzip"}},
		"deflate":     {packed(t, "deflate", body), 200, []string{"Content-Encoding", "deflate"}},
		"identity":    {body, 200, []string{"Content-Encoding", "identity"}},
		"not gzip":    {body, 400, []string{"Content-Encoding", "gzip"}},
		"not zstd":    {body, 400, []string{"Content-Encoding", "zstd"}},
		"not br":      {body, 400, []string{"Content-Encoding", "br"}},
		"cut gzip":    {packed(t, "gzip", body)[:20], 400, []string{"Content-Encoding", "gzip"}},
		"unknown":     {body, 415, []string{"Content-Encoding", "snappy"}},
		"bomb":        {bomb, 413, []string{"Content-Encoding", "gzip"}},
		"xml":         {body, 415, []string{"Content-Type", "text/xml"}},
		"form":        {body, 415, []string{"Content-Type", "application/x-www-form-urlencoded"}},
		"json+suffix": {body, 200, []string{"Content-Type", "application/vnd.x+json; charset=utf-8"}},
	} {
		if r := g.ask(t, "POST", path, row.body, row.header...); r.status != row.status || row.status != 200 && shape(r.body) != "messages" {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	announce := func(n int) string {
		return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", path, n)
	}
	if r := g.raw(t, announce(100<<20+1), false, 5*time.Second); !strings.HasPrefix(r, "HTTP/1.1 413 ") || !strings.Contains(r, "proxy.max_body_bytes") {
		t.Errorf("100 MiB and a byte, announced: %s", r)
	}
	g.run("", "config", "set", "proxy.max_body_bytes", "1000")
	if r := g.ask(t, "POST", path, `{"a":"`+strings.Repeat("x", 2000)+`"}`); r.status != 413 {
		t.Errorf("over the limit just set: %d", r.status)
	}
}

// TestAuditSockets: what arrives on a bare socket, and a server that goes on.
func TestAuditSockets(t *testing.T) {
	g := launchWith(t, config{})
	path, body := question("messages", "loopback", mark, false)
	post := func(version, headers, body string) string {
		return "POST " + path + " HTTP/" + version + "\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + headers + "\r\n" + body
	}
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	chunked := "Transfer-Encoding: chunked\r\nConnection: close\r\n"
	for name, row := range map[string]struct {
		data   string
		half   bool
		prefix string
	}{
		"HTTP/1.0":            {post("1.0", length, body), false, "HTTP/1.0 200 "},
		"chunked":             {post("1.1", chunked, fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)), false, "HTTP/1.1 200 "},
		"broken chunks":       {post("1.1", chunked, "zz\r\n"+body), false, "HTTP/1.1 400 "},
		"half a body":         {post("1.1", "Content-Length: 5000\r\nConnection: close\r\n", body), true, "HTTP/1.1 400 "},
		"no length":           {post("1.1", "Connection: close\r\n", ""), false, "HTTP/1.1 400 "},
		"expect":              {post("1.1", "Expect: 100-continue\r\nConnection: close\r\n"+length, body), false, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "},
		"expect, too large":   {post("1.1", "Expect: 100-continue\r\nContent-Length: 999999999\r\n", ""), false, "HTTP/1.1 413 "},
		"two lengths":         {post("1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", body), false, "HTTP/1.1 400 "},
		"a huge header":       {"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: " + strings.Repeat("a", 200<<10) + "\r\n\r\n", false, "HTTP/1.1 431 "},
		"no host":             {"GET /healthz HTTP/1.1\r\n\r\n", false, "HTTP/1.1 400 "},
		"an odd encoding":     {post("1.1", "Transfer-Encoding: rot13\r\n", body), false, "HTTP/1.1 501 "},
		"no HTTP":             {"\x00\x01\x02\r\n\r\n", false, "HTTP/1.1 400 "},
		"another site's path": {"GET http://evil.example/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", false, "HTTP/1.1 403 "},
	} {
		r := g.raw(t, row.data, row.half, 5*time.Second)
		if !strings.HasPrefix(r, row.prefix) {
			t.Errorf("%s: %.200q", name, r)
		}
		if strings.HasPrefix(row.prefix, "HTTP/1.1 4") && (!strings.Contains(r, "\r\nX-Request-Id: req_") || !strings.Contains(r, `"error":{"`)) {
			t.Errorf("%s: no error of ours: %.400q", name, r)
		}
	}
	two := post("1.1", length, body)
	if r := g.raw(t, two+two+"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", false, 5*time.Second); strings.Count(r, "HTTP/1.1 200 OK") != 3 {
		t.Errorf("pipelined: %q", r)
	}
	hello := "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("a", 500)
	// Nobody reads the words, but TLS libraries tell an answer in plain HTTP from a broken network.
	if r := g.raw(t, hello, false, 2*time.Second); !strings.HasPrefix(r, "HTTP/1.1 400 ") || !strings.Contains(r, "this port speaks http, not https") {
		t.Errorf("TLS on the plain port: %q", r)
	}
	if r := g.ask(t, "GET", "/healthz", ""); r.status != 200 {
		t.Errorf("afterwards: %d", r.status)
	}
}

// openFiles counts the descriptors of the running program.
func (g *gateway) openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("/proc", fmt.Sprint(g.cmd.Process.Pid), "fd"))
	if err != nil {
		if runtime.GOOS != "linux" {
			t.Skip("no /proc here")
		}
		t.Fatal(err) // a judge that cannot run is no judge
	}
	return len(entries)
}

// TestAuditSlowPeers: hundreds of peers that send half of something hold nobody
// up, and nothing is left of them.
func TestAuditSlowPeers(t *testing.T) {
	g := launchWith(t, config{})
	before := g.openFiles(t)
	halves := []string{"", "POST /v1/mess", "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
		"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"a\":"}
	var peers []net.Conn
	for i := range 400 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+g.port)
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, conn)
		_, _ = conn.Write([]byte(halves[i%len(halves)]))
	}
	start := time.Now()
	path, body := question("chat", "loopback", mark, true)
	if r := g.ask(t, "POST", path, body); r.status != 200 || time.Since(start) > 2*time.Second {
		t.Errorf("among slow peers: %d after %s", r.status, time.Since(start))
	}
	for _, conn := range peers {
		_ = conn.Close()
	}
	until(t, "the slow peers' sockets are closed", func() bool { return g.openFiles(t) <= before+4 })
}
