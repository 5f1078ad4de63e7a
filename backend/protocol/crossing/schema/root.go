package schema

import (
	"bytes"

	"antigravity-tools/backend/rawjson"
)

// Object returns the schema with an object at its root and a properties
// member, which some targets demand; nil becomes the empty object's schema. A
// root that is a reference becomes what it names.
func Object(raw []byte) []byte {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return []byte(`{"type":"object","properties":{}}`)
	}
	_, hasType := rawjson.Get(raw, "type")
	_, hasProps := rawjson.Get(raw, "properties")
	if hasType && hasProps {
		return raw
	}
	n := rooted(parse(raw, 0))
	if n.get("properties") == nil && n.get("type").text() == "object" {
		n.set("properties", object())
	}
	return n.bytes()
}

// Rooted is Object without the member properties.
func Rooted(raw []byte) []byte {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return []byte(`{"type":"object"}`)
	}
	if _, hasType := rawjson.Get(raw, "type"); hasType {
		return raw
	}
	return rooted(parse(raw, 0)).bytes()
}

func rooted(n *node) *node {
	if n.get("type") == nil {
		n = n.resolve(n)
	}
	if n.get("type") == nil {
		n.members = append([]member{{"type", str("object")}}, n.members...)
	}
	return n
}

// FlatRoot gives a schema a root that is an object without alternatives, which
// Anthropic demands: the properties of all branches are merged, and required
// is what all of them require.
func FlatRoot(raw []byte) (flat []byte, changed bool) {
	n := parse(raw, 0)
	r := rootFlattener{root: n, left: maxBranches}
	out, changed := r.flat(n)
	if !changed {
		return raw, false
	}
	return out.bytes(), true
}

// maxBranches bounds how many branches are merged, those behind references and
// within branches counted: they may lead to themselves.
const maxBranches = 256

type rootFlattener struct {
	root *node
	left int // branches that may still be merged
}

// flat merges the branches of a node.
func (r *rootFlattener) flat(of *node) (out *node, changed bool) {
	out = object()
	var branches []*node
	word := "anyOf"
	for _, m := range of.members {
		switch m.key {
		case "anyOf", "oneOf", "allOf":
			if m.value.kind == rawjson.KindArray {
				branches = append(branches, m.value.items...)
				if m.key == "allOf" {
					word = m.key
				}
				continue
			}
		}
		out.members = append(out.members, m)
	}
	if branches == nil {
		return of, false
	}
	f := flattener{props: object(), required: map[string]int{}}
	for _, b := range branches {
		if r.left--; r.left < 0 {
			break
		}
		b, _ = r.flat(r.root.resolve(b))
		f.branch(b, word)
	}
	f.finish(out, word == "allOf", len(branches))
	return out, true
}

// flattener gathers the properties of branches.
type flattener struct {
	props    *node
	required map[string]int // in how many branches
	order    []string
}

// branch adds one. A property that two branches see differently becomes what
// either says, or what both do where all of them hold.
func (f *flattener) branch(b *node, word string) {
	if props := b.get("properties"); props != nil {
		for _, m := range props.members {
			f.props.set(m.key, either(f.props.get(m.key), m.value, word))
		}
	}
	if list := b.get("required"); list != nil {
		for _, item := range list.items {
			if f.required[item.text()]++; f.required[item.text()] == 1 {
				f.order = append(f.order, item.text())
			}
		}
	}
}

// either unites two schemas of one property.
func either(have, more *node, word string) *node {
	switch {
	case have == nil:
		return more
	case bytes.Equal(have.bytes(), more.bytes()):
		return have
	}
	if list := have.get(word); list != nil && len(have.members) == 1 {
		for _, item := range list.items {
			if bytes.Equal(item.bytes(), more.bytes()) {
				return have
			}
		}
		return object(member{word, array(append(list.items[:len(list.items):len(list.items)], more)...)})
	}
	return object(member{word, array(have, more)})
}

// finish writes what was gathered beside the node's own words.
func (f *flattener) finish(out *node, all bool, branches int) {
	out.set("type", str("object"))
	props := out.get("properties")
	if props == nil || props.kind != rawjson.KindObject {
		props = object()
	}
	props = props.like()
	for _, m := range f.props.members {
		if props.get(m.key) == nil {
			props.set(m.key, m.value)
		}
	}
	out.set("properties", props)
	need, had := array(), map[string]bool{}
	if have := out.get("required"); have != nil && have.kind == rawjson.KindArray {
		need.items = append(need.items, have.items...)
		for _, item := range have.items {
			had[item.text()] = true
		}
	}
	for _, key := range f.order {
		if (all || f.required[key] == branches) && !had[key] {
			need.items = append(need.items, str(key))
		}
	}
	if len(need.items) > 0 {
		out.set("required", need)
	}
}
