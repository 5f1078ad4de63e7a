package clients

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// tomlEditor edits TOML by lines and, within inline tables, by items. A real parser judges the text
// before and after.
type tomlEditor struct{}

func (tomlEditor) tree(src []byte) (map[string]any, error) {
	out := map[string]any{}
	err := toml.Unmarshal(src, &out)
	if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := decode.Position()
		return nil, &brokenError{line, column, "this is no valid TOML"}
	}
	if err != nil {
		return nil, &brokenError{1, 1, "the TOML cannot be read"}
	}
	return out, nil
}

func (tomlEditor) set(src []byte, path []string, value any) ([]byte, Undo, error) {
	if _, ok := value.(element); ok {
		return nil, Undo{}, &shapeError{strings.Join(path, ".") + " is not edited in TOML"}
	}
	text, err := encodeJSON(value) // a JSON string without escapes of its own is a basic string of TOML
	if err != nil {
		return nil, Undo{}, err
	}
	text = strings.ReplaceAll(text, "\x7f", `\u007F`)
	tables := scanTOML(src)
	items := allItems(tables)
	if it, ok := findItem(items, path); ok {
		return splice(src, it.valStart, it.valEnd, text), Undo{Had: true, Prior: string(src[it.valStart:it.valEnd])}, nil
	}
	if it, ok := holdingInline(items, path); ok {
		return insertInline(src, it, path, text), Undo{}, nil
	}
	parent := path[:len(path)-1]
	for i := range tables {
		if t := &tables[i]; !t.array && slices.Equal(t.path, parent) && (t.implicit || len(parent) > 0) {
			out, trail := insertLine(src, t, tomlKey(path[len(parent):])+" = "+text)
			return out, Undo{Trail: trail}, nil
		}
	}
	if it, ok := dottedSibling(items, parent); ok {
		line := string(src[it.lineStart:it.start]) + tomlKey(path[it.base:]) + " = " + text
		return appendLine(src, it.lineEnd, line), Undo{}, nil
	}
	return newTable(src, parent, tomlKey(path[len(parent):])+" = "+text)
}

func allItems(tables []tomlTable) []tomlItem {
	var list []tomlItem
	var add func(items []tomlItem)
	add = func(items []tomlItem) {
		for _, it := range items {
			list = append(list, it)
			add(it.kids)
		}
	}
	for _, t := range tables {
		add(t.items)
	}
	return list
}

func findItem(items []tomlItem, path []string) (tomlItem, bool) {
	for _, it := range items {
		if slices.Equal(it.path, path) {
			return it, true
		}
	}
	return tomlItem{}, false
}

// holdingInline finds the deepest inline table that the path leads through.
func holdingInline(items []tomlItem, path []string) (found tomlItem, ok bool) {
	for _, it := range items {
		if it.table && len(it.path) < len(path) && slices.Equal(it.path, path[:len(it.path)]) && len(it.path) >= len(found.path) {
			found, ok = it, true
		}
	}
	return found, ok
}

// insertInline adds an item at the end of an inline table.
func insertInline(src []byte, it tomlItem, path []string, value string) []byte {
	text := tomlKey(path[len(it.path):]) + " = " + value
	if n := len(it.kids); n > 0 {
		at := it.kids[n-1].valEnd
		return splice(src, at, at, ", "+text)
	}
	return splice(src, it.valStart+1, it.valStart+1, text)
}

// dottedSibling finds a line whose key leads through the parent by dots: a header for the parent would
// then be refused, so that the new key has to be written the same way.
func dottedSibling(items []tomlItem, parent []string) (found tomlItem, ok bool) {
	for _, it := range items {
		if len(parent) > it.base && len(it.path) > len(parent) && it.lineEnd > 0 && slices.Equal(it.path[:len(parent)], parent) {
			found, ok = it, true
		}
	}
	return found, ok
}

