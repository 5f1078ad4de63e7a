package rawjson

import (
	"bytes"
	"errors"
)

// ErrNotObject is returned by Set and Delete where the path leads through
// something that is not an object.
var ErrNotObject = errors.New("expected an object on the path")

// Set returns a copy of obj in which the member at path has that value; all other
// bytes stay. A missing member is added at the end of its object, missing or null
// objects on the way are made. Of duplicate keys the last one is set. An empty
// path replaces the whole.
func Set(obj, value []byte, path ...string) ([]byte, error) {
	at, rest, err := descend(obj, path)
	if err != nil {
		return nil, err
	}
	size := len(obj) + len(value) + 2
	for _, key := range rest {
		size += len(key) + 5
	}
	out := append(make([]byte, 0, size), obj[:at.start]...)
	if at.comma {
		out = append(out, ',')
	}
	for i, key := range rest {
		if i > 0 || at.brace {
			out = append(out, '{')
		}
		out = AppendKey(out, key)
	}
	out = append(out, value...)
	for i := range rest {
		if i > 0 || at.brace {
			out = append(out, '}')
		}
	}
	return append(out, obj[at.end:]...), nil
}

// EditItems replaces each item of the array at path by what edit makes of it; nil
// leaves it out. Where nothing changes, or there is no array, it is obj itself.
func EditItems(obj []byte, edit func(i int, item []byte) []byte, path ...string) []byte {
	array, ok := Get(obj, path...)
	if !ok || KindOf(array) != KindArray {
		return obj
	}
	w := NewWriter(len(array))
	w.Arr()
	i, changed := 0, false
	for item := range Items(array) {
		out := edit(i, item)
		changed = changed || !bytes.Equal(out, item)
		if out != nil {
			w.Raw(out)
		}
		i++
	}
	w.EndArr()
	if !changed {
		return obj
	}
	out, err := Set(obj, w.Bytes(), path...)
	if err != nil {
		return obj
	}
	return out
}

// place is where Set writes: over [start, end), with a comma before it, and with
// braces of its own if a null is replaced by an object.
type place struct {
	start, end   int
	comma, brace bool
}

// descend follows path as far as it exists. rest holds the keys yet to be made.
func descend(obj []byte, path []string) (at place, rest []string, err error) {
	at.start, at.end = skipSpace(obj, 0), len(obj)
	if len(path) > 0 && KindOf(obj) != KindObject {
		return at, nil, ErrNotObject
	}
	for i, key := range path {
		switch KindOf(obj[at.start:at.end]) {
		case KindObject:
		case KindNull:
			at.brace = true
			return at, path[i:], nil
		default:
			return at, nil, ErrNotObject
		}
		s, ok := find(obj[at.start:at.end], key)
		if !ok {
			end, comma, err := tail(obj[at.start:at.end])
			end += at.start
			return place{start: end, end: end, comma: comma}, path[i:], err
		}
		at.start, at.end = at.start+s.start, at.start+s.end
	}
	return at, nil, nil
}

// tail returns where a further member of obj would be put and whether a comma has
// to come before it.
func tail(obj []byte) (end int, comma bool, err error) {
	w := open(obj, '{')
	end = w.i
	for s, ok := w.next(); ok; s, ok = w.next() {
		end, comma = s.end, true
	}
	if i := skipSpace(obj, end); i >= len(obj) || obj[i] != '}' {
		return 0, false, errMalformed
	}
	return end, comma, nil
}

// Delete returns obj without the member at path (all duplicates of it); the other
// members keep their bytes. Where there is nothing to delete, obj itself is
// returned.
func Delete(obj []byte, path ...string) ([]byte, error) {
	if len(path) == 0 || KindOf(obj) != KindObject {
		return nil, ErrNotObject
	}
	last := len(path) - 1
	at, rest, err := descend(obj, path[:last])
	if err != nil {
		return nil, err
	}
	inner := obj[at.start:at.end]
	if len(rest) > 0 || KindOf(inner) == KindNull {
		return obj, nil
	}
	if KindOf(inner) != KindObject {
		return nil, ErrNotObject
	}
	if _, ok := find(inner, path[last]); !ok {
		return obj, nil
	}
	out := append(make([]byte, 0, len(obj)), obj[:at.start]...)
	out = appendWithout(out, inner, path[last])
	return append(out, obj[at.end:]...), nil
}

// appendWithout appends obj without the members of that key. Each member that
// stays brings the bytes between it and the member before it, but the first one
// takes the white space after the brace instead.
func appendWithout(dst, obj []byte, key string) []byte {
	w := open(obj, '{')
	end, kept := w.i, false
	dst = append(dst, obj[:end]...)
	for s, ok := w.next(); ok; s, ok = w.next() {
		if !keyIs(obj[s.keyStart:s.keyEnd], key) {
			if kept {
				dst = append(dst, obj[end:s.end]...)
			} else {
				dst = append(dst, obj[s.keyStart:s.end]...)
			}
			kept = true
		}
		end = s.end
	}
	return append(dst, obj[end:]...)
}

// Rest returns an object of those members of obj whose key is not known, in order,
// with the bytes of their keys and values; nil if there are none.
func Rest(obj []byte, known func(key string) bool) []byte {
	var out []byte
	w := open(obj, '{')
	for s, ok := w.next(); ok; s, ok = w.next() {
		key, err := unquote(obj[s.keyStart:s.keyEnd])
		if err != nil || known(key) {
			continue
		}
		sep := byte(',')
		if out == nil {
			sep = '{'
		}
		out = append(out, sep)
		out = append(out, obj[s.keyStart:s.keyEnd]...)
		out = append(out, ':')
		out = append(out, obj[s.start:s.end]...)
	}
	if out == nil {
		return nil
	}
	return append(out, '}')
}

// AppendRest writes the members of the object rest into the object that is open in
// w. A nil rest writes nothing.
func AppendRest(w *Writer, rest []byte) {
	r := open(rest, '{')
	for s, ok := r.next(); ok; s, ok = r.next() {
		w.value(false)
		w.buf = append(w.buf, rest[s.keyStart:s.keyEnd]...)
		w.buf = append(w.buf, ':')
		w.Raw(rest[s.start:s.end])
	}
}
