package main

import (
	"fmt"
	"io"
)

// measured is what was found for one cell.
type measured struct {
	cell
	direct         float64 // p50 of direct calls, ms
	floor, gateway float64 // CPU ms per request
	ratio          float64
	low, high      float64 // quartiles of the ratio
	failed         int64
}

// String is a line that tells all.
func (m measured) String() string {
	return fmt.Sprintf("%s: direct p50 %.1f ms, CPU %.3f ms, floor %.3f ms, ratio %.2f (%.2f–%.2f), at most %.1f, %d failed",
		m.name, m.direct, m.gateway, m.floor, m.ratio, m.low, m.high, m.budget, m.failed)
}

// field is the cell in a table; a ratio over its budget is bold.
func (m measured) field() string {
	digits, ratio := 3, fmt.Sprintf("%.2f", m.ratio)
	if m.floor >= 1 {
		digits = 2
	}
	if m.ratio > m.budget {
		ratio = "**" + ratio + "**"
	}
	return fmt.Sprintf("%.*f / %.*f = %s", digits, m.gateway, digits, m.floor, ratio)
}

// tables writes a table for each size, as docs/performance.md has them.
func tables(out io.Writer, all []measured) {
	fields := map[[3]string]string{}
	var failed int64
	for _, m := range all {
		failed += m.failed
		fields[[3]string{m.size, m.client, m.upstream}] = m.field()
	}
	for _, s := range sizes() {
		fmt.Fprintf(out, "\n**%s**: CPU ms per request, gateway / floor, and their ratio\n\n| client ↓ upstream → |", s.name)
		for _, upstream := range dialects() {
			fmt.Fprintf(out, " %s |", upstream.name)
		}
		fmt.Fprint(out, "\n|---|---|---|---|---|\n")
		for _, client := range dialects() {
			fmt.Fprintf(out, "| %s |", client.name)
			for _, upstream := range dialects() {
				fmt.Fprintf(out, " %s |", fields[[3]string{s.name, client.name, upstream.name}])
			}
			fmt.Fprintln(out)
		}
	}
	fmt.Fprintf(out, "\nRequests that failed: %d\n", failed)
}
