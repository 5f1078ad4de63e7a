package clients

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"antigravity-tools/backend/fault"
)

// record is what an apply did, kept in the data directory until the restore.
type record struct {
	Client string       `json:"client"`
	At     time.Time    `json:"at"`
	Root   string       `json:"root"`
	Model  string       `json:"model"`
	Small  string       `json:"small_model"`
	Key    string       `json:"key_name"`
	Files  []fileRecord `json:"files"`
}

// fileRecord is one file's part.
type fileRecord struct {
	Path     string   `json:"path"`
	Existed  bool     `json:"existed"`
	Original []byte   `json:"original"` // the bytes before; given back where nobody has edited the file since
	After    string   `json:"after"`    // the fingerprint of the bytes after
	Undos    []Undo   `json:"undos"`
	Made     []string `json:"made_dirs"`
	// Marks are the fingerprints of all our values, those included that stood there already.
	Marks []mark `json:"marks"`
}

// takeBacks are the undos for a restore. What stays, stays in a file that we made alone: one of the user's
// did without it.
func (f *fileRecord) takeBacks() []Undo {
	list := slices.Clone(f.Undos)
	for i := range list {
		list[i].Stay = list[i].Stay && !f.Existed
	}
	return list
}

type mark struct {
	Path    []string `json:"path"`
	Element *Element `json:"element,omitempty"`
	Set     string   `json:"set"`
}

// file finds the part about one path.
func (r *record) file(paths []string) *fileRecord {
	if r == nil {
		return nil
	}
	for i := range r.Files {
		for _, p := range paths {
			if r.Files[i].Path == p {
				return &r.Files[i]
			}
		}
	}
	return nil
}

func (s *Setup) recordPath(name string) string { return filepath.Join(s.dir, name+".json") }

// readRecord returns nil if the client is not set up.
func (s *Setup) readRecord(name string) (*record, error) {
	raw, err := os.ReadFile(s.recordPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var r record
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the record of the set-up, "+s.recordPath(name)+", cannot be read", err).
			WithCode("record_unreadable").WithHint("the files as they were lie in " + s.backupDir(name))
	}
	return &r, nil
}

func (s *Setup) writeRecord(r *record) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return cannotWrite(s.dir, err)
	}
	if err := writeFile(s.recordPath(r.Client), raw, 0o600); err != nil {
		return cannotWrite(s.recordPath(r.Client), err)
	}
	return nil
}

// dropRecord forgets a set-up, or puts the record of an earlier one back.
func (s *Setup) dropRecord(name string, earlier *record) error {
	if earlier != nil {
		return s.writeRecord(earlier)
	}
	if err := os.Remove(s.recordPath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cannotWrite(s.recordPath(name), err)
	}
	return nil
}

// bequeath hands directories that are still in use to the records of the clients that use them, so that
// the last restore removes them.
func (s *Setup) bequeath(from string, made []string) error {
	for _, c := range Catalog() {
		if c.Name == from {
			continue
		}
		r, err := s.readRecord(c.Name)
		if err != nil || r == nil {
			continue // an unreadable record is told where that client is restored
		}
		changed := false
		for i := range r.Files {
			changed = r.Files[i].inherit(made) || changed
		}
		if changed {
			if err := s.writeRecord(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// inherit takes directories that lie above the file before those that were made for it.
func (f *fileRecord) inherit(made []string) bool {
	var above []string
	for _, dir := range made {
		if _, err := os.Stat(dir); err == nil && !slices.Contains(f.Made, dir) && strings.HasPrefix(f.Path, dir+string(filepath.Separator)) {
			above = append(above, dir)
		}
	}
	f.Made = append(above, f.Made...)
	return len(above) > 0
}

func (s *Setup) backupDir(name string) string { return filepath.Join(s.dir, "backups", name) }

// locked runs one change at a time, whichever process makes it.
func (s *Setup) locked(ctx context.Context, change func() error) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return cannotWrite(s.dir, err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	lock := flock.New(filepath.Join(s.dir, "lock"), flock.SetPermissions(0o600))
	if got, err := lock.TryLockContext(ctx, lockRetry); !got {
		return fault.Wrap(fault.Internal, "another command sets a client up", err).WithCode("busy").WithHint("wait a moment")
	}
	return errors.Join(change(), lock.Unlock())
}
