package secret

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	recordName    = "secret.json" // which source the key has
	keyName       = "secret.key"  // the key itself, if the source is a file
	recordVersion = 1
)

// Errors of Open. The text around them says what to do.
var (
	// ErrKeyMissing: the recorded source has no key, or cannot be reached.
	ErrKeyMissing = errors.New("the key of the stored secrets is missing")
	// ErrKeyWrong: the recorded source has a key, but not the one in use here.
	ErrKeyWrong = errors.New("the key of the stored secrets is not the one they were sealed with")
	// ErrRecord: the file that names the source is damaged or from a newer version.
	ErrRecord = errors.New("the record of where the key of the stored secrets lives is unusable")
)

// Options of Open. The zero value uses the system's keyring.
type Options struct {
	// NoKeyring keeps the keyring out of it (ANTIGRAVITY_KEYRING=off).
	NoKeyring bool
	// MustExist forbids to make a key: the caller holds sealed values already.
	MustExist bool
	// Keyring replaces the one of the system.
	Keyring Keyring
	// Timeout bounds each call of the keyring; DefaultTimeout if 0.
	Timeout time.Duration
}

func (o Options) ring() deadlined {
	d := deadlined{ring: o.Keyring, limit: o.Timeout}
	if d.ring == nil {
		d.ring = systemKeyring{}
	}
	if d.limit <= 0 {
		d.limit = DefaultTimeout
	}
	return d
}

// record is the content of secret.json.
type record struct {
	Version int    `json:"version"`
	Source  Source `json:"source"`
	// Account names the entry of the keyring; each data directory has its own.
	Account string `json:"account,omitempty"`
	// Check tells the key apart from others.
	Check string `json:"check"`
}

// Open returns the Box of the data directory dir, which must exist. The first time
// it makes a key and records where it put it; later it only reads.
func Open(dir string, o Options) (*Box, error) {
	rec, err := readRecord(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if o.MustExist {
			return nil, fmt.Errorf("%w: there are stored secrets, but no %s in the data directory; restore it from a backup", ErrKeyMissing, recordName)
		}
		return create(dir, o)
	}
	if err != nil {
		return nil, err
	}
	return load(dir, rec, o)
}

func readRecord(dir string) (record, error) {
	var rec record
	text, err := os.ReadFile(filepath.Join(dir, recordName))
	if err != nil {
		return rec, fmt.Errorf("read the record of the key: %w", err)
	}
	if err := json.Unmarshal(text, &rec); err != nil {
		return rec, fmt.Errorf("%w: %s is not readable; restore it from a backup", ErrRecord, recordName)
	}
	if rec.Version != recordVersion {
		return rec, fmt.Errorf("%w: %s has version %d, this program knows %d", ErrRecord, recordName, rec.Version, recordVersion)
	}
	return rec, nil
}

// load opens the Box with the key from the recorded source.
func load(dir string, rec record, o Options) (*Box, error) {
	var (
		master []byte
		err    error
	)
	switch rec.Source {
	case SourceKeyring:
		master, err = fromKeyring(rec.Account, o)
	case SourceFile:
		master, err = readKeyFile(dir)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w: it is recorded to be in the file %s of the data directory, which does not exist; restore it from a backup", ErrKeyMissing, keyName)
		}
	default:
		return nil, fmt.Errorf("%w: %s names an unknown source", ErrRecord, recordName)
	}
	if err != nil {
		return nil, err
	}
	box, err := newBox(master, rec.Source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeyWrong, err)
	}
	if box.check != rec.Check {
		return nil, fmt.Errorf("%w (source: %s)", ErrKeyWrong, rec.Source)
	}
	return box, nil
}

// fromKeyring turns each failure into a text that says what to do.
func fromKeyring(account string, o Options) ([]byte, error) {
	const where = "it is recorded to be in the system's keyring"
	if o.NoKeyring {
		return nil, fmt.Errorf("%w: %s, but the keyring is switched off", ErrKeyMissing, where)
	}
	text, err := o.ring().get(account)
	switch {
	case errors.Is(err, ErrNoEntry):
		return nil, fmt.Errorf("%w: %s, which has no such entry", ErrKeyMissing, where)
	case errors.Is(err, ErrKeyringTimeout):
		return nil, fmt.Errorf("%w: %s; unlock it and start again: %w", ErrKeyMissing, where, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %s, which cannot be reached: %w", ErrKeyMissing, where, err)
	}
	return decodeKey(text)
}

func decodeKey(text string) ([]byte, error) {
	master, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(master) != keySize {
		return nil, fmt.Errorf("%w: what is stored is not a key", ErrKeyWrong)
	}
	return master, nil
}

// create makes a key, stores it and then records where. Of two processes that do
// so at once the one whose record came first wins; the other one follows it.
func create(dir string, o Options) (*Box, error) {
	rec, master, err := place(dir, o)
	if err != nil {
		return nil, err
	}
	box, err := newBox(master, rec.Source)
	if err != nil {
		return nil, err
	}
	rec.Version, rec.Check = recordVersion, box.check
	text, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("record where the key lives: %w", err)
	}
	err = writeNew(dir, recordName, append(text, '\n'))
	if errors.Is(err, fs.ErrExist) {
		if rec, err = readRecord(dir); err != nil {
			return nil, err
		}
		return load(dir, rec, o)
	}
	if err != nil {
		return nil, fmt.Errorf("record where the key lives: %w", err)
	}
	return box, nil
}

// place stores a new key: in the keyring if that works, otherwise in the file. A
// key file that has no record yet was left by a start that was cut short (or by a
// lost record): it is taken, never replaced.
func place(dir string, o Options) (record, []byte, error) {
	master, err := readKeyFile(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return record{Source: SourceFile}, master, err
	}
	master = make([]byte, keySize)
	account := rand.Text()
	// Neither of them fails: see crypto/rand.
	_, _ = rand.Read(master)
	text := base64.StdEncoding.EncodeToString(master)
	if !o.NoKeyring && stored(o.ring(), account, text) {
		return record{Source: SourceKeyring, Account: account}, master, nil
	}
	err = writeNew(dir, keyName, []byte(text+"\n"))
	if errors.Is(err, fs.ErrExist) {
		master, err = readKeyFile(dir)
	}
	if err != nil {
		return record{}, nil, fmt.Errorf("store a new key: %w", err)
	}
	return record{Source: SourceFile}, master, nil
}

// stored puts text into the keyring and reports whether it can be read back.
func stored(ring deadlined, account, text string) bool {
	if ring.set(account, text) != nil {
		return false
	}
	back, err := ring.get(account)
	return err == nil && back == text
}
