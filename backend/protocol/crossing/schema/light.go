package schema

import (
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/rawjson"
)

// visitor tells how a keyword that Gemini's *JsonSchema fields document is
// visited (genai v1.77.0, GenerationConfig.ResponseJsonSchema); nil for a word
// that has to move to the description.
func visitor(word string) func(*lightCleaner, *node, int) *node {
	switch word {
	case "$id", "$anchor", "type", "format", "title", "description", "minItems", "maxItems",
		"minimum", "maximum", "required", "propertyOrdering":
		return keep
	case "$defs", "properties":
		return (*lightCleaner).named
	case "items":
		return (*lightCleaner).schema
	case "additionalProperties":
		return (*lightCleaner).schemaOrBool
	case "prefixItems", "anyOf", "oneOf":
		return (*lightCleaner).list
	}
	return nil
}

// silent reports a word that says nothing a model could use.
func silent(word string) bool {
	switch word {
	case "$schema", "$comment", "$vocabulary", "readOnly", "writeOnly", "deprecated":
		return true
	}
	return false
}

// Light cleans a JSON Schema for Gemini's parametersJsonSchema and
// responseJsonSchema. It returns the cleaned schema and the words that were
// removed or moved into descriptions, sorted.
func Light(raw []byte) (clean []byte, removed []string) {
	root := parse(raw, 0)
	c := &lightCleaner{removed: map[string]bool{}, root: root}
	c.hoisted.taken = map[string]bool{}
	for _, word := range []string{"$defs", "definitions"} {
		if defs := root.get(word); defs != nil {
			for _, m := range defs.members {
				c.hoisted.taken[m.key] = true
			}
		}
	}
	n := c.schema(root, 0)
	c.hoist(n)
	for word := range c.removed {
		removed = append(removed, word)
	}
	slices.Sort(removed)
	return n.bytes(), removed
}

type lightCleaner struct {
	removed map[string]bool
	root    *node
	hoisted hoisted
	merged  int // branches behind references, which may lead to themselves
}

// hoist writes the places that references name as definitions.
func (c *lightCleaner) hoist(n *node) {
	for i := 0; i < len(c.hoisted.queue); i++ {
		ref := c.hoisted.queue[i]
		place := c.root.at(ref)
		if place == c.root { // without its definitions, which stand at the root already
			place = object()
			for _, m := range c.root.members {
				if m.key != "$defs" && m.key != "definitions" {
					place.set(m.key, m.value)
				}
			}
		}
		defs := n.get("$defs")
		if defs == nil {
			defs = object()
		}
		defs.set(c.hoisted.names[ref], c.schema(place, 0))
		n.set("$defs", defs)
	}
}

func keep(_ *lightCleaner, n *node, _ int) *node { return n }

// ref gives a reference the one form that is taken; ok is false for one that
// leads nowhere.
func (c *lightCleaner) ref(n *node) (to *node, ok bool) {
	ref := n.text()
	if name, ok := definition(ref); ok {
		return str("#/$defs/" + name), true
	}
	if ref != "#" && !strings.HasPrefix(ref, "#/") {
		return n, true // by $id or $anchor
	}
	if place := c.root.at(ref); place == nil || place.kind != rawjson.KindObject || len(c.hoisted.queue) == maxHoisted && c.hoisted.names[ref] == "" {
		return nil, false
	}
	return str("#/$defs/" + c.hoisted.name(ref)), true
}

func (c *lightCleaner) named(n *node, depth int) *node {
	out := object()
	for _, m := range n.members {
		if m.value.kind == rawjson.KindBool && !m.value.isTrue() {
			continue // a property that may never be there
		}
		out.set(m.key, c.schema(m.value, depth+1))
	}
	return out
}

func (c *lightCleaner) list(n *node, depth int) *node {
	out := array()
	for _, item := range n.items {
		out.items = append(out.items, c.schema(item, depth+1))
	}
	return out
}

func (c *lightCleaner) schemaOrBool(n *node, depth int) *node {
	if n.kind == rawjson.KindBool {
		return n
	}
	return c.schema(n, depth)
}

// schema cleans one schema node.
func (c *lightCleaner) schema(n *node, depth int) *node {
	if n.kind != rawjson.KindObject {
		return object()
	}
	n = c.prepare(n) // the depth was bounded when the tree was parsed
	out, notes := object(), []string(nil)
	for _, m := range n.members {
		visit := visitor(m.key)
		switch {
		case m.key == "items" && m.value.kind == rawjson.KindArray:
			out.set("prefixItems", c.list(m.value, depth+1))
		case m.key == "$ref":
			if to, ok := c.ref(m.value); ok {
				out.set(m.key, to)
				continue
			}
			c.removed[m.key] = true
			notes = append(notes, "a "+lastStep(m.value.text()))
		case m.key == "enum":
			var note string
			if note = c.enum(out, m.value); note != "" {
				notes = append(notes, note)
			}
		case visit != nil:
			out.set(m.key, visit(c, m.value, depth+1))
		case silent(m.key):
			c.removed[m.key] = true
		default:
			c.removed[m.key] = true
			notes = append(notes, m.key+": "+brief(m.value))
		}
	}
	c.required(out)
	describe(out, notes)
	return aloneRef(out)
}

