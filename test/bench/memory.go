package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// openStreams is the number of streams of the memory cell.
const openStreams = 1000

// memory measures the resident memory at rest and with open streams, and what
// the start took.
func (b *bench) memory(ctx context.Context, out io.Writer, o options) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh, err := startSelf(ctx, "floor", b.provider.addr)
	if err != nil {
		return err
	}
	defer fresh.stop()
	gw, _, err := startGateway(ctx, o.gateway, dir, b.provider.addr, holdKey)
	if err != nil {
		return err
	}
	defer gw.stop()
	time.Sleep(2 * time.Second)
	restFloor, rest := fresh.resident(), gw.resident()
	gemini := geminiDialect()
	c := newCell(size{conversation: small(), stream: true}, gemini, gemini)
	openFloor := b.hold(ctx, target{"floor", c.native, fresh, newClient(openStreams)})
	open := b.hold(ctx, target{"gateway", c.gateway, gw, newClient(openStreams)})
	fmt.Fprintf(out, "\n| | floor | gateway | at most |\n|---|---|---|---|\n")
	fmt.Fprintf(out, "| resident at rest, MiB | %.0f | %.0f | 25 |\n", restFloor, rest)
	fmt.Fprintf(out, "| resident with %d open streams, MiB | %.0f | %.0f | %.0f |\n", openStreams, openFloor, open, 1.5*openFloor)
	fmt.Fprintf(out, "| listening after start, ms | – | %.0f | 50 |\n", b.listening)
	return nil
}

// hold opens many streams at once, reads what is there and measures.
func (b *bench) hold(ctx context.Context, t target) float64 {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var ready sync.WaitGroup
	for range openStreams {
		ready.Add(1)
		wg.Go(func() {
			var once sync.Once
			defer once.Do(ready.Done)
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.process.addr+t.path, bytes.NewReader(t.body))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-Goog-Api-Key", holdKey)
			resp, err := t.client.Do(req)
			if err != nil {
				return
			}
			defer resp.Body.Close()
			buf := make([]byte, 256)
			_, _ = resp.Body.Read(buf)
			once.Do(ready.Done)
			_, _ = io.Copy(io.Discard, resp.Body)
		})
	}
	ready.Wait()
	time.Sleep(time.Second)
	used := t.process.resident()
	cancel()
	wg.Wait()
	return used
}
