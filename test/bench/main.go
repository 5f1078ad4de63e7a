// Command bench measures the gateway against the floor: a forwarder of the Go
// HTTP stack alone, which buffers the body and parses nothing. Provider, floor
// and gateway are processes of their own on loopback; one run alternates
// between the floor and the gateway, so that a busy machine
// weighs on both alike. What counts are the ratios of CPU time per
// request (performance.md).
//
// Usage: bench [--gateway BINARY] [--rounds N] [--span D] [--only SUBSTRING] [--out FILE]
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "child" {
		child(os.Args[2:])
		return
	}
	var o options
	flag.StringVar(&o.gateway, "gateway", "build/bin/antigravity-tools-server", "the built program")
	flag.IntVar(&o.rounds, "rounds", 9, "how often each cell is measured")
	flag.DurationVar(&o.span, "span", 500*time.Millisecond, "length of one measurement")
	flag.StringVar(&o.only, "only", "", "only the cells whose name holds this text, or the rest: memory, start and latency")
	flag.StringVar(&o.out, "out", "", "write the table to this file too")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	gateway string
	rounds  int
	span    time.Duration
	only    string
	out     string
}

// lifetime bounds every child: none outlives a broken run.
const lifetime = 40 * time.Minute
