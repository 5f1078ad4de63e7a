package app

import (
	"errors"
	"fmt"
	"os"
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

func lockPath(dataDir string) string { return filepath.Join(dataDir, "lock") }

// AcquireLock takes the lock of a data directory, which it makes if need be, or returns ErrLocked.
// gateway is false for a command, which holds it for a moment.
func AcquireLock(dataDir string, gateway bool) (*Lock, error) {
	if err := prepareDataDir(dataDir); err != nil {
		return nil, err
	}
	f := flock.New(lockPath(dataDir), flock.SetPermissions(0o600))
	got, err := f.TryLock()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the lock of "+dataDir+" could not be taken", err)
	}
	if !got {
		return nil, ErrLocked
	}
	l := &Lock{file: f}
	signLock(dataDir, gateway)
	return l, nil
}

// Words behind the process id in the lock file.
const (
	gatewayHolds = "gateway"
	commandHolds = "command"
)

// signLock notes who holds the lock, for whoever finds no run file. It is all the same if that fails:
// the lock itself is what counts.
func signLock(dataDir string, gateway bool) {
	word := commandHolds
	if gateway {
		word = gatewayHolds
	}
	// The length is always the same, so that a full disk has room for it once it is there.
	if f, err := os.OpenFile(lockPath(dataDir), os.O_WRONLY, 0o600); err == nil {
		_, _ = f.WriteAt(fmt.Appendf(nil, "%10d %s\n", os.Getpid(), word), 0)
		_ = f.Close()
	}
}

// Holder is the process that holds a data directory.
type Holder struct {
	Held    bool
	PID     int  // 0: not known
	Gateway bool // not a command
}

// FindHolder looks who holds a data directory, whatever its run file says.
func FindHolder(dataDir string) Holder {
	path := lockPath(dataDir)
	if _, err := os.Stat(path); err != nil {
		return Holder{}
	}
	f := flock.New(path, flock.SetPermissions(0o600))
	if free, err := f.TryRLock(); err != nil || free { // shared: two that look do not see each other
		_ = f.Unlock()
		return Holder{}
	}
	h := Holder{Held: true, Gateway: true}
	word := ""
	if data, err := os.ReadFile(path); err == nil { // not on Windows, where a locked file cannot be read
		_, _ = fmt.Sscan(string(data), &h.PID, &word)
	}
	h.Gateway = word != commandHolds
	return h
}

// Release lets go of the lock.
func (l *Lock) Release() error {
	if l == nil {
		return nil
	}
	return l.file.Unlock()
}
