package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	openRate   = 150 // requests a second
	openSpan   = 2 * time.Second
	openRounds = 7
)

// latency measures what floor and gateway add to a direct call at a fixed rate,
// in an open loop: in rounds of all four, of which the median counts.
func (b *bench) latency(ctx context.Context, out io.Writer) {
	gemini := geminiDialect()
	passed := newCell(sizes()[0], gemini, gemini)
	translated := newCell(sizes()[0], chatDialect(), gemini)
	direct := target{"direct", passed.native, b.provider, newClient(64)}
	others := []target{
		{"floor", passed.native, b.floor, newClient(64)},
		{"passed", passed.gateway, b.gateway, newClient(64)},
		{"translated", translated.gateway, b.gateway, newClient(64)},
	}
	added := map[string][]float64{}
	for range openRounds {
		least := openLoop(ctx, direct)
		for _, t := range others {
			added[t.name] = append(added[t.name], openLoop(ctx, t)-least)
		}
	}
	for _, t := range append(others, direct) {
		t.client.CloseIdleConnections()
	}
	fmt.Fprintf(out, "| added p50 at %d requests/s, ms | %.2f | passed %.2f, translated %.2f | 0.5 |\n",
		openRate, median(added["floor"]), median(added["passed"]), median(added["translated"]))
}

func openLoop(ctx context.Context, t target) float64 {
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
