package judges

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The audit asks with plain HTTP and bare sockets what no SDK would send.

// wire are the four client protocols, as the audit names them.
func wire() []string { return []string{"chat", "responses", "messages", "gemini"} }

// question gives path and body of a question in a protocol.
func question(protocol, model, text string, stream bool) (path, body string) {
	switch protocol {
	case "chat":
		return "/v1/chat/completions", fmt.Sprintf(`{"model":%q,"stream":%t,"messages":[{"role":"user","content":%q}]}`, model, stream, text)
	case "responses":
		return "/v1/responses", fmt.Sprintf(`{"model":%q,"stream":%t,"input":%q}`, model, stream, text)
	case "messages":
		return "/v1/messages", fmt.Sprintf(`{"model":%q,"stream":%t,"max_tokens":100,"messages":[{"role":"user","content":%q}]}`, model, stream, text)
	}
	verb := "generateContent"
	if stream {
		verb = "streamGenerateContent?alt=sse"
	}
	return "/v1beta/models/" + model + ":" + verb, fmt.Sprintf(`{"contents":[{"role":"user","parts":[{"text":%q}]}]}`, text)
}

type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends one request; header are pairs of name and value, Host among them.
func (g *gateway) ask(t *testing.T, method, path, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx(t), method, g.url()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
			continue
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req) // follows no redirect
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

// raw sends bytes on a socket of its own and returns what comes back until the
// gateway closes or wait is over.
func (g *gateway) raw(t *testing.T, data string, half bool, wait time.Duration) string {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+g.port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(wait))
	_, _ = io.WriteString(conn, data) // refused before its end: what came back counts
	if half {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	out, _ := io.ReadAll(conn)
	return string(out)
}

// shape tells in which protocol an error is worded, "" if in none.
func shape(body string) string {
	var e struct {
		Type  string
		Error struct {
			Type, Message, Status string
			Code                  any
		}
	}
	if json.Unmarshal([]byte(body), &e) != nil || e.Error.Message == "" {
		return ""
	}
	switch {
	case e.Type == "error" && e.Error.Type != "":
		return "messages"
	case e.Error.Status != "":
		return "gemini"
	case e.Error.Type != "":
		return "chat"
	}
	return ""
}

// shapeOf is the shape that a protocol's errors have.
func shapeOf(protocol string) string {
	if protocol == "responses" {
		return "chat"
	}
	return protocol
}

// until asks again until ok or ten seconds are over.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("in ten seconds not seen: %s", what)
}

// rpc calls a verb of the admin API with the token that commands use.
func (g *gateway) rpc(t *testing.T, verb string) string {
	t.Helper()
	var run struct{ Control, Token string }
	data, err := os.ReadFile(filepath.Join(g.dir, "run.json"))
	if err == nil {
		err = json.Unmarshal(data, &run)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g.ask(t, "POST", "/api/rpc/"+verb, "[]", "Authorization", "Bearer "+run.Token).body
}
