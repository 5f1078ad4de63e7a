package doctor

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// ClientURL says what one kind of client makes of a base URL.
type ClientURL struct {
	Client   string   `json:"client"`
	Protocol Protocol `json:"protocol"`
	URL      string   `json:"url"`      // what the client would ask for
	Works    bool     `json:"works"`    // it is a route
	BaseURL  string   `json:"base_url"` // what to enter in this client
	Guide    string   `json:"guide"`    // a path in the repository
}

// DiagnoseURL explains what a person typed: a base URL, or a path (it begins with
// a slash), which may be a base URL's path or a request's. Nothing is contacted.
func DiagnoseURL(raw string, site Site) Verdict {
	site.Origin = strings.TrimRight(site.Origin, "/")
	text := strings.TrimFunc(raw, func(r rune) bool { return isBlank(r) || strings.ContainsRune("\"'`<>", r) })
	if strings.HasPrefix(text, "/") || text == "" {
		return diagnosePath(text, site)
	}
	u, code, why := parseURL(text, site)
	path := ""
	if u != nil {
		path = u.Path
	}
	v := diagnoseBase(path, site)
	if code != "" {
		v.Code, v.Why = code, why
		v.Message = fmt.Sprintf("%s: %s. Enter %s as the base URL (see the list for each client).", showURL(text), why, v.BaseURL)
		v.Canonical = ""
	}
	if strings.TrimFunc(raw, isBlank) != raw && v.OK() {
		v.Code, v.Why = CodeMalformedURL, "there are stray spaces about it, which some clients keep"
		v.Message = fmt.Sprintf("%s: %s. Enter %s as the base URL (see the list for each client).", showURL(text), v.Why, v.BaseURL)
	}
	return v
}

// diagnosePath takes a path for a request's first, for a base URL's second.
func diagnosePath(path string, site Site) Verdict {
	path, _, _ = strings.Cut(path, "?")
	path = "/" + strings.TrimPrefix(path, "/")
	if allowed := Allowed(http.MethodGet, path); len(allowed) > 0 || len(Allowed(http.MethodPost, path)) > 0 {
		if len(allowed) == 0 {
			allowed = Allowed(http.MethodPost, path)
		}
		v := Diagnose(Seen{Method: allowed[0], Path: path}, site)
		v.BaseURL = naturalBase(v.Protocol, site)
		v.Why = "it is a route"
		v.Message = fmt.Sprintf("%s is a route of this gateway (%s).", show(path), strings.Join(allowed, ", "))
		return v
	}
	if isBasePath(path) {
		return diagnoseBase(path, site)
	}
	// The method is not known: reading finds look-ups, posting finds the rest.
	v := Diagnose(Seen{Method: http.MethodPost, Path: path}, site)
	if v.Canonical == "" {
		if got := Diagnose(Seen{Method: http.MethodGet, Path: path}, site); got.Canonical != "" {
			return got
		}
	}
	if v.Canonical == "" { // it may be a base URL's: what the server says of it stands, with what the clients would make of it
		v.Uses = diagnoseBase(path, site).Uses
	}
	return v
}

// naturalBase is the base URL that most clients of a protocol want.
func naturalBase(p Protocol, site Site) string {
	if p == OpenAI || p == Responses {
		return site.Origin + "/v1"
	}
	return site.Origin
}

func isBasePath(path string) bool {
	switch strings.TrimRight(path, "/") {
	case "", "/v1", "/v1beta", "/v1alpha":
		return true
	default:
		return false
	}
}

// diagnoseBase judges the path of a base URL by what the clients would make of it.
func diagnoseBase(path string, site Site) Verdict {
	v := Verdict{BaseURL: site.Origin, Protocol: None, Uses: uses(path, site), Guide: guideOf("")}
	if isBasePath(path) {
		if strings.HasPrefix(path, "/v1") {
			v.BaseURL = site.Origin + strings.TrimRight(path, "/")
		}
		v.Why = "a base URL that the clients marked as working reach routes with"
		v.Message = fmt.Sprintf("%s is a good base URL for: %s.", v.BaseURL, working(v.Uses))
		return v
	}
	if r, ok := endpoint(path); ok {
		v.Code, v.Protocol = CodeNestedResource, r.Protocol
		v.BaseURL = naturalBase(r.Protocol, site)
		v.Why = "it goes down to a resource, and the client puts its own path behind it"
		v.Message = fmt.Sprintf("%s is a whole endpoint, no base URL: %s. Enter %s; in Kilo Code choose the Gemini provider with %s.",
			show(path), v.Why, v.BaseURL, site.Origin)
		return v
	}
	return judgeByClients(v, path, site)
}

// endpoint says whether a base URL's path is (in a tolerant reading) a route.
func endpoint(path string) (Route, bool) {
	segments, _ := clean(path)
	whole := "/" + strings.Join(segments, "/")
	for _, p := range []string{whole, strings.ToLower(whole), "/v1" + strings.ToLower(whole)} {
		for h := range hits(p) {
			if h.route.Protocol != None {
				return h.route, true
			}
		}
	}
	return Route{}, false
}

