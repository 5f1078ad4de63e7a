package sse

import "bytes"

const byteOrderMark = "\xef\xbb\xbf"

// scan walks on over what has been read and reports whether the frame is complete;
// it then ends at pos. What was walked once is not walked again.
func (s *Scanner) scan() bool {
	for s.pos < len(s.in) {
		c := s.in[s.pos]
		switch s.phase {
		case atStart:
			if !s.lead() {
				return false
			}
		case inLine:
			if !s.endLine() {
				return false
			}
		case afterCR:
			switch c {
			case '\n':
				s.pos++
				s.phase = afterLine
			case '\r':
				// Lines end with CR alone here: no LF is due, and waiting for one
				// would hold the frame back. Should it come, it is a blank line.
				s.pos++
				return true
			default:
				s.phase = inLine
			}
		case afterLine:
			switch c {
			case '\n':
				s.pos++
				return true
			case '\r':
				s.pos++
				s.phase = blankCR
			default:
				s.phase = inLine
			}
		case blankCR:
			if c == '\n' {
				s.pos++
			}
			return true
		}
	}
	return false
}

// lead skips what may stand before a frame. It reports whether the frame begins.
func (s *Scanner) lead() bool {
	if !s.bom {
		have := s.in[s.pos:min(s.pos+len(byteOrderMark), len(s.in))]
		if string(have) == byteOrderMark[:len(have)] {
			if len(have) < len(byteOrderMark) {
				return false
			}
			s.pos += len(byteOrderMark)
		}
		s.bom = true
	}
	for s.pos < len(s.in) && (s.in[s.pos] == '\n' || s.in[s.pos] == '\r') {
		s.pos++
	}
	if s.pos == len(s.in) {
		return false
	}
	s.body, s.phase = s.pos, inLine
	return true
}

// endLine moves behind the end of the line, or behind all that has been read.
func (s *Scanner) endLine() bool {
	s.pos, s.lf = lineEnd(s.in, s.pos, s.lf)
	if s.pos == len(s.in) {
		return false
	}
	s.phase = afterLine
	if s.in[s.pos] == '\r' {
		s.phase = afterCR
	}
	s.pos++
	return true
}

// lineEnd returns the index of the first CR or LF of b from pos on, len(b) if there
// is none. No LF lies in [pos, lf): with that kept from call to call, a text with
// one kind of line end only is not searched again and again for the other.
func lineEnd(b []byte, pos, lf int) (end, nextLF int) {
	if lf = max(lf, pos); lf < len(b) && b[lf] != '\n' {
		if n := bytes.IndexByte(b[lf:], '\n'); n >= 0 {
			lf += n
		} else {
			lf = len(b)
		}
	}
	if n := bytes.IndexByte(b[pos:lf], '\r'); n >= 0 {
		return pos + n, lf
	}
	return lf, lf
}

// lines cuts a text into its lines.
type lines struct {
	b       []byte
	pos, lf int
}

// next returns the next line without its end; done once nothing is left.
func (l *lines) next() (line []byte, done bool) {
	if l.pos > len(l.b) {
		return nil, true
	}
	start := l.pos
	l.pos, l.lf = lineEnd(l.b, l.pos, l.lf)
	line = l.b[start:l.pos:l.pos]
	if l.pos+1 < len(l.b) && l.b[l.pos] == '\r' && l.b[l.pos+1] == '\n' {
		l.pos++
	}
	l.pos++
	return line, false
}

// frame takes [start, pos) apart.
func (s *Scanner) frame() Frame {
	f := Frame{Raw: s.in[s.start:s.pos:s.pos]}
	s.data, s.bare = s.data[:0], s.bare[:0]
	var comment, field bool
	body := lines{b: s.in[s.body:s.pos]}
	for line, done := body.next(); !done; line, done = body.next() {
		switch {
		case len(line) == 0:
		case line[0] == ':':
			comment = true
		default:
			field = true
			s.field(&f, line)
		}
	}
	f.Comment = comment && !field
	return f
}

// field adds what one line says to f.
func (s *Scanner) field(f *Frame, line []byte) {
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found {
		value = line[len(line):]
	}
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	switch string(name) {
	case "data":
		f.Data = join(&s.data, f.Data, value)
	case "event":
		f.Event = s.name(value)
	case "id":
		if bytes.IndexByte(value, 0) < 0 {
			f.ID = string(value)
		}
	case "retry":
	default:
		if f.Bare != nil || line[0] == '{' || line[0] == '[' {
			f.Bare = join(&s.bare, f.Bare, line)
		}
	}
}

// join joins a line to what is there already. The first line stays where it was
// read; Raw must not change, so more lines are joined in a buffer of their own.
func join(buf *[]byte, have, line []byte) []byte {
	if have == nil {
		return line[:len(line):len(line)]
	}
	if len(*buf) == 0 {
		*buf = append(*buf, have...)
	}
	*buf = append(append(*buf, '\n'), line...)
	return (*buf)[:len(*buf):len(*buf)]
}

// name gives an event's name without allocating one that was seen before.
func (s *Scanner) name(b []byte) string {
	if string(b) == s.event { // most events are of the kind of the one before
		return s.event
	}
	if known, ok := s.names[string(b)]; ok {
		s.event = known
		return known
	}
	fresh := string(b)
	if len(s.names) < maxNames && len(b) <= maxNames {
		s.names[fresh], s.event = fresh, fresh
	}
	return fresh
}
