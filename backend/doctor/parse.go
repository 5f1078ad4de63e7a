package doctor

import (
	"net/http"
	"strings"
	"unicode"
)

// maxPath bounds how much of a path is looked at, in bytes. No client's base URL
// and resource come near it.
const maxPath = 2048

// flaw is a way in which a path is written badly, apart from what it names.
type flaw string

const (
	flawSlashes flaw = "a doubled slash"
	flawCase    flaw = "upper-case letters"
	flawSpaces  flaw = "stray spaces"
	flawStray   flaw = "stray characters (quotes or brackets)"
	flawBack    flaw = "backslashes"
	flawURL     flaw = "a whole URL inside the path"
)

// parsed is a path taken apart from its end: the resource that the client
// appended, and what stands before it.
type parsed struct {
	segments []string // cleaned, in their own case
	flaws    []flaw
	resource resource // the last one; zero if there is none
	typo     bool     // the resource is only nearly one
	prefix   []string // the segments before the resource, lower case
}

// resource is a route without its version.
type resource struct {
	path     string // e.g. chat/completions, models/gemini-x:generateContent
	protocol Protocol
	gemini   bool // a Gemini verb: the route exists under every version
}

// clean splits a decoded path and mends how it is written: slashes, blanks,
// quotes and a URL in front go; upper case is mended where words are compared.
func clean(path string) (segments []string, flaws []flaw) {
	if len(path) > maxPath {
		path = path[:maxPath]
	}
	add := func(f flaw) { flaws = appendNew(flaws, f) }
	if mended := strings.ReplaceAll(path, `\`, "/"); mended != path {
		path = mended
		add(flawBack)
	}
	path = strings.TrimPrefix(path, "/")
	parts := strings.Split(path, "/")
	for i, part := range parts {
		mended := strings.TrimFunc(strings.ReplaceAll(part, "%20", " "), isBlank)
		if mended != part {
			add(flawSpaces)
		}
		if bare := strings.Trim(mended, "\"'`<>"); bare != mended {
			mended = bare
			add(flawStray)
		}
		if mended == "" {
			// One empty part at the very end is the trailing slash that is tolerated.
			if part == "" && i < len(parts)-1 {
				add(flawSlashes)
			}
			continue
		}
		segments = append(segments, mended)
	}
	if len(segments) > 1 && isScheme(segments[0]) {
		segments = segments[2:]
		flaws = append(withoutFlaw(flaws, flawSlashes), flawURL)
	}
	return segments, flaws
}

func isScheme(s string) bool {
	return strings.EqualFold(s, "http:") || strings.EqualFold(s, "https:")
}

// isBlank covers what looks like nothing: spaces of every kind, controls, and the
// zero-width characters that copying from a page brings along.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r >= 0x200B && r <= 0x200D || r == 0xFEFF
}

func appendNew(flaws []flaw, f flaw) []flaw {
	return append(withoutFlaw(flaws, f), f)
}

func withoutFlaw(flaws []flaw, f flaw) []flaw {
	var out []flaw
	for _, have := range flaws {
		if have != f {
			out = append(out, have)
		}
	}
	return out
}

// parse takes a decoded path apart.
func parse(method, path string) parsed {
	var p parsed
	p.segments, p.flaws = clean(path)
	p.takeResource(method)
	n := len(p.prefix)
	for i, s := range p.segments[:n] {
		p.prefix[i] = strings.ToLower(s)
		if p.prefix[i] != s {
			p.flaws = appendNew(p.flaws, flawCase)
		}
	}
	return p
}

// takeResource finds the resource at the end: exactly, then a model's path, then
// nearly. On return prefix holds what stands before it, still in its own case.
func (p *parsed) takeResource(method string) {
	whole := strings.Join(p.segments, "/")
	for n := min(3, len(p.segments)); n > 0; n-- {
		tail := strings.Join(p.segments[len(p.segments)-n:], "/")
		if r, ok := resources[strings.ToLower(tail)]; ok {
			p.set(r, n)
			if tail != r.path {
				p.flaws = appendNew(p.flaws, flawCase)
			}
			return
		}
	}
	if p.takeModel(method) || p.takeStored() {
		return
	}
	p.prefix = append([]string(nil), p.segments...)
	if whole != "" {
		p.takeTypo(method)
	}
}

