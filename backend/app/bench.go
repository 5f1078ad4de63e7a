package app

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"time"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/account"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/ledger"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/loopback"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/server"
	"antigravity-tools/backend/traffic"
)

// newBench returns a gateway of its own in memory: the same server, relay and
// codecs as the public one, over a pool that has the built-in upstream alone.
// What the doctor asks there needs no key, costs nothing and leaves no record.
func (a *App) newBench() *http.Client {
	p := &a.parts
	only := map[string]provider.Provider{loopback.Kind: loopback.New()}
	client := func(account.Account) *http.Client {
		return &http.Client{Transport: only[loopback.Kind].RoundTripper()}
	}
	pool := account.New(account.Config{
		Providers: only, Client: client, Log: slog.New(slog.DiscardHandler),
		Loopback: func() account.LoopbackMode { return account.LoopbackOn },
		Realm:    func(account.Account) string { return "" },
	})
	rel := relay.New(relay.Options{
		Clients: clients(), Providers: only, Pool: pool, Resolver: resolver{pool}, Custody: p.custody,
		Fetcher: p.fetcher, HTTPClient: client, Limits: a.limits, Finish: func(*traffic.Exchange) {},
	})
	keepsNothing := custody.NewResponses(nil, nil, nil, func() time.Duration { return 0 })
	srv := server.New(server.Options{
		Version: a.opts.Version, Clients: clients(), Guard: access.NewGuard(p.keys), Models: pool.Models,
		Relay: rel, Responses: ledger.New(ledger.Options{
			Relay: rel, Store: keepsNothing, MaxBody: func() int64 { return p.settings.Values().MaxBodyBytes },
		}),
		AuthMode: func() access.Mode { return access.Off },
		Hosts:    func() access.Hosts { return access.Hosts{} },
		Settings: p.settings.Values,
		Detect:   a.detect,
		Site:     func() doctor.Site { return doctor.Site{Origin: benchOrigin} },
		Log:      slog.Default(),
	})
	return &http.Client{Transport: handlerTransport{srv.Handler()}}
}

// benchOrigin is where the bench is: no socket, the name only passes its guard.
const benchOrigin = "http://localhost"

// handlerTransport calls a handler of this process.
type handlerTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.Host, in.RequestURI, in.RemoteAddr = r.URL.Host, r.URL.RequestURI(), "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := &memoryWriter{header: http.Header{}}
	t.handler.ServeHTTP(out, in)
	out.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(out.status), StatusCode: out.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: out.header, Body: io.NopCloser(&out.body), ContentLength: int64(out.body.Len()), Request: r,
	}, nil
}

// memoryWriter keeps a whole answer.
type memoryWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *memoryWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *memoryWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
}

// Write implements http.ResponseWriter.
func (w *memoryWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush implements http.Flusher: there is nothing to wait for.
func (w *memoryWriter) Flush() {}
