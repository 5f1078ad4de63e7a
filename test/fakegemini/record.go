package fakegemini

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Request is what the fake saw of one call, for assertions.
type Request struct {
	Time   time.Time   `json:"time"`
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  string      `json:"query,omitempty"`
	Model  string      `json:"model,omitempty"`
	Op     string      `json:"op,omitempty"` // generateContent, streamGenerateContent, countTokens, list, get, …
	Key    string      `json:"key"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"-"`
	Text   string      `json:"body"` // Body as text, for the control endpoint

	Status int    `json:"status"`          // 0 until the answer has begun
	Rule   string `json:"rule,omitempty"`  // the rule that refused it
	Error  string `json:"error,omitempty"` // the message it was refused with
	Gone   bool   `json:"gone,omitempty"`  // the client left before the end
	Done   bool   `json:"done"`            // the answer has ended
}

// recorder keeps the last maxRecords requests.
type recorder struct {
	mu     sync.Mutex
	all    []*Request
	change chan struct{} // closed and renewed at each end of a request
	active sync.WaitGroup
}

const maxRecords = 10000

func (r *recorder) init() { r.change = make(chan struct{}) }

func (r *recorder) begin(req *http.Request, body []byte, model, op string) *Request {
	rec := &Request{Time: time.Now().UTC(), Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery,
		Model: model, Op: op, Key: req.Header.Get("X-Goog-Api-Key"), Header: req.Header.Clone(), Body: body, Text: string(body)}
	if rec.Key == "" {
		rec.Key = req.URL.Query().Get("key")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.active.Add(1)
	r.all = append(r.all, rec)
	if len(r.all) > maxRecords {
		r.all = slices.Delete(r.all, 0, len(r.all)-maxRecords)
	}
	return rec
}

func (r *recorder) update(rec *Request, f func(*Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(rec)
}

func (r *recorder) end(rec *Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec.Done = true
	close(r.change)
	r.change = make(chan struct{})
	r.active.Done()
}

func (r *recorder) wait() { r.active.Wait() }

// Requests are the calls so far, oldest first, refused ones included.
func (s *Server) Requests() []Request {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	out := make([]Request, 0, len(s.record.all))
	for _, r := range s.record.all {
		out = append(out, *r)
	}
	return out
}

// Generates are the requests to generateContent and streamGenerateContent.
func (s *Server) Generates() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool {
		return r.Op != "generateContent" && r.Op != "streamGenerateContent"
	})
}

// Refused are the requests that a rule refused; a judge wants none.
func (s *Server) Refused() []Request {
	return slices.DeleteFunc(s.Requests(), func(r Request) bool { return r.Rule == "" })
}

// Reset forgets requests and scripts; issued signatures stay known.
func (s *Server) Reset() {
	s.record.mu.Lock()
	s.record.all = nil
	s.record.mu.Unlock()
	s.ClearScripts()
}

// Await waits until ok holds for the requests, at most for d.
func (s *Server) Await(d time.Duration, ok func([]Request) bool) bool {
	deadline := time.NewTimer(d)
	defer deadline.Stop()
	for {
		s.record.mu.Lock()
		change := s.record.change
		s.record.mu.Unlock()
		if ok(s.Requests()) {
			return true
		}
		select {
		case <-change:
		case <-deadline.C:
			return ok(s.Requests())
		}
	}
}
