package judges

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
)

func openDatabase(t *testing.T, dir string) *sql.Conn {
	t.Helper()
	db, err := sql.Open(sqlite.DriverName, filepath.Join(dir, "antigravity.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func execute(t *testing.T, conn *sql.Conn, statement string) {
	t.Helper()
	if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// TestAuditLockedDatabase: while another program holds the database, answers
// go on; what could not be written is logged, and written later.
func TestAuditLockedDatabase(t *testing.T) {
	t.Parallel()
	g := launchWith(t, config{})
	conn := openDatabase(t, g.dir)
	execute(t, conn, "BEGIN IMMEDIATE")
	for range 10 {
		for _, p := range wire() {
			path, body := question(p, "loopback", mark, true)
			if r := g.ask(t, "POST", path, body); r.status != 200 {
				t.Fatalf("%s: %d %s", p, r.status, r.body)
			}
		}
	}
	if _, msg, err := g.try("", "config", "set", "proxy.path_rewrite", "on"); code(err) != 1 || !strings.Contains(msg, "another program holds the database") || !strings.Contains(msg, "try again") {
		t.Errorf("%v: %s", err, msg)
	}
	until(t, "the loss in the log", func() bool { return strings.Contains(g.log.String(), "usage rows not saved, trying again") })
	until(t, "the loss in the state", func() bool { return strings.Contains(g.rpc(t, "State"), `"usage_loss"`) })
	execute(t, conn, "ROLLBACK")
	g.awaitUsage(t, 40)
	if strings.Contains(g.rpc(t, "State"), `"usage_loss"`) {
		t.Error("the state still tells of a loss")
	}
}

// TestAuditFullDisk: a file system that takes no byte more. A limit on the size
// of files stands for it.
func TestAuditFullDisk(t *testing.T) {
	t.Parallel()
	limit, err := exec.LookPath("prlimit")
	if err != nil {
		if runtime.GOOS != "linux" {
			t.Skip("no prlimit here")
		}
		t.Fatal(err) // a judge that cannot run is no judge
	}
	g := launchWith(t, config{})
	path, body := question("messages", "loopback", mark, false)
	g.ask(t, "POST", path, body)
	g.awaitUsage(t, 1)
	info, err := os.Stat(filepath.Join(g.dir, "antigravity.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	pid := fmt.Sprint(g.cmd.Process.Pid)
	if out, err := exec.Command(limit, "--pid", pid, fmt.Sprintf("--fsize=%d:unlimited", info.Size())).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	for range 20 {
		if r := g.ask(t, "POST", path, body); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	if _, msg, err := g.try("", "key", "create", "--name", "x"); code(err) != 1 || !strings.Contains(msg, "disk") {
		t.Errorf("%v: %s", err, msg)
	}
	until(t, "the loss in the log", func() bool { return strings.Contains(g.log.String(), "usage rows not saved, trying again") })
	if out, err := exec.Command(limit, "--pid", pid, "--fsize=unlimited:unlimited").CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	g.awaitUsage(t, 21)
}

// TestAuditRefusedDatabases: what is newer or damaged is refused in words and
// left as it is, and so is a database whose key is gone.
func TestAuditRefusedDatabases(t *testing.T) {
	for name, row := range map[string]struct {
		spoil func(t *testing.T, dir, file string, old []byte)
		says  string
	}{
		"newer version": {func(t *testing.T, dir, _ string, _ []byte) {
			conn := openDatabase(t, dir)
			execute(t, conn, "PRAGMA user_version = 99")
			execute(t, conn, "PRAGMA wal_checkpoint(TRUNCATE)")
		}, "newer version"},
		"unknown migration": {func(t *testing.T, dir, _ string, _ []byte) {
			conn := openDatabase(t, dir)
			execute(t, conn, "INSERT INTO migrations VALUES ('9999_later')")
			execute(t, conn, "PRAGMA wal_checkpoint(TRUNCATE)")
		}, "newer version"},
		"no database": {func(t *testing.T, _, file string, _ []byte) {
			write(t, file, bytes.Repeat([]byte("no database "), 900))
		}, "damaged"},
		"cut off": {func(t *testing.T, _, file string, old []byte) { write(t, file, old[:5000]) }, "damaged"},
		"a page of noise": {func(t *testing.T, _, file string, old []byte) {
			write(t, file, append(append(bytes.Clone(old[:4096]), bytes.Repeat([]byte{0xa7}, 8192)...), old[12288:]...))
		}, "damaged"},
		"no key": {func(t *testing.T, dir, _ string, _ []byte) {
			if err := os.Remove(filepath.Join(dir, "secret.key")); err != nil {
				t.Fatal(err)
			}
		}, "secret.key"},
		"no record of the key": {func(t *testing.T, dir, _ string, _ []byte) {
			if err := os.Remove(filepath.Join(dir, "secret.json")); err != nil {
				t.Fatal(err)
			}
		}, "secret.json"},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{t: t, dir: filepath.Join(t.TempDir(), "data"), log: &logBuffer{}}
			g.run(keyOne+"\n", "account", "add", "--provider", "gemini", "--name", "first", "--base-url", "http://127.0.0.1:1", "--api-key-stdin")
			file := filepath.Join(g.dir, "antigravity.db")
			old, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(old, []byte(keyOne)) {
				t.Error("the key lies in the database as it is")
			}
			row.spoil(t, g.dir, file, old)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"serve", "--port", freePort(t)}, {"account", "list"}, {"db", "check"}} {
				if _, msg, err := g.try("", args...); code(err) != 1 || !strings.Contains(msg, row.says) || strings.Count(msg, "\n") != 1 {
					t.Errorf("%v: %v %s", args, err, msg)
				}
			}
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed (%v)", err)
			}
			if strings.HasPrefix(row.says, "secret") {
				if _, err := os.Stat(filepath.Join(g.dir, row.says)); err == nil {
					t.Error("a new one was made")
				}
			}
		})
	}
}

func write(t *testing.T, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(file + "-wal")
	_ = os.Remove(file + "-shm")
}

// TestAuditDataDir: only its owner reads what lies there.
func TestAuditDataDir(t *testing.T) {
	g := launchWith(t, config{})
	entries, err := os.ReadDir(g.dir)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(g.dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
		}
	}
	start := time.Now()
	g.stop()
	if time.Since(start) > 5*time.Second {
		t.Error("an idle gateway takes its time to end")
	}
}
