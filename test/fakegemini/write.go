package fakegemini

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

// replyWriter writes an answer and keeps its record.
type replyWriter struct {
	w    http.ResponseWriter
	rec  *Request
	srv  *Server
	gone context.Context
}

func typed[T any](raw json.RawMessage) (*T, *Error) {
	v := new(T)
	if err := json.Unmarshal(raw, v); err != nil {
		return nil, Invalid("Invalid JSON payload received. %s", err)
	}
	return v, nil
}

func (r *replyWriter) header(status int, contentType string) {
	r.srv.record.update(r.rec, func(q *Request) { q.Status = status })
	h := r.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Vary", "Origin, X-Origin, Referer")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	r.w.WriteHeader(status)
}

func (r *replyWriter) json(status int, body []byte) {
	r.header(status, "application/json; charset=UTF-8")
	r.bytes(body)
}

// bytes writes and flushes; false when the client has left.
func (r *replyWriter) bytes(b []byte) bool {
	_, err := r.w.Write(b)
	if err == nil {
		err = http.NewResponseController(r.w).Flush()
	}
	if err != nil || r.gone.Err() != nil {
		r.left()
		return false
	}
	return true
}

func (r *replyWriter) left() { r.srv.record.update(r.rec, func(q *Request) { q.Gone = true }) }

func (r *replyWriter) fail(e *Error) { r.json(e.Code, e.body()) }

// refuse answers with a rule's error and notes the rule.
func (r *replyWriter) refuse(rule string, e *Error) {
	r.srv.record.update(r.rec, func(q *Request) { q.Rule, q.Error = rule, e.Message })
	r.fail(e)
}

// notFound is the service's answer to a path that it does not have: an HTML
// page, not JSON (seen).
func (r *replyWriter) notFound() {
	r.srv.record.update(r.rec, func(q *Request) { q.Rule, q.Error = "path", "no such path" })
	r.header(http.StatusNotFound, "text/html; charset=UTF-8")
	r.bytes([]byte("<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> <ins>That’s an error.</ins><p>The requested URL was not found on this server.</html>\n"))
}

// pause waits; false when the client left or the server closed.
func (r *replyWriter) pause(d time.Duration) bool {
	if r.srv.sleep(r.gone, d) == nil {
		return true
	}
	r.left()
	return false
}

// reset ends the connection with an RST.
func (r *replyWriter) reset() {
	conn, _, err := http.NewResponseController(r.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// preamble does what a step asks for before any answer; true if that was all.
func (r *replyWriter) preamble(st Step) bool {
	for k, v := range st.Head {
		r.w.Header().Set(k, v)
	}
	if !r.pause(st.Delay) {
		return true
	}
	switch {
	case st.Fault == FaultReset:
		r.reset()
	case st.Fault == FaultSilence && st.After == 0:
		r.silence(st)
	case st.Error != nil && st.Fault != FaultErrorIn200 && st.Fault != FaultBareError:
		r.fail(st.Error)
	default:
		return false
	}
	return true
}

func (r *replyWriter) silence(st Step) {
	hold := st.Hold
	if hold <= 0 {
		hold = time.Minute
	}
	if r.pause(hold) {
		r.reset()
	}
}

// framing wraps the chunks of a stream.
type framing interface {
	contentType() string
	chunk(body []byte) []byte
	end() []byte
}

// sseFraming ends its lines in CRLF, as the service does (the project's client
// notes).
type sseFraming struct{}

func (sseFraming) contentType() string { return "text/event-stream" }
func (sseFraming) chunk(b []byte) []byte {
	return append(append([]byte("data: "), b...), "\r\n\r\n"...)
}
func (sseFraming) end() []byte { return nil }

// arrayFraming is the form without alt=sse: one JSON array that grows.
type arrayFraming struct{ open bool }

func (*arrayFraming) contentType() string { return "application/json; charset=UTF-8" }
func (f *arrayFraming) chunk(b []byte) []byte {
	var out bytes.Buffer
	if f.open {
		out.WriteString(",\r\n")
	} else {
		out.WriteByte('[')
	}
	f.open = true
	_ = json.Indent(&out, b, "", "  ")
	return out.Bytes()
}
func (f *arrayFraming) end() []byte {
	if f.open {
		return []byte("\n]")
	}
	return []byte("[]")
}
