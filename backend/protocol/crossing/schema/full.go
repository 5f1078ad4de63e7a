package schema

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"antigravity-tools/backend/rawjson"
)

// Bounds of inlining: how deep references may lead through references, which
// ends cycles, and how many nodes a schema may grow to.
const (
	maxRefs  = 10
	maxNodes = 20_000
)

// Full cleans a JSON Schema for an endpoint that knows no more of it than
// type, title, description, properties, required, items and enum (wire.md (d)):
// references are inlined, unions become their richest branch, and all other
// words move to the description. It returns the cleaned schema and the words
// that were removed or moved, sorted.
func Full(raw []byte) (clean []byte, removed []string) {
	root := parse(raw, 0)
	c := &fullCleaner{light: lightCleaner{removed: map[string]bool{}, root: root}, defs: map[string]*node{}, nullable: map[*node]bool{}}
	c.collect(root)
	n := c.schema(root, 0)
	for word := range c.light.removed {
		removed = append(removed, word)
	}
	slices.Sort(removed)
	return n.bytes(), removed
}

type fullCleaner struct {
	light    lightCleaner
	defs     map[string]*node
	nullable map[*node]bool // cleaned nodes that may be null
	nodes    int
}

// collect finds the definitions at every level; the first of a name wins.
func (c *fullCleaner) collect(n *node) {
	for _, m := range n.members {
		if m.key == "$defs" || m.key == "definitions" {
			for _, d := range m.value.members {
				if c.defs[d.key] == nil {
					c.defs[d.key] = d.value
				}
			}
		}
		c.collect(m.value)
	}
	for _, item := range n.items {
		c.collect(item)
	}
}

// schema cleans one node; refs counts the references on the way to it.
func (c *fullCleaner) schema(n *node, refs int) *node {
	c.nodes++
	if n.kind != rawjson.KindObject || c.nodes > maxNodes {
		return object(member{"type", str("string")})
	}
	n, refs = c.inline(n, refs)
	n = c.light.mergeAllOf(n)
	out := &fullNode{cleaner: c, refs: refs, props: object()}
	if !slices.ContainsFunc(n.members, func(m member) bool { return isWord(m.key) }) && len(n.members) > 0 && allObjects(n) {
		n = object(member{"type", str("object")}, member{"properties", n}) // a bare list of properties
	}
	out.unite(n)
	for _, m := range n.members {
		out.member(m)
	}
	return out.finish()
}

// inline replaces a reference by what it names; the node's own words win.
func (c *fullCleaner) inline(n *node, refs int) (*node, int) {
	for ref := n.get("$ref").text(); ref != ""; ref = n.get("$ref").text() {
		c.light.removed["$ref"] = true
		name := lastStep(ref)
		own := object()
		for _, m := range n.members {
			if m.key != "$ref" {
				own.set(m.key, m.value)
			}
		}
		target := c.defs[name]
		if _, ok := definition(ref); !ok {
			if place := c.light.root.at(ref); place != nil {
				target = place
			}
		}
		refs++
		if target == nil || refs > maxRefs {
			if own.get("type") == nil {
				own.set("type", str("string"))
			}
			describe(own, []string{"a " + strings.Replace(name, "#", "value like the whole", 1)})
			return own, refs
		}
		for _, m := range target.members {
			if own.get(m.key) == nil {
				own.set(m.key, m.value)
			}
		}
		n = own
	}
	return n, refs
}

// isWord knows the words of JSON Schema, to tell a schema from a bare list of
// properties.
func isWord(key string) bool {
	switch key {
	case "type", "description", "title", "properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "not",
		"format", "default", "examples", "example", "pattern", "minimum", "maximum", "nullable", "additionalProperties",
		"prefixItems", "patternProperties", "propertyNames", "minLength", "maxLength", "minItems", "maxItems", "multipleOf",
		"exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "if", "then", "else", "contains", "dependentRequired":
		return true
	}
	return strings.HasPrefix(key, "$") || key == "definitions"
}

func allObjects(n *node) bool {
	return !slices.ContainsFunc(n.members, func(m member) bool { return m.value.kind != rawjson.KindObject })
}

// fullNode is a node that is being cleaned.
type fullNode struct {
	cleaner  *fullCleaner
	refs     int
	kind     string // type
	nullable bool
	title    *node
	text     *node // description
	props    *node
	required *node
	items    *node
	enum     *node
	notes    []string
}

func (f *fullNode) note(word string, value *node) {
	f.cleaner.light.removed[word] = true
	f.notes = append(f.notes, word+": "+brief(value))
}

func (f *fullNode) member(m member) {
	switch m.key {
	case "type":
		f.setType(m.value)
	case "title":
		f.title = m.value
	case "description":
		f.text = m.value
	case "properties":
		f.properties(m.value)
	case "required":
		f.required = m.value
	case "items", "prefixItems":
		f.element(m)
	case "enum":
		f.enum = m.value
	case "const":
		f.cleaner.light.removed["const"] = true
		f.enum = array(m.value)
	case "nullable":
		f.nullable = f.nullable || m.value.isTrue()
	case "anyOf", "oneOf": // unite has read it
	default:
		f.other(m)
	}
}

