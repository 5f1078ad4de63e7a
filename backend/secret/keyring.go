package secret

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	keyring "github.com/zalando/go-keyring"
)

// Keyring is the part of the system's keyring that is used. Get fails with
// ErrNoEntry if there is no such entry.
type Keyring interface {
	Get(service, account string) (string, error)
	Set(service, account, value string) error
}

// ErrNoEntry says that the keyring works but has no such entry.
var ErrNoEntry = keyring.ErrNotFound

// ErrKeyringTimeout says that the keyring did not answer in time; it may be
// waiting for somebody to unlock it.
var ErrKeyringTimeout = errors.New("the keyring did not answer in time")

var errNoBus = errors.New("no session bus")

const (
	keyringService = "antigravity-tools"
	// DefaultTimeout is how long a call of the keyring may take: a D-Bus without a
	// desktop can hang for ever.
	DefaultTimeout = 3 * time.Second
)

// systemKeyring is the keyring of the operating system.
type systemKeyring struct{}

func (systemKeyring) Get(service, account string) (string, error) {
	if !hasBus() {
		return "", errNoBus
	}
	return keyring.Get(service, account)
}

func (systemKeyring) Set(service, account, value string) error {
	if !hasBus() {
		return errNoBus
	}
	return keyring.Set(service, account, value)
}

// hasBus reports whether asking makes sense. Where the Secret Service is used but
// no session bus runs, the D-Bus library would start one by dbus-launch, which
// stays behind for ever.
func hasBus() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}

// deadlined puts a limit on each call of a keyring. A call that hangs cannot be
// stopped (the library offers no way); its goroutine ends with the call, and its
// result is dropped.
type deadlined struct {
	ring  Keyring
	limit time.Duration
}

func (d deadlined) get(account string) (string, error) {
	return within(d.limit, func() (string, error) { return d.ring.Get(keyringService, account) })
}

func (d deadlined) set(account, value string) error {
	_, err := within(d.limit, func() (string, error) { return "", d.ring.Set(keyringService, account, value) })
	return err
}

func within(limit time.Duration, call func() (string, error)) (string, error) {
	type result struct {
		value string
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("the keyring failed: %T", p)
			}
			done <- r
		}()
		r.value, r.err = call()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		return "", ErrKeyringTimeout
	}
}
