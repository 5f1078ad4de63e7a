package access

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"antigravity-tools/backend/fault"
)

// Keyring holds the client keys in force. Reading is lock-free; changes are
// written through the repository first.
type Keyring struct {
	repo   Repository
	hasher Hasher
	now    func() time.Time
	index  atomic.Pointer[index]

	mu   sync.Mutex // orders changes; guards what follows
	keys []Key      // the stored ones, oldest first
	env  *Key       // from the environment; nil: none
	uses map[string]*use
}

// index is an immutable look-up table from hash to key.
type index map[string]*entry

type entry struct {
	key Key
	use *use
}

// use remembers when a key was last used. It outlives the indexes.
type use struct {
	last    atomic.Int64 // Unix nanoseconds; 0: not since the start
	touched atomic.Bool  // not yet taken by TakeTouched
}

// Options configures a Keyring.
type Options struct {
	EnvironmentKey string           // ANTIGRAVITY_API_KEY; empty: none
	Now            func() time.Time // nil: time.Now
}

// NewKeyring loads the stored keys.
func NewKeyring(ctx context.Context, repo Repository, hasher Hasher, o Options) (*Keyring, error) {
	k := &Keyring{repo: repo, hasher: hasher, now: o.Now, uses: map[string]*use{}}
	if k.now == nil {
		k.now = time.Now
	}
	if secret := strings.TrimSpace(o.EnvironmentKey); secret != "" {
		k.env = &Key{ID: EnvironmentName, Name: EnvironmentName, Prefix: shownPrefix(secret), Enabled: true,
			Hash: hasher.Hash(HashPurpose, secret), CreatedAt: k.now().UTC()}
	}
	return k, k.Reload(ctx)
}

// Reload reads the stored keys anew, for changes made by another process.
func (k *Keyring) Reload(ctx context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys, err := k.repo.LoadKeys(ctx)
	if err != nil {
		return fault.Wrap(fault.Internal, "the client keys cannot be read", err).WithCode("keys_unreadable")
	}
	k.keys = slices.Clone(keys)
	k.rebuild()
	return nil
}

// rebuild makes the index anew. The caller holds mu.
func (k *Keyring) rebuild() {
	slices.SortStableFunc(k.keys, func(a, b Key) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	next, uses := make(index, len(k.keys)+1), make(map[string]*use, len(k.keys)+1)
	add := func(key Key) {
		u := k.uses[key.ID]
		if u == nil {
			u = &use{}
		}
		uses[key.ID] = u
		next[string(key.Hash)] = &entry{key, u}
	}
	if k.env != nil {
		add(*k.env)
	}
	for _, key := range k.keys {
		add(key)
	}
	k.uses = uses
	k.index.Store(&next)
}

// lookup finds the key of a secret. The index is keyed by an HMAC, so that the
// map's own timing tells nothing about secrets; the hash is compared in constant
// time nevertheless.
func (k *Keyring) lookup(secret string) *entry {
	hash := k.hasher.Hash(HashPurpose, secret)
	e := (*k.index.Load())[string(hash)]
	if e == nil || subtle.ConstantTimeCompare(e.key.Hash, hash) != 1 {
		return nil
	}
	return e
}

// List gives all keys, oldest first, the environment's in front.
func (k *Keyring) List() []Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []Key
	if k.env != nil {
		out = append(out, k.shown(*k.env))
	}
	for _, key := range k.keys {
		out = append(out, k.shown(key))
	}
	return out
}

// shown adds what is not stored yet. The caller holds mu.
func (k *Keyring) shown(key Key) Key {
	if u := k.uses[key.ID]; u != nil {
		if n := u.last.Load(); n != 0 && (key.LastUsedAt == nil || key.LastUsedAt.UnixNano() < n) {
			at := time.Unix(0, n).UTC()
			key.LastUsedAt = &at
		}
	}
	return key
}

// Usable reports whether any key would be accepted now.
func (k *Keyring) Usable() bool {
	now := k.now()
	for _, e := range *k.index.Load() {
		if e.key.Enabled && !e.key.expired(now) {
			return true
		}
	}
	return false
}

// Find gives a key by id or, failing that, by name.
func (k *Keyring) Find(nameOrID string) (Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.env != nil && nameOrID == EnvironmentName {
		return k.shown(*k.env), nil
	}
	i, err := k.find(nameOrID)
	if err != nil {
		return Key{}, err
	}
	return k.shown(k.keys[i]), nil
}

// find gives the position of a stored key. The caller holds mu.
func (k *Keyring) find(nameOrID string) (int, error) {
	if i := slices.IndexFunc(k.keys, func(key Key) bool { return key.ID == nameOrID }); i >= 0 {
		return i, nil
	}
	if i := slices.IndexFunc(k.keys, func(key Key) bool { return key.Name == nameOrID }); i >= 0 {
		return i, nil
	}
	if k.env != nil && nameOrID == EnvironmentName {
		return 0, fault.New(fault.Forbidden, "the key from ANTIGRAVITY_API_KEY can only be changed there").WithCode("key_locked")
	}
	return 0, fault.New(fault.NotFound, "there is no such key").WithCode("key_not_found").WithHint("`key list` shows all keys")
}

