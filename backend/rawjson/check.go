package rawjson

import (
	"errors"
	"strconv"
	"unicode/utf8"
)

// ErrTooDeep is what a SyntaxError wraps when containers are nested deeper than
// Check was told to allow.
var ErrTooDeep = errors.New("nested too deeply")

// hardDepth bounds the recursion of Check whatever its caller allows.
const hardDepth = 10000

// A SyntaxError says where and why a text is not the JSON that Check wants. It
// holds nothing of the text itself.
type SyntaxError struct {
	Offset int    // bytes before the fault
	What   string // what is wrong there
	cause  error
}

// Error describes the fault; an empty input is called "empty".
func (e *SyntaxError) Error() string {
	return "invalid JSON at byte " + strconv.Itoa(e.Offset) + ": " + e.What
}

// Unwrap gives ErrTooDeep if nesting is the fault.
func (e *SyntaxError) Unwrap() error { return e.cause }

// Check reads data once and returns a *SyntaxError unless it is exactly one JSON
// value after RFC 8259: valid UTF-8, valid escapes (lone surrogates are
// tolerated) and at most maxDepth containers within each other (a scalar needs
// 0, `[]` needs 1; more than 10,000 are never allowed).
func Check(data []byte, maxDepth int) error {
	var r Reader
	r.Reset(data, maxDepth)
	r.skip()
	return r.End()
}

// checker walks one text. Its methods take the index where their construct
// begins and return the index after it; after a fault err is set and the index
// means nothing.
type checker struct {
	b     []byte
	limit int
	err   *SyntaxError
}

func (c *checker) fail(i int, what string) int {
	if i >= len(c.b) {
		i, what = len(c.b), "unexpected end of the text"
	}
	c.err = &SyntaxError{Offset: i, What: what}
	return i
}

func (c *checker) value(i, depth int) int {
	if i >= len(c.b) {
		return c.fail(i, "")
	}
	switch c.b[i] {
	case '{', '[':
		if depth >= c.limit {
			c.err = &SyntaxError{Offset: i, What: ErrTooDeep.Error(), cause: ErrTooDeep}
			return i
		}
		if c.b[i] == '{' {
			return c.object(i+1, depth+1)
		}
		return c.array(i+1, depth+1)
	case '"':
		return c.str(i + 1)
	case 't':
		return c.literal(i, "true")
	case 'f':
		return c.literal(i, "false")
	case 'n':
		return c.literal(i, "null")
	}
	n := scanNumber(c.b[i:])
	if n <= 0 {
		if n < 0 {
			return c.fail(i-n, "malformed number")
		}
		return c.fail(i, "expected a value")
	}
	return i + n
}

func (c *checker) object(i, depth int) int {
	if i = skipSpace(c.b, i); i < len(c.b) && c.b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(c.b) || c.b[i] != '"' {
			return c.fail(i, "expected a key in quotes")
		}
		if i = c.str(i + 1); c.err != nil {
			return i
		}
		if i = skipSpace(c.b, i); i >= len(c.b) || c.b[i] != ':' {
			return c.fail(i, "expected a colon after the key")
		}
		if i = c.value(skipSpace(c.b, i+1), depth); c.err != nil {
			return i
		}
		i = skipSpace(c.b, i)
		if i < len(c.b) && c.b[i] == '}' {
			return i + 1
		}
		if i >= len(c.b) || c.b[i] != ',' {
			return c.fail(i, "expected a comma or the end of the object")
		}
		i = skipSpace(c.b, i+1)
	}
}

func (c *checker) array(i, depth int) int {
	if i = skipSpace(c.b, i); i < len(c.b) && c.b[i] == ']' {
		return i + 1
	}
	for {
		if i = c.value(i, depth); c.err != nil {
			return i
		}
		i = skipSpace(c.b, i)
		if i < len(c.b) && c.b[i] == ']' {
			return i + 1
		}
		if i >= len(c.b) || c.b[i] != ',' {
			return c.fail(i, "expected a comma or the end of the array")
		}
		i = skipSpace(c.b, i+1)
	}
}

func (c *checker) literal(i int, want string) int {
	for k := range len(want) {
		if i+k >= len(c.b) || c.b[i+k] != want[k] {
			return c.fail(i+k, "expected a value")
		}
	}
	return i + len(want)
}

// str begins after the opening quote.
func (c *checker) str(i int) int {
	for {
		if i = skipPlain(c.b, i); i >= len(c.b) {
			return c.fail(i, "")
		}
		switch ch := c.b[i]; {
		case ch == '"':
			return i + 1
		case ch == '\\':
			n := escapeLen(c.b[i:])
			if n == 0 {
				return c.fail(i, "invalid escape in a string")
			}
			i += n
		case ch < 0x20:
			return c.fail(i, "control character in a string")
		default:
			for i < len(c.b) && c.b[i] >= utf8.RuneSelf {
				r, n := utf8.DecodeRune(c.b[i:])
				if r == utf8.RuneError && n == 1 {
					return c.fail(i, "invalid UTF-8 in a string")
				}
				i += n
			}
		}
	}
}

// escapeLen returns the length of the escape that b begins with, 0 if invalid.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads the four hexadecimal digits that b begins with.
func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// scanNumber returns the length of the number that b begins with; if b begins
// like a number but breaks its grammar, minus the index of the fault; 0 if b
// does not begin with a minus or a digit.
func scanNumber(b []byte) int {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	n := digits(b, i)
	if n == i {
		return -i
	}
	if b[i] == '0' && n > i+1 {
		return -(i + 1)
	}
	i = n
	if i < len(b) && b[i] == '.' {
		if n = digits(b, i+1); n == i+1 {
			return -n
		}
		i = n
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if n = digits(b, i); n == i {
			return -n
		}
		i = n
	}
	return i
}

// digits returns the first index from i on that holds no digit.
func digits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}
