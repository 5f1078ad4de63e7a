package protocol_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// protocolNames are the protocols by their letter, in the order of the page.
var protocolNames = []struct{ letter, name string }{
	{"C", "OpenAI Chat Completions"}, {"R", "OpenAI Responses"}, {"A", "Anthropic Messages"}, {"G", "Gemini generateContent"},
}

const fidelityHead = `# What crosses, and what cannot

This page is written from the golden files of [backend/protocol/testdata](../backend/protocol/testdata) by
` + "`go test ./backend/protocol -run TestFidelityPage -update`" + `; a test compares. The letters stand for the protocols: C is OpenAI
Chat Completions, R OpenAI Responses, A Anthropic Messages, G Gemini generateContent.

- **Carried**: crosses with nothing lost.
- **Changed** (` + "`adapted`" + `): the same meaning in another form.
- **Left out** (` + "`dropped`" + `): a knob that does not exist there. ` + "`proxy.strict_fidelity`" + ` refuses the request instead.
- **Refused**: content that must not vanish; another upstream that has a form for it is tried first.

A reply tells the number of its request's losses in ` + "`X-Antigravity-Losses`" + `; the request's record, under Traffic, lists them.

How this is proved: each feature has one request for each client protocol and one answer for each upstream protocol, below
[testdata/matrix](../backend/protocol/testdata/matrix). Every crossing pair is driven with them, the answer streamed, at once
and byte by byte. The upstream's request and the client's two replies are files there; the request passes the rules of a strict
stand-in for the upstream, the replies are read by the vendor's own SDK, and what was asked for or told is found on the other
side (where a plain talk does not have it), or a loss says why not. What a protocol is said not to have, the strict stand-in for
its vendor refuses. The models are current ones; older models can less, which the cases below the tables show.

Between a client and an upstream of one protocol the bytes pass as they are, but for the model's name, unknown members and
unknown events included: the same requests and answers prove it (` + "`TestIdentityMatrix`" + ` in backend/relay). What an upstream
would refuse is mended and told (a call without the signature that a Gemini model requires, schemas for the answer of Claude on
Vertex AI); the cases stand under the pair.
`

// TestFidelityPage writes docs/fidelity.md from the losses of the golden cases.
func TestFidelityPage(t *testing.T) {
	words := lossWords(t)
	var page strings.Builder
	page.WriteString(fidelityHead)
	writeGlance(t, &page)
	writeLacks(&page)
	for _, client := range protocolNames {
		for _, upstream := range protocolNames {
			pair := client.letter + "-" + upstream.letter
			cells := lossesOf(t, pair)
			if len(cells) == 0 {
				if client != upstream {
					t.Errorf("no golden case shows %s", pair)
				}
				continue
			}
			fmt.Fprintf(&page, "\n## %s → %s\n\nFrom %s to %s.\n\n", client.letter, upstream.letter, client.name, upstream.name)
			if client != upstream {
				writeFeatures(t, &page, client.letter, upstream.letter, words)
				page.WriteString("\n**In particular cases**, of which each is a folder of testdata:\n\n")
			}
			writePair(t, &page, cells, words)
		}
	}
	protocoltest.Golden(t, page.String(), "..", "..", "..", "docs", "fidelity.md")
}

// lossesOf gives the loss lines of each case of a pair, by the case's name.
func lossesOf(t *testing.T, pair string) map[string][]string {
	t.Helper()
	cells := map[string][]string{}
	for _, g := range allCases() {
		if filepath.Base(g.dir)[:3] != pair {
			continue
		}
		files, err := filepath.Glob(filepath.Join("testdata", g.dir, "loss.txt"))
		turns, err2 := filepath.Glob(filepath.Join("testdata", g.dir, "*", "loss.txt"))
		if err != nil || err2 != nil || len(files)+len(turns) == 0 {
			t.Fatalf("%s has no loss.txt", g.dir)
		}
		lines := []string{}
		for _, file := range slices.Concat(files, turns) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' })...)
		}
		cells[g.dir] = lines
	}
	return cells
}

func writePair(t *testing.T, page *strings.Builder, cells map[string][]string, words map[string]string) {
	t.Helper()
	var whole []string
	shown := map[string][]string{} // grade and code → cases
	for _, dir := range slices.Sorted(maps.Keys(cells)) {
		if len(cells[dir]) == 0 {
			whole = append(whole, "`"+dir+"`")
		}
		for _, line := range cells[dir] {
			grade, rest, _ := strings.Cut(line, " ")
			code, _, _ := strings.Cut(rest, " ")
			key := grade + " " + code
			if name := "`" + dir + "`"; !slices.Contains(shown[key], name) {
				shown[key] = append(shown[key], name)
			}
		}
	}
	if len(whole) > 0 {
		fmt.Fprintf(page, "Carried: %s.\n", strings.Join(whole, ", "))
	}
	if len(shown) == 0 {
		return
	}
	if len(whole) > 0 {
		page.WriteString("\n")
	}
	page.WriteString("| | Code | Why | Shown by |\n|---|---|---|---|\n")
	for _, key := range slices.Sorted(maps.Keys(shown)) {
		grade, code, _ := strings.Cut(key, " ")
		if gradeWords[grade] == "" {
			t.Errorf("%q has no words", key)
		}
		fmt.Fprintf(page, "| %s | `%s` | %s | %s |\n", gradeWords[grade], code, lossWord(t, words, code), strings.Join(shown[key], ", "))
	}
}

// lossWords reads the plain words that the pages of the program use.
func lossWords(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("../../frontend/src/lib/i18n/en/losses.ts")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for _, m := range regexp.MustCompile(`'loss\.(\w+)':\s+['"](.+)['"],`).FindAllStringSubmatch(string(raw), -1) {
		words[m[1]] = m[2]
	}
	return words
}
