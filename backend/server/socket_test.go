package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/server"
)

// turns answers what sockets ask as the test wants.
type turns struct {
	server.Responses
	answer func(ctx context.Context, text string, send func(event []byte))
}

func (f turns) Turn(ctx context.Context, call relay.Call, _ *ledger.Local, send func(event []byte)) {
	f.answer(ctx, string(call.Inbound.Body), send)
}

// socketBench is a server on a port, whose sockets answer with answer.
func socketBench(t *testing.T, limits server.SocketLimits, answer func(ctx context.Context, text string, send func(event []byte))) (*bench, string) {
	b := newBench(t)
	b.values.WebSocket = true
	b.options.Socket, b.options.Responses = limits, turns{answer: answer}
	b.Server = server.New(b.options)
	srv := httptest.NewServer(b.Handler())
	t.Cleanup(srv.Close)
	return b, srv.URL + "/v1/responses"
}

func dial(t *testing.T, url string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return conn
}

func write(t *testing.T, conn *websocket.Conn, text string) {
	t.Helper()
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	_, text, err := conn.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// closed reads until the connection is closed.
func closed(t *testing.T, conn *websocket.Conn, want websocket.StatusCode) {
	t.Helper()
	for {
		_, _, err := conn.Read(t.Context())
		if err == nil {
			continue
		}
		if got := websocket.CloseStatus(err); got != want {
			t.Errorf("closed with %d, want %d: %v", got, want, err)
		}
		return
	}
}

func ask(stream string, n int) string {
	return fmt.Sprintf(`{"type":"response.create","model":"m","input":"%d","stream_id":"%s"}`, n, stream)
}

// TestSocketLanes: the requests of one stream are answered in their order, those
// of another do not wait for them.
func TestSocketLanes(t *testing.T) {
	goOn := make(chan struct{})
	_, url := socketBench(t, server.SocketLimits{}, func(ctx context.Context, text string, send func(event []byte)) {
		a := responses.ReadAsk([]byte(text))
		if a.StreamID == "slow" {
			select {
			case <-goOn:
			case <-ctx.Done():
			}
		}
		send([]byte(`{"said":` + string(a.Input) + `,"stream_id":"` + a.StreamID + `"}`))
	})
	conn := dial(t, url)
	for n := range 5 {
		write(t, conn, ask("slow", n))
	}
	for n := range 5 {
		write(t, conn, ask("quick", n))
		if got := read(t, conn); got != fmt.Sprintf(`{"said":"%d","stream_id":"quick"}`, n) {
			t.Fatalf("quick %d: %s", n, got)
		}
	}
	close(goOn)
	for n := range 5 {
		if got := read(t, conn); got != fmt.Sprintf(`{"said":"%d","stream_id":"slow"}`, n) {
			t.Fatalf("slow %d: %s", n, got)
		}
	}
}

// TestSocketBounds: what is too much is refused in its own stream.
func TestSocketBounds(t *testing.T) {
	_, url := socketBench(t, server.SocketLimits{}, func(ctx context.Context, _ string, _ func(event []byte)) { <-ctx.Done() })
	conn := dial(t, url)
	for n := range 18 { // one runs and 16 wait, or 17 if it has not begun
		write(t, conn, ask("a", n))
	}
	if got := read(t, conn); !strings.Contains(got, "too_many_requests_waiting") || !strings.Contains(got, `"stream_id":"a"`) || !strings.Contains(got, `"status":429`) {
		t.Errorf("waiting: %s", got)
	}
	conn = dial(t, url)
	for n := range 9 {
		write(t, conn, ask(fmt.Sprint("lane", n), 0))
	}
	if got := read(t, conn); !strings.Contains(got, "too_many_streams") || !strings.Contains(got, `"stream_id":"lane8"`) {
		t.Errorf("lanes: %s", got)
	}
	if err := conn.Write(t.Context(), websocket.MessageText, []byte(`"`+strings.Repeat("x", 2<<20)+`"`)); err == nil {
		closed(t, conn, websocket.StatusMessageTooBig)
	}
}

// TestSocketEnds: what runs is cancelled when the client leaves, and the peer is
// told why a connection ends.
func TestSocketEnds(t *testing.T) {
	began, ended := make(chan struct{}, 9), make(chan struct{}, 9)
	wait := func(ctx context.Context, _ string, _ func(event []byte)) {
		began <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
	}
	t.Run("the client leaves", func(t *testing.T) {
		_, url := socketBench(t, server.SocketLimits{}, wait)
		conn := dial(t, url)
		write(t, conn, ask("", 0)[:len(ask("", 0))-len(`,"stream_id":""}`)]+"}")
		write(t, conn, ask("b", 0))
		<-began
		<-began
		_ = conn.CloseNow()
		<-ended
		<-ended
	})
	t.Run("the gateway is stopped", func(t *testing.T) {
		b, url := socketBench(t, server.SocketLimits{}, wait)
		conn := dial(t, url)
		b.SetStopped(true)
		write(t, conn, ask("a", 0))
		if got := read(t, conn); !strings.Contains(got, "service_stopped") {
			t.Error(got)
		}
		closed(t, conn, websocket.StatusGoingAway)
	})
	t.Run("binary", func(t *testing.T) {
		_, url := socketBench(t, server.SocketLimits{}, wait)
		conn := dial(t, url)
		if err := conn.Write(t.Context(), websocket.MessageBinary, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		closed(t, conn, websocket.StatusUnsupportedData)
	})
	t.Run("too old", func(t *testing.T) {
		goOn := make(chan struct{})
		_, url := socketBench(t, server.SocketLimits{Life: 2 * time.Second}, func(_ context.Context, _ string, send func(event []byte)) {
			<-goOn
			send([]byte(`{"said":"to the end"}`))
		})
		conn := dial(t, url)
		write(t, conn, ask("a", 0))
		if got := read(t, conn); !strings.Contains(got, "websocket_connection_limit_reached") {
			t.Error(got)
		}
		write(t, conn, ask("b", 0))
		if got := read(t, conn); !strings.Contains(got, "websocket_connection_limit_reached") || !strings.Contains(got, `"stream_id":"b"`) {
			t.Error(got)
		}
		close(goOn)
		if got := read(t, conn); got != `{"said":"to the end"}` {
			t.Error(got)
		}
		closed(t, conn, websocket.StatusNormalClosure)
	})
	t.Run("a peer that answers no ping", func(t *testing.T) {
		_, url := socketBench(t, server.SocketLimits{Ping: time.Second, Pong: 20 * time.Millisecond}, wait)
		conn := dial(t, url) // answers only while it reads
		write(t, conn, ask("a", 0))
		<-began
		<-ended
		closed(t, conn, websocket.StatusPolicyViolation)
	})
	t.Run("a peer that does", func(t *testing.T) {
		_, url := socketBench(t, server.SocketLimits{Ping: 10 * time.Millisecond, Pong: 5 * time.Second}, func(ctx context.Context, _ string, send func(event []byte)) {
			select {
			case <-time.After(200 * time.Millisecond): // twenty pings
				send([]byte(`{"said":"here"}`))
			case <-ctx.Done():
			}
		})
		conn := dial(t, url)
		write(t, conn, ask("a", 0))
		if got := read(t, conn); got != `{"said":"here"}` {
			t.Error(got)
		}
	})
}

// TestSocketRace has everything happen at once, for the race detector.
func TestSocketRace(t *testing.T) {
	_, url := socketBench(t, server.SocketLimits{Life: 300 * time.Millisecond, Ping: time.Millisecond}, func(ctx context.Context, text string, send func(event []byte)) {
		for range 5 {
			if ctx.Err() == nil {
				send([]byte(text))
			}
		}
	})
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			conn, _, err := websocket.Dial(t.Context(), url, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = conn.CloseNow() }()
			wg.Go(func() {
				for i := range 40 {
					texts := []string{ask(fmt.Sprint(i%10), i), `{"type":"response.steer","input":"x","previous_response_id":"r"}`, `{"type":"nonsense"}`}
					if conn.Write(t.Context(), websocket.MessageText, []byte(texts[i%3])) != nil {
						return
					}
				}
				if n%2 == 0 {
					_ = conn.CloseNow()
				}
			})
			for {
				_, text, err := conn.Read(t.Context())
				if err != nil {
					return
				}
				if !json.Valid(text) {
					t.Errorf("%s", text)
				}
			}
		})
	}
	wg.Wait()
}
