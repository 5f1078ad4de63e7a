package fakegemini

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a server; the zero value is ready for use.
type Options struct {
	// Addr to listen on, 127.0.0.1:0 if empty.
	Addr string
	// Keys that exist. Empty: every key that begins with "AIza-fake".
	Keys []string
	// Models served, DefaultModels if empty.
	Models []Model
	// LenientJSONSchema lets unknown words in parametersJsonSchema and
	// responseJsonSchema pass.
	LenientJSONSchema bool
	// BindSignaturesToKey refuses a signature that another key received.
	BindSignaturesToKey bool
	// Direct: clients talk to the fake without a gateway in between, so their
	// own headers are let pass.
	Direct bool
	// Front is another service that this judge stands behind.
	Front Front
}

// Server is a running fake. Its methods may be called from any goroutine.
type Server struct {
	opts   Options
	cat    *catalogue
	rules  []rule
	models []Model
	seals  sealer
	tokens tokens
	script script
	record recorder

	mu     sync.Mutex
	ln     net.Listener
	addr   string
	http   *http.Server
	done   chan struct{}
	served sync.WaitGroup
}

// New starts a server on a loopback port. Close ends it.
func New(opts Options) (*Server, error) {
	s := &Server{opts: opts, cat: newCatalogue(), rules: generateRules(), models: opts.Models,
		seals: sealer{known: map[string]issued{}}, tokens: tokens{known: map[string]tokenFor{}}, script: script{queues: map[string][]Step{}},
		done: make(chan struct{})}
	s.record.init()
	if opts.Front != nil {
		s.cat.apply(opts.Front.Dialect())
		s.rules = append(dialectRules(), s.rules...)
	}
	if len(s.models) == 0 {
		s.models = DefaultModels()
	}
	s.addr = opts.Addr
	if s.addr == "" {
		s.addr = "127.0.0.1:0"
	}
	if err := s.Resume(); err != nil {
		return nil, err
	}
	return s, nil
}

// MustNew is New for tests that cannot go on without a server.
func MustNew(opts Options) *Server {
	s, err := New(opts)
	if err != nil {
		panic(err)
	}
	return s
}

// URL is the base address, without a trailing slash.
func (s *Server) URL() string { return "http://" + s.addr }

// Refuse closes the listener and every connection: from now on the system
// itself refuses connections to the address, until Resume.
func (s *Server) Refuse() {
	s.mu.Lock()
	srv := s.http
	s.http, s.ln = nil, nil
	s.mu.Unlock()
	if srv != nil {
		_ = srv.Close()
	}
	s.served.Wait()
}

// Resume listens (again) on the server's address.
func (s *Server) Resume() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		return nil
	}
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0)}
	s.ln, s.http, s.addr = ln, srv, ln.Addr().String()
	s.served.Go(func() { _ = srv.Serve(ln) })
	return nil
}

// Close ends the server, its listener and every reply under way.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.done:
	default:
		close(s.done)
	}
	s.mu.Unlock()
	s.Refuse()
	s.record.wait()
}

// verb splits a path into version, model and operation; ok is false for a path
// that the service does not have.
func verb(path string) (version, model, op string, ok bool) {
	version, rest, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !found || !slices.Contains([]string{"v1beta", "v1", "v1alpha"}, version) {
		return "", "", "", false
	}
	if rest == "models" {
		return version, "", "list", true
	}
	name, found := strings.CutPrefix(rest, "models/")
	if !found {
		return "", "", "", false
	}
	model, op, found = strings.Cut(name, ":")
	if !found {
		return version, name, "get", true
	}
	return version, model, op, true
}

// serve answers one request: record, guard, key, path, rules, script, brain.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 128<<20))
	version, name, op, found := verb(r.URL.Path)
	rec := s.record.begin(r, body, name, op)
	defer s.record.end(rec)
	rw := &replyWriter{w: w, rec: rec, srv: s, gone: r.Context()}
	if err != nil {
		rw.fail(Invalid("Request body could not be read."))
		return
	}
	if s.opts.Front != nil {
		s.enter(rw, r, body)
		return
	}
	if e := s.admit(r, rec); e != nil {
		rw.refuse("admission", e)
		return
	}
	if !found {
		rw.notFound()
		return
	}
	s.operate(rw, r, version, name, op, body)
}