// prepare rewrites words that have an equal among the documented ones.
func (c *lightCleaner) prepare(n *node) *node {
	n = c.mergeAllOf(n)
	out := object()
	for _, m := range n.members {
		switch m.key {
		case "definitions":
			mergeMember(out, member{"$defs", m.value})
		case "const":
			c.removed["const"] = true
			out.set("enum", array(m.value))
		case "exclusiveMinimum", "exclusiveMaximum":
			if !c.exclusive(out, n, m) {
				out.set(m.key, m.value)
			}
		case "nullable":
			c.removed["nullable"] = true
		case "minimum", "maximum":
			if out.get(m.key) == nil { // an exclusive bound may have set it
				out.set(m.key, m.value)
			}
		default:
			out.set(m.key, m.value)
		}
	}
	if n.get("nullable").isTrue() {
		orNull(out)
	}
	return out
}

// exclusive turns an integer's exclusive bound into an inclusive one; both
// the number form and draft 4's boolean form are understood.
func (c *lightCleaner) exclusive(out, n *node, m member) bool {
	word, step := "minimum", int64(1)
	if m.key == "exclusiveMaximum" {
		word, step = "maximum", -1
	}
	bound := m.value
	if bound.kind == rawjson.KindBool {
		if !bound.isTrue() {
			return true
		}
		bound = n.get(word)
	}
	if bound == nil || n.get("type").text() != "integer" {
		return false
	}
	v, err := rawjson.Int(bound.raw)
	if err != nil {
		return false
	}
	c.removed[m.key] = true
	out.set(word, &node{kind: rawjson.KindNumber, raw: strconv.AppendInt(nil, v+step, 10)})
	return true
}

// enum keeps strings and numbers; other values go to the description.
func (c *lightCleaner) enum(out, values *node) string {
	kept := array()
	for _, v := range values.items {
		if v.kind == rawjson.KindString || v.kind == rawjson.KindNumber {
			kept.items = append(kept.items, v)
		}
	}
	if len(kept.items) > 0 {
		out.set("enum", kept)
	}
	if len(kept.items) == len(values.items) {
		return ""
	}
	c.removed["enum"] = true
	return "enum: " + brief(values)
}

// mergeAllOf folds the branches of allOf into the node: properties and
// required are united, of any other word the first wins.
func (c *lightCleaner) mergeAllOf(n *node) *node {
	all := n.get("allOf")
	if all == nil {
		return n
	}
	c.removed["allOf"] = true
	out := object()
	for _, m := range n.members {
		if m.key != "allOf" {
			out.set(m.key, m.value)
		}
	}
	several := len(all.items) > 1
	for _, branch := range all.items {
		if several && branch.get("$ref") != nil && c.merged < maxBranches { // a node has one $ref
			c.merged++
			branch = c.root.resolve(branch)
		}
		for _, m := range c.mergeAllOf(branch).members {
			mergeMember(out, m)
		}
	}
	return out
}

func mergeMember(out *node, m member) {
	have := out.get(m.key)
	switch {
	case have == nil:
		out.set(m.key, m.value)
	case (m.key == "properties" || m.key == "$defs") && have.kind == rawjson.KindObject:
		united := have.like()
		for _, p := range m.value.members {
			if united.get(p.key) == nil {
				united.set(p.key, p.value)
			}
		}
		out.set(m.key, united)
	case m.key == "required":
		out.set(m.key, array(append(slices.Clone(have.items), m.value.items...)...))
	}
}

// required keeps each name once, and only names that are properties (C11).
func (c *lightCleaner) required(n *node) {
	req := n.get("required")
	if req == nil {
		return
	}
	props, kept := n.get("properties"), array()
	seen := map[string]bool{}
	for _, item := range req.items {
		name := item.text()
		if !seen[name] && (props == nil || props.get(name) != nil) {
			kept.items = append(kept.items, item)
		}
		seen[name] = true
	}
	n.set("required", kept)
}

// aloneRef moves the words beside a $ref out of its node, where only "$…"
// keys may stand: the reference becomes the one branch of an anyOf.
func aloneRef(n *node) *node {
	if n.get("$ref") == nil {
		return n
	}
	bare, beside, alone := object(), object(), true
	for _, m := range n.members {
		if m.key == "$ref" {
			bare.set(m.key, m.value)
			continue
		}
		alone = alone && strings.HasPrefix(m.key, "$")
		beside.set(m.key, m.value)
	}
	switch {
	case alone:
		return n
	case beside.get("anyOf") == nil:
		beside.set("anyOf", array(bare))
	}
	return beside
}

func orNull(n *node) {
	switch t, branches := n.get("type"), n.get("anyOf"); {
	case t != nil && t.kind == rawjson.KindString && t.text() != "null":
		n.set("type", array(t, str("null")))
	case t == nil && branches != nil && branches.kind == rawjson.KindArray:
		n.set("anyOf", array(append(branches.items[:len(branches.items):len(branches.items)], object(member{"type", str("null")}))...))
	}
}

// describe appends the notes to the node's description.
func describe(n *node, notes []string) {
	if len(notes) == 0 {
		return
	}
	text := n.get("description").text()
	if text != "" {
		text += " "
	}
	n.set("description", str(text+"("+strings.Join(notes, "; ")+")"))
}

// briefMax bounds what one removed word adds to a description, in bytes.
const briefMax = 300

func brief(n *node) string {
	text := string(rawjson.Compact(nil, n.bytes()))
	if len(text) > briefMax {
		text = strings.ToValidUTF8(text[:briefMax], "") + "…"
	}
	return text
}
