package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func run(o options) error {
	ctx, cancel := context.WithTimeout(context.Background(), lifetime)
	defer cancel()
	b, err := startBench(ctx, o)
	if err != nil {
		return err
	}
	defer b.stop()
	var out strings.Builder
	fmt.Fprintf(&out, "| cell | c | direct p50 ms | floor CPU ms | gateway CPU ms | ratio | at most | errors |\n|---|---|---|---|---|---|---|---|\n")
	for _, c := range cells() {
		if strings.Contains(c.name, o.only) {
			line := b.measure(ctx, c, o)
			fmt.Fprintln(os.Stderr, line) // progress: the whole takes minutes
			fmt.Fprintln(&out, line)
		}
	}
	if o.only == "" {
		if err := b.memory(ctx, &out, o); err != nil {
			return err
		}
		b.latency(ctx, &out)
	}
	fmt.Print(out.String())
	if o.out != "" {
		return os.WriteFile(o.out, []byte(out.String()), 0o644)
	}
	return nil
}

// target is a process under measurement with what is sent to it.
type target struct {
	name string
	call
	process *process
}

// bench holds the processes of one run.
type bench struct {
	dir                      string
	provider, floor, gateway *process
	listening                time.Duration
}

func startBench(ctx context.Context, o options) (*bench, error) {
	b := &bench{}
	var err error
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return nil, err
	}
	if b.provider, err = startSelf(ctx, "provider"); err != nil {
		return nil, err
	}
	if b.floor, err = startSelf(ctx, "floor", b.provider.addr); err != nil {
		return nil, err
	}
	if b.gateway, _, err = startGateway(ctx, o.gateway, b.dir, b.provider.addr, "fake-bench-key"); err != nil {
		return nil, err
	}
	b.gateway.stop() // the second start finds its database
	b.gateway, b.listening, err = startGateway(ctx, o.gateway, b.dir, b.provider.addr, "")
	return b, err
}

func (b *bench) stop() {
	for _, p := range []*process{b.gateway, b.floor, b.provider} {
		if p != nil {
			p.stop()
		}
	}
	_ = os.RemoveAll(b.dir)
}

// measure alternates direct, floor and gateway, and takes the medians.
func (b *bench) measure(ctx context.Context, c cell, o options) string {
	targets := []target{{"direct", c.native, b.provider}, {"floor", c.native, b.floor}, {"gateway", c.gateway, b.gateway}}
	cpu := map[string][]float64{}
	var direct []float64
	var failed int64
	for _, t := range targets { // warm up
		load(ctx, t, c.concurrency, o.span/4)
	}
	for range o.rounds {
		for _, t := range targets {
			r := load(ctx, t, c.concurrency, o.span)
			cpu[t.name] = append(cpu[t.name], r.cpuMS)
			failed += r.errors
			if t.name == "direct" {
				direct = append(direct, r.p50)
			}
		}
	}
	floor, gateway := median(cpu["floor"]), median(cpu["gateway"])
	return fmt.Sprintf("| %s | %d | %.1f | %.3f | %.3f | %.2f | %.1f | %d |",
		c.name, c.concurrency, median(direct), floor, gateway, gateway/floor, c.budget, failed)
}

type result struct {
	requests, errors int64
	cpuMS            float64 // of the target's process, per request
	p50              float64 // ms
}

// load keeps a number of requests in flight for a while.
func load(ctx context.Context, t target, concurrency int, span time.Duration) result {
	client := newClient(concurrency)
	defer client.CloseIdleConnections()
	var done, failed atomic.Int64
	var mu sync.Mutex
	var times []float64
	deadline := time.Now().Add(span)
	before := t.process.cpu()
	var wg sync.WaitGroup
	for range concurrency {
		wg.Go(func() {
			for time.Now().Before(deadline) {
				start := time.Now()
				if err := post(ctx, client, t); err != nil {
					if failed.Add(1) == 1 {
						fmt.Fprintf(os.Stderr, "%s %s: %v\n", t.name, t.path, err)
					}
					continue
				}
				done.Add(1)
				mu.Lock()
				times = append(times, ms(time.Since(start)))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	used := t.process.cpu() - before
	return result{done.Load(), failed.Load(), ms(used) / float64(max(done.Load(), 1)), median(times)}
}

func post(ctx context.Context, client *http.Client, t target) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.process.addr+t.path, bytes.NewReader(t.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Goog-Api-Key", "AIza-fake-client-key")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
