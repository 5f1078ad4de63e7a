package rawjson

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string, escaped as JSON.stringify does: quotes,
// backslashes and control characters only, no HTML escaping, U+2028 and U+2029 as
// they are. Each byte of invalid UTF-8 becomes \ufffd.
func AppendString(dst []byte, s string) []byte {
	return append(appendEscaped(append(dst, '"'), s), '"')
}

// appendEscaped is AppendString without the quotes.
func appendEscaped(dst []byte, s string) []byte {
	b := bytesOf(s)
	start, i := 0, 0
	for {
		if i = skipPlain(b, i); i == len(b) {
			break
		}
		if c := b[i]; c < utf8.RuneSelf {
			dst = appendEscape(append(dst, b[start:i]...), c)
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(append(dst, b[start:i]...), `\ufffd`...)
			start = i + 1
		}
		i += n
	}
	return append(dst, b[start:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// AppendKey appends key as a JSON string with the colon after it.
func AppendKey(dst []byte, key string) []byte {
	return append(AppendString(dst, key), ':')
}
