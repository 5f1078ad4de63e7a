package wire

// Text is a string that arrives in pieces. A single piece, as a whole reply
// has, is not copied.
type Text struct {
	one  string
	many []byte
}

// Add appends a piece.
func (t *Text) Add(s string) {
	switch {
	case s == "":
	case t.many != nil:
		t.many = append(t.many, s...)
	case t.one == "":
		t.one = s
	default:
		t.many = append(append(make([]byte, 0, 2*(len(t.one)+len(s))), t.one...), s...)
	}
}

// String returns all pieces joined.
func (t *Text) String() string {
	if t.many != nil {
		return string(t.many)
	}
	return t.one
}