// Create makes a key and returns it with its secret. An empty expiry is none.
func (k *Keyring) Create(ctx context.Context, name string, expires *time.Time) (Key, string, error) {
	name, err := checkName(name)
	if err != nil {
		return Key{}, "", err
	}
	now := k.now().UTC()
	if expires != nil && !now.Before(*expires) {
		return Key{}, "", fault.Invalid("expires_at", "the expiry lies in the past")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.nameFree(name, ""); err != nil {
		return Key{}, "", err
	}
	secret := NewSecret()
	key := Key{ID: "key_" + randomText(base62, 16), Name: name, Prefix: shownPrefix(secret), Enabled: true,
		Hash: k.hasher.Hash(HashPurpose, secret), CreatedAt: now, ExpiresAt: expires}
	if err := k.repo.CreateKey(ctx, key, secret); err != nil {
		return Key{}, "", notStored(err)
	}
	k.keys = append(k.keys, key)
	k.rebuild()
	return key, secret, nil
}

func (k *Keyring) nameFree(name, exceptID string) error {
	for _, key := range k.keys {
		if key.Name == name && key.ID != exceptID {
			return fault.Invalid("name", "there is already a key named %q", name).WithCode("name_taken").WithStatus(http.StatusConflict)
		}
	}
	return nil
}

// notStored names the database's own trouble (full disk, lock) where it tells one.
func notStored(err error) error {
	e := fault.Wrap(fault.Internal, "the key could not be stored", err).WithCode("key_not_stored")
	if cause := fault.From(err); cause.Code != "" {
		e.Message += ": " + cause.Message
		e.Hint = cause.Hint
	}
	return e
}

// Patch changes a key; nil leaves a field as it is.
type Patch struct {
	Name      *string
	Enabled   *bool
	ExpiresAt **time.Time // a pointer to nil takes the expiry away
}

// Update changes exactly the fields named.
func (k *Keyring) Update(ctx context.Context, nameOrID string, p Patch) (Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i, err := k.find(nameOrID)
	if err != nil {
		return Key{}, err
	}
	key := k.keys[i]
	if p.Name != nil {
		if key.Name, err = checkName(*p.Name); err != nil {
			return Key{}, err
		}
		if err := k.nameFree(key.Name, key.ID); err != nil {
			return Key{}, err
		}
	}
	if p.Enabled != nil {
		key.Enabled = *p.Enabled
	}
	if p.ExpiresAt != nil {
		key.ExpiresAt = *p.ExpiresAt
	}
	if err := k.repo.UpdateKey(ctx, key); err != nil {
		return Key{}, notStored(err)
	}
	k.keys[i] = key
	k.rebuild()
	return k.shown(key), nil
}

// Rotate gives a key a new secret; the old one ends at once.
func (k *Keyring) Rotate(ctx context.Context, nameOrID string) (Key, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i, err := k.find(nameOrID)
	if err != nil {
		return Key{}, "", err
	}
	secret := NewSecret()
	key := k.keys[i]
	key.Prefix, key.Hash = shownPrefix(secret), k.hasher.Hash(HashPurpose, secret)
	if err := k.repo.ReplaceKeySecret(ctx, key, secret); err != nil {
		return Key{}, "", notStored(err)
	}
	k.keys[i] = key
	k.rebuild()
	return k.shown(key), secret, nil
}

// Revoke removes a key for good.
func (k *Keyring) Revoke(ctx context.Context, nameOrID string) (Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i, err := k.find(nameOrID)
	if err != nil {
		return Key{}, err
	}
	key := k.keys[i]
	if err := k.repo.DeleteKey(ctx, key.ID); err != nil {
		return Key{}, fault.Wrap(fault.Internal, "the key could not be removed", err).WithCode("key_not_removed")
	}
	k.keys = slices.Delete(k.keys, i, i+1)
	k.rebuild()
	return key, nil
}

// Reveal gives a key's secret again. One that does not fit its hash any more (the
// database or the seal was damaged) is refused instead of shown.
func (k *Keyring) Reveal(ctx context.Context, nameOrID string) (string, error) {
	k.mu.Lock()
	i, err := k.find(nameOrID)
	var key Key
	if err == nil {
		key = k.keys[i]
	}
	k.mu.Unlock()
	if err != nil {
		return "", err
	}
	secret, err := k.repo.RevealKey(ctx, key.ID)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "the key cannot be opened", err).WithCode("key_sealed").WithHint("rotate it to get a new one")
	}
	if !bytes.Equal(k.hasher.Hash(HashPurpose, secret), key.Hash) {
		return "", fault.New(fault.Internal, "the stored key is damaged").WithCode("key_sealed").WithHint("rotate it to get a new one")
	}
	return secret, nil
}

// TakeTouched gives the stored keys that were used since the last call and when.
// Its owner writes them by Repository.TouchKeys now and then, and at the end.
func (k *Keyring) TakeTouched() map[string]time.Time {
	out := map[string]time.Time{}
	for _, e := range *k.index.Load() {
		if e.key.ID != EnvironmentName && e.use.touched.Swap(false) {
			out[e.key.ID] = time.Unix(0, e.use.last.Load()).UTC()
		}
	}
	return out
}

func (e *entry) touch(now time.Time) {
	e.use.last.Store(now.UnixNano())
	e.use.touched.Store(true)
}
