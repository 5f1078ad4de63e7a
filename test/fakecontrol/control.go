// Package fakecontrol is what the fake upstreams share: the box of scripted
// replies and recorded requests, and the endpoints by which judges that are not
// written in Go script a fake and read what it saw.
package fakecontrol

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// life bounds how long a fake runs when nobody ends it.
const life = 15 * time.Minute

// maxScript bounds the body of a script, in bytes.
const maxScript = 16 << 20

// Fake is an upstream whose replies are of the type R and whose record has
// entries of the type S.
type Fake[R, S any] interface {
	URL() string
	Script(replies ...R)
	Reset()
	Requests() []S
	Refused() []string
	Close()
}

// Keyed is a fake that makes an account's credential itself.
type Keyed interface{ Credential() string }

// Main serves the control endpoints of a running fake on a loopback port of
// their own, prints the fake's URL and theirs on one line, and returns when the
// process is told to end, or after a quarter of an hour.
//
//	POST /__script    [reply, …]; earlier ones are forgotten
//	GET  /__requests  {"requests": […], "refused": […]}
//	POST /__reset     forgets both
//	GET  /__key       the credential of an account that the fake has made
func Main[R, S any](fake Fake[R, S]) {
	defer fake.Close()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, life)
	defer cancel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "fake upstream:", err)
		return
	}
	srv := &http.Server{Handler: Handler(fake), ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	fmt.Printf("%s http://%s\n", fake.URL(), listener.Addr())
	_ = srv.Serve(listener)
}

// Handler serves the control endpoints of a fake.
func Handler[R, S any](fake Fake[R, S]) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /__script", func(w http.ResponseWriter, r *http.Request) {
		var replies []R
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxScript))
		decoder.DisallowUnknownFields() // a misspelt member would be a judge that judges nothing
		if err := decoder.Decode(&replies); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fake.Script(replies...)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /__requests", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"requests": fake.Requests(), "refused": fake.Refused()})
	})
	mux.HandleFunc("POST /__reset", func(w http.ResponseWriter, _ *http.Request) {
		fake.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	if keyed, ok := any(fake).(Keyed); ok {
		mux.HandleFunc("GET /__key", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, keyed.Credential())
		})
	}
	return mux
}
