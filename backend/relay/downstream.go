package relay

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/sse"
)

const (
	// keepAliveAfter is the silence after which a stream is kept alive, the
	// one before its headers included (contract.md section 5).
	keepAliveAfter = 15 * time.Second
	// writeTimeout ends an answer whose client takes nothing any more.
	writeTimeout = 2 * time.Minute
	// deadlineEvery is how often the write deadline is moved on: moving it for
	// each event would cost a timer operation a time.
	deadlineEvery = 30 * time.Second
	// maxHeld bounds what is held back of a passed stream before its first
	// model event, in bytes.
	maxHeld = 1 << 20
)

// downstream is the client's side of an exchange: what has been sent, and so
// what may still be sent. The serving goroutine and the keep-alive timer share
// it through mu, which is held during writes: they must not interleave.
type downstream struct {
	mu sync.Mutex
	// What each event of a stream touches stands together: between two events the
	// processor has forgotten it.
	code     int  // HTTP status sent, 0 before the headers
	begun    bool // a model event was sent: no other account any more
	over     bool // nothing may be sent any more
	due      bool // something was written that has not been flushed
	gone     bool // the client does not take what is sent
	array    bool // a passed stream leaves as the elements of one JSON array
	pieces   bool // an answer of bytes has begun and not ended
	w        http.ResponseWriter
	rc       *http.ResponseController
	lastSent time.Time
	deadline time.Time // when the write deadline was last moved
	bytes    int64
	passed   int64  // events of a passed stream, comments not counted
	held     []byte // of a passed stream, before its first model event
	buf      []byte
	enc      protocol.StreamEncoder // nil for an answer that is not streamed

	client    protocol.Client
	requestID string
	timer     *time.Timer
}

func newDownstream(w http.ResponseWriter, client protocol.Client, requestID string) *downstream {
	return &downstream{w: w, rc: http.NewResponseController(w), client: client, requestID: requestID}
}

// startStream prepares a streamed answer and its keep-alive timer; stop must
// be called.
func (d *downstream) startStream(reply protocol.Reply, losses *llm.Losses) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enc = d.client.NewStreamEncoder(reply, losses)
	d.lastSent = time.Now()
	d.timer = time.AfterFunc(keepAliveAfter, d.tick)
}

// opened takes over a stream of which the client has the headers.
func (d *downstream) opened(reply protocol.Reply, losses *llm.Losses) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enc = d.client.NewStreamEncoder(reply, losses)
	d.code = http.StatusOK
}

// encoder replaces the stream's encoder, which has shown nothing of itself yet
// but comments.
func (d *downstream) encoder(reply protocol.Reply, losses *llm.Losses) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enc = d.client.NewStreamEncoder(reply, losses)
}

func (d *downstream) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	d.timer.Stop()
}

// tick keeps a silent stream alive. It runs on the timer's goroutine.
func (d *downstream) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over || d.gone {
		return
	}
	if left := keepAliveAfter - time.Since(d.lastSent); left > 0 {
		d.timer.Reset(left)
		return
	}
	d.buf = d.enc.KeepAlive(d.buf[:0])
	_ = d.flush() // a client that left is noticed by the serving goroutine
	d.timer.Reset(keepAliveAfter)
}

// started tells whether the answer can no longer move to another account.
func (d *downstream) started() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.begun || d.over
}

func (d *downstream) status() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.code
}

func (d *downstream) written() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bytes
}

// served names the model and the provider of the present attempt; the headers
// of the last attempt before the commit point are the ones that are sent.
func (d *downstream) served(kind, model string) {
	d.header("X-Antigravity-Model", model)
	d.header("X-Antigravity-Provider", kind)
}

func (d *downstream) account(name string) { d.header("X-Antigravity-Account", name) }

func (d *downstream) header(name, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.code == 0 {
		d.w.Header().Set(name, value)
	}
}

// headers takes those that another downstream would have sent.
func (d *downstream) headers(from *downstream) {
	from.mu.Lock()
	set := from.w.Header()
	from.mu.Unlock()
	for name := range set {
		d.header(name, set.Get(name))
	}
}

// passHeaders copies the upstream's headers that may come back.
func (d *downstream) passHeaders(h http.Header) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.code == 0 {
		copyReplyHeaders(d.w.Header(), h)
	}
}

// send writes events; push brings them to the client.
func (d *downstream) send(events ...llm.Event) *fault.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.buf = d.buf[:0]
	for _, ev := range events {
		var err error
		if d.buf, err = d.enc.Encode(d.buf, ev); err != nil {
			return fault.From(err)
		}
		d.begun = d.begun || startsAnswer(ev)
	}
	return d.put(d.buf)
}

// end closes a stream that came to its proper end. The last bytes leave with the
// end of the body, when the handler returns, unless the upstream is read before.
func (d *downstream) end() *fault.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.buf = d.enc.End(d.buf[:0])
	d.over = true
	return d.put(d.buf)
}

