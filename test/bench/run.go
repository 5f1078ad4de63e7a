package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
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
	var all []measured
	for _, c := range cells() {
		if strings.Contains(c.name, o.only) {
			m := b.measure(ctx, c, o)
			fmt.Fprintln(os.Stderr, m) // progress: the whole takes minutes
			all = append(all, m)
		}
	}
	tables(&out, all)
	if o.only == "" || o.only == "rest" {
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
	listening                float64 // ms after the start, the database there
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
	var starts []float64
	for range 5 { // they find the database
		b.gateway.stop()
		var took time.Duration
		if b.gateway, took, err = startGateway(ctx, o.gateway, b.dir, b.provider.addr, ""); err != nil {
			return nil, err
		}
		starts = append(starts, ms(took))
	}
	b.listening = median(starts)
	return b, nil
}

func (b *bench) stop() {
	for _, p := range []*process{b.gateway, b.floor, b.provider} {
		if p != nil {
			p.stop()
		}
	}
	_ = os.RemoveAll(b.dir)
}

// measure compares gateway and floor in pairs of short measurements that follow
// each other, each time in the other order, and takes the median of the pairs'
// ratios: whatever else the machine does for longer weighs on both alike.
func (b *bench) measure(ctx context.Context, c cell, o options) measured {
	direct := target{"direct", c.native, b.provider, newClient(c.concurrency)}
	floor := target{"floor", c.native, b.floor, newClient(c.concurrency)}
	gateway := target{"gateway", c.gateway, b.gateway, newClient(c.concurrency)}
	var p50 float64
	for _, t := range []target{floor, gateway, direct} { // warms up
		defer t.client.CloseIdleConnections()
		p50 = load(ctx, t, c.concurrency, o.span/2).p50
	}
	var least, ours, ratios []float64
	m := measured{cell: c, direct: p50}
	for round := range o.rounds {
		pair := []target{floor, gateway}
		if round%2 == 1 {
			slices.Reverse(pair)
		}
		cpu := map[string]float64{}
		for _, t := range pair {
			r := load(ctx, t, c.concurrency, o.span)
			cpu[t.name] = r.cpuMS
			m.failed += r.errors
		}
		least, ours = append(least, cpu["floor"]), append(ours, cpu["gateway"])
		ratios = append(ratios, cpu["gateway"]/cpu["floor"])
	}
	m.floor, m.gateway, m.ratio = median(least), median(ours), median(ratios)
	slices.Sort(ratios)
	m.low, m.high = ratios[len(ratios)/4], ratios[len(ratios)-1-len(ratios)/4]
	return m
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
