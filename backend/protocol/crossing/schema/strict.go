package schema

import "antigravity-tools/backend/rawjson"

// Strict closes every object of a schema with additionalProperties:false, as
// strict modes demand. ok tells whether OpenAI's strict mode takes the result:
// its root is an object, every property of every object is required, and none
// takes further ones.
func Strict(raw []byte) (closed []byte, ok bool) {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return raw, false
	}
	n := parse(raw, 0)
	c := strictCloser{ok: n.get("type").text() == "object" && n.get("anyOf") == nil}
	c.schema(n, 0)
	if !c.changed {
		return raw, c.ok
	}
	return n.bytes(), c.ok
}

type strictCloser struct{ ok, changed bool }

func (c *strictCloser) schema(n *node, depth int) {
	if n == nil || n.kind != rawjson.KindObject || depth > maxDepth {
		return
	}
	props := n.get("properties")
	if n.get("type").text() == "object" || props != nil {
		c.object(n, props)
	}
	for _, m := range n.members {
		switch m.key {
		case "properties", "$defs", "definitions":
			for i := range m.value.members {
				c.schema(m.value.members[i].value, depth+1)
			}
		case "items", "not", "additionalProperties":
			c.schema(m.value, depth+1)
		case "anyOf", "oneOf", "allOf", "prefixItems":
			c.ok = c.ok && m.key != "oneOf" && m.key != "allOf"
			for _, item := range m.value.items {
				c.schema(item, depth+1)
			}
		}
	}
}

func (c *strictCloser) object(n, props *node) {
	switch more := n.get("additionalProperties"); {
	case more == nil:
		n.set("additionalProperties", &node{kind: rawjson.KindBool, raw: []byte("false")})
		c.changed = true
	case more.kind != rawjson.KindBool || more.isTrue():
		c.ok = false // an open map: closing it would change its meaning
	}
	required := map[string]bool{}
	if list := n.get("required"); list != nil {
		for _, item := range list.items {
			required[item.text()] = true
		}
	}
	if props == nil {
		return
	}
	for _, m := range props.members {
		c.ok = c.ok && required[m.key]
	}
}

// Closed closes every object of a schema with additionalProperties:false and
// moves limits of numbers and lengths into descriptions, as Anthropic's strict
// modes demand. ok is false where closing would change the meaning: for open
// maps, and for a root that is no object.
func Closed(raw []byte) (closed []byte, ok bool) {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return raw, false
	}
	n := parse(raw, 0)
	c := limitCloser{ok: n.get("type").text() == "object"}
	c.schema(n, 0)
	if !c.ok {
		return raw, false
	}
	return n.bytes(), true
}

type limitCloser struct{ ok bool }

func (c *limitCloser) schema(n *node, depth int) {
	if n == nil || n.kind != rawjson.KindObject || depth > maxDepth {
		return
	}
	c.limits(n)
	if n.get("type").text() == "object" || n.get("properties") != nil {
		switch more := n.get("additionalProperties"); {
		case more == nil:
			n.set("additionalProperties", &node{kind: rawjson.KindBool, raw: []byte("false")})
		case more.kind != rawjson.KindBool || more.isTrue():
			c.ok = false
		}
	}
	for _, m := range n.members {
		switch m.key {
		case "properties", "$defs", "definitions":
			for i := range m.value.members {
				c.schema(m.value.members[i].value, depth+1)
			}
		case "items":
			c.schema(m.value, depth+1)
		case "anyOf", "allOf", "oneOf", "prefixItems":
			for _, item := range m.value.items {
				c.schema(item, depth+1)
			}
		}
	}
}

// limits moves the words that strict modes refuse.
func (c *limitCloser) limits(n *node) {
	kept := n.members[:0:0]
	text := n.get("description").text()
	for _, m := range n.members {
		switch m.key {
		case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems":
			if m.value.kind != rawjson.KindNumber {
				break
			}
			if text != "" {
				text += " "
			}
			text += "(" + m.key + ": " + string(m.value.raw) + ")"
			continue
		}
		kept = append(kept, m)
	}
	if len(kept) == len(n.members) {
		return
	}
	n.members = kept
	n.set("description", str(text))
}
