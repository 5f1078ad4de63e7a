package rawjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

func isDigit(c byte) bool { return c-'0' < 10 }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// skipSpace returns the first index from i on that holds no white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

// trim cuts white space off both ends.
func trim(b []byte) []byte {
	b = b[skipSpace(b, 0):]
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// skipPlain returns the first index from i on whose byte needs a closer look
// inside a string: a quote, a backslash, a control character or a byte outside
// ASCII; len(b) if there is none.
func skipPlain(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		// Exact for the lowest marked byte, which is the one asked for: borrows
		// only spoil bytes above a true hit.
		x := binary.LittleEndian.Uint64(b[i:])
		m := (x - 0x20*lowBits) | ((x ^ '"'*lowBits) - lowBits) | ((x ^ '\\'*lowBits) - lowBits)
		if m = (m | x) & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(b) {
		if c := b[i]; c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
			return i
		}
		i++
	}
	return i
}

// nearString is how far skipString looks with plain code before it calls for
// help: most strings are short, and the call would cost more than the look.
const nearString = 64

// skipString returns the index after the string whose opening quote is at i, or
// -1 if it does not end.
func skipString(b []byte, i int) int {
	i++
	near := b[:min(i+nearString, len(b))]
	if i = quoteOrEscape(near, i); i < len(near) && b[i] == '"' {
		return i + 1
	}
	return skipRest(b, i)
}

// skipRest is skipString from within the string on, where no escape has begun.
// Only quotes are looked at, so that it runs at the speed of bytes.IndexByte over
// base64.
func skipRest(b []byte, i int) int {
	for from := i; ; {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		j := i
		for j > from && b[j-1] == '\\' {
			j--
		}
		if (i-j)&1 == 0 {
			return i + 1
		}
		i++
		from = i
	}
}

// quoteOrEscape returns the index of the first quote or backslash from i on, len(b)
// if there is none.
func quoteOrEscape(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		// Exact for the lowest marked byte: see skipPlain.
		x := binary.LittleEndian.Uint64(b[i:])
		q, e := x^'"'*lowBits, x^'\\'*lowBits
		if m := ((q-lowBits)&^q | (e-lowBits)&^e) & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// skipValue returns the index after the value that begins at i, or -1 if there is
// none. Brackets are counted, not matched: Check has seen to that.
func skipValue(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipContainer(b, i)
	}
	start := i
	for i < len(b) && !endsLiteral(b[i]) {
		i++
	}
	if i == start {
		return -1
	}
	return i
}

func endsLiteral(c byte) bool {
	switch c {
	case ',', ']', '}', ':', '"', '[', '{', ' ', '\n', '\r', '\t':
		return true
	}
	return false
}

func skipContainer(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}
