package secret_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"antigravity-tools/backend/secret"
)

// ring is a keyring in memory.
type ring struct {
	mu      sync.Mutex
	entries map[string]string
	err     error
	forget  bool          // Set works, but stores nothing
	hang    chan struct{} // if set, calls wait until it is closed
	calls   int
}

func (r *ring) enter() error {
	if r.hang != nil {
		<-r.hang
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	return r.err
}

func (r *ring) Get(service, account string) (string, error) {
	if err := r.enter(); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.entries[service+"/"+account]; ok {
		return v, nil
	}
	return "", secret.ErrNoEntry
}

func (r *ring) Set(service, account, value string) error {
	if err := r.enter(); err != nil || r.forget {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.entries == nil {
		r.entries = map[string]string{}
	}
	r.entries[service+"/"+account] = value
	return nil
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", e.Name(), info.Mode().Perm())
		}
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func unseals(t *testing.T, box *secret.Box, sealed []byte) {
	t.Helper()
	if got, err := box.Unseal("p", sealed); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestKeyInKeyring(t *testing.T) {
	dir, r := t.TempDir(), &ring{}
	o := secret.Options{Keyring: r}
	box := open(t, dir, o)
	if box.Source() != secret.SourceKeyring || names(t, dir) != "secret.json" {
		t.Fatalf("%s: %s", box.Source(), names(t, dir))
	}
	text, _ := os.ReadFile(filepath.Join(dir, "secret.json"))
	for _, v := range r.entries {
		if strings.Contains(string(text), v) {
			t.Error("the record holds the key")
		}
	}
	unseals(t, open(t, dir, o), box.Seal("p", []byte("x")))

	second := open(t, t.TempDir(), o)
	if _, err := second.Unseal("p", box.Seal("p", nil)); err == nil || len(r.entries) != 2 {
		t.Error("two data directories share a key")
	}
}

func TestKeyInFile(t *testing.T) {
	for name, o := range map[string]secret.Options{
		"switched off": {NoKeyring: true, Keyring: &ring{}}, "failing": {Keyring: &ring{err: errors.New("no service")}}, "forgetful": {Keyring: &ring{forget: true}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			box := open(t, dir, o)
			if box.Source() != secret.SourceFile || names(t, dir) != "secret.json secret.key" {
				t.Fatalf("%s: %s", box.Source(), names(t, dir))
			}
			// Once recorded, a keyring that works again changes nothing.
			unseals(t, open(t, dir, secret.Options{Keyring: &ring{}}), box.Seal("p", []byte("x")))
			if o.NoKeyring && o.Keyring.(*ring).calls > 0 {
				t.Error("the keyring was asked")
			}
		})
	}
}

func TestKeyFileIsClosedToOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such modes")
	}
	dir := t.TempDir()
	open(t, dir, secret.Options{NoKeyring: true})
	if err := os.Chmod(filepath.Join(dir, "secret.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, dir, secret.Options{NoKeyring: true})
	names(t, dir)
}

// refused expects an error, and that nothing in dir has changed.
func refused(t *testing.T, dir string, o secret.Options, want error, word string) {
	t.Helper()
	before := names(t, dir)
	_, err := secret.Open(dir, o)
	if !errors.Is(err, want) || !strings.Contains(err.Error(), word) {
		t.Errorf("got %v, want %q with %q", err, want, word)
	}
	if after := names(t, dir); after != before {
		t.Errorf("files before: %s, after: %s", before, after)
	}
}

func TestMissingKeyring(t *testing.T) {
	dir, r := t.TempDir(), &ring{}
	open(t, dir, secret.Options{Keyring: r})
	refused(t, dir, secret.Options{NoKeyring: true, Keyring: r}, secret.ErrKeyMissing, "switched off")
	refused(t, dir, secret.Options{Keyring: &ring{}}, secret.ErrKeyMissing, "no such entry")
	refused(t, dir, secret.Options{Keyring: &ring{err: errors.New("locked")}}, secret.ErrKeyMissing, "cannot be reached")
	for k := range r.entries {
		r.entries[k] = base64.StdEncoding.EncodeToString(make([]byte, 32))
	}
	refused(t, dir, secret.Options{Keyring: r}, secret.ErrKeyWrong, "keyring")
	for k := range r.entries {
		r.entries[k] = "junk"
	}
	refused(t, dir, secret.Options{Keyring: r}, secret.ErrKeyWrong, "not a key")
}

func TestMissingFile(t *testing.T) {
	o := secret.Options{NoKeyring: true}
	dir := t.TempDir()
	refused(t, dir, secret.Options{NoKeyring: true, MustExist: true}, secret.ErrKeyMissing, "secret.json")
	open(t, dir, o)
	open(t, dir, secret.Options{NoKeyring: true, MustExist: true})

	key, record := filepath.Join(dir, "secret.key"), filepath.Join(dir, "secret.json")
	replace := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	replace(key, base64.StdEncoding.EncodeToString(make([]byte, 32)))
	refused(t, dir, o, secret.ErrKeyWrong, "file")
	replace(key, "")
	refused(t, dir, o, secret.ErrKeyWrong, "not a key")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, o, secret.ErrKeyMissing, "secret.key")
	for text, word := range map[string]string{`{`: "not readable", `{"version":2}`: "version 2", `{"version":1,"source":"cloud"}`: "unknown source"} {
		replace(record, text)
		refused(t, dir, o, secret.ErrRecord, word)
	}
}

// A start that was cut between key and record must not make a second key.
func TestKeyFileWithoutRecord(t *testing.T) {
	dir, r := t.TempDir(), &ring{}
	box := open(t, dir, secret.Options{NoKeyring: true})
	if err := os.Remove(filepath.Join(dir, "secret.json")); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, secret.Options{Keyring: r})
	if again.Source() != secret.SourceFile || r.calls != 0 {
		t.Errorf("source %s, %d calls of the keyring", again.Source(), r.calls)
	}
	unseals(t, again, box.Seal("p", []byte("x")))
}

