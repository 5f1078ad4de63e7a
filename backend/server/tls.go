package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// SpotTLS wraps a listener on the plain port so that a TLS handshake is
// recognised, reported and closed. report must not block; it gets the peer's
// address.
func SpotTLS(ln net.Listener, report func(remote string)) net.Listener {
	return &tlsSpotter{ln, report}
}

// tlsSpotter reports connections that begin with a TLS handshake: no words can
// reach such a client, but the window can tell what happened.
type tlsSpotter struct {
	net.Listener
	report func(remote string)
}

// Accept wraps each connection for its first byte.
func (l *tlsSpotter) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &spottedConn{Conn: conn, report: l.report}, nil
}

// spottedConn is read by one goroutine (net/http's).
type spottedConn struct {
	net.Conn
	report func(remote string)
	read   bool
}

// tlsHandshake is the first byte of a TLS record that holds a handshake.
const tlsHandshake = 0x16

var errTLS = errors.New("a TLS handshake on the plain HTTP port")

func (c *spottedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.read || n == 0 {
		return n, err
	}
	c.read = true
	if p[0] == tlsHandshake {
		if c.report != nil {
			c.report(c.RemoteAddr().String())
		}
		_ = c.Conn.Close()
		return 0, errTLS
	}
	return n, err
}

// NewHTTPServer sets the limits that keep slow and idle peers from holding
// anything for ever. Bodies may take long: their size is limited, and the
// handler sets their deadline. ctx ends open event streams, which a shutdown
// would wait for.
func NewHTTPServer(ctx context.Context, h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          (&quietLog{log}).logger(),
	}
}
