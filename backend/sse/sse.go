// Package sse reads and writes server-sent events (WHATWG HTML, section 9.2). It
// knows nothing of what the events carry.
//
// The Scanner keeps the exact bytes of each frame, so that a stream can be passed
// on unchanged while it is observed.
package sse

import (
	"errors"
	"io"
	"sync"
)

// Frame is one event, or what else stands between two blank lines. Its slices are
// valid until the next call of Next or Release.
type Frame struct {
	// Event is the last event field, "" if there is none.
	Event string
	// ID is the last id field. Unlike in a browser it is not carried over to later
	// frames.
	ID string
	// Data holds the data fields joined with a line feed. It is nil without any
	// data field, and empty but not nil for an empty one.
	Data []byte
	// Bare holds lines that are JSON without a field name: the Gemini API may send
	// an error so in the middle of a stream. The lines are joined with a line feed.
	Bare []byte
	// Comment is set if the frame holds comments and nothing else.
	Comment bool
	// Unterminated is set on the last frame if the stream ended before the blank
	// line: the frame may have been cut.
	Unterminated bool
	// Raw is the frame as it came: the terminator, and blank lines or the byte order
	// mark before it, included. All Raw in sequence are the stream byte for byte.
	// Blank lines at the end of a stream make a frame that has nothing but Raw.
	Raw []byte
}

// ErrFrameTooLarge is returned once a frame exceeds the limit of its Scanner.
var ErrFrameTooLarge = errors.New("event stream: frame too large")

var errReleased = errors.New("event stream: scanner used after release")

// DefaultMaxFrame is, in bytes, the limit of a Scanner that is given none. It has
// room for a generated image in base64.
const DefaultMaxFrame = 32 << 20

const (
	minBuffer  = 4 << 10  // a stream of small events needs no more
	keepBuffer = 64 << 10 // larger ones are not kept for the next stream
	maxNames   = 64       // event names remembered, and the bytes of the longest
)

// buffers is what a Scanner borrows from the pool.
type buffers struct {
	in         []byte            // what was read, up to its length
	data, bare []byte            // for frames whose data or bare lines are several
	names      map[string]string // event names seen, so that each is allocated once
	event      string            // the name seen last
}

//nolint:gochecknoglobals // a pool holds nothing that anyone could read
var pool = sync.Pool{New: func() any {
	return &buffers{in: make([]byte, 0, minBuffer), names: make(map[string]string)}
}}

// phase is where in a frame the Scanner stands.
type phase uint8

const (
	atStart   phase = iota // before the frame, where blank lines are skipped
	inLine                 // within a line
	afterCR                // after a line ended by CR, which a LF may still follow
	afterLine              // after a line ended by LF or CRLF
	blankCR                // after the CR of the blank line, which a LF ought to follow
)

// A Scanner cuts a stream into frames. It is not safe for concurrent use.
type Scanner struct {
	src   io.Reader
	limit int
	*buffers
	err   error // what src ended with; sticky
	phase phase
	bom   bool // the place for a byte order mark is behind us
	start int  // of the frame, in in
	body  int  // of its first line
	pos   int  // up to here in is scanned
	lf    int  // no line feed lies in [pos, lf)
}

// NewScanner returns a Scanner of r for frames of at most maxFrame bytes
// (DefaultMaxFrame if that is 0 or less). Release gives its buffers back.
func NewScanner(r io.Reader, maxFrame int) *Scanner {
	if maxFrame <= 0 {
		maxFrame = DefaultMaxFrame
	}
	return &Scanner{src: r, limit: maxFrame, buffers: pool.Get().(*buffers)}
}

// Release gives the buffers back; frames and the Scanner must not be used any
// more. It may be called more than once and does not close the reader.
func (s *Scanner) Release() {
	b := s.buffers
	if b == nil {
		return
	}
	s.buffers = nil
	if cap(b.in) > keepBuffer {
		b.in = make([]byte, 0, minBuffer)
	}
	if cap(b.data)+cap(b.bare) > keepBuffer {
		b.data, b.bare = nil, nil
	}
	if len(b.names) == maxNames {
		clear(b.names)
	}
	b.in = b.in[:0]
	pool.Put(b)
}

// Next returns the next frame as soon as its last byte has been read: it does not
// wait for more. At the end of the stream it returns io.EOF, after a failed read
// its error as it is; a frame that such an error cut short is dropped.
func (s *Scanner) Next() (Frame, error) {
	if s.buffers == nil {
		return Frame{}, errReleased
	}
	s.start, s.phase = s.pos, atStart
	for !s.scan() {
		if len(s.in)-s.start > s.limit {
			return Frame{}, s.fail(ErrFrameTooLarge)
		}
		if s.err != nil {
			return s.last()
		}
		s.fill()
	}
	if s.pos-s.start > s.limit {
		return Frame{}, s.fail(ErrFrameTooLarge)
	}
	return s.frame(), nil
}

// fail makes err the answer to this and all later calls.
func (s *Scanner) fail(err error) error {
	s.err = err
	s.in = s.in[:0]
	s.start, s.pos, s.lf = 0, 0, 0
	return err
}

// last returns what is left at the end of the stream.
func (s *Scanner) last() (Frame, error) {
	if s.err != io.EOF || //nolint:errorlint // a wrapped one is a fault of the connection
		s.start == len(s.in) {
		return Frame{}, s.fail(s.err)
	}
	if s.phase == atStart {
		s.body = len(s.in)
	}
	cut := s.phase != atStart && s.phase != blankCR
	s.pos = len(s.in)
	f := s.frame()
	f.Unterminated = cut
	return f, nil
}

// fill reads once, after making room.
func (s *Scanner) fill() {
	if s.start > 0 && (s.start == len(s.in) || len(s.in) == cap(s.in)) {
		n := copy(s.in, s.in[s.start:])
		s.in = s.in[:n]
		s.pos, s.lf, s.body = s.pos-s.start, max(s.lf-s.start, 0), s.body-s.start
		s.start = 0
	}
	if len(s.in) == cap(s.in) {
		s.in = append(make([]byte, 0, 2*cap(s.in)), s.in...)
	}
	const patience = 100
	for range patience {
		n, err := s.src.Read(s.in[len(s.in):cap(s.in)])
		s.in = s.in[:len(s.in)+n]
		if s.err = err; n > 0 || err != nil {
			return
		}
	}
	s.err = io.ErrNoProgress
}
