package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"antigravity-tools/backend/fault"
)

// FileName is the database's name in the data directory.
const FileName = "antigravity.db"

// Sealer seals secrets for one purpose (a place in the database) and opens
// them again; secret.Box is one.
type Sealer interface {
	Seal(purpose string, plain []byte) []byte
	Unseal(purpose string, sealed []byte) ([]byte, error)
}

// Options of Open.
type Options struct {
	Dir  string // the data directory, made if it is missing
	Box  Sealer
	Log  *slog.Logger // nil: silent
	Now  func() time.Time
	Busy time.Duration // how long a write waits for another process's lock; 0: 5 s

	migrations []migration // nil: the program's own
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	path    string
	box     Sealer
	log     *slog.Logger
	now     func() time.Time
	confirm *gorm.DB // one connection, synchronous=FULL
	batch   *sql.DB  // one connection, synchronous=NORMAL
	read    *sql.DB
	labels  labelCache
	journal *journal
}

// Path is where the database of a data directory lies.
func Path(dir string) string { return filepath.Join(dir, FileName) }

// Exists tells whether a data directory has a database.
func Exists(dir string) bool {
	info, err := os.Stat(Path(dir))
	return err == nil && info.Size() > 0
}

// Open opens the database of a data directory, makes it where there is none
// and brings an older one up to date. One that is damaged or from a newer
// version is refused and left untouched.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy <= 0 {
		o.Busy = 5 * time.Second
	}
	if o.migrations == nil {
		o.migrations = migrations()
	}
	if err := private(o.Dir); err != nil {
		return nil, err
	}
	s := &Store{path: Path(o.Dir), box: o.Box, log: o.Log, now: o.Now}
	version, err := s.inspect(ctx, len(o.migrations))
	if err != nil {
		return nil, err
	}
	if err := s.connect(o.Busy); err != nil {
		return nil, errors.Join(opening(s.path, err), s.Close())
	}
	if version < len(o.migrations) {
		if err := s.migrate(ctx, version, o.migrations); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	if err := s.replay(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// private makes the data directory and the file readable by their owner only.
func private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Internal, "the data directory "+dir+" cannot be made", err).WithCode("data_dir")
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o077 != 0 {
			if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory needs x
				return fault.Wrap(fault.Internal, "the data directory "+dir+" is open to others and cannot be closed to them", err).WithCode("data_dir")
			}
		}
	}
	// SQLite would make the file with the rights that the umask leaves, and
	// gives its WAL those of the file.
	f, err := os.OpenFile(Path(dir), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		return f.Close()
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return fault.Wrap(fault.Internal, "the database "+Path(dir)+" cannot be made", err).WithCode("data_dir")
}

// dsn names the file to the driver. auto_vacuum has to come before the switch
// to WAL, or a new file never gets it.
func dsn(path string, query ...string) string {
	p := filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		p = "/" + p
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + strings.Join(query, "&")
}

func pragmas(busy time.Duration, sync string) []string {
	return []string{
		"_pragma=busy_timeout(" + itoa(busy.Milliseconds()) + ")",
		"_pragma=auto_vacuum(2)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(" + sync + ")",
		"_pragma=foreign_keys(1)",
		"_pragma=journal_size_limit(16777216)",
		"_pragma=cache_size(-2048)",
		"_txlock=immediate",
	}
}

// batchBusy is how long the writers in the background wait for a database that
// another program holds. They share one connection and try again by themselves,
// so one that waits long would only keep the others, and word of it, waiting.
const batchBusy = 2 * time.Second

func (s *Store) connect(busy time.Duration) error {
	confirm, err := gorm.Open(sqlite.Open(dsn(s.path, pragmas(busy, "FULL")...)), &gorm.Config{
		Logger:               logger.Discard,
		DisableAutomaticPing: true,
		TranslateError:       true,
		NowFunc:              func() time.Time { return s.now().UTC() },
	})
	if err != nil {
		return err
	}
	s.confirm = confirm
	db, err := confirm.DB()
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if s.batch, err = sql.Open(sqlite.DriverName, dsn(s.path, pragmas(min(busy, batchBusy), "NORMAL")...)); err != nil {
		return err
	}
	s.batch.SetMaxOpenConns(1)
	s.read, err = sql.Open(sqlite.DriverName, dsn(s.path,
		"_pragma=busy_timeout("+itoa(busy.Milliseconds())+")", "_pragma=query_only(1)", "_pragma=cache_size(-2048)"))
	if err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(2)
	return nil
}

// Close ends all connections; the last one folds the WAL into the file.
func (s *Store) Close() error {
	errs := []error{s.journal.close()}
	for _, db := range []*sql.DB{s.read, s.batch} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.confirm != nil {
		if db, err := s.confirm.DB(); err == nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// write runs f in one transaction that is durable when write returns.
func (s *Store) write(ctx context.Context, what string, f func(tx *gorm.DB) error) error {
	err := s.confirm.WithContext(ctx).Transaction(f)
	return failed(what, err)
}

// inBatch runs f in one transaction that may be lost in a power cut.
func (s *Store) inBatch(ctx context.Context, what string, f func(tx *sql.Tx) error) error {
	tx, err := s.batch.BeginTx(ctx, nil)
	if err != nil {
		return failed(what, err)
	}
	defer func() { _ = tx.Rollback() }() // without effect after Commit
	if err := f(tx); err != nil {
		return failed(what, err)
	}
	return failed(what, tx.Commit())
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
