package rawjson

import "bytes"

// Compact appends raw to dst without the white space between its tokens; strings
// and number literals stay as they are.
func Compact(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		switch {
		case isSpace(raw[i]):
			i++
			continue
		case raw[i] == '"':
			end := skipString(raw, i)
			if end < 0 {
				end = len(raw)
			}
			dst = append(dst, raw[i:end]...)
			i = end
		default:
			dst = append(dst, raw[i])
			i++
		}
	}
	return dst
}

// equalDepth bounds the recursion of Equal; deeper values are compared as text.
const equalDepth = 1000

// Equal reports whether two texts are the same JSON: the order of members counts
// for nothing, strings are compared unescaped and numbers by their literal. Of
// duplicate keys the last counts. It is meant for tests: its time grows with the
// square of the number of members.
func Equal(a, b []byte) bool { return equal(a, b, 0) }

func equal(a, b []byte, depth int) bool {
	a, b = trim(a), trim(b)
	kind := KindOf(a)
	if depth == equalDepth || kind != KindOf(b) {
		return bytes.Equal(a, b)
	}
	switch kind {
	case KindObject:
		return membersIn(a, b, depth) && keysIn(b, a)
	case KindArray:
		return equalItems(a, b, depth)
	case KindString:
		s, errS := String(a)
		t, errT := String(b)
		if errS == nil && errT == nil {
			return s == t
		}
	}
	return bytes.Equal(a, b)
}

// membersIn reports whether b has an equal value for every key of a.
func membersIn(a, b []byte, depth int) bool {
	for key := range Members(a) {
		v, _ := Get(a, key)
		other, ok := Get(b, key)
		if !ok || !equal(v, other, depth+1) {
			return false
		}
	}
	return true
}

// keysIn reports whether b has every key of a.
func keysIn(a, b []byte) bool {
	for key := range Members(a) {
		if _, ok := Get(b, key); !ok {
			return false
		}
	}
	return true
}

func equalItems(a, b []byte, depth int) bool {
	wa, wb := open(a, '['), open(b, '[')
	for {
		sa, okA := wa.next()
		sb, okB := wb.next()
		if !okA || !okB {
			return okA == okB
		}
		if !equal(a[sa.start:sa.end], b[sb.start:sb.end], depth+1) {
			return false
		}
	}
}
