package relay

import (
	"io"
	"net/http"
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

// settle reads what an upstream sends behind the end of its answer, mostly nothing,
// so that the connection can be used again. The client gets the answer before that.
// What goes wrong here no longer matters; a server that does not end loses the
// connection.
func settle(resp *http.Response) {
	if p, ok := resp.Body.(*prompt); ok && p.err != nil {
		return // it was read to its end
	}
	timer := time.AfterFunc(settleWait, func() { _ = resp.Body.Close() })
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, resp.Body, maxBehind)
}
