package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

func TestNewDatabase(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20#?ü", "data")
	if Exists(dir) {
		t.Error("nothing is there yet")
	}
	s := open(t, dir)
	if !Exists(dir) {
		t.Fatal("not where it should be")
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{dir: 0o700, Path(dir): 0o600, Path(dir) + "-wal": 0o600} {
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v %v", path, info.Mode(), err)
			}
		}
	}
	confirm, err := s.confirm.DB()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"journal_mode": "wal", "auto_vacuum": "2", "synchronous": "2", "foreign_keys": "1", "user_version": "2"} {
		if got := pragma(t, confirm, name); got != want {
			t.Errorf("%s = %s", name, got)
		}
	}
	if got := pragma(t, s.batch, "synchronous"); got != "1" {
		t.Errorf("batches: synchronous = %s", got)
	}
	if _, err := s.read.ExecContext(t.Context(), "DELETE FROM settings"); err == nil {
		t.Error("a reader can write")
	}
	if _, err := os.Stat(filepath.Join(dir, backupDir)); err == nil {
		t.Error("a new file needs no copy")
	}
}

func TestOpenDirIsClosedToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such rights")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("%v", info.Mode())
	}
}

func TestMigrationFromVersion1(t *testing.T) {
	dir := t.TempDir()
	fixture(t, dir)
	next := append(migrations(), migration{"0003_test", func(tx *gorm.DB) error {
		return tx.Exec("ALTER TABLE accounts ADD COLUMN note TEXT NOT NULL DEFAULT 'new'").Error
	}})
	s, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}, migrations: next})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	accounts, err := s.LoadAccounts(t.Context())
	if err != nil || len(accounts) != 1 {
		t.Fatalf("%v %v", accounts, err)
	}
	a := accounts[0]
	if a.Account.Name != "Work" || a.Account.Credential.APIKey != "AIza-fake-work" || a.State.Account.Status != "out_of_quota" ||
		len(a.Models) != 1 || a.Account.CreatedAt.Year() != 2023 || a.LastUsedAt.IsZero() {
		t.Errorf("%+v %+v", a.Account, a)
	}
	if secret, err := s.RevealKey(t.Context(), "key_1"); err != nil || secret != "sk-agt-fake-secret" {
		t.Errorf("%q %v", secret, err)
	}
	if hash, err := s.PasswordHash(t.Context()); err != nil || hash == "" {
		t.Errorf("%q %v", hash, err)
	}
	h, err := s.Check(t.Context())
	if err != nil || h.Schema != "0003_test" || len(h.Problems) != 0 {
		t.Errorf("%+v %v", h, err)
	}
	copies, err := filepath.Glob(filepath.Join(dir, backupDir, "antigravity-schema1-*.db"))
	if err != nil || len(copies) != 1 {
		t.Fatalf("%v %v", copies, err)
	}
	// The copy is a whole database of the old version.
	old := t.TempDir()
	raw, err := os.ReadFile(copies[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(Path(old), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := open(t, old).LoadAccounts(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}

func TestFailedMigrationLeavesAllAsItWas(t *testing.T) {
	dir := t.TempDir()
	fixture(t, dir)
	broken := append(migrations(), migration{"0003_broken", func(tx *gorm.DB) error {
		if err := tx.Exec("DROP TABLE usage").Error; err != nil {
			return err
		}
		return errors.New("half way")
	}})
	_, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}, migrations: broken})
	wantCode(t, err, "database_migration")
	s := open(t, dir)
	var n int
	if err := s.read.QueryRowContext(t.Context(), "SELECT count(*) FROM usage").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
}

func TestCopiesAreBounded(t *testing.T) {
	dir, list := t.TempDir(), migrations()
	for v := range 9 {
		now := func() time.Time { return time.Date(2026, 1, 1+v, 0, 0, 0, 0, time.UTC) }
		s, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}, migrations: list, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		list = append(list, migration{fmt.Sprintf("%04d_test", v+3), func(tx *gorm.DB) error { return nil }})
	}
	copies, _ := filepath.Glob(filepath.Join(dir, backupDir, "*"))
	if len(copies) != keepCopies || !strings.Contains(copies[len(copies)-1], "schema9") {
		t.Errorf("%v", copies)
	}
}

// refused opens a file that must be refused and left as it is.
func refused(t *testing.T, dir, code string) {
	t.Helper()
	before, err := os.ReadFile(Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}})
	if err == nil {
		s.Close()
		t.Fatal("opened")
	}
	wantCode(t, err, code)
	if after, _ := os.ReadFile(Path(dir)); !bytes.Equal(before, after) {
		t.Error("the file was touched")
	}
	if copies, _ := filepath.Glob(filepath.Join(dir, backupDir, "*")); len(copies) > 0 {
		t.Error("a copy was made")
	}
}

func TestNewerVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	fixture(t, dir)
	db := rawDB(t, dir)
	execute(t, db, "PRAGMA user_version = 99")
	db.Close()
	refused(t, dir, "database_newer")
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	db := rawDB(t, dir)
	execute(t, db, "CREATE TABLE notes (x)")
	db.Close()
	refused(t, dir, "database_foreign")
}

func TestDamagedFileIsRefused(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"no database":     func([]byte) []byte { return bytes.Repeat([]byte("not a database\n"), 1000) },
		"header":          func(b []byte) []byte { copy(b, "broken"); return b },
		"cut short":       func(b []byte) []byte { return b[:len(b)/2] },
		"schema page":     func(b []byte) []byte { clear(b[200:3000]); return b },
		"page of a table": func(b []byte) []byte { copy(b[3*4096:], bytes.Repeat([]byte{0xff}, 2*4096)); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fixture(t, dir)
			raw, err := os.ReadFile(Path(dir))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(Path(dir), damage(raw), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, dir, "database_damaged")
		})
	}
}

func TestBackupCheckVacuum(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.SaveAccount(t.Context(), testAccount("a1")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "it's a copy.db")
	if err := s.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
		t.Errorf("%v %v", info, err)
	}
	if err := s.Backup(t.Context(), file); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("a backup was overwritten: %v", err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "no", "such", "folder", "f.db")); err == nil {
		t.Error("written nowhere")
	}
	if h, err := s.Check(t.Context()); err != nil || len(h.Problems) != 0 || h.Size == 0 || h.Schema != "0002_responses" {
		t.Errorf("%+v %v", h, err)
	}
	if h, err := s.Vacuum(t.Context()); err != nil || h.Size > h.SizeBefore {
		t.Errorf("%+v %v", h, err)
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s, err := Open(context.Background(), Options{Dir: dir, Box: clearBox{}})
	if err != nil {
		b.Fatal(err)
	}
	s.Close()
	for b.Loop() {
		s, err := Open(context.Background(), Options{Dir: dir, Box: clearBox{}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.LoadAccounts(context.Background()); err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
