package doctor

import (
	"net/http"
	"slices"
	"strings"
)

// Params holds what the variable parts of a pattern stood for.
type Params struct {
	Model string // without a models/ prefix; tunedModels/ stays, for it is part of the name
	ID    string // of a stored response
	Rest  string // behind a telemetry sink
}

// Match finds the route of a method and a decoded path. One trailing slash is
// tolerated, and HEAD goes where GET does.
func Match(method, path string) (Route, Params, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for h := range hits(path) {
		if h.route.Method == method {
			return h.route, h.params, true
		}
	}
	return Route{}, Params{}, false
}

// Allowed lists the methods that a decoded path answers, for the Allow header of a
// 405. It is empty if the path is no route. A POST to a model with an unknown verb
// counts as no route: "GET is allowed" would lead the caller astray there.
func Allowed(method, path string) []string {
	var out []string
	for h := range hits(path) {
		if method == http.MethodPost && h.route.Operation == OpModel && strings.Contains(h.params.Model, ":") {
			continue
		}
		out = append(out, h.route.Method)
		if h.route.Method == http.MethodGet {
			out = append(out, http.MethodHead)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

type hit struct {
	route  Route
	params Params
}

// hits yields the routes of a path, whatever their method. A literal path hides
// the patterns that would match it too: /v1/responses/compact is no response id.
func hits(path string) func(yield func(hit) bool) {
	path = trimSlash(path)
	return func(yield func(hit) bool) {
		if fixed := table.literal[path]; len(fixed) > 0 {
			for _, r := range fixed {
				if !yield(hit{route: r}) {
					return
				}
			}
			return
		}
		for i := range table.patterns {
			if params, ok := table.patterns[i].match(path); ok {
				if !yield(hit{table.patterns[i].route, params}) {
					return
				}
			}
		}
	}
}

func trimSlash(path string) string {
	if len(path) > 1 && strings.HasSuffix(path, "/") {
		return path[:len(path)-1]
	}
	if path == "" {
		return "/"
	}
	return path
}

// table is Routes made quick to search. It is built once and never written.
//
//nolint:gochecknoglobals // a read-only table
var table = compile(Routes())

type compiled struct {
	literal  map[string][]Route
	patterns []pattern
}

type pattern struct {
	route              Route
	head, name, behind string // the text before {name}, the name, the text behind it
}

func compile(routes []Route) compiled {
	c := compiled{literal: map[string][]Route{}}
	for _, r := range routes {
		head, tail, variable := strings.Cut(r.Pattern, "{")
		if !variable {
			c.literal[r.Pattern] = append(c.literal[r.Pattern], r)
			continue
		}
		name, behind, _ := strings.Cut(tail, "}")
		c.patterns = append(c.patterns, pattern{r, head, name, behind})
	}
	return c
}

func (p *pattern) match(path string) (Params, bool) {
	if p.name == "rest" && path+"/" == p.head {
		return Params{}, true
	}
	value, ok := strings.CutPrefix(path, p.head)
	if !ok {
		return Params{}, false
	}
	if value, ok = strings.CutSuffix(value, p.behind); !ok || value == "" {
		return Params{}, false
	}
	switch p.name {
	case "rest":
		return Params{Rest: value}, true
	case "id":
		return Params{ID: value}, !strings.Contains(value, "/") && !isVersion(value) && !isResourceWord(value)
	default:
		return p.matchModel(value)
	}
}

func (p *pattern) matchModel(value string) (Params, bool) {
	if !isModel(value, p.behind != "") {
		return Params{}, false
	}
	name := strings.TrimPrefix(value, "models/")
	if strings.HasSuffix(p.head, "/tunedModels/") {
		name = "tunedModels/" + name
	}
	return Params{Model: name}, name != "" && name != "tunedModels/"
}

// isModel tells a model's name from the rest of a mistaken path. Names may hold
// slashes, so what is excluded is what only a doubled path brings: a version in
// front, a verb in the middle, or, in a look-up, a resource at the end.
func isModel(name string, withVerb bool) bool {
	segments := strings.Split(name, "/")
	for i, s := range segments {
		last := i == len(segments)-1
		if s == "" || strings.TrimSpace(s) != s || verbOf(s) != "" {
			return false
		}
		if i == 0 && isVersion(s) || last && !withVerb && isResourceWord(s) {
			return false
		}
	}
	return true
}

// verbOf gives the Gemini verb that a segment ends in, or "".
func verbOf(segment string) string {
	i := strings.LastIndexByte(segment, ':')
	if i < 0 {
		return ""
	}
	switch v := segment[i+1:]; v {
	case "generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents":
		return v
	default:
		return ""
	}
}

// isVersion recognises API versions of any vendor, in any case: v1, v1beta, V1alpha, v2, v1beta1.
func isVersion(segment string) bool {
	s := strings.ToLower(segment)
	s, ok := strings.CutPrefix(s, "v")
	if !ok {
		return false
	}
	rest := strings.TrimLeft(s, "0123456789")
	if rest == s {
		return false
	}
	if rest == "" {
		return true
	}
	for _, stage := range []string{"alpha", "beta"} {
		if behind, ok := strings.CutPrefix(rest, stage); ok && strings.Trim(behind, "0123456789") == "" {
			return true
		}
	}
	return false
}

// isResourceWord recognises, in any case, a segment that begins or ends a resource path.
func isResourceWord(segment string) bool {
	switch strings.ToLower(segment) {
	case "chat", "completions", "responses", "messages", "embeddings", "models", "tunedmodels",
		"images", "generations", "edits", "audio", "transcriptions", "speech", "count_tokens", "input_tokens", "compact":
		return true
	default:
		return false
	}
}
