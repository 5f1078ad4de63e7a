package schema

import (
	"strings"

	"antigravity-tools/backend/rawjson"
)

// FromGemini turns a Gemini Schema (an OpenAPI subset: upper-case types,
// nullable, int64 limits as text) into a JSON Schema. What is one already
// stays as it is.
func FromGemini(raw []byte) []byte {
	return fromGemini(parse(raw, 0)).bytes()
}

func fromGemini(n *node) *node {
	if n.kind != rawjson.KindObject {
		return n
	}
	out := object()
	for _, m := range n.members {
		switch m.key {
		case "type":
			out.set("type", lowerType(m.value))
		case "nullable", "propertyOrdering", "property_ordering":
		case "properties":
			props := object()
			for _, p := range m.value.members {
				props.set(p.key, fromGemini(p.value))
			}
			out.set("properties", props)
		case "items":
			out.set("items", fromGemini(m.value))
		case "anyOf", "any_of":
			branches := array()
			for _, b := range m.value.items {
				branches.items = append(branches.items, fromGemini(b))
			}
			out.set("anyOf", branches)
		case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
			out.set(m.key, plainNumber(m.value))
		case "min_items", "max_items", "min_length", "max_length", "min_properties", "max_properties":
			out.set(camel(m.key), plainNumber(m.value))
		case "example":
			out.set("examples", array(m.value))
		default:
			out.set(m.key, m.value)
		}
	}
	if n.get("nullable").isTrue() {
		orNull(out)
		if values := out.get("enum"); values != nil && values.kind == rawjson.KindArray {
			out.set("enum", array(append(values.items[:len(values.items):len(values.items)], null())...))
		}
	}
	return out
}

func lowerType(n *node) *node {
	if t := n.text(); t != "" {
		return str(strings.ToLower(t))
	}
	return n
}

// plainNumber unquotes an int64 written as text.
func plainNumber(n *node) *node {
	if t := n.text(); t != "" && rawjson.KindOf([]byte(t)) == rawjson.KindNumber {
		return &node{kind: rawjson.KindNumber, raw: []byte(t)}
	}
	return n
}

func camel(snake string) string {
	head, tail, _ := strings.Cut(snake, "_")
	return head + strings.ToUpper(tail[:1]) + tail[1:]
}
