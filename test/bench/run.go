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

const (
	geminiPath   = "/v1beta/models/gemini-2.5-flash:generateContent"
	geminiStream = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
	chatPath     = "/v1/chat/completions"
)

type target struct {
	name, addr, path string
	body             []byte
	process          *process
}

// job is one line of the table: a body, a path and a concurrency. The floor and
// the direct calls always use the provider's own protocol.
type job struct {
	name        string
	concurrency int
	budget      float64
	native      string // the provider's path
	nativeBody  []byte
	path        string // the gateway's
	body        []byte
}

func jobs() []job {
	small, agent := geminiSmall(), geminiAgent()
	return []job{
		{"1 KB plain, passed", 64, 1.5, geminiPath, small, geminiPath, small},
		{"1 KB plain, translated", 64, 2, geminiPath, small, chatPath, chatSmall(false)},
		{"1 KB stream, passed", 64, 1.3, geminiStream, small, geminiStream, small},
		{"1 KB stream, translated", 64, 1.8, geminiStream, small, chatPath, chatSmall(true)},
		{"100 KB plain, passed", 8, 1.5, geminiPath, agent, geminiPath, agent},
		{"100 KB plain, translated", 8, 4, geminiPath, agent, chatPath, chatAgent(false)},
		{"5 MB image, translated", 4, 3, geminiPath, chatImage(), chatPath, chatImage()},
	}
}

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
	for _, j := range jobs() {
		if strings.Contains(j.name, o.only) {
			fmt.Fprintln(&out, b.measure(ctx, j, o))
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
	if b.gateway, _, err = startGateway(ctx, o.gateway, b.dir, b.provider.addr, "AIza-fake-bench-key"); err != nil {
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
func (b *bench) measure(ctx context.Context, j job, o options) string {
	targets := []target{
		{"direct", b.provider.addr, j.native, j.nativeBody, b.provider},
		{"floor", b.floor.addr, j.native, j.nativeBody, b.floor},
		{"gateway", b.gateway.addr, j.path, j.body, b.gateway},
	}
	cpu := map[string][]float64{}
	var direct []float64
	var failed int64
	for _, t := range targets { // warm up
		load(ctx, t, j.concurrency, o.span/4)
	}
	for range o.rounds {
		for _, t := range targets {
			r := load(ctx, t, j.concurrency, o.span)
			cpu[t.name] = append(cpu[t.name], r.cpuMS)
			failed += r.errors
			if t.name == "direct" {
				direct = append(direct, r.p50)
			}
		}
	}
	floor, gateway := median(cpu["floor"]), median(cpu["gateway"])
	return fmt.Sprintf("| %s | %d | %.1f | %.3f | %.3f | %.2f | %.1f | %d |",
		j.name, j.concurrency, median(direct), floor, gateway, gateway/floor, j.budget, failed)
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
				if err := call(ctx, client, t); err != nil {
					failed.Add(1)
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

func call(ctx context.Context, client *http.Client, t target) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.addr+t.path, bytes.NewReader(t.body))
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
	gw, _, err := startGateway(ctx, o.gateway, dir, b.provider.addr, "AIza-fake-bench-hold")
	if err != nil {
		return err
	}
	defer gw.stop()
	time.Sleep(2 * time.Second)
	restFloor, rest := fresh.resident(), gw.resident()
	small := geminiSmall()
	openFloor := b.hold(ctx, target{"floor", fresh.addr, geminiStream, small, fresh})
	open := b.hold(ctx, target{"gateway", gw.addr, geminiStream, small, gw})
	fmt.Fprintf(out, "\n| | floor | gateway | at most |\n|---|---|---|---|\n")
	fmt.Fprintf(out, "| resident at rest, MiB | %.0f | %.0f | 25 |\n", restFloor, rest)
	fmt.Fprintf(out, "| resident with %d open streams, MiB | %.0f | %.0f | %.0f |\n", openStreams, openFloor, open, 1.5*openFloor)
	fmt.Fprintf(out, "| listening after start, ms | – | %.0f | 50 |\n", ms(b.listening))
	return nil
}

// hold opens many streams at once, reads what is there and measures.
func (b *bench) hold(ctx context.Context, t target) float64 {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	client := newClient(openStreams)
	var wg sync.WaitGroup
	var ready sync.WaitGroup
	for range openStreams {
		ready.Add(1)
		wg.Go(func() {
			var once sync.Once
			defer once.Do(ready.Done)
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+t.addr+t.path, bytes.NewReader(t.body))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("X-Goog-Api-Key", "AIza-fake-bench-hold")
			resp, err := client.Do(req)
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

const (
	openRate = 150 // requests a second
	openSpan = 10 * time.Second
)

// latency measures what the gateway adds at a fixed rate, in an open loop:
// direct calls, floor and gateway in turn.
func (b *bench) latency(ctx context.Context, out io.Writer) {
	small := geminiSmall()
	p50 := map[string]float64{}
	for _, t := range []target{
		{"direct", b.provider.addr, geminiPath, small, b.provider},
		{"floor", b.floor.addr, geminiPath, small, b.floor},
		{"passed", b.gateway.addr, geminiPath, small, b.gateway},
		{"translated", b.gateway.addr, chatPath, chatSmall(false), b.gateway},
	} {
		p50[t.name] = openLoop(ctx, t)
	}
	fmt.Fprintf(out, "| added p50 at %d requests/s, ms (floor adds %.2f) | %.2f | passed %.2f, translated %.2f | 0.5 |\n", openRate,
		p50["floor"]-p50["direct"], p50["floor"]-p50["direct"], p50["passed"]-p50["direct"], p50["translated"]-p50["direct"])
}

func openLoop(ctx context.Context, t target) float64 {
	client := newClient(64)
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var times []float64
	tick := time.NewTicker(time.Second / openRate)
	defer tick.Stop()
	for range int(openSpan.Seconds() * openRate) {
		<-tick.C
		wg.Go(func() {
			start := time.Now()
			if call(ctx, client, t) == nil {
				mu.Lock()
				times = append(times, ms(time.Since(start)))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return median(times)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
