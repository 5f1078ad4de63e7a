package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"antigravity-tools/backend/custody"
)

// journal holds responses that are on their way into the database: a record is
// one write to a file, which outlives the program without a wait for the disk
// or for SQLite.
//
// Files are numbered. A new one begins with each batch that goes into the
// database. The writer of the batch brings the older ones to the disk before it,
// and removes them when the batch itself is on the disk: a power cut costs what
// was noted since the last batch began.
type journal struct {
	dir string

	mu    sync.Mutex // held during one write
	file  *os.File   // nil until something is written
	name  int        // of file
	last  int        // highest number that was given
	left  []*os.File // that are not on the disk yet; one for each batch that failed, or half a record
	older []int      // files whose records are in a batch that is not written yet
}

// maxLeft bounds the files that wait for the disk. Beyond it they are closed and
// left to the system, which writes them in its own time.
const maxLeft = 16

const (
	journalPrefix = "responses-"
	journalSuffix = ".journal"
	maxRecord     = 256 << 20 // bytes; what says that it is longer is no record
)

func (j *journal) path(n int) string {
	return filepath.Join(j.dir, journalPrefix+strconv.Itoa(n)+journalSuffix)
}

// found lists the files that a program before this one left, the oldest first.
func (j *journal) found() ([]int, error) {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		text, ok := strings.CutPrefix(e.Name(), journalPrefix)
		if text, ok = cutSuffix(text, ok); !ok {
			continue
		}
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func cutSuffix(text string, ok bool) (string, bool) {
	text, has := strings.CutSuffix(text, journalSuffix)
	return text, ok && has
}

func (j *journal) append(record []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		n := j.last + 1
		f, err := os.OpenFile(j.path(n), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		j.file, j.name, j.last = f, n, n
	}
	_, err := j.file.Write(record)
	if err != nil {
		// Half a record may stand there (a full disk): what follows it could
		// not be read, so the next one goes into another file.
		err = errors.Join(err, j.leave())
	}
	return err
}

// turn leaves the file: its records are about to be written to the database.
func (j *journal) turn() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.leave()
}

// leave ends the file. The caller holds mu.
func (j *journal) leave() error {
	if j.file == nil {
		return nil
	}
	file := j.file
	j.older = append(j.older, j.name)
	j.file = nil
	if len(j.left) >= maxLeft {
		return file.Close()
	}
	j.left = append(j.left, file)
	return nil
}

// sync brings the files that were left to the disk and closes them. It waits for
// the disk, but holds nothing that a write waits for.
func (j *journal) sync() error {
	j.mu.Lock()
	left := j.left
	j.left = nil
	j.mu.Unlock()
	if len(left) == 0 {
		return nil
	}
	var errs []error
	for _, file := range left {
		errs = append(errs, file.Sync(), file.Close())
	}
	syncDir(j.dir)
	return errors.Join(errs...)
}

// syncDir makes the names of new files last. Not every system can; where it
// cannot it does so by itself.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// clear removes what was closed: its records are in the database.
func (j *journal) clear() error {
	j.mu.Lock()
	older := j.older
	j.older = nil
	j.mu.Unlock()
	return j.remove(older)
}

func (j *journal) remove(numbers []int) error {
	var errs []error
	for _, n := range numbers {
		errs = append(errs, os.Remove(j.path(n)))
	}
	return errors.Join(errs...)
}

// close ends the writing. A file that is left is read at the next start.
func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.turn(), j.sync())
}

// NoteResponse writes a response into the journal.
func (s *Store) NoteResponse(r *custody.Stored) error {
	sealed := s.box.Seal(purposeResponse(r.Scope, r.ID), packResponse(r))
	return failed("noting a response", s.journal.append(appendRecord(nil, r, sealed)))
}

// TurnNotes begins a batch: what was noted until now is in it.
func (s *Store) TurnNotes() error { return failed("the journal", s.journal.turn()) }

// ClearNotes ends a batch that was written: when that is on the disk its notes
// are not needed any more. (The batch's connection commits without a wait for the
// disk, and SQLite brings its log there only when it folds it into the file.)
func (s *Store) ClearNotes() error {
	if err := s.syncLog(); err != nil {
		return err
	}
	return failed("the journal", s.journal.clear())
}

// syncLog brings to the disk what the database's log holds, which any connection
// may have written.
func (s *Store) syncLog() error {
	err := syncFile(s.path + "-wal")
	if errors.Is(err, fs.ErrNotExist) {
		return nil // folded into the database, and so on the disk
	}
	return failed("the database's log", err)
}

// appendRecord writes a record: its length, then each part behind its own.
func appendRecord(dst []byte, r *custody.Stored, sealed []byte) []byte {
	var head []byte
	for _, part := range [...]string{r.Scope, r.ID, r.Parent} {
		head = append(binary.AppendUvarint(head, uint64(len(part))), part...)
	}
	head = binary.AppendVarint(head, millis(r.Created))
	dst = slices.Grow(dst, binary.MaxVarintLen64+len(head)+len(sealed))
	dst = binary.AppendUvarint(dst, uint64(len(head)+len(sealed)))
	return append(append(dst, head...), sealed...)
}

// nextRecord takes a record off data; ok is false at the end, and where a crash
// cut it short.
func (s *Store) nextRecord(data []byte) (r *custody.Stored, rest []byte, ok bool) {
	n, used := binary.Uvarint(data)
	if used <= 0 || n > maxRecord || n > uint64(len(data)-used) {
		return nil, nil, false
	}
	record, rest := data[used:used+int(n)], data[used+int(n):]
	r = &custody.Stored{}
	for _, part := range [...]*string{&r.Scope, &r.ID, &r.Parent} {
		n, used := binary.Uvarint(record)
		if used <= 0 || n > uint64(len(record)-used) {
			return nil, nil, false
		}
		*part = string(record[used : used+int(n)])
		record = record[used+int(n):]
	}
	at, used := binary.Varint(record)
	if used <= 0 {
		return nil, nil, false
	}
	r.Created = fromMillis(at)
	plain, err := s.box.Unseal(purposeResponse(r.Scope, r.ID), record[used:])
	if err != nil || !unpackResponse(plain, r) {
		return nil, rest, true // whole, but not ours to read
	}
	return r, rest, true
}

// replay writes what a program noted that did not come to write it. Who opens the
// database for a step that needs no secrets leaves the journal alone: it may be
// that of a program at work.
func (s *Store) replay(ctx context.Context) error {
	s.journal = &journal{dir: filepath.Dir(s.path)}
	if s.box == nil {
		return nil
	}
	numbers, err := s.journal.found()
	if err != nil || len(numbers) == 0 {
		return failed("the journal", err)
	}
	s.journal.last = numbers[len(numbers)-1]
	for _, n := range numbers {
		data, err := os.ReadFile(s.journal.path(n))
		if err != nil {
			return failed("the journal", err)
		}
		err = s.inBatch(ctx, "storing responses", func(tx *sql.Tx) error {
			for r, rest, ok := s.nextRecord(data); ok; r, rest, ok = s.nextRecord(rest) {
				if r == nil {
					s.log.Warn("a response in the journal does not open and counts as gone")
				} else if err := s.saveResponse(ctx, tx, r); err != nil {
					return fmt.Errorf("from the journal: %w", err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := s.syncLog(); err != nil {
		return err
	}
	return failed("the journal", s.journal.remove(numbers))
}
