package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/glebarez/sqlite"
	"go.uber.org/goleak"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

func TestMain(m *testing.M) {
	if os.Getenv("STORE_TEST_CHILD") != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// clearBox seals by writing the purpose in front: enough to see that values
// are sealed for their place.
type clearBox struct{}

func (clearBox) Seal(purpose string, plain []byte) []byte {
	return append([]byte(purpose+"|"), plain...)
}

func (clearBox) Unseal(purpose string, sealed []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(sealed, []byte(purpose+"|"))
	if !ok {
		return nil, errors.New("sealed for another purpose")
	}
	return plain, nil
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Box: clearBox{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rawDB opens the file beside the store.
func rawDB(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open(sqlite.DriverName, dsn(Path(dir), "_pragma=busy_timeout(2000)", "_txlock=immediate"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func execute(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func pragma(t testing.TB, db *sql.DB, name string) (value string) {
	t.Helper()
	if err := db.QueryRowContext(context.Background(), "PRAGMA "+name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// fixture makes a database of schema version 1.
func fixture(t testing.TB, dir string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "v1.sql"))
	if err != nil {
		t.Fatal(err)
	}
	db := rawDB(t, dir)
	execute(t, db, string(script))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if e := fault.From(err); e == nil || e.Code != code || e.Hint == "" {
		t.Errorf("%v, want code %s with a hint", err, code)
	}
}

func testAccount(id string) account.Account {
	return account.Account{
		ID: id, Name: "name " + id, Provider: "gemini", BaseURL: "https://example.test", Enabled: true, Realm: "0a1b2c3d",
		Credential: provider.Credential{BaseURL: "https://example.test", APIKey: "AIza-fake-" + id},
		Models:     []string{"gemini-2.5-pro"}, CreatedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
	}
}
