package app

import (
	"errors"
	"path/filepath"

	"github.com/gofrs/flock"

	"antigravity-tools/backend/fault"
)

// ErrLocked tells that another process works on the data directory: a running gateway, or, for a
// moment, a command.
var ErrLocked = errors.New("another process works on this data directory")

// Lock holds a data directory for one process. The system lets go of it when the process ends,
// however it ends.
type Lock struct{ file *flock.Flock }

// AcquireLock takes the lock of a data directory, which it makes if need be, or returns ErrLocked.
func AcquireLock(dataDir string) (*Lock, error) {
	if err := prepareDataDir(dataDir); err != nil {
		return nil, err
	}
	f := flock.New(filepath.Join(dataDir, "lock"), flock.SetPermissions(0o600))
	got, err := f.TryLock()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the lock of "+dataDir+" could not be taken", err)
	}
	if !got {
		return nil, ErrLocked
	}
	return &Lock{file: f}, nil
}

// Release lets go of the lock.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	return l.file.Unlock()
}
