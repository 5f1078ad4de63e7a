package server

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
)

// cannedHeaders stand in the replies that net/http writes by itself, in one
// piece, to what never becomes a request (net/http, conn.serve). No reply of a
// handler has them: those carry a date.
const cannedHeaders = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

// Write passes what handlers say, and words anew what net/http says by itself:
// every error of this program is JSON with a request id.
func (c *plainConn) Write(p []byte) (int, error) {
	if status, detail, ok := canned(p); ok && c.errors != nil {
		_, err := c.Conn.Write(cannedError(c.errors, status, detail))
		return len(p), err
	}
	return c.Conn.Write(p)
}

// canned recognises a reply of net/http's own and reads its status and the
// explanation behind the status' name.
func canned(p []byte) (status int, detail string, ok bool) {
	const version, head = "HTTP/1.1 ", len("HTTP/1.1 400 ")
	if len(p) > 1<<10 || len(p) <= head || string(p[:len(version)]) != version || (p[len(version)] != '4' && p[len(version)] != '5') {
		return 0, "", false
	}
	at := bytes.Index(p, []byte(cannedHeaders))
	if at < head {
		return 0, "", false
	}
	status, err := strconv.Atoi(string(p[len(version) : head-1]))
	if err != nil {
		return 0, "", false
	}
	_, detail, _ = strings.Cut(string(p[head:at]), ": ")
	return status, detail, true
}

func cannedError(errors protocol.Client, status int, detail string) []byte {
	e := fault.New(fault.InvalidRequest, "The request is not valid HTTP"+ifAny(": ", detail)+".").WithStatus(status).WithCode("malformed_request")
	switch status {
	case http.StatusRequestHeaderFieldsTooLarge:
		e.Code = "header_too_large"
		e.Message = fmt.Sprintf("The header of the request is longer than %d KiB.", maxHeader>>10)
	case http.StatusNotImplemented:
		e.Message = "This transfer encoding is not supported: send the body with a length, or in chunks."
	}
	id := newRequestID()
	_, body := errors.EncodeError(e, id)
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Request-Id: %s\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), len(body), id, body)
}

func ifAny(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}
