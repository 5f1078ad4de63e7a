package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"

	"github.com/glebarez/sqlite"
)

// applicationID marks the file as ours ("AGT1"; sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x41475431

// The integrity check at start: whole for small files, cut short for large
// ones, longer if the last run did not end in order.
const (
	smallFile    = 4 << 20 // bytes
	checkBudget  = 15 * time.Millisecond
	uncleanCheck = 500 * time.Millisecond
)

// inspect looks at the file through a read-only connection, before anything
// could change it, and returns its schema version; 0 for a new one.
func (s *Store) inspect(ctx context.Context, known int) (int, error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return 0, opening(s.path, err)
	}
	if info.Size() == 0 {
		return 0, nil
	}
	db, err := sql.Open(sqlite.DriverName, dsn(s.path, "mode=ro", "_pragma=query_only(1)", "_pragma=busy_timeout(2000)"))
	if err != nil {
		return 0, opening(s.path, err)
	}
	db.SetMaxOpenConns(1)
	defer func() { _ = db.Close() }()
	var version, id, tables int
	if err := db.QueryRowContext(ctx, "SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)").
		Scan(&version, &id, &tables); err != nil {
		return 0, opening(s.path, err)
	}
	switch {
	case id == applicationID && version > known:
		return 0, newer(s.path, version, known)
	case id == applicationID && version > 0:
		if err := s.unknownMigrations(ctx, db, known); err != nil {
			return 0, err
		}
	case id != applicationID && tables > 0:
		return 0, foreign(s.path)
	}
	return version, s.quickCheck(ctx, db, info.Size())
}

// unknownMigrations refuses a file on which a migration ran that this program
// does not have, whatever its version says.
func (s *Store) unknownMigrations(ctx context.Context, db *sql.DB, known int) error {
	var ran int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM migrations").Scan(&ran); err != nil {
		return opening(s.path, err)
	}
	if ran > known {
		return newer(s.path, ran, known)
	}
	return nil
}

func (s *Store) quickCheck(ctx context.Context, db *sql.DB, size int64) error {
	budget := checkBudget
	if wal, err := os.Stat(s.path + "-wal"); err == nil && wal.Size() > 0 {
		budget = uncleanCheck
	}
	if size > smallFile {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, budget)
		defer cancel()
	}
	var verdict string
	err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict)
	switch {
	case size > smallFile && ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil // as far as the time allowed
	case err != nil:
		return opening(s.path, err)
	case verdict != "ok":
		return damaged(s.path, verdict, nil)
	}
	return nil
}
