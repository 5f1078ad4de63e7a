package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const ownerOnly = 0o600

// readKeyFile reads the key and takes access from others, should they have it. The
// error wraps fs.ErrNotExist if there is no file.
func readKeyFile(dir string) ([]byte, error) {
	name := filepath.Join(dir, keyName)
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if info, err := os.Stat(name); err == nil && info.Mode().Perm()&^ownerOnly != 0 {
		// Best effort: a read-only or foreign file system must not stop the start.
		_ = os.Chmod(name, ownerOnly)
	}
	return decodeKey(strings.TrimSpace(string(text)))
}

// writeNew writes a file that only its owner can read, all or nothing and on disk
// when it returns. A file of that name is never replaced: the error then wraps
// fs.ErrExist.
func writeNew(dir, name string, text []byte) error {
	tmp, err := os.CreateTemp(dir, name+".*.tmp") // 0600 by its contract
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := publish(tmp.Name(), filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return syncDir(dir)
}

// publish gives the file its final name. A link fails if the name is taken, where
// a rename would replace; but not every file system has links.
func publish(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, statErr := os.Lstat(to); statErr == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}
