package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/app"
)

// TestStatusWithoutARunFile: the lock alone tells that a gateway runs, and the
// words tell why commands do not reach it.
func TestStatusWithoutARunFile(t *testing.T) {
	table := []struct{ name, runFile, says string }{
		{"none", "", "run.json is missing"},
		{"damaged", "{", "run.json cannot be read"},
		{"of an earlier start", `{"pid":1,"control":"127.0.0.1:1","token":"fake"}`, "does not answer at 127.0.0.1:1"},
	}
	for _, row := range table {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			status := func(args ...string) (int, string) {
				var out strings.Builder
				p := Program{Version: "1", Args: append([]string{"--data-dir", dir, "status"}, args...), Stdout: &out, Stderr: &out}
				return Main(t.Context(), p), out.String()
			}
			if row.runFile != "" {
				if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte(row.runFile), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if code, out := status(); code != 1 || !strings.Contains(out, "not running") {
				t.Errorf("%s, nobody there: %d %s", row.name, code, out)
			}
			lock, err := app.AcquireLock(dir, true)
			if err != nil {
				t.Fatal(err)
			}
			code, out := status()
			if code != 0 || !strings.HasPrefix(out, "running (pid "+strconv.Itoa(os.Getpid())+"), but its ") && row.name != "of an earlier start" || !strings.Contains(out, row.says) {
				t.Errorf("%s: %d %s", row.name, code, out)
			}
			code, out = status("--json")
			var st admin.Status
			if err := json.Unmarshal([]byte(out), &st); err != nil || code != 0 || !st.Running || st.PID != os.Getpid() || !strings.Contains(st.Problem, row.says) {
				t.Errorf("%s: %d %s", row.name, code, out)
			}
			_ = lock.Release()
		})
	}
}
