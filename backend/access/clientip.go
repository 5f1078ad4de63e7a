package access

import (
	"net/netip"
	"slices"
	"strings"
)

// ClientIP gives the caller's address: the socket's, unless that is a trusted
// proxy's. Then X-Forwarded-For is read from its end, past further trusted
// proxies, for only what they added themselves can be believed. remoteAddr is the
// request's RemoteAddr, forwarded the header's values in order. The answer is the
// zero Addr if the socket's address cannot be read.
func ClientIP(remoteAddr string, forwarded []string, trusted []netip.Prefix) netip.Addr {
	client, ok := parseAddr(remoteAddr)
	if !ok {
		return netip.Addr{}
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !contains(trusted, client) {
			return client
		}
		next, ok := parseAddr(strings.TrimSpace(hop))
		if !ok {
			return client
		}
		client = next
	}
	return client
}

func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// parseAddr takes an address with or without port and brackets.
func parseAddr(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}
