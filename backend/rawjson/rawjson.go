// Package rawjson reads, edits and builds JSON as bytes, without reflection and
// without a tree: request bodies of several megabytes (mostly base64) are walked
// in place, and what is not touched keeps its exact bytes, key order and number
// literals.
//
// The intended order is: Check once at the border, then the other functions. A
// Reader does both in one walk, for texts of which little is wanted.
// They assume valid JSON; on garbage they stop early or return an error, but
// never panic, loop or read out of bounds. No function changes its input.
//
// Duplicate keys: the last one wins, as in encoding/json, JavaScript and Python.
// Members (a Reader's too) yields every duplicate in order, so assigning in a loop
// follows the same rule.
package rawjson

// Kind is the type of a JSON value as told by its first byte.
type Kind uint8

// The kinds of JSON values. KindInvalid stands for empty input and for a first
// byte that begins no value.
const (
	KindInvalid Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

// String names the kind as an error message would.
func (k Kind) String() string {
	switch k {
	case KindNull:
		return "null"
	case KindBool:
		return "boolean"
	case KindNumber:
		return "number"
	case KindString:
		return "string"
	case KindArray:
		return "array"
	case KindObject:
		return "object"
	}
	return "invalid"
}

// KindOf tells the kind of raw by its first byte that is not white space.
func KindOf(raw []byte) Kind {
	i := skipSpace(raw, 0)
	if i == len(raw) {
		return KindInvalid
	}
	switch c := raw[i]; c {
	case '{':
		return KindObject
	case '[':
		return KindArray
	case '"':
		return KindString
	case 't', 'f':
		return KindBool
	case 'n':
		return KindNull
	default:
		if c == '-' || isDigit(c) {
			return KindNumber
		}
	}
	return KindInvalid
}

// IsNull reports whether raw is the literal null.
func IsNull(raw []byte) bool { return string(trim(raw)) == "null" }
