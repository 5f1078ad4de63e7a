// Package egress makes the outbound connections: proxies, timeouts, and the
// guard for addresses that clients name.
package egress

import (
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Direct as a proxy setting means: no proxy, not the environment's either.
const Direct = "direct"

// Transports holds the transport to the providers. When the proxy setting
// changes a new one takes its place; what runs on the old one ends on it. It is
// safe for concurrent use.
type Transports struct {
	proxy func() string // the setting: "", Direct, or a URL

	mu      sync.Mutex
	setting string
	client  *http.Client
}

// New returns transports that follow the proxy setting.
func New(proxy func() string) *Transports { return &Transports{proxy: proxy} }

// Client returns the client for calls to providers. It has no timeout of its
// own: answers stream for as long as they do, the relay watches over them.
func (t *Transports) Client() *http.Client {
	setting := t.proxy()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.client == nil || setting != t.setting {
		if t.client != nil {
			t.client.CloseIdleConnections()
		}
		t.setting = setting
		t.client = &http.Client{Transport: newTransport(setting), CheckRedirect: noRedirect}
	}
	return t.client
}

// Close ends idle connections.
func (t *Transports) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.client != nil {
		t.client.CloseIdleConnections()
	}
}

// noRedirect keeps a credential from following a redirect to another host.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func newTransport(setting string) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                 proxyFunc(setting),
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		// Bytes pass through unchanged: nothing may ask for gzip behind them.
		DisableCompression: true,
	}
}

func proxyFunc(setting string) func(*http.Request) (*url.URL, error) {
	switch setting {
	case "":
		return http.ProxyFromEnvironment
	case Direct:
		return nil
	}
	u, err := url.Parse(setting)
	if err != nil { // the setting was validated; a broken one must not leak traffic
		return func(*http.Request) (*url.URL, error) { return nil, err }
	}
	return http.ProxyURL(u)
}
