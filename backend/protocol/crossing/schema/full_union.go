package schema

import (
	"slices"
	"strings"
)

// rank orders the branches of a union by how much they say.
func rank(n *node) int {
	switch {
	case isObject(n):
		return 3
	case n.get("type").text() == "array":
		return 2
	}
	return 1
}

// unite puts the richest branch of a union into the node; branches of one type
// count as one, with the properties or values of all. A branch of null makes
// the node nullable.
func (f *fullNode) unite(n *node) {
	var best *node
	var kinds []string
	for _, word := range []string{"anyOf", "oneOf"} {
		branches := n.get(word)
		if branches == nil {
			continue
		}
		f.cleaner.light.removed[word] = true
		for _, b := range branches.items {
			if b.get("type").text() == "null" {
				f.nullable = true
				continue
			}
			clean := f.cleaner.schema(b, f.refs)
			kinds = append(kinds, clean.get("type").text())
			switch {
			case best == nil || rank(clean) > rank(best):
				best = clean
			case isObject(clean) && isObject(best):
				best = f.cleaner.both(best, clean)
			case clean.get("type").text() == best.get("type").text():
				best = f.cleaner.either(best, clean)
			}
		}
	}
	if best == nil {
		return
	}
	f.take(best)
	slices.Sort(kinds)
	if kinds = slices.Compact(kinds); len(kinds) > 1 {
		f.notes = append(f.notes, "accepts: "+strings.Join(kinds, ", "))
	}
}

func isObject(n *node) bool { return n.get("type").text() == "object" }

// both is a clean object that either of two clean objects may be: with all
// their properties, of which those are required that both require.
func (c *fullCleaner) both(a, b *node) *node {
	out := a.like()
	props := a.get("properties").like()
	for _, m := range b.get("properties").members {
		if have := props.get(m.key); have != nil {
			m.value = c.either(have, m.value)
		}
		props.set(m.key, m.value)
	}
	out.set("properties", props)
	if text := b.get("description").text(); text != "" && text != a.get("description").text() {
		if have := a.get("description").text(); have != "" {
			text = have + "; or: " + text
		}
		out.set("description", str(text))
	}
	need := array()
	if one, other := a.get("required"), b.get("required"); one != nil && other != nil {
		for _, item := range one.items {
			if slices.ContainsFunc(other.items, func(n *node) bool { return n.text() == item.text() }) {
				need.items = append(need.items, item)
			}
		}
	}
	out.drop("required")
	if len(need.items) > 0 {
		out.set("required", need)
	}
	return out
}

// either unites two clean schemas of one value: the values of both, or any where
// one of them takes any. Of two types the first is taken, and the other told.
func (c *fullCleaner) either(a, b *node) *node {
	out := a.like()
	c.nullable[out] = c.nullable[a] || c.nullable[b]
	if kind := b.get("type").text(); kind != a.get("type").text() {
		describe(out, []string{"or " + kind})
		return out
	}
	one, other := a.get("enum"), b.get("enum")
	if one == nil || other == nil {
		out.drop("enum")
		return out
	}
	values := array(slices.Clone(one.items)...)
	for _, v := range other.items {
		if !slices.ContainsFunc(values.items, func(n *node) bool { return n.text() == v.text() }) {
			values.items = append(values.items, v)
		}
	}
	out.set("enum", values)
	return out
}
