package loopback

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
)

// transport serves the loopback models in this process. It is an
// http.RoundTripper; nothing leaves through it.
type transport struct{ tick time.Duration }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	model, verb := split(req.URL.Path)
	if req.URL.Hostname() != host || verb == "" {
		return failed(req, fault.New(fault.NotFound, "the loopback provider has no such address")), nil
	}
	in := protocol.Inbound{Header: req.Header, Model: model, Body: body, Stream: verb == "streamGenerateContent"}
	asked, err := gemini.Client{}.DecodeRequest(in, nil)
	if err != nil {
		return failed(req, fault.From(err)), nil
	}
	seed := sha256.Sum256(body)
	c := &call{req: asked, seed: seed[:], tick: t.tick}
	if verb == "countTokens" {
		return whole(req, http.StatusOK, gemini.Client{}.EncodeCount(llm.Usage{Input: c.inputTokens()})), nil
	}
	if model == Error {
		return failed(req, c.failure()), nil
	}
	reply := protocol.Reply{Model: model, Request: asked, SSE: req.URL.Query().Get("alt") == "sse", Mint: c.mint}
	if verb == "streamGenerateContent" {
		return t.stream(req, c, reply), nil
	}
	resp, err := llm.Collect(c.events(req.Context()))
	if err != nil {
		return nil, err
	}
	out, err := gemini.Client{}.EncodeResponse(resp, reply, nil)
	if err != nil {
		return nil, err
	}
	return whole(req, http.StatusOK, out), nil
}

func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	if req.ContentLength > 0 { // the size is known: read into one piece
		body := make([]byte, req.ContentLength)
		_, err := io.ReadFull(req.Body, body)
		return body, err
	}
	return io.ReadAll(req.Body)
}

// split takes ".../models/NAME:VERB" apart.
func split(path string) (model, verb string) {
	_, rest, ok := strings.Cut(path, "/models/")
	i := strings.LastIndexByte(rest, ':')
	if !ok || i < 0 {
		return "", ""
	}
	switch model, verb = rest[:i], rest[i+1:]; verb {
	case "generateContent", "streamGenerateContent", "countTokens":
		return model, verb
	}
	return "", ""
}

func response(req *http.Request, status int, contentType string, body io.ReadCloser, size int64) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {contentType}},
		Body:   body, ContentLength: size, Request: req,
	}
}

func whole(req *http.Request, status int, body []byte) *http.Response {
	return response(req, status, "application/json; charset=UTF-8", io.NopCloser(bytes.NewReader(body)), int64(len(body)))
}

func failed(req *http.Request, err *fault.Error) *http.Response {
	status, body := gemini.Client{}.EncodeError(err, "")
	resp := whole(req, status, body)
	if err.RetryAfter > 0 {
		resp.Header.Set("Retry-After", strconv.FormatInt(err.RetrySeconds(), 10))
	}
	return resp
}

// stream answers with a pipe. Its writer ends with the reply, when the reader
// closes the body, or when the request's context ends.
func (t transport) stream(req *http.Request, c *call, reply protocol.Reply) *http.Response {
	pr, pw := io.Pipe()
	ctx, cancel := context.WithCancel(req.Context())
	enc := gemini.Client{}.NewStreamEncoder(reply, nil)
	stop := context.AfterFunc(ctx, func() { pw.CloseWithError(context.Cause(ctx)) })
	go func() {
		defer cancel()
		defer stop()
		pw.CloseWithError(pump(ctx, pw, c, enc))
	}()
	return response(req, http.StatusOK, enc.ContentType(), pipeBody{pr, cancel}, -1)
}

// pipeBody ends the writer when the reader loses interest.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}

func pump(ctx context.Context, w io.Writer, c *call, enc protocol.StreamEncoder) error {
	var buf []byte
	for ev, err := range c.events(ctx) {
		if err == nil {
			buf, err = enc.Encode(buf[:0], ev)
		}
		if err != nil {
			return err
		}
		if len(buf) == 0 {
			continue
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	if buf = enc.End(buf[:0]); len(buf) > 0 {
		_, err := w.Write(buf)
		return err
	}
	return nil
}

// mint makes ids of the request itself, so that equal requests get equal
// answers.
func (c *call) mint(n int, alphabet string) string {
	c.minted++
	sum := sha256.Sum256(append(append([]byte(nil), c.seed...), byte(c.minted)))
	text := base64.RawURLEncoding.EncodeToString(sum[:])
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[int(text[i%len(text)])%len(alphabet)]
	}
	return string(out)
}
