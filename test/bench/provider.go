package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
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

// child runs one of the helper processes: "provider", or "floor TARGET". It
// prints its address and ends by itself.
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
		h = http.HandlerFunc(provide)
	case "floor":
		h = floor(args[1])
	}
	_ = http.Serve(ln, h)
}

// provide is the fake Gemini provider.
func provide(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if strings.Contains(r.URL.Path, "/models") && r.Method == http.MethodGet {
		fmt.Fprint(w, `{"models":[{"name":"models/gemini-2.5-flash","supportedGenerationMethods":["generateContent"]}]}`)
		return
	}
	time.Sleep(firstByte)
	if !strings.Contains(r.URL.Path, ":stream") {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, wholeAnswer)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	chunks, pause := chunkCount, chunkPause
	if n := r.Header.Get("X-Goog-Api-Key"); strings.HasSuffix(n, "-hold") {
		chunks, pause = 60, time.Second // streams that stay open, for the memory cell
	}
	flusher := w.(http.Flusher)
	for i := range chunks {
		finish := ""
		if i == chunks-1 {
			finish = `,"finishReason":"STOP"`
		}
		fmt.Fprintf(w, "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"word %d of the answer \"}]}%s,\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":200,\"candidatesTokenCount\":%d,\"totalTokenCount\":%d},\"modelVersion\":\"gemini-2.5-flash\"}\r\n\r\n", i, finish, i+1, i+201)
		flusher.Flush()
		select {
		case <-time.After(pause):
		case <-r.Context().Done():
			return
		}
	}
}

const wholeAnswer = `{"candidates":[{"content":{"role":"model","parts":[{"text":"A short answer of one sentence."}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":200,"candidatesTokenCount":7,"totalTokenCount":207},"modelVersion":"gemini-2.5-flash"}`

// floor forwards to target with the body buffered.
func floor(target string) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	transport.DisableCompression = true
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", target
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		proxy.ServeHTTP(w, r)
	})
}
