package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	openRate = 150 // requests a second
	openSpan = 10 * time.Second
)

// latency measures what the gateway adds at a fixed rate, in an open loop:
// direct calls, floor and gateway in turn.
func (b *bench) latency(ctx context.Context, out io.Writer) {
	gemini := geminiDialect()
	passed := newCell(sizes()[0], gemini, gemini)
	translated := newCell(sizes()[0], chatDialect(), gemini)
	p50 := map[string]float64{}
	for _, t := range []target{
		{"direct", passed.native, b.provider, newClient(64)},
		{"floor", passed.native, b.floor, newClient(64)},
		{"passed", passed.gateway, b.gateway, newClient(64)},
		{"translated", translated.gateway, b.gateway, newClient(64)},
	} {
		p50[t.name] = openLoop(ctx, t)
	}
	fmt.Fprintf(out, "| added p50 at %d requests/s, ms (floor adds %.2f) | %.2f | passed %.2f, translated %.2f | 0.5 |\n", openRate,
		p50["floor"]-p50["direct"], p50["floor"]-p50["direct"], p50["passed"]-p50["direct"], p50["translated"]-p50["direct"])
}

func openLoop(ctx context.Context, t target) float64 {
	defer t.client.CloseIdleConnections()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var times []float64
	tick := time.NewTicker(time.Second / openRate)
	defer tick.Stop()
	for range int(openSpan.Seconds() * openRate) {
		<-tick.C
		wg.Go(func() {
			start := time.Now()
			if post(ctx, t) == nil {
				mu.Lock()
				times = append(times, ms(time.Since(start)))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return median(times)
}
