package fakecontrol

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// Seen is a request as it arrived.
type Seen struct {
	Path   string      `json:"path"`
	Header http.Header `json:"header"`
	Body   Body        `json:"body"`
}

// Body is a request's body; in JSON it is a string of the same text.
type Body []byte

// MarshalText makes it a string.
func (b Body) MarshalText() ([]byte, error) { return b, nil }

// Box is the part of a fake that all have in common: its listener, the replies
// that it is told to give and the record of what it saw. A fake embeds it and
// calls Start. Its methods may be called from any goroutine.
type Box[R any] struct {
	http    *httptest.Server
	mu      sync.Mutex
	replies []R
	seen    []Seen
	refused []string
}

// Start listens on a loopback port.
func (b *Box[R]) Start(h http.HandlerFunc) { b.http = httptest.NewServer(h) }

// URL is the base URL of the fake, without a version.
func (b *Box[R]) URL() string { return b.http.URL }

// Close stops it, replies under way too.
func (b *Box[R]) Close() {
	b.http.CloseClientConnections()
	b.http.Close()
}

// Script sets the replies to the next requests; those that are still there are
// forgotten.
func (b *Box[R]) Script(replies ...R) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replies = slices.Clone(replies)
}

// Take takes the first reply that is meant for a request out of the script.
func (b *Box[R]) Take(meant func(R) bool) (reply R, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.replies, meant)
	if i < 0 {
		return reply, false
	}
	reply = b.replies[i]
	b.replies = slices.Delete(b.replies, i, i+1)
	return reply, true
}

// Unplayed is the number of replies that no request has taken.
func (b *Box[R]) Unplayed() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.replies)
}

// Record reads a request's body and notes the request.
func (b *Box[R]) Record(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen = append(b.seen, Seen{Path: r.URL.Path, Header: r.Header.Clone(), Body: body})
	return body, nil
}

// Refuse notes an error that the fake itself found in a request.
func (b *Box[R]) Refuse(reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = append(b.refused, reason)
}

// Requests are the requests recorded so far, refused ones too.
func (b *Box[R]) Requests() []Seen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seen)
}

// Refused are the errors that the fake itself found in requests; a judge wants
// none.
func (b *Box[R]) Refused() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.refused)
}

// Reset forgets the script and all that was seen.
func (b *Box[R]) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replies, b.seen, b.refused = nil, nil, nil
}

// WriteJSON answers with a status and a JSON body.
func WriteJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
