package doctor

import (
	"cmp"
	"slices"
	"strings"
)

// Bounds of the search for near names: it runs on a caller's mistake, over names
// that upstreams chose.
const (
	maxNear      = 3   // names suggested
	maxNames     = 500 // names looked at
	maxNameRunes = 64  // of a name that are compared
	nearEnough   = 0.6 // of 1, which is the same name
)

// NearestModels picks from names those that an unknown model name may have meant,
// the nearest first, at most three. It is empty where nothing resembles it.
func NearestModels(asked string, names []string) []string {
	type near struct {
		name  string
		score float64
	}
	var found []near
	want := essence(asked)
	for _, name := range names[:min(len(names), maxNames)] {
		if s := resemblance(want, essence(name)); s >= nearEnough && show(name) == name {
			found = append(found, near{name, s})
		}
	}
	slices.SortFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	var out []string
	for _, f := range found {
		if len(out) < maxNear && !slices.Contains(out, f.name) {
			out = append(out, f.name)
		}
	}
	return out
}

// DidYouMean words a suggestion of names; empty if there is none.
func DidYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = `"` + name + `"`
	}
	last := len(quoted) - 1
	if last == 0 {
		return "Did you mean " + quoted[0] + "?"
	}
	return "Did you mean " + strings.Join(quoted[:last], ", ") + " or " + quoted[last] + "?"
}

// essence is a model's name without what differs between ways of writing the
// same: case, a vendor or models/ in front, and a mark such as (high) or [1m].
func essence(name string) string {
	name = strings.ToLower(strings.TrimFunc(name, isBlank))
	if i := strings.LastIndexByte(name, '/'); i >= 0 && i < len(name)-1 {
		name = name[i+1:]
	}
	if i := strings.IndexAny(name, "(["); i > 0 {
		name = name[:i]
	}
	if runes := []rune(name); len(runes) > maxNameRunes {
		name = string(runes[:maxNameRunes])
	}
	return name
}

// resemblance of two names, 0 to 1: by letters for slips of the keyboard, by words
// for a date or a flavour too many or too few.
func resemblance(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}
	if a == b {
		return 1
	}
	x, y := []rune(a), []rune(b)
	letters := 1 - float64(distance(x, y))/float64(max(len(x), len(y)))
	return max(letters, sharedWords(a, b))
}

// sharedWords is the share of words that two names have in common, just below 1
// where they are the same in another order.
func sharedWords(a, b string) float64 {
	split := func(r rune) bool { return strings.ContainsRune("-_.:@ ", r) }
	x, y := strings.FieldsFunc(a, split), strings.FieldsFunc(b, split)
	total, shared := len(x)+len(y), 0
	for _, word := range x {
		if i := slices.Index(y, word); i >= 0 {
			y = slices.Delete(y, i, i+1)
			shared++
		}
	}
	if total == 0 {
		return 0
	}
	return 0.98 * 2 * float64(shared) / float64(total)
}

// distance is the number of insertions, deletions and replacements between two texts.
func distance(x, y []rune) int {
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, q := range y {
			here := diagonal
			if r != q {
				here++
			}
			diagonal = row[j+1]
			row[j+1] = min(here, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