func TestNoDirectory(t *testing.T) {
	if _, err := secret.Open(filepath.Join(t.TempDir(), "none"), secret.Options{NoKeyring: true}); err == nil {
		t.Fatal("opened in a directory that does not exist")
	}
}

// Several first starts at once agree on one key, whatever source each would take.
func TestFirstStartsAtOnce(t *testing.T) {
	dir, r := t.TempDir(), &ring{}
	boxes := make([]*secret.Box, 8)
	var wg sync.WaitGroup
	for i := range boxes {
		wg.Go(func() {
			box, err := secret.Open(dir, secret.Options{Keyring: r})
			if err != nil {
				t.Error(err)
				return
			}
			boxes[i] = box
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sealed := boxes[0].Seal("p", []byte("x"))
	for _, box := range boxes {
		unseals(t, box, sealed)
	}
}

func TestHangingKeyring(t *testing.T) {
	dir, r := t.TempDir(), &ring{}
	fresh := t.TempDir()
	open(t, dir, secret.Options{Keyring: r})
	synctest.Test(t, func(t *testing.T) {
		hanging := &ring{hang: make(chan struct{})}
		defer close(hanging.hang)
		refused(t, dir, secret.Options{Keyring: hanging}, secret.ErrKeyringTimeout, "unlock it")
		if box := open(t, fresh, secret.Options{Keyring: hanging}); box.Source() != secret.SourceFile {
			t.Errorf("source %s", box.Source())
		}
	})
}

type panicking struct{}

func (panicking) Get(string, string) (string, error) { panic("x") }
func (panicking) Set(string, string, string) error   { panic("x") }

func TestPanickingKeyring(t *testing.T) {
	if box := open(t, t.TempDir(), secret.Options{Keyring: panicking{}}); box.Source() != secret.SourceFile {
		t.Errorf("source %s", box.Source())
	}
}

// Without a session bus the system's keyring is not even asked.
func TestNoSessionBus(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the session bus is a matter of Linux")
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if box := open(t, t.TempDir(), secret.Options{}); box.Source() != secret.SourceFile {
		t.Errorf("source %s", box.Source())
	}
}
