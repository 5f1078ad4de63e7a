package app

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"antigravity-tools/backend/fault"
)

// Options is what the commands and the window decide before the program is built.
type Options struct {
	Version   string
	DataDir   string // empty: DefaultDataDir
	Demo      bool
	LogLevel  string // debug | info | warn | error; empty: the setting, else info
	LogFormat string // text | json; empty: text
	// LogTo is where logs go: standard error for serve, a rotated file for the window.
	LogTo io.Writer
	// Host and Port come from flags and win over settings and environment; empty and 0: not given.
	Host string
	Port int
	// Console holds the built pages.
	Console fs.FS
	// Window is true in the desktop program: stopping the service closes the listener, and a port that
	// cannot be had is a state to show, not the end.
	Window bool
	// Command is true for a command that works on the data directory in its own process: no listener,
	// no run.json, no background work.
	Command bool
}

// DefaultDataDir is where the data lies when neither flag nor environment says otherwise.
func DefaultDataDir() (string, error) {
	if dir := os.Getenv("ANTIGRAVITY_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	base, err := dataHome()
	if err != nil {
		return "", fault.Wrap(fault.Internal, "the home directory is not known", err).
			WithHint("name a data directory with --data-dir")
	}
	return filepath.Join(base, "antigravity-tools"), nil
}

func dataHome() (string, error) {
	switch runtime.GOOS {
	case "windows":
		if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
			return dir, nil
		}
		return os.UserCacheDir()
	case "darwin":
		return os.UserConfigDir() // ~/Library/Application Support
	default:
		if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
			return dir, nil
		}
		home, err := os.UserHomeDir()
		return filepath.Join(home, ".local", "share"), err
	}
}

// prepareDataDir makes the directory, readable by its owner only.
func prepareDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.Wrap(fault.Internal, "the data directory "+dir+" could not be made", err).
			WithHint("check that the place is writable, or name another with --data-dir")
	}
	if runtime.GOOS == "windows" {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fault.Wrap(fault.Internal, "the data directory "+dir+" cannot be read", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory needs its x bits
		return fault.Wrap(fault.Internal, "the data directory "+dir+" is open to other users", err).
			WithHint("chmod 700 it")
	}
	return nil
}
