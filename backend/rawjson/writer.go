package rawjson

import "strconv"

// Writer builds JSON by appending to one buffer; it sets the commas and escapes
// strings. It does not check that calls are in a sensible order (an object left
// open stays open). The zero value is ready to use.
type Writer struct {
	buf  []byte
	next bool // a value stands before: the next one needs a comma
}

// NewWriter returns a Writer with room for capacity bytes.
func NewWriter(capacity int) *Writer {
	return &Writer{buf: make([]byte, 0, capacity)}
}

// AppendTo returns a Writer that appends to dst, which it then owns.
func AppendTo(dst []byte) *Writer { return &Writer{buf: dst} }

// AppendTo makes the Writer start over behind dst, which it then owns.
func (w *Writer) AppendTo(dst []byte) { w.buf, w.next = dst, false }

// Bytes returns what has been written; it is valid until the next call.
func (w *Writer) Bytes() []byte { return w.buf }

// Len returns the number of bytes written.
func (w *Writer) Len() int { return len(w.buf) }

// Reset empties the Writer and keeps its buffer.
func (w *Writer) Reset() { w.buf, w.next = w.buf[:0], false }

// Grow makes room for n more bytes, so that writing them copies nothing.
func (w *Writer) Grow(n int) {
	if cap(w.buf)-len(w.buf) < n {
		w.buf = append(make([]byte, 0, len(w.buf)+n), w.buf...)
	}
}

// value sets the comma that the next value or key needs.
func (w *Writer) value(after bool) {
	if w.next {
		w.buf = append(w.buf, ',')
	}
	w.next = after
}

// Obj opens an object.
func (w *Writer) Obj() {
	w.value(false)
	w.buf = append(w.buf, '{')
}

// End closes an object.
func (w *Writer) End() {
	w.buf = append(w.buf, '}')
	w.next = true
}

// Arr opens an array.
func (w *Writer) Arr() {
	w.value(false)
	w.buf = append(w.buf, '[')
}

// EndArr closes an array.
func (w *Writer) EndArr() {
	w.buf = append(w.buf, ']')
	w.next = true
}

// Key writes the key of the value that follows.
func (w *Writer) Key(key string) {
	w.value(false)
	w.buf = AppendKey(w.buf, key)
}

// Str writes a string.
func (w *Writer) Str(s string) {
	w.value(true)
	w.buf = AppendString(w.buf, s)
}

// StrOf writes one string of several pieces without joining them first: a piece
// may be a picture. No rune may be cut between two pieces.
func (w *Writer) StrOf(pieces ...string) {
	w.value(true)
	w.buf = append(w.buf, '"')
	for _, piece := range pieces {
		w.buf = appendEscaped(w.buf, piece)
	}
	w.buf = append(w.buf, '"')
}

// Raw writes JSON as it is; nothing at all is written as null, as encoding/json
// does with an empty RawMessage.
func (w *Writer) Raw(raw []byte) {
	w.value(true)
	if len(raw) == 0 {
		w.buf = append(w.buf, "null"...)
		return
	}
	w.buf = append(w.buf, raw...)
}

// Int writes an integer.
func (w *Writer) Int(n int64) {
	w.value(true)
	w.buf = strconv.AppendInt(w.buf, n, 10)
}

// Bool writes true or false.
func (w *Writer) Bool(b bool) {
	w.value(true)
	w.buf = strconv.AppendBool(w.buf, b)
}

// Null writes null.
func (w *Writer) Null() {
	w.value(true)
	w.buf = append(w.buf, "null"...)
}

// StrField writes a member whose value is a string.
func (w *Writer) StrField(key, s string) {
	w.Key(key)
	w.Str(s)
}

// RawField writes a member whose value is JSON already; see Raw.
func (w *Writer) RawField(key string, raw []byte) {
	w.Key(key)
	w.Raw(raw)
}

// IntField writes a member whose value is an integer.
func (w *Writer) IntField(key string, n int64) {
	w.Key(key)
	w.Int(n)
}

// BoolField writes a member whose value is true or false.
func (w *Writer) BoolField(key string, b bool) {
	w.Key(key)
	w.Bool(b)
}
