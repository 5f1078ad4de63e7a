package fakegemini

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// unary answers generateContent.
func (p *player) unary(w *replyWriter) {
	st := p.step
	body := p.srv.wrap(p.frames(p.reply(), false))[0]
	switch st.Fault {
	case FaultErrorIn200, FaultBareError:
		w.json(http.StatusOK, p.errorBody())
	case FaultEmpty:
		w.header(http.StatusOK, "application/json; charset=UTF-8")
	case FaultGarbage:
		w.header(http.StatusOK, "text/html")
		w.bytes([]byte("<html><body>Service temporarily odd</body></html>"))
	case FaultMalformed, FaultCutClean:
		w.json(http.StatusOK, body[:len(body)/2])
	case FaultCutReset, FaultSilence:
		w.header(http.StatusOK, "application/json; charset=UTF-8")
		if !w.bytes(body[:len(body)/2]) {
			return
		}
		if st.Fault == FaultSilence {
			w.silence(st)
		} else {
			w.reset()
		}
	case FaultByteByByte:
		w.header(http.StatusOK, "application/json; charset=UTF-8")
		p.bytewise(w, body)
	default:
		w.json(http.StatusOK, body)
	}
}

func (p *player) errorBody() []byte {
	e := p.step.Error
	if e == nil {
		e = Overloaded()
	}
	return e.body()
}

func (p *player) bytewise(w *replyWriter, b []byte) bool {
	for i := range b {
		if !w.bytes(b[i : i+1]) {
			return false
		}
	}
	return true
}

// stream answers streamGenerateContent in either framing.
func (p *player) stream(w *replyWriter, f framing) {
	st := p.step
	w.header(http.StatusOK, f.contentType())
	if st.Fault == FaultEmpty {
		return
	}
	frames := p.srv.wrap(p.frames(p.reply(), true))
	for i, b := range frames {
		if st.Fault != FaultNone && i == st.After && p.strike(w, f, b) {
			return
		}
		if i > 0 && !w.pause(st.Gap) {
			return
		}
		out := f.chunk(b)
		if st.Fault == FaultByteByByte {
			if !p.bytewise(w, out) {
				return
			}
		} else if !w.bytes(out) {
			return
		}
	}
	if st.Fault != FaultNone && st.After >= len(frames) && p.strike(w, f, []byte(`{"candidates":[]}`)) {
		return
	}
	w.bytes(f.end())
}

// strike lets the step's fault happen in place of frame b; false if the fault
// is not of that kind.
func (p *player) strike(w *replyWriter, f framing, b []byte) bool {
	switch p.step.Fault {
	case FaultCutReset:
		w.reset()
	case FaultCutClean:
		w.bytes(f.end())
	case FaultErrorIn200:
		w.bytes(f.chunk(compact(p.errorBody())))
		w.bytes(f.end())
	case FaultBareError:
		w.bytes(append(compact(p.errorBody()), "\r\n"...))
	case FaultGarbage:
		w.bytes(f.chunk([]byte(`"<html>not what you expect"`)))
		w.bytes([]byte("\x00\xff<garbage>\r\n\r\n"))
	case FaultMalformed:
		w.bytes(f.chunk(b[:len(b)/2]))
	case FaultSilence:
		w.silence(p.step)
	default:
		return false
	}
	return true
}

func compact(b []byte) []byte {
	var out strings.Builder
	var v json.RawMessage
	if json.Unmarshal(b, &v) != nil {
		return b
	}
	enc := json.NewEncoder(&out)
	if enc.Encode(v) != nil {
		return b
	}
	return []byte(strings.TrimSpace(out.String()))
}

// Ground builds groundingMetadata that supports span, a substring of text,
// with one web source. Offsets are bytes, as on the wire.
func Ground(text, span, uri, title string) json.RawMessage {
	start := max(strings.Index(text, span), 0)
	return json.RawMessage(fmt.Sprintf(`{"webSearchQueries":["query"],"groundingChunks":[{"web":{"uri":%s,"title":%s}}],"groundingSupports":[{"segment":{"startIndex":%d,"endIndex":%d,"text":%s},"groundingChunkIndices":[0]}]}`,
		detail(uri), detail(title), start, start+len(span), detail(span)))
}
