package clients

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// jsonEditor edits JSON with comments and trailing commas. The library parses and tells offsets; the
// edits are cuts and pastes on the text itself.
type jsonEditor struct{}

func (jsonEditor) tree(src []byte) (map[string]any, error) {
	if blank(src) {
		return map[string]any{}, nil
	}
	v, err := parseJSON(src)
	if err != nil {
		return nil, jsonBroken(src, err)
	}
	if _, ok := v.Value.(*hujson.Object); !ok {
		line, column := position(src, v.StartOffset)
		return nil, &brokenError{line, column, "the file holds no JSON object"}
	}
	plain, err := hujson.Standardize(append(bytes.Clone(src), '\n')) // it writes into what it is given
	if err != nil {
		return nil, jsonBroken(src, err)
	}
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.UseNumber()
	out := map[string]any{}
	if err := dec.Decode(&out); err != nil {
		return nil, &brokenError{1, 1, "the JSON cannot be read"}
	}
	return out, nil
}

// parseJSON parses a text. The library wants a line end after a comment at the very end.
func parseJSON(src []byte) (hujson.Value, error) {
	v, err := hujson.Parse(append(slices.Clip(src), '\n'))
	if err != nil {
		if _, plain := hujson.Parse(src); plain != nil {
			err = plain // with the position in the text as it is
		}
	}
	return v, err
}

// jsonBroken takes line and column out of the library's error, whose text may quote the file.
func jsonBroken(src []byte, err error) error {
	b := &brokenError{1, 1, "this is no valid JSON"}
	if _, scanErr := fmt.Sscanf(err.Error(), "hujson: line %d, column %d:", &b.line, &b.column); scanErr != nil {
		b.line, b.column = position(src, len(src))
	}
	if strings.Contains(err.Error(), "unexpected EOF") {
		b.what = "the JSON ends too early"
	}
	return b
}

func (e jsonEditor) set(src []byte, path []string, value any) ([]byte, Undo, error) {
	if blank(src) {
		shell := string(src)
		st := style{nl: newline(src), unit: "  ", colon: ": "}
		return []byte(st.object("", path, value) + st.nl), Undo{Shell: &shell}, nil
	}
	root, err := parseJSON(src)
	if err != nil {
		return nil, Undo{}, jsonBroken(src, err)
	}
	v, depth := descend(&root, path)
	el, isElement := value.(element)
	switch {
	case depth < len(path):
		return insertMember(src, &root, v, path, depth, value)
	case isElement && el.key != "":
		return setElement(src, &root, v, path, el)
	}
	text := styleOf(src, &root).value(indentAt(src, v.StartOffset), value)
	u := Undo{Had: true, Prior: string(src[v.StartOffset:v.EndOffset]), Made: depth}
	return splice(src, v.StartOffset, v.EndOffset, text), u, nil
}

// insertMember adds what the path lacks below its first depth keys, which lead to v.
func insertMember(src []byte, root, v *hujson.Value, path []string, depth int, value any) ([]byte, Undo, error) {
	switch at := v.Value.(type) {
	case *hujson.Object:
		out, u := insertLast(src, root, v, func(st style, indent string) string { return st.member(indent, path[depth:], value) })
		u.Made = depth
		return out, u, nil
	case hujson.Literal:
		if at.Kind() == 'n' {
			st, null := styleOf(src, root), "null"
			out := splice(src, v.StartOffset, v.EndOffset, st.object(indentAt(src, v.StartOffset), path[depth:], value))
			return out, Undo{Made: depth, Shell: &null}, nil
		}
	}
	return nil, Undo{}, &shapeError{strings.Join(path[:depth], ".") + " is no object in this file"}
}

// setElement puts an element into the list v, or in the place of the one that is known by the same name.
func setElement(src []byte, root, v *hujson.Value, path []string, el element) ([]byte, Undo, error) {
	switch at := v.Value.(type) {
	case *hujson.Array:
		i := elementIndex(at, el.ref())
		if i < 0 {
			out, u := insertLast(src, root, v, func(st style, indent string) string { return st.element(indent, el) })
			u.Made = len(path)
			return out, u, nil
		}
		st, old := styleOf(src, root), at.Elements[i]
		text := st.element(indentAt(src, old.StartOffset), el)
		u := Undo{Had: true, Prior: string(src[old.StartOffset:old.EndOffset]), Made: len(path)}
		return splice(src, old.StartOffset, old.EndOffset, text), u, nil
	case hujson.Literal:
		if at.Kind() == 'n' {
			st, null := styleOf(src, root), "null"
			out := splice(src, v.StartOffset, v.EndOffset, st.list(indentAt(src, v.StartOffset), el))
			return out, Undo{Made: len(path), Shell: &null}, nil
		}
	}
	return nil, Undo{}, &shapeError{strings.Join(path, ".") + " is no list in this file"}
}

