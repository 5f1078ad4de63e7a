// Package schema changes JSON Schemas from the form that one protocol's
// clients write into the form that another protocol's upstream accepts.
// Schemas are visited as ordered trees with raw leaves: key order and number
// literals survive, and property names that look like keywords are never
// mistaken for them.
package schema

import (
	"slices"

	"antigravity-tools/backend/rawjson"
)

// maxDepth bounds the nesting of a schema; what lies deeper is replaced by a
// schema that accepts anything.
const maxDepth = 64

// node is one JSON value. Exactly one of members, items and raw is used,
// according to kind.
type node struct {
	kind    rawjson.Kind
	members []member
	items   []*node
	raw     []byte
}

type member struct {
	key   string
	value *node
}

func parse(raw []byte, depth int) *node {
	n := &node{kind: rawjson.KindOf(raw), raw: raw}
	container := n.kind == rawjson.KindObject || n.kind == rawjson.KindArray
	if container && depth > maxDepth {
		return object()
	}
	switch n.kind {
	case rawjson.KindObject:
		for key, value := range rawjson.Members(raw) {
			n.set(key, parse(value, depth+1))
		}
	case rawjson.KindArray:
		for item := range rawjson.Items(raw) {
			n.items = append(n.items, parse(item, depth+1))
		}
	}
	return n
}

func (n *node) write(w *rawjson.Writer) {
	switch n.kind {
	case rawjson.KindObject:
		w.Obj()
		for _, m := range n.members {
			w.Key(m.key)
			m.value.write(w)
		}
		w.End()
	case rawjson.KindArray:
		w.Arr()
		for _, item := range n.items {
			item.write(w)
		}
		w.EndArr()
	default:
		w.Raw(n.raw)
	}
}

func (n *node) bytes() []byte {
	w := rawjson.NewWriter(len(n.raw) + 64)
	n.write(w)
	return w.Bytes()
}

func object(members ...member) *node {
	return &node{kind: rawjson.KindObject, members: members}
}

// like is a copy whose members may be changed.
func (n *node) like() *node { return object(slices.Clone(n.members)...) }

func array(items ...*node) *node { return &node{kind: rawjson.KindArray, items: items} }

func null() *node { return &node{kind: rawjson.KindNull, raw: []byte("null")} }

func str(s string) *node {
	return &node{kind: rawjson.KindString, raw: rawjson.AppendString(nil, s)}
}

func (n *node) get(key string) *node {
	for i := range n.members {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

// set replaces the member or appends it.
func (n *node) set(key string, value *node) {
	for i := range n.members {
		if n.members[i].key == key {
			n.members[i].value = value
			return
		}
	}
	n.members = append(n.members, member{key, value})
}

// drop takes a member out.
func (n *node) drop(key string) {
	n.members = slices.DeleteFunc(slices.Clone(n.members), func(m member) bool { return m.key == key })
}

func (n *node) text() string {
	if n == nil || n.kind != rawjson.KindString {
		return ""
	}
	s, err := rawjson.String(n.raw)
	if err != nil {
		return ""
	}
	return s
}

func (n *node) isTrue() bool {
	return n != nil && n.kind == rawjson.KindBool && string(n.raw) == "true"
}
