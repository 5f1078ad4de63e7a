package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// target is a process under measurement with what is sent to it.
type target struct {
	name string
	call
	process *process
	client  *http.Client // keeps its connections from one measurement to the next
}

type result struct {
	errors int64
	cpuMS  float64 // of the target's process, per request
	p50    float64 // ms
}

// leastRequests of one measurement: garbage collections come every few large
// requests, and a measurement holds many of them.
const leastRequests = 32

// load keeps a number of requests in flight for a while.
func load(ctx context.Context, t target, concurrency int, span time.Duration) result {
	var done, failed atomic.Int64
	var mu sync.Mutex
	var times []float64
	deadline := time.Now().Add(span)
	before := t.process.cpu()
	var wg sync.WaitGroup
	for range concurrency {
		wg.Go(func() {
			for time.Now().Before(deadline) || done.Load()+failed.Load() < leastRequests {
				start := time.Now()
				if err := post(ctx, t); err != nil {
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
	return result{failed.Load(), ms(used) / float64(max(done.Load(), 1)), median(times)}
}

func post(ctx context.Context, t target) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.process.addr+t.path, bytes.NewReader(t.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Goog-Api-Key", "AIza-fake-client-key")
	resp, err := t.client.Do(req)
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

func newClient(conns int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = conns
	t.DisableCompression = true
	t.Proxy = nil
	return &http.Client{Transport: t, Timeout: 2 * time.Minute}
}
