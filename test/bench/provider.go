package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// How the fake provider answers (performance.md).
const (
	firstByte  = 20 * time.Millisecond
	chunkCount = 20
	chunkPause = 5 * time.Millisecond
)

// Streams that stay open, for the memory cell: the account's key asks for them.
const (
	holdKey    = "fake-bench-hold"
	holdChunks = 60
	holdPause  = time.Second
)

// child runs one of the other processes of a run: "provider", or "floor
// TARGET". It prints its address and ends by itself.
func child(args []string) {
	time.AfterFunc(lifetime, func() { os.Exit(0) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(ln.Addr().String())
	var h http.Handler
	switch args[0] {
	case "provider":
		h = provider()
	case "floor":
		h = floor(args[1])
	}
	_ = http.Serve(ln, h)
}

// provider is the fake provider in all four dialects, each below its own base
// URL.
func provider() http.Handler {
	mux := http.NewServeMux()
	for _, d := range dialects() {
		mux.Handle(d.base+"/", d)
	}
	return mux
}

func (d dialect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, d.models)
		return
	}
	time.Sleep(firstByte)
	if !strings.Contains(r.URL.Path, ":stream") && !bytes.Contains(body, []byte(`"stream":true`)) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, d.whole)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	chunks, pause := chunkCount, chunkPause
	if r.Header.Get("X-Goog-Api-Key") == holdKey {
		chunks, pause = holdChunks, holdPause
	}
	flusher := w.(http.Flusher)
	for i := range chunks {
		frame := d.frames[min(i, chunkCount-2)]
		if i == chunks-1 {
			frame = d.frames[chunkCount-1]
		}
		_, _ = io.WriteString(w, frame)
		flusher.Flush()
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
			return
		}
	}
}