func (p *parsed) set(r resource, n int) {
	p.resource = r
	p.prefix = append([]string(nil), p.segments[:len(p.segments)-n]...)
}

// takeModel recognises models/NAME:verb, and models/NAME where something was read.
func (p *parsed) takeModel(method string) bool {
	for i := len(p.segments) - 2; i >= 0; i-- {
		word := strings.ToLower(p.segments[i])
		if word != "models" && word != "tunedmodels" {
			continue
		}
		if word == "tunedmodels" {
			word = "tunedModels"
		}
		behind := p.segments[i+1:]
		last := behind[len(behind)-1]
		withVerb := verbOf(last) != ""
		if !withVerb && method != http.MethodGet && method != http.MethodHead {
			return false
		}
		name := strings.Join(behind, "/")
		bare := strings.TrimSuffix(name, ":"+verbOf(last))
		if !isModel(bare, withVerb) {
			return false
		}
		if p.segments[i] != word {
			p.flaws = appendNew(p.flaws, flawCase)
		}
		r := resource{path: word + "/" + name, gemini: withVerb, protocol: OpenAI}
		if withVerb || word == "tunedModels" {
			r.protocol = Gemini
		}
		p.set(r, len(behind)+1)
		return true
	}
	return false
}

// takeStored recognises the paths of a stored response, whose ids begin with resp_.
func (p *parsed) takeStored() bool {
	for n := 2; n <= 3 && n <= len(p.segments); n++ {
		tail := p.segments[len(p.segments)-n:]
		if !strings.EqualFold(tail[0], "responses") || !strings.HasPrefix(tail[1], "resp_") {
			continue
		}
		if n == 3 && tail[2] != "input_items" && tail[2] != "cancel" {
			continue
		}
		p.set(resource{path: "responses/" + strings.Join(tail[1:], "/"), protocol: Responses}, n)
		return true
	}
	return false
}

// takeTypo finds the resource that the end nearly is: the nearest one, and among
// equals the longest, so that chat/completion is not taken for completions.
func (p *parsed) takeTypo(method string) {
	best, bestLen, bestN := maxEdits+1, 0, 0
	var found resource
	for _, r := range resourceList {
		for n := 1; n <= min(3, len(p.segments)); n++ {
			tail := strings.ToLower(strings.Join(p.segments[len(p.segments)-n:], "/"))
			if d := edits(tail, r.path); d < best || d == best && d <= maxEdits && len(r.path) > bestLen {
				best, bestLen, bestN, found = d, len(r.path), n, r
			}
		}
	}
	if best <= maxEdits {
		p.typo = true
		p.set(found, bestN)
		return
	}
	p.takeVerbTypo(method)
}

// takeVerbTypo recognises models/NAME:generateContents.
func (p *parsed) takeVerbTypo(method string) {
	if len(p.segments) < 2 || method != http.MethodPost {
		return
	}
	last := p.segments[len(p.segments)-1]
	name, got, ok := cutLast(last, ":")
	if !ok {
		return
	}
	for _, v := range verbs() {
		if edits(strings.ToLower(got), strings.ToLower(v.name)) > maxEdits {
			continue
		}
		mended := append(append([]string(nil), p.segments[:len(p.segments)-1]...), name+":"+v.name)
		q := parsed{segments: mended}
		if q.takeModel(method) {
			p.resource, p.prefix, p.typo = q.resource, q.prefix, true
		}
		return
	}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// resources and resourceList are the fixed resources of the route table without
// their version, built once and never written.
//
//nolint:gochecknoglobals // read-only tables
var (
	resourceList = listResources(Routes())
	resources    = indexResources(resourceList)
)

func listResources(routes []Route) []resource {
	var out []resource
	seen := map[string]bool{}
	for _, r := range routes {
		path, ok := strings.CutPrefix(r.Pattern, "/v1/")
		if !ok || strings.Contains(path, "{") || r.Protocol == None || seen[path] {
			continue
		}
		seen[path] = true
		out = append(out, resource{path: path, protocol: r.Protocol})
	}
	return out
}

func indexResources(list []resource) map[string]resource {
	out := make(map[string]resource, len(list))
	for _, r := range list {
		out[r.path] = r
	}
	return out
}
