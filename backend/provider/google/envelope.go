package google

import (
	"bytes"
	"errors"
	"io"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// Bounds of what comes in the envelope: a frame holds an image at most.
const (
	maxFrame  = 64 << 20
	maxAnswer = 256 << 20
)

// wrap puts a request of generateContent into the envelope.
func wrap(model, project string, body []byte) []byte {
	w := rawjson.NewWriter(len(body) + len(model) + len(project) + 64)
	w.Obj()
	w.StrField("model", model)
	if project != "" { // an empty one is refused
		w.StrField("project", project)
	}
	w.RawField("request", body)
	w.End()
	return w.Bytes()
}

// countBody is a token count: the service takes contents alone, so system text
// and tools are counted as text of a user's turn.
func countBody(model string, body []byte) ([]byte, error) {
	inner := body
	for _, key := range []string{"generateContentRequest", "generate_content_request"} {
		if raw, ok := rawjson.Get(body, key); ok {
			inner = raw
		}
	}
	if rawjson.KindOf(inner) != rawjson.KindObject {
		return nil, fault.Invalid("generateContentRequest", "expected an object")
	}
	w := rawjson.NewWriter(len(inner) + 128)
	w.Obj()
	w.Key("request")
	w.Obj()
	w.StrField("model", "models/"+model)
	w.Key("contents")
	w.Arr()
	countedText(w, inner)
	contents, _ := rawjson.Get(inner, "contents")
	for item := range rawjson.Items(contents) {
		w.Raw(item)
	}
	w.EndArr()
	w.End()
	w.End()
	return w.Bytes(), nil
}

// countedText writes what is not in contents but counts.
func countedText(w *rawjson.Writer, request []byte) {
	system, ok := rawjson.Get(request, "systemInstruction")
	if !ok {
		system, _ = rawjson.Get(request, "system_instruction")
	}
	parts, _ := rawjson.Get(system, "parts")
	tools, _ := rawjson.Get(request, "tools")
	if rawjson.KindOf(parts) != rawjson.KindArray && rawjson.KindOf(tools) != rawjson.KindArray {
		return
	}
	w.Obj()
	w.StrField("role", "user")
	w.Key("parts")
	w.Arr()
	for part := range rawjson.Items(parts) {
		w.Raw(part)
	}
	if rawjson.KindOf(tools) == rawjson.KindArray {
		w.Obj()
		w.StrField("text", string(rawjson.Compact(nil, tools)))
		w.End()
	}
	w.EndArr()
	w.End()
}

// unwrapped is what the envelope holds, or the text itself where there is none.
func unwrapped(text []byte) []byte {
	if inner, ok := rawjson.Get(text, "response"); ok && rawjson.KindOf(inner) == rawjson.KindObject {
		return inner
	}
	return text
}

// Unwrap implements provider.Unwrapper.
func (*Provider) Unwrap(call provider.Call, body io.ReadCloser) io.ReadCloser {
	if call.Stream && call.Operation == provider.Generate {
		return &streamReader{body: body, frames: sse.NewScanner(body, maxFrame)}
	}
	return &wholeReader{body: body}
}

// streamReader gives the frames of a stream without their envelopes, one by
// one: a frame is read when the one before it has been taken.
type streamReader struct {
	body   io.Closer
	frames *sse.Scanner
	out    []byte // written, reused
	left   []byte // of out
	err    error
}

// Read implements io.Reader.
func (r *streamReader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		f, err := r.frames.Next()
		if err != nil {
			r.err = err
			continue
		}
		r.out = appendFrame(r.out[:0], f)
		r.left = r.out
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// appendFrame writes a frame without its envelope; one that has none, or that
// was cut, goes on as it is.
func appendFrame(dst []byte, f sse.Frame) []byte {
	data := bytes.TrimSpace(f.Data)
	if len(data) == 0 || f.Unterminated && rawjson.Check(data, maxDepth) != nil {
		return append(dst, f.Raw...)
	}
	inner := unwrapped(data)
	if len(inner) == len(data) {
		return append(dst, f.Raw...)
	}
	return sse.AppendDataCRLF(dst, inner)
}

const maxDepth = 512

// Close implements io.Closer. Not to be called beside Read.
func (r *streamReader) Close() error {
	r.frames.Release()
	r.err, r.left = errClosed, nil
	return r.body.Close()
}

var errClosed = errors.New("code assist: read after close")

// wholeReader gives one answer without its envelope.
type wholeReader struct {
	body io.ReadCloser
	text *bytes.Reader
}

// Read implements io.Reader.
func (r *wholeReader) Read(p []byte) (int, error) {
	if r.text == nil {
		raw, err := io.ReadAll(io.LimitReader(r.body, maxAnswer+1))
		if err != nil {
			return 0, err
		}
		if len(raw) > maxAnswer {
			return 0, fault.New(fault.UpstreamProtocol, "the provider's answer is too large")
		}
		if rawjson.Check(raw, maxDepth) == nil {
			raw = unwrapped(raw)
		}
		r.text = bytes.NewReader(raw)
	}
	return r.text.Read(p)
}

// Close implements io.Closer.
func (r *wholeReader) Close() error { return r.body.Close() }
