package clients

import (
	"slices"
	"strings"
)

// Element names an object that is ours as a whole: the element of a list whose member Key is Value, or,
// without a key, the object that the path leads to. Names are the members of it that we wrote; others in
// it are the user's, or the client's.
type Element struct {
	Key   string   `json:"key,omitempty"`
	Value string   `json:"value,omitempty"`
	Names []string `json:"names"`
	// Sign are the names that have to be as we wrote them for the object to be ours still; empty: all.
	Sign []string `json:"sign,omitempty"`
}

// element is an object to put into a list, where it is known by its member key, or to a key of its own.
type element struct {
	key     string
	members []member
	sign    []string
}

type member struct {
	name  string
	value any // string, bool, int, []string or []member
}

// flat lists the members with those inside them, by names with dots.
func flat(prefix string, members []member) []member {
	var list []member
	for _, m := range members {
		if inner, ok := m.value.([]member); ok {
			list = append(list, flat(prefix+m.name+".", inner)...)
			continue
		}
		list = append(list, member{prefix + m.name, m.value})
	}
	return list
}

func (el element) ref() *Element {
	ref := &Element{Key: el.key, Sign: el.sign}
	for _, m := range flat("", el.members) {
		ref.Names = append(ref.Names, m.name)
		if text, ok := m.value.(string); ok && m.name == el.key {
			ref.Value = text
		}
	}
	return ref
}

// inList tells an element of a list from an object with a key of its own.
func (ref *Element) inList() bool { return ref != nil && ref.Key != "" }

// signature is the element with the names alone that make it ours.
func (ref *Element) signature() *Element {
	if ref == nil || len(ref.Sign) == 0 {
		return ref
	}
	return &Element{Key: ref.Key, Value: ref.Value, Names: ref.Sign}
}

// is tells whether a decoded value is the element.
func (ref *Element) is(value any) bool {
	object, ok := value.(map[string]any)
	return ok && object[ref.Key] == ref.Value
}

func (ref *Element) without(list []any) []any {
	return slices.DeleteFunc(slices.Clone(list), ref.is)
}

// held follows a path through a tree, and into the list that it leads to if an element is meant.
func held(tree map[string]any, path []string, ref *Element) (any, bool) {
	at, ok := lookup(tree, path)
	if !ref.inList() || !ok {
		return at, ok
	}
	list, _ := at.([]any)
	if i := slices.IndexFunc(list, ref.is); i >= 0 {
		return list[i], true
	}
	return nil, false
}

// printOf is the fingerprint of a value; of an element it covers the members that are ours.
func printOf(value any, ref *Element) string {
	if ref == nil {
		return fingerprint(value)
	}
	var pairs []any
	for _, name := range ref.Names {
		pairs = append(pairs, name, leaf(value, name))
	}
	return fingerprint(pairs)
}

// leaf is the member of an object, ours or decoded, that a name with dots leads to; nil if there is none.
func leaf(value any, name string) any {
	switch at := value.(type) {
	case element:
		for _, m := range flat("", at.members) {
			if m.name == name {
				return m.value
			}
		}
	case map[string]any:
		found, _ := lookup(at, strings.Split(name, "."))
		return found
	}
	return nil
}
