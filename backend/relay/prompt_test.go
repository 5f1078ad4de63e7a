package relay_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/traffic"
)

// flushed is a client that sees only what is flushed.
type flushed struct {
	*httptest.ResponseRecorder
	seen    string
	flushes int
	gone    bool // fails every flush
}

func (f *flushed) FlushError() error {
	f.flushes++
	f.seen = f.Body.String()
	if f.gone {
		return errors.New("connection reset")
	}
	return nil
}

// burst is an upstream's stream in pieces that arrive together. waits is called
// before each read, with what has been read so far.
type burst struct {
	pieces []string
	read   string
	waits  func(read string)
}

func (b *burst) Read(p []byte) (int, error) {
	b.waits(b.read)
	if len(b.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.pieces[0])
	b.read += b.pieces[0][:n]
	if b.pieces[0] = b.pieces[0][n:]; b.pieces[0] == "" {
		b.pieces = b.pieces[1:]
	}
	return n, nil
}

func (b *burst) Close() error { return nil }

func (b *burst) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: b, ContentLength: -1, Request: r}, nil
}

func streamCalls() map[string]relay.Call {
	chat := `{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"Say hello."}]}`
	return map[string]relay.Call{
		"passed":     {Protocol: llm.Gemini, Stream: true, SSE: true, Inbound: protocol.Inbound{Model: model, Stream: true, Body: []byte(hello)}},
		"translated": {Protocol: llm.OpenAIChat, SSE: true, Inbound: protocol.Inbound{Body: []byte(chat)}},
	}
}

func serveStream(t *testing.T, call relay.Call, upstream *burst, w http.ResponseWriter) (record *traffic.Exchange) {
	call.Operation, call.RequestID, call.Start, call.Inbound.Header = provider.Generate, "req_test", time.Now(), http.Header{}
	relayOver(t, upstream, func(x *traffic.Exchange) { record = x }).Serve(context.Background(), w, call)
	return record
}

// Whatever has come of the upstream reaches the client before more is waited
// for, and what came together leaves with one flush.
func TestEventsReachTheClientBeforeTheNextRead(t *testing.T) {
	event := func(word, finish string) string { return "data: " + frame(word, finish) + "\r\n\r\n" }
	for name, call := range streamCalls() {
		t.Run(name, func(t *testing.T) {
			w := &flushed{ResponseRecorder: httptest.NewRecorder()}
			upstream := &burst{pieces: []string{event("one ", ""), event("two ", "") + event("three ", "") + event("four ", ""), event("five", "STOP")}}
			reads := 0
			upstream.waits = func(read string) {
				reads++
				for _, word := range strings.Fields("one two three four five") {
					if strings.Contains(read, word) != strings.Contains(w.seen, word) {
						t.Errorf("before read %d the client has %q of\n%s", reads, w.seen, read)
					}
				}
				if want := reads - 1; w.flushes != want {
					t.Errorf("before read %d: %d flushes, not %d", reads, w.flushes, want)
				}
			}
			serveStream(t, call, upstream, w)
			if reads != 4 || !bytes.Contains(w.Body.Bytes(), []byte("five")) {
				t.Errorf("%d reads, the answer is %s", reads, w.Body)
			}
		})
	}
}

// A client that is found gone when an event is brought to it ends the call:
// nothing more is read, and nobody else is blamed.
func TestClientGoneAtAFlush(t *testing.T) {
	for name, call := range streamCalls() {
		t.Run(name, func(t *testing.T) {
			w := &flushed{ResponseRecorder: httptest.NewRecorder(), gone: true}
			reads := 0
			upstream := &burst{pieces: []string{"data: " + frame("one ", "") + "\r\n\r\n", "data: " + frame("two", "STOP") + "\r\n\r\n"}, waits: func(string) { reads++ }}
			if record := serveStream(t, call, upstream, w); record.ErrorClass != fault.Cancelled || len(record.Attempts) != 1 {
				t.Errorf("%s after %d attempts", record.ErrorClass, len(record.Attempts))
			}
			if reads != 1 || strings.Contains(w.Body.String(), "two") || strings.Contains(w.Body.String(), "error") {
				t.Errorf("%d reads, the client got %s", reads, w.Body)
			}
		})
	}
}

// serveClaude asks over an upstream of the chat protocol, whose streams have an end
// of their own.
func serveClaude(t *testing.T, upstream http.RoundTripper, w http.ResponseWriter) (record *traffic.Exchange) {
	call := relay.Call{Protocol: llm.Anthropic, SSE: true, Operation: provider.Generate, RequestID: "req_test", Start: time.Now(),
		Inbound: protocol.Inbound{Header: http.Header{}, Body: []byte(`{"model":"` + model + `","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`)}}
	relayOf(t, stubChat{}, upstream, func(x *traffic.Exchange) { record = x }).Serve(context.Background(), w, call)
	return record
}

