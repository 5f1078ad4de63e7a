package app

import (
	"os"
	"runtime"
	"testing"
)

// TestHolder: who looks finds the holder, and does not hold anything up himself.
func TestHolder(t *testing.T) {
	dir := t.TempDir()
	if h := FindHolder(dir); h.Held {
		t.Errorf("nobody was there yet: %+v", h)
	}
	for _, gateway := range []bool{true, false} {
		lock, err := AcquireLock(dir, gateway)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			h := FindHolder(dir)
			if !h.Held || runtime.GOOS != "windows" && (h.PID != os.Getpid() || h.Gateway != gateway) {
				t.Errorf("gateway %v: %+v", gateway, h)
			}
		}
		if err := lock.Release(); err != nil {
			t.Fatal(err)
		}
		if h := FindHolder(dir); h.Held {
			t.Errorf("let go: %+v", h)
		}
	}
}
