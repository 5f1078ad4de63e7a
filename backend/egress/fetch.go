package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"antigravity-tools/backend/fault"
)

const (
	fetchTimeout = 30 * time.Second
	maxRedirects = 5
)

// errGuarded is the cause of a connection that the guard refused.
var errGuarded = errors.New("the address is not a public one")

// Fetcher gets what URLs in clients' requests point to. It speaks https only
// and reaches public addresses only: each address is judged when it is dialled,
// after the name was resolved, so that neither a redirect nor a name that
// changes its address gets around it. It uses no proxy, which would dial in its
// place.
type Fetcher struct {
	client   *http.Client
	maxBytes int64
}

// Fetched is what a URL pointed to.
type Fetched struct {
	Body []byte
	MIME string // as the server names it; "" if it does not
}

// NewFetcher returns a Fetcher that takes bodies of at most maxBytes.
func NewFetcher(maxBytes int64) *Fetcher { return newFetcher(maxBytes, Guard, nil) }

func newFetcher(maxBytes int64, guard func(string, string, syscall.RawConn) error, conf *tls.Config) *Fetcher {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: guard}
	if conf == nil {
		conf = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return &Fetcher{maxBytes: maxBytes, client: &http.Client{
		Timeout: fetchTimeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: conf, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: handshakeTimeout, ResponseHeaderTimeout: handshakeTimeout,
			MaxIdleConns: 16, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: maxHeader,
			// A small compressed body could unfold beyond all bounds.
			DisableCompression: true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirects")
			}
			if req.URL.Scheme != "https" || req.URL.User != nil {
				return errGuarded
			}
			return nil
		},
	}}
}

// Close ends idle connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// Fetch gets the body behind an https URL. param names the request's field, for
// the error; an error tells nothing about what lies behind the address.
func (f *Fetcher) Fetch(ctx context.Context, raw, param string) (Fetched, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return Fetched{}, fault.Invalid(param, "only https URLs without a user name can be fetched").WithCode("url_not_allowed")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Fetched{}, fault.Invalid(param, "the URL is malformed").WithCode("url_not_allowed")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return Fetched{}, fetchFault(ctx, param, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return Fetched{}, fault.Invalid(param, "the URL could not be fetched: its server answered %d", resp.StatusCode).WithCode("url_unreachable")
	}
	if resp.ContentLength > f.maxBytes {
		return Fetched{}, f.tooLarge(param)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, f.maxBytes+1))
	if err != nil {
		return Fetched{}, fetchFault(ctx, param, err)
	}
	if int64(len(body)) > f.maxBytes {
		return Fetched{}, f.tooLarge(param)
	}
	return Fetched{Body: body, MIME: resp.Header.Get("Content-Type")}, nil
}

func (f *Fetcher) tooLarge(param string) *fault.Error {
	e := fault.Invalid(param, "what the URL points to is larger than %d bytes", f.maxBytes)
	e.Class = fault.TooLarge
	return e
}

func fetchFault(ctx context.Context, param string, err error) error {
	if ctx.Err() != nil {
		return fault.From(context.Cause(ctx))
	}
	if errors.Is(err, errGuarded) {
		e := fault.Invalid(param, "the URL leads to an address that is not public, which is not fetched").WithCode("url_not_allowed")
		e.Cause = err
		return e
	}
	e := fault.Invalid(param, "the URL could not be fetched").WithCode("url_unreachable")
	e.Cause = err
	return e
}

// Guard refuses connections to addresses that are not public. It is a Control
// function for net.Dialer, which calls it with each address it is about to
// dial.
func Guard(network, address string, _ syscall.RawConn) error {
	addr, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") || !Public(addr.Addr()) {
		return errGuarded
	}
	return nil
}

// reserved lists what IANA keeps from the public network beyond what netip
// knows (iana.org/assignments/iana-ipv4-special-registry and -ipv6-).
func reserved() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		// Only 2000::/3 is public at all; of that:
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Public tells whether an address belongs to the public network.
func Public(addr netip.Addr) bool {
	addr = addr.Unmap()
	if addr.Zone() != "" || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	if addr.Is6() && !netip.MustParsePrefix("2000::/3").Contains(addr) {
		return false // among them NAT64, which hides IPv4 addresses
	}
	for _, p := range reserved() {
		if p.Contains(addr) {
			return false
		}
	}
	return true
}
