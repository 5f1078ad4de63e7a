//go:build !windows

package clients

import (
	"errors"
	"os"
	"syscall"
)

// syncDir puts the names in dir on disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// keepOwner gives a new file the owner of the one that it replaces. Only root may give files away, and
// for all others the owner is themselves.
func keepOwner(old, fresh string) {
	info, err := os.Stat(old)
	if err != nil {
		return
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = os.Lchown(fresh, int(st.Uid), int(st.Gid))
	}
}
