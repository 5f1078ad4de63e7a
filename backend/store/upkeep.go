package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"antigravity-tools/backend/fault"
)

// Health is what Check and Vacuum found.
type Health struct {
	Problems   []string // what the integrity check found; none: sound
	SizeBefore int64    // bytes of the file and its WAL
	Size       int64
	Schema     string // the last migration applied
}

const maxProblems = 100

// Backup writes a copy of the database into a new file. Secrets stay sealed in
// it: they open only where the key is.
func (s *Store) Backup(ctx context.Context, file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.Invalid("file", "%s exists already; a backup never overwrites a file", file).WithCode("file_exists").WithStatus(409)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fault.Wrap(fault.InvalidRequest, "the backup cannot be written to "+file, err).WithCode("file_unwritable")
	}
	// VACUUM INTO takes a file that is there if it is empty.
	db, err := s.confirm.DB()
	if err == nil {
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", file)
	}
	if err == nil {
		err = syncFile(file)
	}
	if err != nil {
		_ = os.Remove(file)
		return failed("the backup", err)
	}
	return nil
}

func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Check reads the whole file and lists what is wrong with it.
func (s *Store) Check(ctx context.Context) (Health, error) {
	h := Health{SizeBefore: s.size(), Problems: []string{}}
	rows, err := s.read.QueryContext(ctx, "PRAGMA integrity_check(100)")
	if err != nil {
		return h, failed("the check", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return h, failed("the check", err)
		}
		if line != "ok" && len(h.Problems) < maxProblems {
			h.Problems = append(h.Problems, line)
		}
	}
	if err := rows.Err(); err != nil {
		return h, failed("the check", err)
	}
	h.Size = s.size()
	return h, s.schema(ctx, &h)
}

// Vacuum rewrites the file without its free pages. Writers wait meanwhile.
func (s *Store) Vacuum(ctx context.Context) (Health, error) {
	h := Health{SizeBefore: s.size(), Problems: []string{}}
	db, err := s.confirm.DB()
	if err == nil {
		_, err = db.ExecContext(ctx, "VACUUM")
	}
	if err == nil {
		_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err != nil {
		return h, failed("the vacuum", err)
	}
	h.Size = s.size()
	return h, s.schema(ctx, &h)
}

func (s *Store) schema(ctx context.Context, h *Health) error {
	err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(id), '') FROM migrations").Scan(&h.Schema)
	return failed("the check", err)
}

func (s *Store) size() int64 {
	var sum int64
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(s.path + suffix); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// reclaim gives pages that a purge has freed back to the system, a bounded
// number at a time; a whole VACUUM never happens by itself.
func (s *Store) reclaim(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	// Each page freed is one step of the statement, so it must be read to its end.
	rows, err := s.batch.QueryContext(ctx, "PRAGMA incremental_vacuum(1000)")
	if err != nil {
		return // another writer is at work; the next purge tries again
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
	}
	if err := rows.Err(); err != nil && ctx.Err() == nil {
		s.log.Debug("free pages not reclaimed", "error", fault.From(failed("reclaiming", err)))
	}
}
