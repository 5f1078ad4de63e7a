package rawjson

import (
	"bytes"
	"iter"
)

// span is one member of an object or one item of an array (which has no key) as
// indexes into the text.
type span struct{ keyStart, keyEnd, start, end int }

// walker steps through the direct children of one container.
type walker struct {
	b      []byte
	i      int // where the next child is looked for
	object bool
}

// open begins a walk if raw is a container of the wanted kind; otherwise the walk
// finds nothing.
func open(raw []byte, brace byte) walker {
	i := skipSpace(raw, 0)
	if i >= len(raw) || raw[i] != brace {
		return walker{b: raw, i: len(raw)}
	}
	return walker{b: raw, i: i + 1, object: brace == '{'}
}

// next gives the next child, false at the end or where the text makes no sense.
func (w *walker) next() (s span, ok bool) {
	b := w.b
	i := skipSpace(b, w.i)
	if w.object {
		if i >= len(b) || b[i] != '"' {
			return s, false
		}
		s.keyStart = i
		if i = skipString(b, i); i < 0 {
			w.i = len(b)
			return s, false
		}
		s.keyEnd = i
		if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
			return s, false
		}
		i = skipSpace(b, i+1)
	}
	s.start = i
	if s.end = skipValue(b, i); s.end < 0 {
		w.i = len(b)
		return s, false
	}
	w.i = len(b)
	if i = skipSpace(b, s.end); i < len(b) && b[i] == ',' {
		w.i = i + 1
	}
	return s, true
}

// Members yields the members of an object in order: the key unescaped, the value
// without white space around it. Both alias obj (a key with escapes is a copy).
// Anything but an object has no members.
func Members(obj []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		w := open(obj, '{')
		for s, ok := w.next(); ok; s, ok = w.next() {
			key, err := unquote(obj[s.keyStart:s.keyEnd])
			if err != nil {
				return
			}
			if !yield(key, obj[s.start:s.end:s.end]) {
				return
			}
		}
	}
}

// Items yields the items of an array in order, aliasing arr. Anything but an array
// has no items.
func Items(arr []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		w := open(arr, '[')
		for s, ok := w.next(); ok; s, ok = w.next() {
			if !yield(arr[s.start:s.end:s.end]) {
				return
			}
		}
	}
}

// Get returns the value found by following path through nested objects, aliasing
// obj. Of duplicate keys the last counts. An empty path gives obj itself, trimmed.
func Get(obj []byte, path ...string) ([]byte, bool) {
	obj = trim(obj)
	for _, key := range path {
		s, ok := find(obj, key)
		if !ok {
			return nil, false
		}
		obj = obj[s.start:s.end:s.end]
	}
	return obj, len(obj) > 0
}

// find returns the last member of obj with that key.
func find(obj []byte, key string) (found span, ok bool) {
	w := open(obj, '{')
	for s, more := w.next(); more; s, more = w.next() {
		if keyIs(obj[s.keyStart:s.keyEnd], key) {
			found, ok = s, true
		}
	}
	return found, ok
}

// keyIs compares a key in quotes with a plain one.
func keyIs(quoted []byte, key string) bool {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner) == key
	}
	s, err := unquote(quoted)
	return err == nil && s == key
}
