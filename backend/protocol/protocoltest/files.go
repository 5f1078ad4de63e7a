package protocoltest

import (
	"os"
	"path/filepath"
	"testing"
)

// Files are the golden files of one case, in a folder below testdata.
type Files struct {
	dir  string
	used map[string]bool
}

// NewFiles are the files in dir.
func NewFiles(dir string) *Files { return &Files{dir: dir, used: map[string]bool{}} }

// Golden compares got with a file, which -update rewrites.
func (f *Files) Golden(t *testing.T, got, name string) {
	t.Helper()
	f.used[name] = true
	Golden(t, got, f.dir, name)
}

// Stale finds those of the named files that an earlier outcome left; -update
// removes them.
func (f *Files) Stale(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		path := filepath.Join("testdata", f.dir, name)
		if _, err := os.Stat(path); err != nil || f.used[name] {
			continue
		}
		if !*update {
			t.Errorf("%s is a file of another outcome", path)
		} else if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}