// passer returns the function that passes frames of the client's own protocol;
// push brings them to the client. Without sse they leave as the elements of one JSON array. Each attempt takes a
// passer of its own: what the one before had held back is forgotten.
func (d *downstream) passer(asSSE bool) func(f sse.Frame, started bool) *fault.Error {
	d.mu.Lock()
	d.held, d.passed, d.array = d.held[:0], 0, !asSSE
	d.mu.Unlock()
	return func(f sse.Frame, started bool) *fault.Error {
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(f.Data) > 0 {
			d.passed++
		}
		if asSSE && len(d.held) == 0 && (d.begun || started) {
			d.begun = true
			return d.put(f.Raw)
		}
		if asSSE {
			d.held = append(d.held, f.Raw...)
		} else if len(f.Data) > 0 {
			d.held = d.appendElement(d.held, f.Data)
		}
		if !d.begun && !started {
			if len(d.held) > maxHeld {
				return fault.New(fault.UpstreamProtocol, "the provider's stream does not begin")
			}
			return nil
		}
		d.begun = true
		err := d.put(d.held)
		d.held = d.held[:0]
		return err
	}
}

// appendElement writes one element of Gemini's streamed JSON array.
func (d *downstream) appendElement(dst, element []byte) []byte {
	if !d.begun && len(dst) == 0 {
		dst = append(dst, '[')
	} else {
		dst = append(dst, ",\r\n"...)
	}
	return append(dst, element...)
}

// endPassed closes a passed stream, as end does: its own bytes were its end, but
// for the array form.
func (d *downstream) endPassed() *fault.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.buf = append(d.buf[:0], d.held...)
	if d.enc.ContentType() == "application/json" {
		d.buf = append(d.buf, ']')
	}
	d.over = true
	return d.put(d.buf)
}

// piece writes a part of an answer of bytes; push brings it to the client.
func (d *downstream) piece(contentType string, data []byte) *fault.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.begun {
		d.w.Header().Set("Content-Type", contentType)
		d.begun, d.pieces = true, true
	}
	d.due = true
	return d.write(http.StatusOK, data)
}

// endPieces closes an answer of bytes that came to its proper end.
func (d *downstream) endPieces() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over, d.pieces = true, false
}

// broken tells of an answer of bytes that did not come to its end.
func (d *downstream) broken() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pieces
}

// whole writes an answer that is not streamed.
func (d *downstream) whole(status int, contentType string, body []byte) *fault.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if contentType == "" {
		contentType = "application/json"
	}
	d.over = true
	d.w.Header().Set("Content-Type", contentType)
	d.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	return d.write(status, body)
}

// fail ends the exchange with an error: an error answer before the headers,
// the protocol's in-band error after them. A client that left gets nothing.
func (d *downstream) fail(err *fault.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone || (d.over && d.code != 0) {
		return
	}
	d.over = true
	if d.pieces {
		return // see exchange.end
	}
	if d.code != 0 {
		d.buf = d.streamError(d.buf[:0], err)
		_ = d.flush()
		return
	}
	status, body := d.client.EncodeError(err, d.requestID)
	if err.Class == fault.Cancelled {
		d.code = status // recorded, never sent
		return
	}
	h := d.w.Header()
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(err.RetrySeconds(), 10))
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_ = d.write(status, body)
}

// streamError appends the protocol's in-band error. The encoder does not know of
// the elements that were passed: within their array the error is one more.
func (d *downstream) streamError(dst []byte, err *fault.Error) []byte {
	if n, ok := d.enc.(protocol.Numbered); ok && d.begun && d.passed > 0 {
		n.Behind(d.passed)
	}
	if !d.array || !d.begun {
		return d.enc.Error(dst, err)
	}
	return append(append(dst, ",\r\n"...), bytes.TrimPrefix(d.enc.Error(nil, err), []byte("["))...)
}

// push brings the client what was written for it. Whoever is about to wait for
// the upstream calls it before.
func (d *downstream) push() *fault.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pushed()
}

func (d *downstream) pushed() *fault.Error {
	if !d.due {
		return nil
	}
	d.due = false
	if err := d.rc.Flush(); err != nil {
		return d.lost(err)
	}
	return nil
}

// flush sends buf as part of a stream at once.
func (d *downstream) flush() *fault.Error {
	if err := d.put(d.buf); err != nil {
		return err
	}
	return d.pushed()
}

// put writes b as part of a stream, the headers first if they are due.
func (d *downstream) put(b []byte) *fault.Error {
	if len(b) == 0 {
		return nil
	}
	if d.code == 0 {
		h := d.w.Header()
		h.Set("Content-Type", d.enc.ContentType())
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
	}
	d.due = true
	return d.write(http.StatusOK, b)
}

func (d *downstream) write(status int, body []byte) *fault.Error {
	now := time.Now()
	if now.Sub(d.deadline) > deadlineEvery {
		d.deadline = now
		_ = d.rc.SetWriteDeadline(now.Add(writeTimeout)) // a recorder in tests has none
	}
	if d.code == 0 {
		d.code = status
		d.w.WriteHeader(status)
	}
	d.lastSent = now
	n, err := d.w.Write(body)
	d.bytes += int64(n)
	if err != nil {
		return d.lost(err)
	}
	return nil
}

// lost notes that the client has gone.
func (d *downstream) lost(err error) *fault.Error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil // a writer without flushing still writes
	}
	d.gone, d.over = true, true
	return fault.Wrap(fault.Cancelled, "the client closed the connection", errors.Join(err, context.Canceled))
}
