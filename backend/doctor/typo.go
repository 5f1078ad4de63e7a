package doctor

// maxEdits is how far a typo may lie from a route: two insertions, deletions,
// replacements or swaps of neighbours.
const maxEdits = 2

// edits gives the number of edits between two texts (optimal string alignment),
// or maxEdits+1 if it is larger.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if abs(len(x)-len(y)) > maxEdits {
		return maxEdits + 1
	}
	before, prev := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		best := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			best = min(best, row[j])
		}
		if best > maxEdits {
			return maxEdits + 1
		}
		before, prev = prev, row
	}
	return min(prev[len(y)], maxEdits+1)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
