package schema

import (
	"net/url"
	"strconv"
	"strings"

	"antigravity-tools/backend/rawjson"
)

// maxHoisted bounds how many places of a schema are made definitions of their
// own.
const maxHoisted = 64

// at finds what a reference within the document names: "#" and a JSON pointer
// (RFC 6901 section 6). nil if that is nothing, or another document.
func (n *node) at(ref string) *node {
	path, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil
	}
	path, err := url.PathUnescape(path)
	if err != nil || path != "" && path[0] != '/' {
		return nil
	}
	for path != "" && n != nil {
		step := path[1:]
		end := strings.IndexByte(step, '/')
		if end < 0 {
			end = len(step)
		}
		path, step = step[end:], step[:end]
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if n.kind != rawjson.KindArray {
			n = n.get(step)
			continue
		}
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(n.items) {
			return nil
		}
		n = n.items[i]
	}
	return n
}

// definition gives the name of a reference to a definition at the root.
func definition(ref string) (name string, ok bool) {
	for _, head := range []string{"#/$defs/", "#/definitions/"} {
		if name, ok = strings.CutPrefix(ref, head); ok && !strings.Contains(name, "/") {
			return name, true
		}
	}
	return "", false
}

// lastStep is the last step of a reference's path.
func lastStep(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// resolve replaces a branch that is a reference by what it names, as far as
// references lead to references; a cycle ends after maxRefs.
func (n *node) resolve(branch *node) *node {
	for range maxRefs {
		target := n.at(branch.get("$ref").text())
		if branch.get("$ref") == nil || target == nil || target.kind != rawjson.KindObject {
			return branch
		}
		own := object()
		for _, m := range branch.members {
			if m.key != "$ref" {
				own.set(m.key, m.value)
			}
		}
		for _, m := range target.members {
			if own.get(m.key) == nil {
				own.set(m.key, m.value)
			}
		}
		branch = own
	}
	return branch
}

// hoisted are the places of a schema that references name and that are no
// definitions: Gemini's fields take references to definitions alone.
type hoisted struct {
	names map[string]string // by reference
	taken map[string]bool
	queue []string // references whose places are not written yet
}

// name gives the place of a reference a name among the definitions.
func (h *hoisted) name(ref string) string {
	if name, ok := h.names[ref]; ok {
		return name
	}
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, strings.TrimLeft(ref, "#/"))
	if name == "" {
		name = "root"
	}
	for h.taken[name] {
		name += "_"
	}
	if h.names == nil {
		h.names = map[string]string{}
	}
	h.names[ref], h.taken[name] = name, true
	h.queue = append(h.queue, ref)
	return name
}
