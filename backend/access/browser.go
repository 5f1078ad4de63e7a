package access

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
)

// Hosts are the names under which the gateway may be addressed, beside loopback
// ones and host.docker.internal.
type Hosts struct {
	Own     []string // this machine's names and addresses, lower case; see ThisMachine
	Allowed []string // proxy.allowed_hosts, lower case
}

// ThisMachine gives the machine's own names and addresses, lower case, as they
// are now. What cannot be found out is left out.
func ThisMachine() []string {
	var out []string
	if name, err := os.Hostname(); err == nil && name != "" {
		name = strings.ToLower(name)
		short, _, _ := strings.Cut(name, ".")
		out = append(out, name, short, short+".local")
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return out
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, p.Addr().Unmap().WithZone("").String())
		}
	}
	return out
}

// CheckHost refuses a request whose Host names somebody else: a web page reached
// through a name of its own that points here (DNS rebinding). host is the header's
// value, with or without a port. To be asked while no key is needed.
func CheckHost(host string, known Hosts) *fault.Error {
	name := hostName(host)
	if name == "" || KnownHost(host, known) {
		return nil
	}
	err := fault.New(fault.Forbidden, "this gateway is not addressed as that Host; the setting proxy.allowed_hosts allows further names").
		WithCode("host_not_allowed").WithHint("enter the address shown on the Gateway page, or add the name to proxy.allowed_hosts")
	if addr, perr := netip.ParseAddr(name); perr == nil && addr.IsUnspecified() {
		return err.WithHint("enter 127.0.0.1 instead of " + name)
	}
	return err
}

// KnownHost reports whether a Host header names this gateway. Unlike CheckHost it
// says no to an empty one, as the admin API wants it.
func KnownHost(host string, known Hosts) bool {
	name := hostName(host)
	return isLoopbackName(name) || name == "host.docker.internal" ||
		name != "" && (slices.Contains(known.Own, name) || slices.Contains(known.Allowed, name))
}

// hostName takes port, brackets, zone and a closing dot off, in lower case. An
// address gets its usual form.
func hostName(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	return host
}

func isLoopbackName(name string) bool {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}

// Origins are the origins that proxy.cors_origins lists, and whether a key is
// needed at present: only then does "*" count.
type Origins struct {
	Listed    []string
	KeyNeeded bool
}

// CheckOrigin refuses what a foreign web page sends: a foreign Origin, Origin:
// null, or no Origin where the browser itself says that the request crosses
// sites. host is the request's Host. To be asked while no key is needed; programs
// that are no browsers send neither header and are not affected.
func CheckOrigin(origin, secFetchSite, host string, o Origins) *fault.Error {
	switch {
	case origin == "" && !strings.EqualFold(strings.TrimSpace(secFetchSite), "cross-site"):
		return nil
	case origin != "" && AllowedOrigin(origin, host, o):
		return nil
	default:
		return fault.New(fault.Forbidden, "web pages of this origin may not use the gateway; the setting proxy.cors_origins allows further origins").
			WithCode("origin_not_allowed").WithHint("add the page's origin to proxy.cors_origins, or let the gateway ask for a key")
	}
}

// AllowedOrigin reports whether a browser's origin may read answers (CORS): pages
// on loopback, the gateway's own, desktop and editor apps, and those listed.
func AllowedOrigin(origin, host string, o Origins) bool {
	origin = strings.ToLower(origin)
	u, err := url.Parse(origin)
	if err != nil || u.Scheme == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return listed(origin, o) && origin != "" && origin != "null"
	}
	switch u.Scheme {
	case "app", "tauri", "wails", "vscode-webview", "vscode-file":
		return true
	case "http", "https":
		if u.Host != "" && u.Path == "" && (isLoopbackName(hostName(u.Host)) || SameOrigin(origin, host)) {
			return true
		}
	}
	return listed(origin, o)
}

func listed(origin string, o Origins) bool {
	return slices.Contains(o.Listed, origin) || o.KeyNeeded && slices.Contains(o.Listed, "*")
}

// SameOrigin reports whether an origin is the very host and port that the request
// was sent to. The console and the admin API take no other from a browser.
func SameOrigin(origin, host string) bool {
	u, err := url.Parse(strings.ToLower(origin))
	if err != nil || u.Host == "" || u.Path != "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	standard := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	return strings.TrimSuffix(u.Host, standard) == strings.TrimSuffix(strings.ToLower(host), standard)
}