// insertLine adds a line after the last one of a table. At the top of a file that begins with a header
// or a comment, an empty line sets it off: the trail.
func insertLine(src []byte, t *tomlTable, line string) (out []byte, trail string) {
	if n := len(t.items); n > 0 {
		last := t.items[n-1]
		return appendLine(src, last.lineEnd, string(src[last.lineStart:last.start])+line), ""
	}
	if !t.implicit {
		return appendLine(src, t.headEnd, line), ""
	}
	nl := newline(src)
	if len(src) > 0 && src[0] != '\n' && src[0] != '\r' {
		trail = nl
	}
	return splice(src, 0, 0, line+nl+trail), trail
}

// appendLine puts a line at an offset where a line has ended, be it by the end of the file.
func appendLine(src []byte, at int, line string) []byte {
	nl := newline(src)
	if at > 0 && src[at-1] != '\n' {
		return splice(src, at, at, nl+line)
	}
	return splice(src, at, at, line+nl)
}

// newTable adds a header with its first line at the end of the file.
func newTable(src []byte, path []string, line string) ([]byte, Undo, error) {
	nl := newline(src)
	u := Undo{Header: true}
	last := nl
	switch {
	case len(src) == 0:
	case src[len(src)-1] != '\n':
		u.Lead, last = nl+nl, ""
	case !bytes.HasSuffix(src, []byte(nl+nl)):
		u.Lead = nl
	}
	return append(bytes.Clone(src), u.Lead+"["+tomlKey(path)+"]"+nl+line+last...), u, nil
}

// tomlKey writes a dotted key.
func tomlKey(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = p
		if p == "" || strings.ContainsFunc(p, func(r rune) bool { return r > 0x7f || !isBareKey(byte(r)) }) {
			out[i], _ = encodeJSON(p) // a string always encodes
		}
	}
	return strings.Join(out, ".")
}

func (tomlEditor) undo(src []byte, u Undo) ([]byte, error) {
	tables := scanTOML(src)
	if it, ok := findItem(allItems(tables), u.Path); ok {
		switch {
		case u.Had:
			return splice(src, it.valStart, it.valEnd, u.Prior), nil
		case it.lineEnd == 0:
			src = cutInline(src, allItems(tables), it)
		default:
			src = cutLine(src, it.lineStart, it.lineEnd, "")
			if u.Trail != "" && bytes.HasPrefix(src[min(it.lineStart, len(src)):], []byte(u.Trail)) {
				src = splice(src, it.lineStart, it.lineStart+len(u.Trail), "")
			}
		}
	}
	if u.Header {
		src = cutEmptyTable(src, u)
	}
	return src, nil
}

// cutInline removes an item of an inline table and the comma that it brought.
func cutInline(src []byte, items []tomlItem, it tomlItem) []byte {
	for _, holder := range items {
		i := slices.IndexFunc(holder.kids, func(k tomlItem) bool { return k.start == it.start })
		switch {
		case i < 0:
			continue
		case i > 0:
			return splice(src, holder.kids[i-1].valEnd, it.valEnd, "")
		case len(holder.kids) > 1:
			return splice(src, it.start, holder.kids[1].start, "")
		}
	}
	return splice(src, it.start, it.valEnd, "")
}

// cutEmptyTable removes a header that was made for our keys once nothing stands under it.
func cutEmptyTable(src []byte, u Undo) []byte {
	for _, t := range scanTOML(src) {
		if t.array || t.implicit || !slices.Equal(t.path, u.Path[:len(u.Path)-1]) {
			continue
		}
		head := src[t.start:t.headEnd]
		if len(bytes.TrimSpace(src[t.headEnd:t.end])) > 0 || bytes.IndexByte(head, '#') >= 0 {
			return src
		}
		start := t.start
		if bytes.HasSuffix(src[:start], []byte(u.Lead)) {
			start -= len(u.Lead)
		}
		return splice(src, start, t.headEnd, "")
	}
	return src
}
