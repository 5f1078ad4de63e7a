package adminhttp

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/admin"
)

// pipeWriter is a response whose body a test reads while it is written.
type pipeWriter struct {
	header http.Header
	status int
	*io.PipeWriter
}

func (w *pipeWriter) Header() http.Header                { return w.header }
func (w *pipeWriter) WriteHeader(status int)             { w.status = status }
func (w *pipeWriter) Flush()                             {}
func (w *pipeWriter) SetWriteDeadline(_ time.Time) error { return nil }

// openStream starts the event stream in a synctest bubble; next reads a line.
func openStream(t *testing.T, s *setup, ctx context.Context, cookie *http.Cookie) (next func() string, ended <-chan struct{}, w *pipeWriter) {
	t.Helper()
	r, pw := io.Pipe()
	w = &pipeWriter{header: http.Header{}, PipeWriter: pw}
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+testHost+"/api/events", nil)
	req.RemoteAddr = "127.0.0.1:1"
	if cookie != nil {
		req.AddCookie(cookie)
	} else {
		req.Header.Set("Authorization", "Bearer "+testToken)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer pw.Close()
		s.ServeHTTP(w, req)
	}()
	lines := bufio.NewReader(r)
	return func() string {
		for {
			line, err := lines.ReadString('\n')
			if line = strings.TrimSpace(line); line != "" || err != nil {
				return line
			}
		}
	}, done, w
}

func TestEventsBeginWithTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t)
		s.feed.Publish(admin.TopicToast, "before")
		ctx, cancel := context.WithCancel(t.Context())
		next, ended, w := openStream(t, s, ctx, nil)
		if got := next(); got != "id: 1" {
			t.Errorf("first line %q", got)
		}
		if got := next(); !strings.HasPrefix(got, `data: {"topic":"state","seq":1,"data":{"version":"1.2.3"`) {
			t.Errorf("state: %q", got)
		}
		s.feed.Publish(admin.TopicKeys, []string{"k"})
		_ = next()
		if got := next(); got != `data: {"topic":"keys","seq":2,"data":["k"]}` {
			t.Errorf("delta: %q", got)
		}
		if got := next(); got != ": alive" { // time passes by itself in here
			t.Errorf("heartbeat: %q", got)
		}
		if w.status != 200 || w.header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("head: %d %v", w.status, w.header)
		}
		cancel()
		<-ended
		if s.feed.Subscribers() != 0 {
			t.Error("the subscription outlives the page")
		}
	})
}

func TestEventsEndWithTheSessionAndTheFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSetup(t)
		cookie := s.signInAs(t, "")
		next, ended, _ := openStream(t, s, t.Context(), cookie)
		_, _ = next(), next()
		start := time.Now()
		s.EndSessions()
		if got := next(); got != "" {
			t.Errorf("after the session ended: %q", got)
		}
		<-ended
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the stream went on for %s", waited)
		}

		cookie, other := s.signInAs(t, ""), s.signInAs(t, "")
		next, ended, _ = openStream(t, s, t.Context(), cookie)
		_, _ = next(), next()
		s.do(request{method: "DELETE", path: "/api/session", cookie: other})
		if got := next(); got != ": alive" {
			t.Errorf("another one's sign-out: %q", got)
		}
		s.do(request{method: "DELETE", path: "/api/session", cookie: cookie})
		if got := next(); got != "" {
			t.Errorf("after the sign-out: %q", got)
		}
		<-ended

		next, ended, _ = openStream(t, s, t.Context(), nil)
		_, _ = next(), next()
		s.feed.Close()
		if got := next(); got != "" {
			t.Errorf("after the feed closed: %q", got)
		}
		<-ended
	})
}

func TestEventsNeedASignIn(t *testing.T) {
	s := newSetup(t)
	wantCode(t, "nobody", s.do(request{method: "GET", path: "/api/events"}), 401, "unauthenticated")
	for range maxStreams {
		_, _, cancel := s.feed.Subscribe()
		defer cancel()
	}
	wantCode(t, "too many", s.do(request{method: "GET", path: "/api/events", token: true}), 503, "too_many_pages")
}
