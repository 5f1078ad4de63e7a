package admin

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The pages tell each loss in plain words; a new code gets its words together with the code.
func TestEveryLossHasPlainWords(t *testing.T) {
	const words = "../../frontend/src/lib/i18n/en/losses.ts"
	known, err := os.ReadFile(words)
	if err != nil {
		t.Fatal(err)
	}
	recorded := regexp.MustCompile(`\b(?:Adapt|Drop)\("([a-z_.]+)"`)
	codes := map[string]bool{}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range recorded.FindAllStringSubmatch(string(source), -1) {
			codes[found[1]] = true
		}
		return err
	})
	if err != nil || len(codes) < 50 {
		t.Fatalf("%d codes found: the test looks at the wrong place (%v)", len(codes), err)
	}
	for code := range codes {
		if key := "'loss." + strings.ReplaceAll(code, ".", "_") + "'"; !strings.Contains(string(known), key) {
			t.Errorf("the loss %s has no plain words: add %s to frontend/src/lib/i18n/en/losses.ts", code, key)
		}
	}
}
