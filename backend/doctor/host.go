package doctor

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// DiagnoseHost explains a request whose Host is no name of this gateway: which base
// URL its client should have instead. host is the header's value. The path may be
// a route, or wrong as well; its protocol is None where the path is no client's.
func DiagnoseHost(s Seen, host string, site Site) Verdict {
	if s.Method == "" {
		s.Method = http.MethodGet
	}
	d := diagnosis{seen: s, client: detectClient(s.Header), origin: strings.TrimRight(site.Origin, "/"), path: parse(s.Method, s.Path)}
	d.weigh()
	base, other := d.baseURL()
	if d.path.resource.path == "" { // nothing that a client asks for by a base URL
		base, other = d.origin, ""
	}
	v := Verdict{
		Code: CodeOtherHost, Protocol: d.protocol, Client: d.client.name, BaseURL: base, Guide: guideOf(d.client.name),
		Why: "this gateway is not addressed as " + show(host),
	}
	if len(Allowed(s.Method, s.Path)) > 0 {
		r, _, _ := Match(s.Method, s.Path)
		v.Protocol = routeProtocol(r, s)
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	d.code = CodeOtherHost
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil && ip.IsUnspecified() {
		v.Code, d.code = CodeUnspecified, CodeUnspecified
		v.Why = whyUnspecified(host)
	}
	v.Message = fmt.Sprintf("%s. %s", v.Why, d.cure(base, other))
	return v
}

func whyUnspecified(host string) string {
	return show(host) + " is an address to listen on, not one to connect to"
}
