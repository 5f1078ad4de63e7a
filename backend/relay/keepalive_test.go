package relay

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
)

// TestKeepAlive: nothing is sent for 15 s; then headers and keep-alives go out
// in the protocol's own form, also before the first event, and a fault is told
// in the stream.
func TestKeepAlive(t *testing.T) {
	for name, c := range map[string]struct {
		client protocol.Client
		alive  string
	}{
		"chat":      {openai.Client{}, ": ping\n\n"},
		"responses": {responses.Client{}, ":"},
		"anthropic": {anthropic.Client{}, "event: ping\n"},
		"gemini":    {gemini.Client{}, "\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := httptest.NewRecorder()
				d := newDownstream(w, c.client, "req_test")
				body := func() string { // the timer writes too
					synctest.Wait()
					d.mu.Lock()
					defer d.mu.Unlock()
					return w.Body.String()
				}
				d.startStream(protocol.Reply{Request: &llm.Request{}, SSE: true, Mint: wire.Mint, Created: time.Now()}, nil)
				defer d.stop()
				time.Sleep(keepAliveAfter - time.Millisecond)
				if text := body(); d.status() != 0 || text != "" {
					t.Fatalf("sent too early: %d %q", d.status(), body())
				}
				time.Sleep(2 * time.Millisecond)
				if text := body(); d.status() != 200 || !strings.HasPrefix(text, c.alive) {
					t.Fatalf("after the silence: %d %q", d.status(), body())
				}
				if d.started() {
					t.Error("a keep-alive commits the call to its account")
				}
				first := len(body())
				time.Sleep(keepAliveAfter + time.Millisecond)
				if len(body()) != 2*first {
					t.Errorf("second silence: %q", body())
				}
				d.fail(fault.New(fault.Overloaded, "all is lost"))
				if !strings.Contains(body(), "all is lost") {
					t.Errorf("the fault is not told: %q", body())
				}
				length := len(body())
				time.Sleep(time.Hour)
				if len(body()) != length {
					t.Errorf("sent after the end: %q", body()[length:])
				}
			})
		})
	}
}

// TestKeepAliveRestsWhileEventsFlow: events at short intervals need none.
func TestKeepAliveRestsWhileEventsFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := httptest.NewRecorder()
		d := newDownstream(w, openai.Client{}, "req_test")
		d.startStream(protocol.Reply{Request: &llm.Request{}, SSE: true, Mint: wire.Mint, Created: time.Now()}, nil)
		defer d.stop()
		open := []llm.Event{{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindText}}}
		if err := d.send(open...); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			time.Sleep(keepAliveAfter - time.Second)
			synctest.Wait()
			if err := d.send(llm.Event{Kind: llm.EventDelta, Text: "word "}); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(w.Body.String(), "ping") {
			t.Errorf("kept alive without need: %q", w.Body)
		}
	})
}

// TestWatchdog: the first event and the silence between events have their own
// limits, and each is told in its own words.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		causes := make(chan error, 1)
		cause := func() error {
			synctest.Wait()
			select {
			case err := <-causes:
				return err
			default:
				return nil
			}
		}
		cancel := func(err error) { causes <- err }
		limits := Limits{FirstByte: time.Minute, Idle: 10 * time.Second}
		d := startWatchdog(limits, cancel)
		time.Sleep(50 * time.Second)
		d.touch()
		time.Sleep(9 * time.Second)
		d.touch()
		time.Sleep(9 * time.Second)
		if err := cause(); err != nil {
			t.Fatalf("ended while events came: %v", err)
		}
		time.Sleep(5 * time.Second)
		if err := cause(); !fault.Is(err, fault.Timeout) || !strings.Contains(err.Error(), "in the middle") {
			t.Fatalf("after the silence: %v", err)
		}
		d.stop()
		d = startWatchdog(limits, cancel)
		defer d.stop()
		time.Sleep(61 * time.Second)
		if err := cause(); err == nil || !strings.Contains(err.Error(), "begin") {
			t.Errorf("before the first event: %v", err)
		}
	})
}
