package doctor

// maxEdits is how far a typo may lie from a route: two insertions, deletions,
// replacements or swaps of neighbours.
const maxEdits = 2

// edits gives the number of edits between two texts (optimal string alignment),
// or maxEdits+1 if it is larger. Only the band of maxEdits cells on both sides of
// the diagonal is computed, for no shorter way leaves it: the cost is linear.
func edits(a, b string) int {
	const far = maxEdits + 1
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > maxEdits || len(y)-len(x) > maxEdits {
		return far
	}
	// Row i holds the cells j = i-maxEdits … i+maxEdits; rows i-2, i-1 and i are kept.
	const width = 2*maxEdits + 1
	var rows [3][width]int
	for i := 0; i <= len(x); i++ {
		row, prev, before := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		best := far
		for k := range width {
			j := i + k - maxEdits
			row[k] = far
			switch {
			case j < 0 || j > len(y):
				continue
			case i == 0:
				row[k] = j
			case j == 0:
				row[k] = i
			default:
				row[k] = cell(x, y, i, j, k, row, prev, before)
			}
			best = min(best, row[k])
		}
		if best >= far {
			return far
		}
	}
	return min(rows[len(x)%3][len(y)-len(x)+maxEdits], far)
}

// cell gives the distance of the first i and j runes. In the band, prev[k] is the
// cell (i-1, j-1), prev[k+1] is (i-1, j), and before[k] is (i-2, j-2).
func cell(x, y []rune, i, j, k int, row, prev, before *[2*maxEdits + 1]int) int {
	d := prev[k]
	if x[i-1] != y[j-1] {
		d++
	}
	if k > 0 {
		d = min(d, row[k-1]+1)
	}
	if k < len(prev)-1 {
		d = min(d, prev[k+1]+1)
	}
	if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
		d = min(d, before[k]+1)
	}
	return d
}
