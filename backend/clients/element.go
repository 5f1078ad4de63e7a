package clients

import "slices"

// Element names one element of a list: the object whose member Key is Value. Names are the members of it
// that we wrote; others in it are the user's.
type Element struct {
	Key   string   `json:"key"`
	Value string   `json:"value"`
	Names []string `json:"names"`
}

// element is an object to put into a list; it is known by its member key.
type element struct {
	key     string
	members []member
}

type member struct {
	name  string
	value any // string, bool, int or []string
}

func (el element) ref() *Element {
	ref := &Element{Key: el.key}
	for _, m := range el.members {
		ref.Names = append(ref.Names, m.name)
		if text, ok := m.value.(string); ok && m.name == el.key {
			ref.Value = text
		}
	}
	return ref
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
	if ref == nil || !ok {
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
	for i, name := range ref.Names {
		switch at := value.(type) {
		case element:
			pairs = append(pairs, name, at.members[i].value)
		case map[string]any:
			pairs = append(pairs, name, at[name])
		}
	}
	return fingerprint(pairs)
}
