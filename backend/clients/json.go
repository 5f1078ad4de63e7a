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
	text, err := encodeJSON(value)
	if err != nil {
		return nil, Undo{}, err
	}
	if blank(src) {
		shell := string(src)
		st := style{nl: newline(src), unit: "  ", colon: ": "}
		return []byte(st.object("", path, text) + st.nl), Undo{Shell: &shell}, nil
	}
	root, err := parseJSON(src)
	if err != nil {
		return nil, Undo{}, jsonBroken(src, err)
	}
	v, depth := descend(&root, path)
	if depth == len(path) {
		u := Undo{Had: true, Prior: string(src[v.StartOffset:v.EndOffset]), Made: depth}
		return splice(src, v.StartOffset, v.EndOffset, text), u, nil
	}
	switch at := v.Value.(type) {
	case *hujson.Object:
		out, u := insertMember(src, &root, v, at, path[depth:], text)
		u.Made = depth
		return out, u, nil
	case hujson.Literal:
		if at.Kind() != 'n' {
			break
		}
		st, null := styleOf(src, &root), "null"
		out := splice(src, v.StartOffset, v.EndOffset, st.object(indentAt(src, v.StartOffset), path[depth:], text))
		return out, Undo{Made: depth, Shell: &null}, nil
	}
	return nil, Undo{}, &shapeError{strings.Join(path[:depth], ".") + " is no object in this file"}
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

func (e jsonEditor) undo(src []byte, u Undo) ([]byte, error) {
	if blank(src) {
		return src, nil
	}
	root, err := parseJSON(src)
	if err != nil {
		return nil, jsonBroken(src, err)
	}
	v, depth := descend(&root, u.Path)
	if depth == len(u.Path) {
		if fingerprint(scalar(v)) != u.Set {
			return src, nil // the user's own now
		}
		if u.Had {
			return splice(src, v.StartOffset, v.EndOffset, u.Prior), nil
		}
		if src, err = deleteMember(src, u.Path, u.lead(len(u.Path))); err != nil {
			return nil, err
		}
	}
	if u.Had {
		return src, nil
	}
	return pruneJSON(src, u)
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
	for k := len(u.Path) - 1; k >= u.Made; k-- {
		root, err := parseJSON(src)
		if err != nil {
			return nil, jsonBroken(src, err)
		}
		v, depth := descend(&root, u.Path[:k])
		obj, ok := v.Value.(*hujson.Object)
		if depth != k || !ok || len(obj.Members) > 0 {
			return src, nil
		}
		text := src[v.StartOffset:v.EndOffset]
		if k > u.Made {
			if !bytes.Equal(squeeze(text), []byte("{}")) {
				return src, nil // a comment of the user's
			}
			if src, err = deleteMember(src, u.Path[:k], u.lead(k)); err != nil {
				return nil, err
			}
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
	case string(was) == "null" && string(is) == "{}", bytes.Equal(was, is):
		return splice(src, v.StartOffset, v.EndOffset, shell)
	}
	return src
}

func squeeze(text []byte) []byte {
	return bytes.Join(bytes.Fields(text), nil)
}

func blank(src []byte) bool { return len(bytes.TrimLeft(src, " \t\r\n")) == 0 }

// scalar gives the value of a literal as Go has it; nil for anything else.
func scalar(v *hujson.Value) any {
	lit, ok := v.Value.(hujson.Literal)
	if !ok {
		return nil
	}
	switch lit.Kind() {
	case '"':
		return lit.String()
	case 't', 'f':
		return lit.Bool()
	}
	return nil
}