// An upstream that holds its connection open behind the end of an answer holds
// nothing back: the client has the end before more is waited for.
func TestTheEndIsNotHeldBack(t *testing.T) {
	w := &flushed{ResponseRecorder: httptest.NewRecorder()}
	var atEnd string
	upstream := &burst{pieces: []string{chatHead, chatEnd + chatUse + chatDone}}
	upstream.waits = func(read string) {
		if strings.HasSuffix(read, chatDone) {
			atEnd = w.seen
		}
	}
	record := serveClaude(t, upstream, w)
	if !strings.Contains(atEnd, "message_stop") || atEnd != w.Body.String() {
		t.Errorf("before the read behind the end the client has %s\nof %s", atEnd, w.Body)
	}
	if len(upstream.pieces) > 0 || record.Failed() {
		t.Errorf("left unread: %q, record %+v", upstream.pieces, record)
	}
}

// What stands behind the end is read, so that the connection can be used again,
// but not for ever.
func TestWhatStandsBehindTheEnd(t *testing.T) {
	upstream := &burst{pieces: []string{chatHead + chatEnd + chatDone}, waits: func(string) {}}
	for range 100 {
		upstream.pieces = append(upstream.pieces, strings.Repeat(": more\n", 1<<10))
	}
	w := httptest.NewRecorder()
	serveClaude(t, upstream, w)
	if read := len(upstream.read) - len(chatHead+chatEnd+chatDone); read < 60<<10 || read > 70<<10 {
		t.Errorf("%d bytes read behind the end", read)
	}
	wantBody(t, w, "message_stop")
}

// open is an upstream whose streams, one for each request, stay open behind their
// text until the request is given up. silent is called when one has no more to say.
type open struct {
	texts  []string
	silent func()
}

func (o *open) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	body := io.MultiReader(strings.NewReader(o.texts[0]), &wait{r.Context(), o.silent})
	o.texts = o.texts[1:]
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(body), ContentLength: -1, Request: r}, nil
}

type wait struct {
	ctx    context.Context //nolint:containedctx // of the request whose body this is
	silent func()
}

func (w *wait) Read([]byte) (int, error) {
	w.silent()
	<-w.ctx.Done()
	return 0, w.ctx.Err()
}

// A server that does not end its stream keeps neither the client nor the account
// waiting.
func TestAStreamThatStaysOpenIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, start := httptest.NewRecorder(), time.Now()
		record := serveClaude(t, &open{[]string{chatHead + chatEnd + chatDone}, func() {}}, w)
		if took := time.Since(start); took > 2*time.Second || record.Failed() {
			t.Errorf("it took %v, record %+v", took, record)
		}
		wantBody(t, w, "message_stop")
	})
}

// claudeLeg is a stream of Anthropic's with one text.
func claudeLeg(text, reason string) string {
	return "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"x\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n" +
		"data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n" +
		"data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text + "\"}}\n\n" +
		"data: {\"type\":\"content_block_stop\",\"index\":0}\n\n" +
		"data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + reason + "\"},\"usage\":{\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n"
}

// The same holds for an answer in legs, each of which stays open: its end, and what
// fails in a later leg, are told at once, the fault as what it is.
func TestLegsThatStayOpen(t *testing.T) {
	const overloaded = "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
	begun, _, _ := strings.Cut(claudeLeg("there.", "end_turn"), "data: {\"type\":\"content_block_stop\"")
	for name, c := range map[string]struct {
		second, last string
		class        fault.Class
	}{
		"ends well": {claudeLeg("there.", "end_turn"), "[DONE]", ""},
		"fails":     {begun + overloaded, "error", fault.Overloaded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, start := &flushed{ResponseRecorder: httptest.NewRecorder()}, time.Now()
				upstream := &open{texts: []string{claudeLeg("Hello ", "pause_turn"), c.second}, silent: func() {
					if !strings.Contains(w.seen, c.last) {
						t.Errorf("while the upstream is silent the client has %s", w.seen)
					}
				}}
				call := relay.Call{Protocol: llm.OpenAIChat, SSE: true, Operation: provider.Generate, RequestID: "req_test", Start: start,
					Inbound: protocol.Inbound{Header: http.Header{}, Body: []byte(`{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"hi"}]}`)}}
				var record *traffic.Exchange
				relayOf(t, claude{}, upstream, func(x *traffic.Exchange) { record = x }).Serve(t.Context(), w, call)
				if took := time.Since(start); took > 2*time.Second || record.ErrorClass != c.class || len(upstream.texts) > 0 {
					t.Errorf("it took %v, %d legs were not asked for, fault %q", took, len(upstream.texts), record.ErrorClass)
				}
				wantBody(t, w.ResponseRecorder, c.last)
			})
		})
	}
}
