package adminhttp

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"antigravity-tools/backend/fault"
)

// Guard says who may talk to the admin API and the console at all, before any password.
type Guard struct {
	// KnownHost tells whether a Host (without port, brackets removed) is this machine. Nil: loopback
	// names and addresses only.
	KnownHost func(host string) bool
	// LAN tells whether other machines may come in. Nil: never.
	LAN func() bool
}

// check refuses foreign machines, unknown hosts (DNS rebinding) and foreign pages.
func (g Guard) check(r *http.Request) error {
	if !fromLoopback(r) && (g.LAN == nil || !g.LAN()) {
		return fault.New(fault.Forbidden, "the console answers on this machine only").WithCode("loopback_only").
			WithHint("turn LAN access on to reach it from other machines")
	}
	if !g.knownHost(hostOnly(r.Host)) {
		return fault.New(fault.Forbidden, "the Host of this request is not this machine").WithCode("unknown_host").
			WithHint("add the name to proxy.allowed_hosts")
	}
	return g.checkOrigin(r)
}

// checkOrigin lets only the own pages in: by Origin where the browser sends one, else by
// Sec-Fetch-Site. Programs send neither.
func (g Guard) checkOrigin(r *http.Request) error {
	foreign := fault.New(fault.Forbidden, "pages of other origins may not use the admin API").WithCode("foreign_origin")
	if values, ok := r.Header["Origin"]; ok {
		if len(values) != 1 || !ownOrigin(values[0], r) {
			return foreign
		}
		return nil
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	default:
		return foreign
	}
}

func (g Guard) knownHost(host string) bool {
	if LoopbackHost(host) {
		return true
	}
	return g.KnownHost != nil && g.KnownHost(host)
}

func ownOrigin(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Path != "" || u.User != nil {
		return false
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return u.Scheme == scheme && strings.EqualFold(u.Host, r.Host)
}

// LoopbackHost tells whether a host name or address (no port, no brackets) means this machine's
// loopback interface.
func LoopbackHost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
}

// checkLocal refuses whoever is not at this machine. A proxy on this machine hands strangers on from a
// loopback socket, but names them in a forwarding header or keeps the Host that they asked for.
func checkLocal(r *http.Request) error {
	_, forwarded := r.Header["Forwarded"]
	_, forwardedFor := r.Header["X-Forwarded-For"]
	if fromLoopback(r) && LoopbackHost(hostOnly(r.Host)) && !forwarded && !forwardedFor {
		return nil
	}
	return fault.New(fault.Forbidden, "clients are set up at the machine of the gateway only").WithCode("local_only").
		WithHint("open the window or http://127.0.0.1 there, or use `client apply`; elsewhere enter the base URL by hand")
}

// fromLoopback looks at the socket's address alone; forwarding headers never count here.
func fromLoopback(r *http.Request) bool {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

func remoteIP(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	return ap.Addr().Unmap().WithZone("").String()
}
