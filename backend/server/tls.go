package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"antigravity-tools/backend/protocol"
)

// WatchConns wraps a listener on the plain port for what no handler gets to see.
// A TLS handshake is recognised, reported and closed; report must not block; it
// gets the peer's address. What is no HTTP request is refused in the words of
// errors, the protocol that stands for all where nothing tells.
func WatchConns(ln net.Listener, errors protocol.Client, report func(remote string)) net.Listener {
	return &connWatcher{ln, errors, report}
}

// connWatcher reports connections that begin with a TLS handshake: hardly any words
// can reach such a client, but the window can tell what happened.
type connWatcher struct {
	net.Listener
	errors protocol.Client
	report func(remote string)
}

// Accept wraps each connection for its first byte.
func (l *connWatcher) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &plainConn{Conn: conn, errors: l.errors, report: l.report}, nil
}

// plainConn is read and written by one goroutine each (net/http's).
type plainConn struct {
	net.Conn
	errors protocol.Client
	report func(remote string)
	read   bool
}

// tlsHandshake is the first byte of a TLS record that holds a handshake.
const tlsHandshake = 0x16

var errTLS = errors.New("a TLS handshake on the plain HTTP port")

func (c *plainConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.read || n == 0 {
		return n, err
	}
	c.read = true
	if p[0] == tlsHandshake {
		if c.report != nil {
			c.report(c.RemoteAddr().String())
		}
		c.answerTLS()
		return 0, errTLS
	}
	return n, err
}

// plainWait is how long the answer to a handshake may take: it fits into the
// buffers of the socket.
const plainWait = time.Second

// answerTLS ends a handshake with an answer in plain HTTP. Nobody reads its words,
// but TLS libraries know its look: Go's says that the server gave an HTTP response,
// OpenSSL's tells of a wrong version number, where a closed connection would look
// like a broken network to both.
func (c *plainConn) answerTLS() {
	_ = c.Conn.SetWriteDeadline(time.Now().Add(plainWait))
	if c.errors != nil {
		_, _ = c.Conn.Write(cannedError(c.errors, http.StatusBadRequest, "this port speaks http, not https"))
	}
	_ = c.Conn.Close()
}

// maxHeader bounds a request's header, in bytes.
const maxHeader = 64 << 10

// NewHTTPServer sets the limits that keep slow and idle peers from holding
// anything for ever. Bodies may take long: their size is limited, and the
// handler sets their deadline. ctx ends open event streams, which a shutdown
// would wait for.
func NewHTTPServer(ctx context.Context, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          (&quietLog{log}).logger(),
	}
}
