// Package egress makes the program's outbound connections: the transports that
// reach providers, through the proxy of the settings, and a guarded fetcher for
// URLs that came from clients.
package egress

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"antigravity-tools/backend/fault"
)

// Direct as a proxy setting means none at all, not the environment's either.
const Direct = "direct"

const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	idleTimeout      = 90 * time.Second // shorter than what common load balancers keep
	idlePerHost      = 64
	idleInAll        = 256
	maxHeader        = 1 << 20 // bytes of an answer's header
)

// Transports reaches providers. The proxy setting is asked on every request,
// so that a change applies at once; requests under way go on as they began. It
// is safe for concurrent use.
type Transports struct {
	proxy   func() string
	client  *http.Client
	mu      sync.Mutex // orders changes of current
	current atomic.Pointer[choice]
}

// choice is the transport for one proxy setting.
type choice struct {
	setting   string
	transport *http.Transport
	err       error
}

// New returns Transports whose proxy setting is "" (the environment's), Direct
// or the URL of an http, https or socks5 proxy. A nil function means "".
func New(proxy func() string) *Transports {
	if proxy == nil {
		proxy = func() string { return "" }
	}
	t := &Transports{proxy: proxy}
	t.client = &http.Client{
		Transport: t,
		// Providers do not redirect API calls. Following one would carry the
		// key to another host, since it stands in a header that net/http does
		// not know to be secret.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return t
}

// Client is an HTTP client without a time limit of its own, which follows no
// redirects.
func (t *Transports) Client() *http.Client { return t.client }

// RoundTrip sends a request through the proxy that is set now.
func (t *Transports) RoundTrip(req *http.Request) (*http.Response, error) {
	c := t.choose()
	if c.err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // a RoundTripper closes it in any case
		}
		return nil, c.err
	}
	return c.transport.RoundTrip(req)
}

func (t *Transports) choose() *choice {
	setting := t.proxy()
	if c := t.current.Load(); c != nil && c.setting == setting {
		return c
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.current.Load()
	if old != nil && old.setting == setting {
		return old
	}
	c := &choice{setting: setting}
	proxy, err := ProxyFunc(setting)
	if err != nil {
		c.err = err
	} else {
		c.transport = newTransport(proxy)
	}
	t.current.Store(c)
	if old != nil && old.transport != nil {
		old.transport.CloseIdleConnections()
	}
	return c
}

// Close ends the idle connections.
func (t *Transports) Close() {
	if c := t.current.Load(); c != nil && c.transport != nil {
		c.transport.CloseIdleConnections()
	}
}

func newTransport(proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true, // a dialer or TLS config of one's own switches it off
		TLSHandshakeTimeout:    handshakeTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           idleInAll,
		MaxIdleConnsPerHost:    idlePerHost,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHeader,
		// Answers pass through as they come: net/http must not ask for gzip
		// behind the back of an identity passthrough.
		DisableCompression: true,
		HTTP2:              &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}
}

// ProxyFunc reads a proxy setting. Addresses of this machine are never reached
// through a proxy.
func ProxyFunc(setting string) (func(*http.Request) (*url.URL, error), error) {
	switch setting = strings.TrimSpace(setting); setting {
	case "":
		return http.ProxyFromEnvironment, nil
	case Direct:
		return nil, nil
	}
	u, err := url.Parse(setting)
	if err != nil || u.Host == "" {
		return nil, badProxy()
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
	default:
		return nil, badProxy()
	}
	return func(req *http.Request) (*url.URL, error) {
		if isLocal(req.URL.Hostname()) {
			return nil, nil
		}
		return u, nil
	}, nil
}

// badProxy does not repeat the setting, which may hold a password.
func badProxy() *fault.Error {
	return fault.New(fault.Internal, "the proxy setting is neither empty, nor \"direct\", nor an http, https or socks5 URL").
		WithCode("proxy_invalid").WithHint("Correct upstream.proxy_url.")
}

func isLocal(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
