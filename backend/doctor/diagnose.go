package doctor

import (
	"net/http"
	"slices"
	"strings"
)

// Seen is a request as the server saw it. The query is looked at only for the
// presence of key=, never kept or shown.
type Seen struct {
	Method string
	Path   string // decoded
	Query  string // raw
	Header http.Header
}

// Diagnose explains a request that met no route. For a path that is a route its
// code is empty, whatever the method: the server answers 405 there (see Allowed).
func Diagnose(s Seen, site Site) Verdict {
	if s.Method == "" {
		s.Method = http.MethodGet
	}
	c := detectClient(s.Header)
	if r, _, ok := Match(s.Method, s.Path); ok || len(Allowed(s.Method, s.Path)) > 0 {
		return Verdict{Protocol: routeProtocol(r, s), Client: c.name, Canonical: trimSlash(s.Path)}
	}
	d := diagnosis{seen: s, client: c, origin: strings.TrimRight(site.Origin, "/"), path: parse(s.Method, s.Path)}
	d.weigh()
	return d.verdict()
}

// routeProtocol gives the protocol of a valid path, for the errors met on it.
func routeProtocol(r Route, s Seen) Protocol {
	if r.Operation == OpModels || r.Operation == OpModel {
		return ModelListProtocol(s)
	}
	if r.Method != "" {
		return r.Protocol
	}
	for h := range hits(s.Path) {
		return h.route.Protocol
	}
	return None
}

// ModelListProtocol gives the shape in which a model list is wanted: under
// /v1beta and /v1alpha Gemini's, else by header.
func ModelListProtocol(s Seen) Protocol {
	if first, _, _ := strings.Cut(strings.TrimLeft(s.Path, "/"), "/"); first == "v1beta" || first == "v1alpha" {
		return Gemini
	}
	if p := headerProtocol(s); p != None {
		return p
	}
	return OpenAI
}

// headerProtocol tells the protocol by what only its clients send.
func headerProtocol(s Seen) Protocol {
	if s.Header.Get("Anthropic-Version") != "" {
		return Anthropic
	}
	if s.Header.Get("X-Goog-Api-Key") != "" || s.Header.Get("X-Goog-Api-Client") != "" {
		return Gemini
	}
	for part := range strings.SplitSeq(s.Query, "&") {
		if strings.HasPrefix(part, "key=") {
			return Gemini
		}
	}
	return None
}

// diagnosis gathers what is found out about one request.
type diagnosis struct {
	seen   Seen
	client client
	origin string
	path   parsed

	protocol  Protocol
	code      string
	versions  []string // those in front of the resource, without earlier resources
	nested    bool     // an earlier resource stands in the prefix
	foreign   string   // a prefix that is another gateway's habit
	unknown   bool     // the foreign prefix is no habit we know
	adjacent  bool     // the version right before the resource is one the client may have added
	canonical string
}

func (d *diagnosis) weigh() {
	d.readPrefix()
	d.protocol = d.findProtocol()
	d.adjacent = d.versionFits(d.lastSegment())
	d.canonical = d.findCanonical()
	d.code = d.findCode()
	if d.code == CodeUnknownRoute && d.canonical == "" {
		d.nearRoute()
	}
}

// readPrefix sorts the segments before the resource.
func (d *diagnosis) readPrefix() {
	for i, s := range d.path.prefix {
		switch {
		case isVersion(s):
			d.versions = append(d.versions, s)
		case d.path.resource.path != "" && (isResourceWord(s) || verbOf(s) != ""):
			d.nested = true
		case d.nested:
			// What stands behind a resource (a model's name, an id) belongs to it.
		case d.foreign == "" && isForeign(s) && (i < 2 || d.path.resource.path != ""):
			d.foreign = s
		case d.foreign == "" && d.path.resource.path != "":
			d.foreign, d.unknown = s, true
		}
	}
}

// isForeign knows the prefixes that other gateways and vendors put in front.
func isForeign(s string) bool {
	switch s {
	case "openai", "anthropic", "claude", "gemini", "google", "api", "deployments", "openrouter", "litellm",
		"antigravity", "paas", "compatible-mode", "inference", "backend-api", "codex", "proxy", "projects":
		return true
	default:
		return false
	}
}

