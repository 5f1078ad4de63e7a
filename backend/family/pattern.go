package family

import (
	"slices"
	"strconv"
	"strings"
)

// Name is a model name taken apart: "gemini-3.1-flash-lite-preview" is series
// gemini, version 3.1, words flash, lite, preview. Words are compared whole,
// never as pieces of the text (pitfall 12).
type Name struct {
	Series string
	Major  int // -1 if the name has no version
	Minor  int
	Words  []string
}

// Parse takes a model name apart; a "models/" or similar prefix is ignored.
func Parse(model string) Name {
	rest := strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	n := Name{Major: -1}
	first := true
	for rest != "" {
		word := rest
		if end := strings.IndexAny(rest, "-_:"); end >= 0 {
			word, rest = rest[:end], rest[end+1:]
		} else {
			rest = ""
		}
		switch major, minor, ok := version(word); {
		case word == "":
		case first:
			n.Series, first = word, false
		case ok && n.Major < 0:
			n.Major, n.Minor = major, minor
		default:
			n.Words = append(n.Words, word)
		}
	}
	return n
}

// version reads "3", "3.1" or, as Gemma writes it, "3n".
func version(word string) (major, minor int, ok bool) {
	if word == "" || word[0] < '0' || word[0] > '9' { // next to every word; no error is made of it
		return 0, 0, false
	}
	head, tail, dotted := strings.Cut(strings.TrimSuffix(word, "n"), ".")
	major, err := strconv.Atoi(head)
	if err != nil || len(head) > 2 {
		return 0, 0, false
	}
	if dotted {
		if minor, err = strconv.Atoi(tail); err != nil || minor < 0 {
			return 0, 0, false
		}
	}
	return major, minor, true
}

// Has reports whether the name holds all of the words.
func (n Name) Has(words ...string) bool {
	for _, w := range words {
		if !slices.Contains(n.Words, w) {
			return false
		}
	}
	return true
}

// From reports whether the version is major.minor or later; a name without a
// version is the newest.
func (n Name) From(major, minor int) bool {
	return n.Major < 0 || n.Major > major || n.Major == major && n.Minor >= minor
}

// pattern selects names; the first row of a table that fits counts.
type pattern struct {
	series string
	lo, hi [2]int // versions, both included; hi of zero means no end
	words  []string
}

func (p pattern) fits(n Name) bool {
	if n.Series != p.series || !n.Has(p.words...) {
		return false
	}
	if n.Major < 0 {
		return p.hi == [2]int{}
	}
	if !n.From(p.lo[0], p.lo[1]) {
		return false
	}
	return p.hi == [2]int{} || n.Major < p.hi[0] || n.Major == p.hi[0] && n.Minor <= p.hi[1]
}
