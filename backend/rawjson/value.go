package rawjson

import (
	"bytes"
	"errors"
	"math"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// A KindError says that a value is of another kind than asked for.
type KindError struct{ Want, Have Kind }

// Error names both kinds and nothing of the value.
func (e *KindError) Error() string {
	return "expected a " + e.Want.String() + ", but got " + e.Have.String()
}

// ErrNotInteger is returned by Int for a number with a fraction or beyond 64 bits.
var ErrNotInteger = errors.New("expected an integer of at most 64 bits")

var errMalformed = errors.New("malformed JSON value")

// mismatch tells a wrong kind from a value that is broken in itself.
func mismatch(want Kind, raw []byte) error {
	if have := KindOf(raw); have != want {
		return &KindError{Want: want, Have: have}
	}
	return errMalformed
}

// String returns the text of a JSON string. Without an escape in it the result
// aliases raw: request bodies are never changed nor pooled, so that a base64 image
// is not copied. Lone surrogates become U+FFFD.
func String(raw []byte) (string, error) {
	raw = trim(raw)
	if len(raw) == 0 || raw[0] != '"' {
		return "", mismatch(KindString, raw)
	}
	return unquote(raw)
}

// Bool returns the value of true or false.
func Bool(raw []byte) (bool, error) {
	switch string(trim(raw)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, mismatch(KindBool, raw)
}

// unquote expects a string in quotes without white space around it.
func unquote(raw []byte) (string, error) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", errMalformed
	}
	s := raw[1 : len(raw)-1]
	esc := bytes.IndexByte(s, '\\')
	if esc < 0 {
		if bytes.IndexByte(s, '"') >= 0 {
			return "", errMalformed
		}
		return alias(s), nil
	}
	// No escape is shorter than what it stands for, so this never grows.
	out := make([]byte, 0, len(s))
	for {
		if bytes.IndexByte(s[:esc], '"') >= 0 {
			return "", errMalformed
		}
		out = append(out, s[:esc]...)
		var n int
		if out, n = appendUnescaped(out, s[esc:]); n == 0 {
			return "", errMalformed
		}
		s = s[esc+n:]
		if esc = bytes.IndexByte(s, '\\'); esc < 0 {
			break
		}
	}
	if bytes.IndexByte(s, '"') >= 0 {
		return "", errMalformed
	}
	return alias(append(out, s...)), nil
}

func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf is for reading only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// appendUnescaped appends what the escape at the start of s stands for and returns
// the length of the escape, 0 if it is invalid.
func appendUnescaped(out, s []byte) ([]byte, int) {
	if len(s) < 2 {
		return out, 0
	}
	switch c := s[1]; c {
	case '"', '\\', '/':
		return append(out, c), 2
	case 'b':
		return append(out, '\b'), 2
	case 'f':
		return append(out, '\f'), 2
	case 'n':
		return append(out, '\n'), 2
	case 'r':
		return append(out, '\r'), 2
	case 't':
		return append(out, '\t'), 2
	case 'u':
		r, ok := hex4(s[2:])
		if !ok {
			return out, 0
		}
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(out, r), 6
		}
		if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
			if low, ok := hex4(s[8:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(out, pair), 12
				}
			}
		}
		return utf8.AppendRune(out, utf8.RuneError), 6
	}
	return out, 0
}

// Int returns a number without fraction, however it is written: 3, 3.0 and 0.3e1
// are all 3. It fails with ErrNotInteger if there is a fraction or more than 64
// bits are needed.
func Int(raw []byte) (int64, error) {
	raw = trim(raw)
	if n := scanNumber(raw); n <= 0 || n != len(raw) {
		return 0, mismatch(KindNumber, raw)
	}
	negative := raw[0] == '-'
	if negative {
		raw = raw[1:]
	}
	mantissa, exponent := splitNumber(raw)
	var n uint64
	for seen, c := range mantissa {
		if c == '.' {
			exponent -= len(mantissa) - seen - 1
			continue
		}
		d := uint64(c - '0')
		if n > (math.MaxUint64-d)/10 {
			return 0, ErrNotInteger
		}
		n = n*10 + d
	}
	return scale(n, exponent, negative)
}

// splitNumber cuts a number without sign into its digits (zeros at the end of a
// fraction dropped) and its exponent, which is held within ±10,000,000: beyond
// that only zero is an integer of 64 bits, whatever digits a request can hold.
func splitNumber(raw []byte) (mantissa []byte, exponent int) {
	mantissa = raw
	if e := bytes.IndexAny(raw, "eE"); e >= 0 {
		mantissa = raw[:e]
		text := raw[e+1:]
		negative := text[0] == '-'
		if negative || text[0] == '+' {
			text = text[1:]
		}
		for _, c := range text {
			exponent = min(exponent*10+int(c-'0'), 10_000_000)
		}
		if negative {
			exponent = -exponent
		}
	}
	if bytes.IndexByte(mantissa, '.') >= 0 {
		for mantissa[len(mantissa)-1] == '0' {
			mantissa = mantissa[:len(mantissa)-1]
		}
	}
	return mantissa, exponent
}

// scale gives n × 10^exponent with its sign, if that is an integer of 64 bits.
func scale(n uint64, exponent int, negative bool) (int64, error) {
	if n == 0 {
		return 0, nil
	}
	for ; exponent > 0; exponent-- {
		if n > math.MaxUint64/10 {
			return 0, ErrNotInteger
		}
		n *= 10
	}
	for ; exponent < 0; exponent++ {
		if n%10 != 0 {
			return 0, ErrNotInteger
		}
		n /= 10
	}
	if negative && n <= 1<<63 {
		return -int64(n), nil
	}
	if negative || n > math.MaxInt64 {
		return 0, ErrNotInteger
	}
	return int64(n), nil
}