// other moves a word to the description, unless it says nothing there.
func (f *fullNode) other(m member) {
	switch m.key {
	case "$id", "$anchor", "$defs", "definitions", "$ref", "propertyOrdering", "$dynamicAnchor", "$dynamicRef":
		f.cleaner.light.removed[m.key] = true
	default:
		if silent(m.key) || m.key == "additionalProperties" && m.value.kind == rawjson.KindBool {
			f.cleaner.light.removed[m.key] = true
			return
		}
		f.note(m.key, m.value)
	}
}

// setType takes the first type that is not null.
func (f *fullNode) setType(n *node) {
	kinds := n.items
	if n.kind == rawjson.KindString {
		kinds = []*node{n}
	}
	var more []string
	for _, k := range kinds {
		switch t := strings.ToLower(k.text()); {
		case t == "null":
			f.nullable = true
		case f.kind == "" || f.kind == t:
			f.kind = t
		default:
			more = append(more, t)
		}
	}
	if len(more) > 0 {
		f.cleaner.light.removed["type"] = true
		f.notes = append(f.notes, "or "+strings.Join(more, ", "))
	}
}

func (f *fullNode) properties(n *node) {
	if f.kind == "" {
		f.kind = "object"
	}
	for _, p := range n.members {
		if p.value.kind == rawjson.KindObject && f.props.get(p.key) == nil {
			f.props.set(p.key, f.cleaner.schema(p.value, f.refs))
		}
	}
}

// element reads what an array holds. Of a tuple the first is taken.
func (f *fullNode) element(m member) {
	n := m.value
	if n.kind == rawjson.KindArray {
		if len(n.items) > 1 {
			f.note(m.key, n)
		}
		f.cleaner.light.removed[m.key] = true
		if len(n.items) == 0 {
			return
		}
		n = n.items[0]
	}
	if n.kind == rawjson.KindObject && f.items == nil {
		f.items = f.cleaner.schema(n, f.refs)
	}
}

// take fills the node from a branch that is clean already.
func (f *fullNode) take(branch *node) {
	for _, m := range branch.members {
		switch m.key {
		case "type":
			f.kind = m.value.text()
		case "title":
			f.title = m.value
		case "description":
			f.text = m.value
		case "properties":
			f.props = m.value.like()
		case "required":
			f.required = m.value
		case "items":
			f.items = m.value
		case "enum":
			f.enum = m.value
		}
	}
}

// finish writes the node: type first, the words in one order.
func (f *fullNode) finish() *node {
	f.infer()
	enum := f.values()
	if f.nullable {
		f.cleaner.light.removed["nullable"] = true
		f.notes = append(f.notes, "nullable")
	}
	out := object(member{"type", str(f.kind)})
	f.cleaner.nullable[out] = f.nullable
	if f.title != nil && f.title.kind == rawjson.KindString {
		out.set("title", f.title)
	}
	if f.text != nil && f.text.kind == rawjson.KindString {
		out.set("description", f.text)
	}
	describe(out, f.notes)
	if enum != nil {
		out.set("enum", enum)
	}
	switch f.kind {
	case "object":
		f.object(out)
	case "array":
		if f.items == nil {
			f.items = object(member{"type", str("string")}) // the service wants one
		}
		out.set("items", f.items)
	}
	return out
}

// infer finds the type of a node that names none, or one that does not exist.
func (f *fullNode) infer() {
	switch f.kind {
	case "string", "number", "integer", "boolean", "array", "object":
		return
	}
	switch {
	case f.enum != nil:
		f.kind = kindOfAll(f.enum.items)
	case len(f.props.members) > 0:
		f.kind = "object"
	case f.items != nil:
		f.kind = "array"
	default:
		f.kind = "string"
	}
}

// kindOfAll is the type that all values have, null aside; "string" if they
// differ.
func kindOfAll(values []*node) (kind string) {
	for _, v := range values {
		is := "string"
		switch v.kind {
		case rawjson.KindNull:
			continue
		case rawjson.KindBool:
			is = "boolean"
		case rawjson.KindNumber:
			if is = "number"; !bytes.ContainsAny(v.raw, ".eE") {
				is = "integer"
			}
		}
		if kind != "" && kind != is {
			return "string"
		}
		kind = is
	}
	return cmp.Or(kind, "string")
}

// values is the enum to write, which may hold texts alone; nil if there is
// none. Other values are named in the description.
func (f *fullNode) values() *node {
	if f.enum == nil {
		return nil
	}
	kept := array()
	for _, v := range f.enum.items {
		switch {
		case v.kind == rawjson.KindNull:
			f.nullable = true
		case v.kind == rawjson.KindString && v.text() != "":
			kept.items = append(kept.items, v)
		}
	}
	if len(kept.items) < len(f.enum.items) || f.kind != "string" {
		f.note("enum", f.enum)
	}
	if f.kind != "string" || len(kept.items) == 0 {
		return nil
	}
	return kept
}

// object writes the properties; what may be null need not be there.
func (f *fullNode) object(out *node) {
	out.set("properties", f.props)
	if f.required == nil {
		return
	}
	kept, seen := array(), map[string]bool{}
	for _, item := range f.required.items {
		name := item.text()
		p := f.props.get(name)
		if p != nil && !seen[name] && !f.cleaner.nullable[p] {
			kept.items = append(kept.items, item)
		}
		seen[name] = true
	}
	if len(kept.items) > 0 {
		out.set("required", kept)
	}
}