// admit checks the headers and the key.
func (s *Server) admit(r *http.Request, rec *Request) *Error {
	if e := strayHeader(r.Header); e != nil && !s.opts.Direct {
		return e
	}
	switch key := rec.Key; {
	case key == "" && r.Header.Get("Authorization") != "":
		// Source: seen; a bearer token that is no OAuth token.
		return &Error{Code: 401, Status: "UNAUTHENTICATED", Message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."}
	case key == "":
		return noKey()
	case len(s.opts.Keys) > 0 && !slices.Contains(s.opts.Keys, key),
		len(s.opts.Keys) == 0 && !strings.HasPrefix(key, "AIza-fake"):
		return BadKey()
	}
	return nil
}

// strayHeader refuses what a gateway must never pass on (the project's
// contract, section 5): credentials of the client, cookies, forwarding
// headers, other vendors' headers. The real service would ignore most of them;
// this guard is the judge's own.
func strayHeader(h http.Header) *Error {
	for name := range h {
		l := strings.ToLower(name)
		stray := slices.Contains([]string{"cookie", "x-api-key", "forwarded", "via", "x-real-ip", "origin", "referer",
			"http-referer", "proxy-authorization", "x-request-id", "x-title", "x-session-id", "x-session-affinity"}, l)
		for _, p := range []string{"x-forwarded-", "anthropic-", "openai-", "x-stainless-", "x-codex-", "x-antigravity-", "sec-"} {
			stray = stray || strings.HasPrefix(l, p)
		}
		if l == "authorization" && h.Get("X-Goog-Api-Key") != "" {
			stray = true
		}
		if stray {
			return &Error{Code: 400, Status: "FAILED_PRECONDITION", Message: "fakegemini: header " + l + " must not reach the upstream"}
		}
	}
	return nil
}

func (s *Server) operate(w *replyWriter, r *http.Request, version, name, op string, body []byte) {
	switch {
	case (op == "list" || op == "get") && r.Method != http.MethodGet,
		op != "list" && op != "get" && r.Method != http.MethodPost:
		w.notFound()
		return
	case op == "list":
		s.answerList(w, r)
		return
	}
	m, ok := s.model(name)
	if !ok {
		w.refuse("unknown model", modelNotFound(version, name))
		return
	}
	switch op {
	case "get":
		w.json(http.StatusOK, detail(m.wire()))
	case "generateContent", "streamGenerateContent":
		s.generate(w, r, m, op, body)
	case "countTokens":
		s.countTokens(w, m, "CountTokensRequest", body)
	case "embedContent", "batchEmbedContents":
		s.embed(w, m, op, body)
	case "predict":
		s.predict(w, m, body)
	default:
		w.notFound()
	}
}

func (s *Server) answerList(w *replyWriter, r *http.Request) {
	if step, ok := s.script.take(w.rec.Key, "list", ""); ok && w.preamble(step) {
		return
	}
	q := r.URL.Query()
	out, e := s.listModels(q.Get("pageSize"), q.Get("pageToken"))
	if e != nil {
		w.refuse("paging", e)
		return
	}
	w.json(http.StatusOK, out)
}

// generate decodes, judges and answers a generateContent in either form.
func (s *Server) generate(w *replyWriter, r *http.Request, m Model, op string, body []byte) {
	canonical, e := decodeBody(s.cat, body, "GenerateContentRequest")
	if e != nil {
		w.refuse("fields", e)
		return
	}
	req, e := typed[generateRequest](canonical)
	if e != nil {
		w.refuse("fields", e)
		return
	}
	if name, e := runRules(s.rules, &check{srv: s, model: m, key: w.rec.Key, req: req, body: canonical}); e != nil {
		w.refuse(name, e)
		return
	}
	step, scripted := s.script.take(w.rec.Key, "generate", m.Name)
	if !scripted {
		step = Step{Reply: think(m, req)}
	}
	if w.preamble(step) {
		return
	}
	p := &player{srv: s, model: m, req: req, body: canonical, step: step, key: w.rec.Key}
	switch {
	case op == "generateContent":
		p.unary(w)
	case r.URL.Query().Get("alt") == "sse":
		p.stream(w, sseFraming{})
	default:
		p.stream(w, &arrayFraming{})
	}
}

// sleep waits for d, for the client to leave or for the server to close.
func (s *Server) sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return errors.New("server closed")
	}
}
