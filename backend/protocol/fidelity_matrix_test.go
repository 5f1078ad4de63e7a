package protocol_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// outcome is what became of a feature between two protocols.
type outcome struct {
	grade string   // of the worst loss; "" if nothing was lost
	codes []string // "grade code" of each loss
}

// gradeOrder is from the best to the worst.
var gradeOrder = []string{"", "adapted", "dropped", "refused"}

// gradeWords say a grade, signs show it at a glance.
var (
	gradeWords = map[string]string{"": "Carried", "adapted": "Changed", "dropped": "Left out", "refused": "Refused"}
	gradeSigns = map[string]string{"": "✓", "adapted": "≈", "dropped": "−", "refused": "✗"}
)

// outcomeOf reads the losses of a cell; ok is false if the feature has nothing
// to show there.
func (f *feature) outcomeOf(t *testing.T, client, upstream string) (o outcome, ok bool) {
	t.Helper()
	if f.at(t, client, upstream) == nil {
		return o, false
	}
	files, err := filepath.Glob(filepath.Join("testdata", matrixDir, f.name, client+"-"+upstream, "loss*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no golden for %s-%s (%v)", f.name, client, upstream, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines(string(raw)) {
			words := strings.Fields(line)
			if key := words[0] + " " + words[1]; !slices.Contains(o.codes, key) {
				o.codes = append(o.codes, key)
			}
			if slices.Index(gradeOrder, words[0]) > slices.Index(gradeOrder, o.grade) {
				o.grade = words[0]
			}
		}
	}
	unasked := f.file(t, "client."+client+".json") == nil && f.asks != nil
	return o, !unasked || f.tells[client] != "" || o.codes != nil // what nobody asked for need not come
}

// writeGlance is the table of all features over all crossing pairs.
func writeGlance(t *testing.T, page *strings.Builder) {
	t.Helper()
	page.WriteString("\n## At a glance\n\nClient → upstream. ✓ carried, ≈ changed, − something is left out, ✗ refused; nothing where neither side has it.\n\n|")
	rule := "\n|---|"
	for _, client := range letters {
		for _, upstream := range letters {
			if client != upstream {
				page.WriteString(" | " + client + "→" + upstream)
				rule += ":-:|"
			}
		}
	}
	page.WriteString(" |" + rule + "\n")
	for _, f := range features() {
		page.WriteString("| " + f.title)
		for _, client := range letters {
			for _, upstream := range letters {
				if client == upstream {
					continue
				}
				sign := ""
				if o, ok := f.outcomeOf(t, client, upstream); ok {
					sign = gradeSigns[o.grade]
				}
				page.WriteString(" | " + sign)
			}
		}
		page.WriteString(" |\n")
	}
}

// writeLacks tells what clients cannot ask for, with the reason.
func writeLacks(page *strings.Builder) {
	page.WriteString("\n## What a client's own protocol does not have\n\n")
	for _, p := range protocolNames {
		var list []string
		for _, f := range features() {
			if why := f.noAsk[p.letter]; why != "" {
				list = append(list, fmt.Sprintf("%s (%s)", lowerFirst(f.title), why))
			}
		}
		fmt.Fprintf(page, "- **%s**: %s.\n", p.name, strings.Join(list, "; "))
	}
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' { // JSON, PDF
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// writeFeatures tells of one pair which features cross, and how.
func writeFeatures(t *testing.T, page *strings.Builder, client, upstream string, words map[string]string) {
	t.Helper()
	var carried []string
	var rows strings.Builder
	for _, f := range features() {
		o, ok := f.outcomeOf(t, client, upstream)
		if ok && o.grade == "" {
			carried = append(carried, lowerFirst(f.title))
		}
		for _, key := range o.codes {
			grade, code, _ := strings.Cut(key, " ")
			fmt.Fprintf(&rows, "| %s | %s | %s `%s` |\n", f.title, gradeWords[grade], lossWord(t, words, code), code)
		}
	}
	fmt.Fprintf(page, "**Carried**: %s.\n\n| Feature | | Why |\n|---|---|---|\n%s", strings.Join(carried, "; "), rows.String())
}

func lossWord(t *testing.T, words map[string]string, code string) string {
	t.Helper()
	why, known := words[strings.ReplaceAll(code, ".", "_")]
	if !known {
		t.Errorf("%q has no words", code)
	}
	return why
}
