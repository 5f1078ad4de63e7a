package app

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// RunFile is run.json: how commands, and a second start, reach the program that holds the data
// directory. It is 0600, for its token opens the admin API.
type RunFile struct {
	PID       int      `json:"pid"`
	Addresses []string `json:"addresses"` // of the public listener; empty while it is stopped
	// Control is a loopback address that answers the admin API alone and is there even while the
	// public listener is stopped or could not be had.
	Control   string `json:"control"`
	Token     string `json:"token"`
	Version   string `json:"version"`
	StartedAt string `json:"started_at"`
	Window    bool   `json:"window"`
}

func runFilePath(dataDir string) string { return filepath.Join(dataDir, "run.json") }

// ReadRunFile returns the run file of a data directory; fs.ErrNotExist when there is none.
// A file may be left over from a program that was killed: only the lock tells who runs.
func ReadRunFile(dataDir string) (RunFile, error) {
	var r RunFile
	data, err := os.ReadFile(runFilePath(dataDir))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(data, &r)
}

// write replaces the run file in one step, so that no reader sees half of it.
func (r RunFile) write(dataDir string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dataDir, "run-*.tmp") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(data, '\n'))
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), runFilePath(dataDir))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}

func removeRunFile(dataDir string) error {
	if err := os.Remove(runFilePath(dataDir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func newToken() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: it ends the process instead
	return base64.RawURLEncoding.EncodeToString(raw)
}
