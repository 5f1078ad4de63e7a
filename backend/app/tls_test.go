package app

import (
	"crypto/rand"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"antigravity-tools/backend/admin"
)

// tlsProblems are the entries of the list that tell of https.
func tlsProblems(t *testing.T, a *App) []admin.BaseURLProblem {
	t.Helper()
	list, err := a.API().BaseURLProblems()
	if err != nil {
		t.Fatal(err)
	}
	var out []admin.BaseURLProblem
	for _, p := range list {
		if p.Code == tlsProblem {
			out = append(out, p)
		}
	}
	return out
}

// TestHTTPSOnThePlainPort: real handshakes on the real listener are told apart from
// requests, listed as one problem with the base URL to enter, and answered so that
// the client's own library names the cause.
func TestHTTPSOnThePlainPort(t *testing.T) {
	a := started(t, options(t))
	address := strings.TrimPrefix(a.localOrigin(), "http://")
	settings := []*tls.Config{
		{}, {MaxVersion: tls.VersionTLS12}, {NextProtos: []string{"h2", "http/1.1"}}, {ServerName: "localhost"},
	}
	for i, c := range settings {
		c.InsecureSkipVerify = true
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", address, c)
		if err == nil {
			_ = conn.Close()
			t.Fatal("a handshake came about")
		}
		if !strings.Contains(err.Error(), "first record does not look like a TLS handshake") {
			t.Errorf("%d: %v", i, err)
		}
	}
	res, err := (&http.Client{Transport: &http.Transport{}}).Get("https://" + address + "/v1/models")
	if err == nil {
		_ = res.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		t.Errorf("%v", err)
	}
	list := tlsProblems(t, a)
	if len(list) != 1 || list[0].Count != int64(len(settings)+1) || list[0].UseBaseURL != a.localOrigin() || !strings.Contains(list[0].Message, "http://") {
		t.Errorf("%+v", list)
	}
	if got := askHealth(t, a); got != http.StatusOK {
		t.Errorf("requests after it: %d", got)
	}
}

// TestHandshakesCostNothing: slow, broken and many handshakes hold no connection,
// grow no list, and keep no request waiting.
func TestHandshakesCostNothing(t *testing.T) {
	a := started(t, options(t))
	address := strings.TrimPrefix(a.localOrigin(), "http://")
	const many = 60
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(8 * time.Second)) // below the 10 s that a slow header may take
			hello := []byte{0x16, 3, 1}
			switch i % 3 {
			case 1: // a whole record of garbage
				garbage := make([]byte, 2000)
				_, _ = rand.Read(garbage)
				hello = append([]byte{0x16, 3, 1, 7, 0xd0}, garbage...)
			case 2: // one byte, and never another
				hello = hello[:1]
			}
			if _, err := conn.Write(hello); err != nil {
				return // closed already
			}
			if _, err := io.Copy(io.Discard, conn); err != nil && isTimeout(err) {
				t.Errorf("%d: the connection is still held", i)
			}
		})
	}
	if got := askHealth(t, a); got != http.StatusOK {
		t.Errorf("a request beside them: %d", got)
	}
	wg.Wait()
	if list := tlsProblems(t, a); len(list) != 1 || list[0].Count != many {
		t.Errorf("%+v", list)
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}

func askHealth(t *testing.T, a *App) int {
	t.Helper()
	res, err := http.Get(a.localOrigin() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
