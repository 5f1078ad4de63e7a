package clients

import (
	"fmt"
	"strings"
)

// Bounds of a diff: lines shown around a change, and changed lines searched for before the middle of
// the file is shown as replaced.
const (
	diffContext = 3
	diffEffort  = 400
)

// edit is one line of a diff: kept ' ', removed '-' or added '+'.
type diffLine struct {
	op   byte
	text string
}

// diff writes the change from one text to another in unified form.
func diff(path string, before, after []byte) string {
	a, b := lines(before), lines(after)
	script := align(a, b)
	var out strings.Builder
	out.WriteString("--- " + path + "\n+++ " + path + "\n")
	oldLine, newLine := 1, 1
	for i := 0; i < len(script); {
		if script[i].op == ' ' {
			i, oldLine, newLine = i+1, oldLine+1, newLine+1
			continue
		}
		start := max(0, i-diffContext)
		end := hunkEnd(script, i)
		lead := i - start
		writeHunk(&out, script[start:end], oldLine-lead, newLine-lead)
		for _, l := range script[i:end] {
			if l.op != '+' {
				oldLine++
			}
			if l.op != '-' {
				newLine++
			}
		}
		i = end
	}
	return out.String()
}

// hunkEnd returns where a hunk that begins with the change at i ends, its context included.
func hunkEnd(script []diffLine, i int) int {
	end := i
	for at := i; at < len(script) && at < end+2*diffContext+1; at++ {
		if script[at].op != ' ' {
			end = at + 1
		}
	}
	return min(end+diffContext, len(script))
}

func writeHunk(out *strings.Builder, hunk []diffLine, oldLine, newLine int) {
	var olds, news int
	for _, l := range hunk {
		if l.op != '+' {
			olds++
		}
		if l.op != '-' {
			news++
		}
	}
	if olds == 0 {
		oldLine--
	}
	if news == 0 {
		newLine--
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", oldLine, olds, newLine, news)
	for _, l := range hunk {
		text, ended := strings.CutSuffix(l.text, "\n")
		out.WriteString(string(l.op) + strings.TrimSuffix(text, "\r") + "\n")
		if !ended {
			out.WriteString("\\ No newline at end of file\n")
		}
	}
}

func lines(text []byte) []string {
	list := strings.SplitAfter(string(text), "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// align finds a short way from a to b: what both begin and end with is kept, and between them as much as
// the effort allows.
func align(a, b []string) []diffLine {
	var head, tail []diffLine
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, diffLine{' ', a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, diffLine{' ', a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	script := append(head, middle(a, b)...)
	for i := len(tail) - 1; i >= 0; i-- {
		script = append(script, tail[i])
	}
	return script
}

// middle is Myers' greedy search for the shortest edit script.
func middle(a, b []string) []diffLine {
	var trail [][]int
	front := map[int]int{1: 0}
	for d := 0; d <= min(len(a)+len(b), diffEffort); d++ {
		row := make([]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := front[k-1] + 1
			if k == -d || (k != d && front[k-1] < front[k+1]) {
				x = front[k+1]
			}
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			front[k], row[k+d] = x, x
			if x >= len(a) && x-k >= len(b) {
				return walkBack(a, b, append(trail, row))
			}
		}
		trail = append(trail, row)
	}
	var script []diffLine
	for _, l := range a {
		script = append(script, diffLine{'-', l})
	}
	for _, l := range b {
		script = append(script, diffLine{'+', l})
	}
	return script
}

// walkBack follows the furthest points of each round from the end to the beginning.
func walkBack(a, b []string, trail [][]int) []diffLine {
	var script []diffLine
	x, y := len(a), len(b)
	for d := len(trail) - 1; d >= 0; d-- {
		k := x - y
		prevX, prevY := 0, 0
		if d > 0 {
			prev := trail[d-1]
			at := func(k int) int {
				if i := k + d - 1; i >= 0 && i < len(prev) {
					return prev[i]
				}
				return -1
			}
			prevK := k - 1
			if k == -d || (k != d && at(k-1) < at(k+1)) {
				prevK = k + 1
			}
			prevX = at(prevK)
			prevY = prevX - prevK
		}
		for x > prevX && y > prevY {
			x, y = x-1, y-1
			script = append(script, diffLine{' ', a[x]})
		}
		if d == 0 {
			break
		}
		if x > prevX {
			x--
			script = append(script, diffLine{'-', a[x]})
		} else if y > prevY {
			y--
			script = append(script, diffLine{'+', b[y]})
		}
	}
	for i, j := 0, len(script)-1; i < j; i, j = i+1, j-1 {
		script[i], script[j] = script[j], script[i]
	}
	return script
}
