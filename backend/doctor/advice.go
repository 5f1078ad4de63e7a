package doctor

import (
	"fmt"
	"strings"
	"unicode"
)

// maxShown bounds how much of a caller's path is repeated in a message, in runes.
const maxShown = 120

// verdict puts what was found into words.
func (d *diagnosis) verdict() Verdict {
	base, other := d.baseURL()
	v := Verdict{
		Code:     d.code,
		Protocol: d.protocol,
		Client:   d.client.name,
		BaseURL:  base,
		Why:      d.why(),
		Guide:    guideOf(d.client.name),
	}
	if _, _, ok := Match(d.seen.Method, d.canonical); ok && d.canonical != "" {
		v.Canonical = d.canonical
	}
	if d.path.typo {
		v.Suggestion = d.canonical
	}
	asked := show(d.seen.Method) + " " + show(d.seen.Path)
	v.Message = asked + " is no route of this gateway: " + v.Why + ". " + d.cure(base, other)
	return v
}

// baseURL gives the base URL to enter, and a second one where it depends on a
// client that is not known.
func (d *diagnosis) baseURL() (base, other string) {
	root := d.origin
	if d.client.geminiFirst {
		return root, root + "/v1"
	}
	natural := root + "/v1"
	if d.protocol == Gemini {
		natural = root + "/v1beta"
	}
	adds, known := d.client.adds[d.protocol]
	switch {
	case known && adds && (d.adjacent || d.path.resource.path == ""):
		return root, ""
	case known && !adds:
		return natural, ""
	case d.protocol == Gemini:
		// Every Gemini client reaches a route from the bare origin: those that add no
		// version ask for /models/MODEL:verb, which is served.
		if d.path.resource.gemini || d.adjacent || d.path.resource.path == "" {
			return root, ""
		}
		return natural, root
	case d.protocol == Anthropic:
		if d.adjacent || d.path.resource.path == "" {
			return root, natural
		}
		return natural, root
	case d.adjacent && (len(d.versions) > 1 || d.nested):
		return root, natural
	default:
		return natural, root
	}
}

// why gives the cause in one line, without a full stop.
func (d *diagnosis) why() string {
	switch d.code {
	case CodeDuplicatedVersion:
		return fmt.Sprintf("it has two version prefixes (/%s), because the base URL already ends in a version and the client adds one, or the base URL has it twice",
			show(strings.Join(d.versions, "/")))
	case CodeNestedResource:
		return fmt.Sprintf("the base URL goes down to a resource, and the client put %s behind it; shorten the base URL", show("/"+d.path.resource.path))
	case CodeMissingVersion:
		return "the version is missing: this client adds none, so the base URL must end in one"
	case CodeWrongVersion:
		return d.whyWrongVersion()
	case CodeForeignPrefix:
		return fmt.Sprintf("/%s in front is another gateway's habit and means nothing here", show(d.foreign))
	case CodeMalformedPath:
		return "the path is written with " + joinFlaws(d.path.flaws)
	default:
		return d.whyUnknown()
	}
}

func (d *diagnosis) whyWrongVersion() string {
	if v := d.versions[0]; v == "v1beta" || v == "v1alpha" {
		return fmt.Sprintf("/%s belongs to the Gemini protocol, %s is found under /v1", v, show("/"+d.path.resource.path))
	}
	return fmt.Sprintf("there is no version /%s here, %s is found under /v1", show(d.versions[0]), show("/"+d.path.resource.path))
}

func (d *diagnosis) whyUnknown() string {
	if d.path.typo && d.canonical != "" {
		return "did you mean " + show(d.canonical) + "? It looks like a typo"
	}
	if what := d.notOffered(); what != "" {
		return what
	}
	return "it resembles none of the paths that clients use"
}

// notOffered recognises operations that the vendors have and this gateway does not.
func (d *diagnosis) notOffered() string {
	if n := len(d.path.segments); n > 0 && strings.Contains(d.path.segments[n-1], ":") {
		_, op, _ := cutLast(d.path.segments[n-1], ":")
		if strings.HasPrefix(d.path.segments[0], "v1internal") {
			return "this is the protocol of a Google account sign-in; choose the sign-in by Gemini API key in the client"
		}
		if _, _, known := Match("POST", "/v1beta/models/m:"+op); known {
			return "did you mean /v1beta/models/MODEL:" + show(op) + "? What stands before the operation is no path of ours"
		}
		return fmt.Sprintf("the Gemini operation %q is not offered", show(op))
	}
	for _, s := range d.path.segments {
		switch s {
		case "files", "batches", "moderations", "fine_tuning", "vector_stores", "assistants", "threads", "realtime",
			"conversations", "containers", "evals", "videos", "uploads", "upload", "cachedContents", "complete", "rerank",
			"translations", "variations", "organization":
			return fmt.Sprintf("the base URL may be right, but the vendor's %q operations are not offered here", s)
		}
	}
	return ""
}

// cure says what to enter.
func (d *diagnosis) cure(base, other string) string {
	if d.client.geminiFirst {
		return fmt.Sprintf("In Kilo Code choose the Gemini provider and enter %s as its custom base URL (older releases: tick it first;"+
			" present ones: options.baseURL in kilo.json, which `client apply kilo-code` writes). Its OpenAI-compatible provider wants %s.", base, other)
	}
	if d.code == CodeUnknownRoute && !d.path.typo {
		return d.allBases()
	}
	text := "Enter " + base + " as the base URL"
	if d.client.name != "" && d.client.name != "curl" { // curl stands for whatever it is to be replaced by
		text = "For " + d.client.name + " enter " + base + " as the base URL"
	}
	if other != "" {
		text += d.otherwise(base, other)
	}
	text += "."
	if d.client.name == "" && d.code == CodeNestedResource {
		text += " In Kilo Code choose the Gemini provider with " + d.origin + "."
	}
	return text
}

func (d *diagnosis) otherwise(base, other string) string {
	if base == d.origin {
		return " (or " + other + " if the client adds no version itself)"
	}
	return " (or " + other + " if the client adds the version itself)"
}

// allBases is the table of base URLs in one sentence.
func (d *diagnosis) allBases() string {
	o := d.origin
	return fmt.Sprintf("Base URLs: OpenAI clients and Codex %s/v1, Claude Code and Anthropic SDKs %s, "+
		"Gemini CLI and Google SDKs %s, Kilo Code (Gemini provider) %s.", o, o, o, o)
}

func joinFlaws(flaws []flaw) string {
	words := make([]string, len(flaws))
	for i, f := range flaws {
		words[i] = string(f)
	}
	return strings.Join(words, " and ")
}

// show makes a caller's text fit to be repeated: printable, and not too long.
func show(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, strings.ToValidUTF8(s, "·"))
	if runes := []rune(s); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return s
}
