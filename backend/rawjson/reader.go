package rawjson

import "iter"

// A Reader reads one JSON text from its beginning to its end and checks it on the
// way, as Check would: each byte is looked at once. It is for what only looks at
// a few members of many texts. The zero value is ready for Reset.
//
// It stands before a value. Members, Items and Value read that value; a value
// that a loop's body leaves alone is skipped. After a fault nothing more is
// found, and End tells it.
type Reader struct {
	checker
	i     int // before a value, or behind the last one that was read
	depth int // of the containers around it
}

// Reset begins with a text, in which at most maxDepth containers may be nested.
func (r *Reader) Reset(data []byte, maxDepth int) {
	*r = Reader{checker: checker{b: data, limit: min(maxDepth, hardDepth)}, i: skipSpace(data, 0)}
	if r.i == len(data) {
		r.err = &SyntaxError{Offset: r.i, What: "the text is empty"}
	}
}

// Kind is that of the value the Reader stands before.
func (r *Reader) Kind() Kind { return KindOf(r.b[r.i:]) }

// Value reads a value and returns its text, aliasing the whole; nil after a fault.
func (r *Reader) Value() []byte {
	start := r.i
	if !r.skip() {
		return nil
	}
	return r.b[start:r.i:r.i]
}

// skip reads a value; false after a fault.
func (r *Reader) skip() bool {
	if r.err == nil {
		r.i = r.value(r.i, r.depth)
	}
	return r.err == nil
}

// End returns the *SyntaxError of the text, nil if there is none. The value must
// have been read.
func (r *Reader) End() error {
	if r.err == nil {
		if r.i = skipSpace(r.b, r.i); r.i < len(r.b) {
			r.fail(r.i, "unexpected data after the value")
		}
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// Members reads an object: it yields the keys, unescaped, standing before their
// values. Anything but an object is read and has no members.
func (r *Reader) Members() iter.Seq[string] {
	return func(yield func(string) bool) {
		more := r.enter('{', '}')
		for wanted := true; more; more = r.next('}') {
			key, ok := r.key()
			if !ok {
				return
			}
			start := r.i
			if wanted {
				wanted = yield(key)
			}
			if r.i == start && !r.skip() {
				return
			}
		}
	}
}

// Items reads an array: it yields the place of each item, standing before it.
// Anything but an array is read and has no items.
func (r *Reader) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		more := r.enter('[', ']')
		for n, wanted := 0, true; more; more = r.next(']') {
			start := r.i
			if wanted {
				wanted = yield(n)
			}
			if r.i == start && !r.skip() {
				return
			}
			n++
		}
	}
}

// enter steps into a container of the wanted kind and tells whether there is
// something in it.
func (r *Reader) enter(open, end byte) bool {
	if r.err != nil {
		return false
	}
	if r.i >= len(r.b) || r.b[r.i] != open || r.depth >= r.limit {
		r.skip()
		return false
	}
	r.depth++
	r.i = skipSpace(r.b, r.i+1)
	if r.i < len(r.b) && r.b[r.i] == end {
		r.leave()
		return false
	}
	return true
}

func (r *Reader) leave() {
	r.i++
	r.depth--
}

// next steps to the next member or item, or out of the container.
func (r *Reader) next(end byte) bool {
	if r.err != nil {
		return false
	}
	r.i = skipSpace(r.b, r.i)
	switch {
	case r.i < len(r.b) && r.b[r.i] == ',':
		r.i = skipSpace(r.b, r.i+1)
		return true
	case r.i < len(r.b) && r.b[r.i] == end:
		r.leave()
		return false
	}
	what := "expected a comma or the end of the object"
	if end == ']' {
		what = "expected a comma or the end of the array"
	}
	r.fail(r.i, what)
	return false
}

// key reads a key with its colon.
func (r *Reader) key() (string, bool) {
	if r.i >= len(r.b) || r.b[r.i] != '"' {
		r.fail(r.i, "expected a key in quotes")
		return "", false
	}
	start := r.i
	end := skipPlain(r.b, start+1)
	plain := end < len(r.b) && r.b[end] == '"'
	if plain {
		end++
	} else if end = r.str(start + 1); r.err != nil {
		return "", false
	}
	if r.i = skipSpace(r.b, end); r.i >= len(r.b) || r.b[r.i] != ':' {
		r.fail(r.i, "expected a colon after the key")
		return "", false
	}
	r.i = skipSpace(r.b, r.i+1)
	if plain {
		return alias(r.b[start+1 : end-1]), true
	}
	key, err := unquote(r.b[start:end])
	return key, err == nil
}
