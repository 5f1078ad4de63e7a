package relay

import (
	"io"
	"time"
)

// prompt is an upstream's body. Before each read of it the client gets what was
// written so far: every event reaches it before the next one is waited for, and
// events that came together leave together.
type prompt struct {
	io.ReadCloser
	down *downstream
	err  error // that a read ended with; sticky
}

// Read reads the upstream's body.
func (p *prompt) Read(b []byte) (n int, err error) {
	if p.err != nil {
		return 0, p.err
	}
	if err := p.down.push(); err != nil {
		return 0, err
	}
	n, p.err = p.ReadCloser.Read(b)
	return n, p.err
}

// maxBehind bounds what is read behind the end of an answer, in bytes; settleWait
// for how long.
const (
	maxBehind  = 64 << 10
	settleWait = time.Second
)

// settle reads what the upstream sends behind the end of its answer, mostly nothing,
// so that its connections can be used again. The client gets the answer before that.
// What goes wrong here no longer matters; a stream that does not end is given up.
func (a *attempt) settle() {
	for _, body := range a.bodies {
		if body.err != nil {
			continue // it was read to its end
		}
		timer := time.AfterFunc(settleWait, func() { a.watch.cancel(nil) })
		_, _ = io.CopyN(io.Discard, body, maxBehind)
		timer.Stop()
	}
}

// close lets go of what the upstream has sent.
func (a *attempt) close() {
	for _, body := range a.bodies {
		_ = body.Close()
	}
}