// judgeByClients lets a typical client append its path, and diagnoses the result.
func judgeByClients(v Verdict, path string, site Site) Verdict {
	suffix := "/chat/completions"
	lower := strings.ToLower(path)
	switch {
	case strings.Contains(lower, "anthropic") || strings.Contains(lower, "claude") || strings.Contains(lower, "messages"):
		suffix = "/v1/messages"
	case strings.Contains(lower, "gemini") || strings.Contains(lower, "google") || strings.Contains(lower, "generatecontent"):
		suffix = "/v1beta/models/MODEL:generateContent"
	}
	got := Diagnose(Seen{Method: http.MethodPost, Path: strings.TrimRight(path, "/") + suffix}, site)
	v.Code, v.Protocol, v.BaseURL, v.Why = got.Code, got.Protocol, naturalBase(got.Protocol, site), got.Why
	if v.Code == "" {
		v.Code, v.Why = CodeUnknownRoute, "no client of ours reaches a route with it"
	}
	v.Message = fmt.Sprintf("%s is no base URL of this gateway: %s. Enter %s (see the list for each client).", show(path), v.Why, v.BaseURL)
	return v
}

// uses lists what each client would ask for, given the path of its base URL.
func uses(path string, site Site) []ClientURL {
	base := strings.TrimRight(path, "/")
	var out []ClientURL
	for _, s := range Setups() {
		asked := base + s.Adds
		_, _, ok := Match(http.MethodPost, asked)
		out = append(out, ClientURL{
			Client:   s.Client,
			Protocol: s.Protocol,
			URL:      site.Origin + show(asked),
			Works:    ok,
			BaseURL:  site.Origin + s.Base,
			Guide:    guideOf(s.program()),
		})
	}
	return out
}

func working(list []ClientURL) string {
	var names []string
	for _, u := range list {
		if u.Works {
			names = append(names, u.Client)
		}
	}
	return strings.Join(names, ", ")
}

// parseURL reads a URL as typed and judges all that stands before its path.
func parseURL(text string, site Site) (u *url.URL, code, why string) {
	head, tail, ok := strings.Cut(text, "://")
	switch {
	case !ok && (strings.HasPrefix(strings.ToLower(text), "http:") || strings.HasPrefix(strings.ToLower(text), "https:")):
		code, why = CodeMalformedURL, "two slashes must follow the scheme"
		_, tail, _ = strings.Cut(text, ":")
		head, tail = "http", strings.TrimLeft(tail, "/")
	case !ok:
		code, why = CodeMalformedURL, "http:// in front is missing"
		head, tail = "http", text
	}
	scheme := strings.ToLower(head)
	if scheme != "http" && scheme != "https" {
		code, why = CodeMalformedURL, "the scheme must be http"
	}
	u, blanks := readURL(tail)
	if u == nil {
		return nil, CodeMalformedURL, "it cannot be read as a URL"
	}
	if code == "" {
		code, why = judgeHost(scheme, u, site)
	}
	if code == "" && blanks {
		code, why = CodeMalformedURL, "there are stray spaces in it"
	}
	return u, code, why
}

// readURL reads what stands behind the scheme more kindly than url.Parse does: the
// path is as it was typed, and blanks about the host are told and passed over.
func readURL(tail string) (u *url.URL, blanks bool) {
	end := strings.IndexAny(tail, "/?#")
	if end < 0 {
		end = len(tail)
	}
	authority := strings.TrimFunc(tail[:end], isBlank)
	u, err := url.Parse("http://" + authority)
	if err != nil || u.Hostname() == "" {
		return nil, false
	}
	path, _, _ := strings.Cut(tail[end:], "?")
	path, _, _ = strings.Cut(path, "#")
	if whole, err := url.PathUnescape(path); err == nil {
		path = whole
	}
	u.Path = path
	return u, authority != tail[:end]
}

func judgeHost(scheme string, u *url.URL, site Site) (code, why string) {
	own, err := url.Parse(site.Origin)
	if err != nil {
		return "", ""
	}
	host := strings.ToLower(u.Hostname())
	if isVendor(host) {
		return CodeOtherHost, "that is the vendor's own address, not this gateway's"
	}
	local := host == "localhost" || isOwnAddress(host) || host == strings.ToLower(own.Hostname())
	if local && scheme == "https" && own.Scheme == "http" {
		return CodeHTTPSOnHTTP, "the gateway speaks plain http on this port, https cannot connect"
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return CodeUnspecified, whyUnspecified(host)
	}
	if local && portOf(u, scheme) != portOf(own, own.Scheme) {
		return CodeWrongPort, fmt.Sprintf("the gateway listens on port %s, this names %s", portOf(own, own.Scheme), portOf(u, scheme))
	}
	if host == "localhost" && site.IPv4Only {
		return CodeLocalhostIPv4, "localhost may mean [::1] first, and the gateway listens on IPv4 only"
	}
	return "", ""
}

func isOwnAddress(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

func isVendor(host string) bool {
	for _, v := range []string{"openai.com", "anthropic.com", "googleapis.com", "openrouter.ai", "z.ai"} {
		if host == v || strings.HasSuffix(host, "."+v) {
			return true
		}
	}
	return false
}

func portOf(u *url.URL, scheme string) string {
	if p := u.Port(); p != "" {
		return p
	}
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// showURL repeats a typed URL without what may be a secret: user info and query.
func showURL(text string) string {
	text, _, _ = strings.Cut(text, "?")
	head, tail, ok := strings.Cut(text, "://")
	if !ok {
		head, tail = "", text
	}
	authority, path, _ := strings.Cut(tail, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	out := authority
	if path != "" {
		out += "/" + path
	}
	if ok {
		out = head + "://" + out
	}
	return show(out)
}
