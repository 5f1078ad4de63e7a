// Package doctor explains request paths and base URLs: which route a path is, or
// which mistake made it miss, and what base URL the client should have instead.
//
// It also holds the table of public routes, the one place that names them: the
// server registers from it and the window shows it. And it walks the chain from
// the program to an account's answer, looking through probes of its caller.
// Everything here is pure: no state, no network. It imports the standard library
// alone.
package doctor

import "net/http"

// Protocol names the client protocol a route or a failing request belongs to,
// and thereby the shape its errors take.
type Protocol string

// The protocols. None stands for routes that speak none (health, telemetry).
const (
	None      Protocol = ""
	OpenAI    Protocol = "openai"
	Responses Protocol = "responses"
	Anthropic Protocol = "anthropic"
	Gemini    Protocol = "gemini"
)

// The stable codes of a verdict. An empty code means that nothing is wrong.
const (
	CodeDuplicatedVersion = "duplicated_version_prefix" // two versions in a row
	CodeNestedResource    = "nested_resource_path"      // a resource path behind another
	CodeMissingVersion    = "missing_version_prefix"    // no /v1
	CodeWrongVersion      = "wrong_version_prefix"      // /v1beta before an OpenAI or Anthropic resource
	CodeForeignPrefix     = "foreign_prefix"            // another gateway's path in front
	CodeMalformedPath     = "malformed_path"            // doubled slashes, upper case, spaces
	CodeUnknownRoute      = "unknown_route"             // a typo, or nothing we know
)

// The codes that only DiagnoseURL and DiagnoseHost give: they concern what stands before the path.
const (
	CodeMalformedURL  = "malformed_url"       // not a URL; scheme missing or broken
	CodeHTTPSOnHTTP   = "https_on_http_port"  // the gateway speaks plain HTTP
	CodeWrongPort     = "wrong_port"          // another port than the gateway's
	CodeUnspecified   = "unspecified_address" // 0.0.0.0 and [::] are for listening only
	CodeLocalhostIPv4 = "localhost_ipv4_only" // localhost may mean ::1, where nobody listens
	CodeOtherHost     = "other_host"          // another address than the gateway's, e.g. a vendor's
)

// Verdict is what a diagnosis found. Its texts are public and hold no query, no
// header and no key.
type Verdict struct {
	Code       string      `json:"code"`       // empty: nothing is wrong
	Protocol   Protocol    `json:"protocol"`   // the shape to answer in
	Client     string      `json:"client"`     // e.g. "Claude Code"; empty: not recognised
	BaseURL    string      `json:"base_url"`   // to enter instead
	Message    string      `json:"message"`    // what was asked, what is wrong, what to enter
	Why        string      `json:"why"`        // the cause in one line
	Canonical  string      `json:"canonical"`  // the route that was meant and takes this method; empty: ambiguous
	Guide      string      `json:"guide"`      // the guide, a path in the repository: the client's own, else the table of all
	Suggestion string      `json:"suggestion"` // the route that a typo meant
	Uses       []ClientURL `json:"uses"`       // DiagnoseURL only: what each client makes of the URL
}

// OK reports that nothing is wrong.
func (v Verdict) OK() bool { return v.Code == "" }

// Status is the HTTP status that carries the verdict to the client: 404, except for
// Claude Code, which replaces whatever a 404 says by its own words about the model
// (seen with 2.1.330) and prints what a 400 says.
func (v Verdict) Status() int {
	if v.Client == "Claude Code" && v.Protocol == Anthropic {
		return http.StatusBadRequest
	}
	return http.StatusNotFound
}

// InStream says that the verdict has to reach the client as an error event in a stream
// that begins well, because it replaces what an error status comes with by words of its
// own: Zed does, with any status (v1.4.2: "…'s API returned an unexpected error"), and
// shows what an event says. Its chat completions always stream.
func (v Verdict) InStream() bool { return v.Client == "Zed" && v.Protocol == OpenAI }

// Site says where the gateway is reached.
type Site struct {
	Origin   string // scheme, host and port, e.g. http://127.0.0.1:8045
	IPv4Only bool   // no listener on ::1, so that "localhost" may miss
}