// descend follows path as far as it exists: the value reached and how many keys led there.
func descend(root *hujson.Value, path []string) (*hujson.Value, int) {
	v := root
	for depth, key := range path {
		obj, ok := v.Value.(*hujson.Object)
		if !ok {
			return v, depth
		}
		i := memberIndex(obj, key)
		if i < 0 {
			return v, depth
		}
		v = &obj.Members[i].Value
	}
	return v, len(path)
}

// memberIndex finds a key: of duplicates the last one counts, as it does for the clients.
func memberIndex(obj *hujson.Object, key string) int {
	for i := len(obj.Members) - 1; i >= 0; i-- {
		if name, ok := obj.Members[i].Name.Value.(hujson.Literal); ok && name.String() == key {
			return i
		}
	}
	return -1
}

// elementIndex finds an element by the member that it is known by.
func elementIndex(list *hujson.Array, ref *Element) int {
	return slices.IndexFunc(list.Elements, func(v hujson.Value) bool {
		obj, ok := v.Value.(*hujson.Object)
		if !ok {
			return false
		}
		i := memberIndex(obj, ref.Key)
		if i < 0 {
			return false
		}
		name, ok := obj.Members[i].Value.Value.(hujson.Literal)
		return ok && name.Kind() == '"' && name.String() == ref.Value
	})
}

func (e jsonEditor) undo(src []byte, u Undo) ([]byte, error) {
	if blank(src) {
		return src, nil
	}
	root, err := parseJSON(src)
	if err != nil {
		return nil, jsonBroken(src, err)
	}
	holder, i := written(&root, u)
	if i >= 0 {
		if u.Had {
			v := valueAt(holder, i)
			return splice(src, v.StartOffset, v.EndOffset, u.Prior), nil
		}
		depth := len(u.Path)
		if u.Element.inList() {
			depth++
		}
		src = deleteSlot(src, holder, i, u.lead(depth))
	}
	if u.Had {
		return src, nil
	}
	return pruneJSON(src, u)
}

// written finds what a set wrote: the container and the place in it; -1 if it is not there.
func written(root *hujson.Value, u Undo) (*hujson.Value, int) {
	if u.Element.inList() {
		v, depth := descend(root, u.Path)
		if list, ok := v.Value.(*hujson.Array); ok && depth == len(u.Path) {
			return v, elementIndex(list, u.Element)
		}
		return v, -1
	}
	last := len(u.Path) - 1
	v, depth := descend(root, u.Path[:last])
	if obj, ok := v.Value.(*hujson.Object); ok && depth == last {
		return v, memberIndex(obj, u.Path[last])
	}
	return v, -1
}

func valueAt(holder *hujson.Value, i int) *hujson.Value {
	if list, ok := holder.Value.(*hujson.Array); ok {
		return &list.Elements[i]
	}
	return &holder.Value.(*hujson.Object).Members[i].Value
}

// lead is the white space before the member that the set made, which is the one of the first Made+1 keys.
func (u Undo) lead(depth int) *string {
	if depth != u.Made+1 || u.Shell != nil {
		return nil
	}
	return &u.Lead
}

// pruneJSON removes the containers that a set made and that are empty now, and gives an empty one that
// was there before its text back.
func pruneJSON(src []byte, u Undo) ([]byte, error) {
	deepest := len(u.Path) - 1
	if u.Element.inList() {
		deepest++
	}
	for k := deepest; k >= u.Made; k-- {
		root, err := parseJSON(src)
		if err != nil {
			return nil, jsonBroken(src, err)
		}
		v, depth := descend(&root, u.Path[:k])
		_, isObject := v.Value.(*hujson.Object)
		_, isList := v.Value.(*hujson.Array)
		if depth != k || isObject != (k < len(u.Path)) || isList == isObject || len(slotsOf(v)) > 0 {
			return src, nil
		}
		if k > u.Made {
			if len(squeeze(src[v.StartOffset:v.EndOffset])) > len("{}") {
				return src, nil // a comment of the user's
			}
			holder, _ := descend(&root, u.Path[:k-1])
			src = deleteSlot(src, holder, memberIndex(holder.Value.(*hujson.Object), u.Path[k-1]), u.lead(k))
			continue
		}
		if u.Shell == nil {
			return src, nil
		}
		return reshell(src, v, *u.Shell), nil
	}
	return src, nil
}

// reshell writes the old text of an empty container, unless a comment has come or gone.
func reshell(src []byte, v *hujson.Value, shell string) []byte {
	was, is := squeeze([]byte(shell)), squeeze(src[v.StartOffset:v.EndOffset])
	switch {
	case len(was) == 0: // the whole file was blank
		if string(squeeze(src)) == "{}" {
			return []byte(shell)
		}
	case string(was) == "null" && len(is) == len("{}"), bytes.Equal(was, is):
		return splice(src, v.StartOffset, v.EndOffset, shell)
	}
	return src
}

func squeeze(text []byte) []byte {
	return bytes.Join(bytes.Fields(text), nil)
}

func blank(src []byte) bool { return len(bytes.TrimLeft(src, " \t\r\n")) == 0 }
