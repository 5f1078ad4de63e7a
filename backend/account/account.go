package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/provider"
)

// LoopbackKind is the kind of the built-in provider that needs no account.
const LoopbackKind = "loopback"

// Account is one upstream account: provider, address, credential and models
// as one record. It is never changed in place; a change makes a new record.
type Account struct {
	ID         string
	Name       string // unique
	Provider   string // kind, e.g. "gemini"
	BaseURL    string // "" means the provider's own
	Credential provider.Credential
	Models     []string // what a person limits it to; empty: all that it offers
	Enabled    bool
	CreatedAt  time.Time
	Realm      string // 8 hex of a keyed hash of the organisation, see RealmOf
}

// String names the account without its secret.
func (a Account) String() string {
	return fmt.Sprintf("account %s (%s)", a.ID, a.Provider)
}

// GoString is String: %#v must not print the credential either.
func (a Account) GoString() string { return a.String() }

// LogValue keeps the credential and the name out of logs.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", a.ID), slog.String("provider", a.Provider))
}

// KeyHint is the last four characters of the secret, "" where that would be
// too much of it.
func (a Account) KeyHint() string {
	key := a.Credential.APIKey
	if len(key) < 16 || strings.HasPrefix(key, "{") { // of a JSON file the end says nothing
		return ""
	}
	return key[len(key)-4:]
}

// allows tells whether the person's own list lets model through.
func (a Account) allows(model string) bool {
	return len(a.Models) == 0 || slices.Contains(a.Models, model)
}

// RealmOf derives the realm of an API-key account. A key does not tell which
// organisation it belongs to, so each key (at each address) is its own realm.
func RealmOf(hashKey []byte, kind string, cred provider.Credential) string {
	mac := hmac.New(sha256.New, hashKey)
	parts := []string{"realm", kind, cred.BaseURL, cred.APIKey}
	if cred.Auth != "" {
		parts = append(parts, cred.Auth, cred.Project)
	}
	for _, part := range parts {
		mac.Write([]byte(part))
		mac.Write([]byte{0})
	}
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

// Stored is an account as the repository keeps it.
type Stored struct {
	Account    Account
	State      State
	LastUsedAt time.Time // zero: never
	Models     []provider.Model
	ModelsAt   time.Time // when Models was fetched; zero: never
}

// StateRecord is what the pool saves of an account behind the request path.
type StateRecord struct {
	ID         string
	State      State
	LastUsedAt time.Time
}

// Repository keeps accounts. SaveAccount and DeleteAccount are durable when
// they return; the others may lose their last second in a power cut.
type Repository interface {
	LoadAccounts(ctx context.Context) ([]Stored, error)
	// SaveAccount inserts the account or replaces the one with its ID.
	SaveAccount(ctx context.Context, acc Account) error
	DeleteAccount(ctx context.Context, id string) error
	// SaveStates skips accounts that are gone.
	SaveStates(ctx context.Context, records []StateRecord) error
	SaveModels(ctx context.Context, id string, models []provider.Model, at time.Time) error
}
