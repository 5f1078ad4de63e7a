package protocoltest

import (
	"testing"
)

// Crossed is what a cell makes of a request and of the answer to it.
type Crossed struct {
	Up      []byte // the request that goes up; nil if it was refused
	Refused string // the error answer that the client gets in place of one
	Stream  string // the streamed reply; an error answer begins with "HTTP"
	Whole   string // the reply at once, likewise
	Losses  string
}

// Cross brings c.Inbound.Body up and frames down, with all the checks of Run
// but no files of its own.
func (c *Cell) Cross(t *testing.T, frames []byte) Crossed {
	t.Helper()
	ex := c.request(t)
	if ex.err != nil {
		return Crossed{Refused: ErrorAnswer(c.Client, ex.err), Losses: LossLines(ex.losses, ex.err)}
	}
	stream, whole, lost := ex.answer(t, c, frames)
	return Crossed{Up: ex.encoded.Body, Stream: string(stream.text), Whole: string(whole.text), Losses: lost}
}