// findProtocol asks the resource, then the version, then the headers, then the
// foreign prefix; OpenAI's shape is what remains.
func (d *diagnosis) findProtocol() Protocol {
	r := d.path.resource
	isModelList := r.path == "models" || strings.HasPrefix(r.path, "models/") && !r.gemini
	if r.path != "" && !isModelList {
		return r.protocol
	}
	if isModelList && strings.HasSuffix(d.lastSegment(), "beta") {
		return Gemini
	}
	if p := headerProtocol(d.seen); p != None {
		return p
	}
	for _, s := range d.path.prefix {
		switch s {
		case "messages", "anthropic", "claude":
			return Anthropic
		case "responses":
			return Responses
		case "gemini", "google", "v1beta", "v1alpha", "tunedmodels":
			return Gemini
		case "openai", "chat", "completions":
			return OpenAI
		}
	}
	return d.clientProtocol()
}

// clientProtocol is the only protocol that the client speaks, or OpenAI's.
func (d *diagnosis) clientProtocol() Protocol {
	switch d.client.name {
	case "Claude Code", "Anthropic SDK":
		return Anthropic
	case "Gemini CLI", "Google Gen AI SDK":
		return Gemini
	case "Codex":
		return Responses
	default:
		return OpenAI
	}
}

func (d *diagnosis) lastSegment() string {
	if n := len(d.path.prefix); n > 0 {
		return d.path.prefix[n-1]
	}
	return ""
}

// versionFits says whether a version is right for the resource.
func (d *diagnosis) versionFits(version string) bool {
	switch version {
	case "v1":
		return true
	case "v1beta", "v1alpha":
		return d.protocol == Gemini && strings.HasPrefix(strings.ToLower(d.path.resource.path), "models") ||
			d.path.resource.gemini || strings.HasPrefix(d.path.resource.path, "tunedModels")
	default:
		return false
	}
}

// findCanonical gives the route that was meant, or "" if that is not sure.
func (d *diagnosis) findCanonical() string {
	r := d.path.resource
	if r.path == "" || slices.Contains(d.path.prefix, "deployments") {
		// Azure names the model in the path and often not in the body: nothing to map to.
		return ""
	}
	version := "v1"
	if last := d.lastSegment(); d.adjacent {
		version = last
	} else if d.protocol == Gemini {
		version = "v1beta"
	}
	path := "/" + version + "/" + r.path
	if _, _, ok := Match(d.seen.Method, path); ok || len(Allowed(d.seen.Method, path)) > 0 {
		return path
	}
	return ""
}

// findCode names the mistake; where there are several, the one to mend first.
func (d *diagnosis) findCode() string {
	p := d.path
	switch {
	case d.nested:
		return CodeNestedResource
	case d.foreign != "" && d.unknown && d.isTypo():
		d.path.typo = true
		return CodeUnknownRoute
	case d.foreign != "":
		return CodeForeignPrefix
	case len(d.versions) > 1:
		return CodeDuplicatedVersion
	case p.resource.path == "":
		return d.codeWithoutResource()
	case len(d.versions) == 0 && !(p.typo && d.isTypo()):
		return CodeMissingVersion
	case len(d.versions) == 1 && !d.adjacent && !(p.typo && d.isTypo()):
		return CodeWrongVersion
	case p.typo || len(p.flaws) == 0:
		return CodeUnknownRoute
	default:
		return CodeMalformedPath
	}
}

func (d *diagnosis) codeWithoutResource() string {
	mended := "/" + strings.ToLower(strings.Join(d.path.segments, "/"))
	if len(d.path.flaws) > 0 || mended != d.seen.Path {
		if len(Allowed(d.seen.Method, mended)) > 0 {
			d.canonical = mended
			if strings.ToLower(d.seen.Path) != d.seen.Path {
				d.path.flaws = appendNew(d.path.flaws, flawCase)
			}
			return CodeMalformedPath
		}
	}
	return CodeUnknownRoute
}

// isTypo says whether the whole path lies within two edits of the route meant.
func (d *diagnosis) isTypo() bool {
	whole := "/" + strings.Join(d.path.segments, "/")
	return d.canonical != "" && edits(strings.ToLower(whole), strings.ToLower(d.canonical)) <= maxEdits
}

// nearRoute looks for a fixed route within two edits of the whole path, for typos
// in what is no versioned resource (/helthz) or that runs segments together.
func (d *diagnosis) nearRoute() {
	whole := "/" + strings.ToLower(strings.Join(d.path.segments, "/"))
	best := maxEdits + 1
	for _, r := range Routes() {
		if strings.Contains(r.Pattern, "{") || len(r.Pattern) < 6 {
			continue
		}
		if n := edits(whole, r.Pattern); n < best {
			best, d.canonical = n, r.Pattern
			d.path.typo = true
			if r.Protocol != None {
				d.protocol = r.Protocol
			}
		}
	}
}
