package server

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

const (
	// maxNesting bounds a body's depth. Real tool schemas stay under thirty.
	maxNesting = 512
	// bodyTimeout is how long a body may take to arrive.
	bodyTimeout = 2 * time.Minute
	// zstdWindow bounds the memory that a zstd body may ask for, in bytes.
	zstdWindow = 8 << 20
)

// readBody reads a JSON body: decoded, within the limit, syntactically right.
// The limit applies to the decoded size.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *fault.Error) {
	if err := checkMediaType(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	body, err := readAny(w, r, limit)
	if err != nil {
		return nil, err
	}
	return body, checkJSON(body)
}

// readAny reads a body of any kind, decoded and within the limit: a form, which
// its operation takes apart.
func readAny(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, *fault.Error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	reader, err := decoded(encoding, http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return nil, err
	}
	body, ferr := readLimited(reader, sizeHint(r, encoding, limit), limit, encoding)
	if ferr != nil {
		return nil, ferr
	}
	// Answers may stream for hours; the next request sets its own deadline.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return body, nil
}

func checkMediaType(value string) *fault.Error {
	if value == "" {
		return nil
	}
	media, _, err := mime.ParseMediaType(value)
	if err == nil && (media == "application/json" || strings.HasSuffix(media, "+json") || media == "text/plain") {
		return nil
	}
	if len(media) > 80 {
		media = media[:80]
	}
	return fault.New(fault.InvalidRequest, fmt.Sprintf("The content type %q is not supported here: send application/json.", media)).
		WithCode("unsupported_media_type").WithStatus(http.StatusUnsupportedMediaType)
}

// decoded undoes the content encoding of a body.
func decoded(encoding string, body io.Reader) (io.Reader, *fault.Error) {
	var reader io.Reader
	var err error
	switch encoding {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		reader, err = gzip.NewReader(body)
	case "deflate":
		reader, err = inflate(body)
	case "br":
		reader = brotli.NewReader(body)
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<30), zstd.WithDecoderMaxWindow(zstdWindow))
		if err == nil {
			reader = z.IOReadCloser()
		}
	default:
		if len(encoding) > 40 {
			encoding = encoding[:40]
		}
		return nil, fault.New(fault.InvalidRequest, fmt.Sprintf("The content encoding %q is not supported: use gzip, zstd, br, deflate or none.", encoding)).
			WithCode("unsupported_content_encoding").WithStatus(http.StatusUnsupportedMediaType)
	}
	if err != nil {
		return nil, badEncoding(encoding, err)
	}
	return reader, nil
}

// inflate reads deflate in the form of the standard (zlib) and in the bare
// form that some clients send.
func inflate(body io.Reader) (io.Reader, error) {
	var head [2]byte
	if _, err := io.ReadFull(body, head[:]); err != nil {
		return nil, err
	}
	whole := io.MultiReader(bytes.NewReader(head[:]), body)
	if head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
		return zlib.NewReader(whole)
	}
	return flate.NewReader(whole), nil
}

// firstBuffer is what a body without a stated length starts with, in bytes.
const firstBuffer = 32 << 10

func sizeHint(r *http.Request, encoding string, limit int64) int64 {
	if r.ContentLength > 0 && (encoding == "" || encoding == "identity") {
		return min(r.ContentLength, limit) + 1 // room to see the end without growing
	}
	return firstBuffer
}

// readLimited reads all of a body. A stated length is believed only up to a
// bound: whoever announces 100 MiB has to send them before they are allocated.
func readLimited(reader io.Reader, hint, limit int64, encoding string) ([]byte, *fault.Error) {
	const believed = 8 << 20
	buf := make([]byte, 0, min(hint, believed))
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := reader.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(limit)
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return nil, readFault(err, limit, encoding)
		}
	}
}

func readFault(err error, limit int64, encoding string) *fault.Error {
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return tooLarge(limit)
	case encoding != "" && encoding != "identity":
		return badEncoding(encoding, err)
	default:
		return fault.Wrap(fault.InvalidRequest, "The request body broke off before its end.", err).WithCode("incomplete_body")
	}
}

func badEncoding(encoding string, err error) *fault.Error {
	return fault.Wrap(fault.InvalidRequest, "The body is not valid "+encoding+", which its Content-Encoding header announces.", err).
		WithCode("invalid_content_encoding")
}

func tooLarge(limit int64) *fault.Error {
	return fault.New(fault.TooLarge, fmt.Sprintf("The request body is larger than %s, the limit set by proxy.max_body_bytes.", byteSize(limit))).
		WithCode("request_too_large").WithHint("Raise proxy.max_body_bytes, or send less.")
}

func byteSize(n int64) string {
	const mib = 1 << 20
	if n >= mib {
		return fmt.Sprintf("%.4g MiB", float64(n)/mib)
	}
	return fmt.Sprintf("%d bytes", n)
}

// checkJSON is the one pass that makes sure of syntax, UTF-8 and depth.
func checkJSON(body []byte) *fault.Error {
	err := rawjson.Check(body, maxNesting)
	switch {
	case err == nil && rawjson.KindOf(body) != rawjson.KindObject:
		return fault.New(fault.InvalidRequest, "The request body must be a JSON object; this one is of type "+rawjson.KindOf(body).String()+".").WithCode("invalid_json")
	case err == nil:
		return nil
	case len(bytes.TrimSpace(body)) == 0:
		return fault.New(fault.InvalidRequest, "The request body is empty: send a JSON object.").WithCode("empty_body")
	case errors.Is(err, rawjson.ErrTooDeep):
		return fault.New(fault.InvalidRequest, fmt.Sprintf("The JSON of the request body is nested more than %d levels deep.", maxNesting)).WithCode("json_too_deep")
	default:
		return fault.New(fault.InvalidRequest, "The request body is not valid JSON: "+err.Error()+".").WithCode("invalid_json")
	}
}
