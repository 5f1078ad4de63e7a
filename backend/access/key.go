// Package access decides who may call the gateway: client keys, the authentication
// mode, and the rules that keep web pages away from an open local gateway.
//
// The keys in force live in memory, indexed by a keyed hash; a request costs no
// database access. The secrets themselves are the repository's business, which
// stores them sealed.
package access

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"antigravity-tools/backend/fault"
)

// SecretPrefix begins every key that the gateway makes.
const SecretPrefix = "sk-agt-"

// secretLength is the number of random characters behind the prefix: 43 of 62 kinds are 256 bits.
const secretLength = 43

// HashPurpose is the purpose under which client keys are hashed.
const HashPurpose = "client-key"

// EnvironmentName is the name and id of the key from ANTIGRAVITY_API_KEY.
const EnvironmentName = "environment"

// maxName bounds a key's name, in runes.
const maxName = 64

// Hasher computes a keyed hash (HMAC). The same purpose and value give the same
// hash over restarts; without the key nobody can compute it.
type Hasher interface {
	Hash(purpose string, value string) []byte
}

// Key is a client key without its secret.
type Key struct {
	ID         string
	Name       string
	Prefix     string // the secret's first characters, to recognise it by
	Hash       []byte // of the secret; treat as immutable
	Enabled    bool
	CreatedAt  time.Time
	LastUsedAt *time.Time // nil: never
	ExpiresAt  *time.Time // nil: never
}

// expired reports whether the key's time is over.
func (k *Key) expired(now time.Time) bool {
	return k.ExpiresAt != nil && !now.Before(*k.ExpiresAt)
}

// Repository keeps client keys. Each method returns when its change is safe.
type Repository interface {
	LoadKeys(ctx context.Context) ([]Key, error)
	// CreateKey stores a new key, its secret sealed.
	CreateKey(ctx context.Context, key Key, secret string) error
	// UpdateKey writes name, enabled and expiry of the key with this id.
	UpdateKey(ctx context.Context, key Key) error
	// ReplaceKeySecret writes prefix and hash of the key with this id, and the new secret sealed.
	ReplaceKeySecret(ctx context.Context, key Key, secret string) error
	DeleteKey(ctx context.Context, id string) error
	// RevealKey opens the sealed secret.
	RevealKey(ctx context.Context, id string) (string, error)
	// TouchKeys writes when keys were last used; ids that are gone are no error.
	TouchKeys(ctx context.Context, lastUsed map[string]time.Time) error
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// NewSecret makes a new key's secret.
func NewSecret() string { return SecretPrefix + randomText(base62, secretLength) }

// randomText draws n characters, each as likely as any other. The alphabet holds
// at most 128 characters, all ASCII. It cannot fail: the program ends if the
// system has no randomness.
func randomText(alphabet string, n int) string {
	limit := byte(256 / len(alphabet) * len(alphabet) & 0xff)
	out := make([]byte, 0, n)
	var buf [64]byte
	for len(out) < n {
		_, _ = rand.Read(buf[:])
		for _, b := range buf {
			// Bytes above the last whole multiple would favour the alphabet's beginning.
			if limit != 0 && b >= limit {
				continue
			}
			if out = append(out, alphabet[int(b)%len(alphabet)]); len(out) == n {
				break
			}
		}
	}
	return string(out)
}

// shownPrefix is the part of a secret that may be shown.
func shownPrefix(secret string) string {
	if strings.HasPrefix(secret, SecretPrefix) && len(secret) >= len(SecretPrefix)+secretLength {
		return secret[:len(SecretPrefix)+4]
	}
	return ""
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	bad := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, bad):
		return "", fault.Invalid("name", "a key's name must have 1 to %d printable characters", maxName)
	case strings.EqualFold(name, EnvironmentName):
		return "", fault.Invalid("name", "the name %q belongs to the key from ANTIGRAVITY_API_KEY", EnvironmentName)
	default:
		return name, nil
	}
}
