// Package secret seals values that are stored: upstream keys, refresh tokens,
// client keys, answers. The one master key lives in the keyring of the operating
// system, or in a file that only its owner can read where there is no keyring. The
// data directory records which; if the key is not there any more, that is an error
// and no new key is made, since what is sealed would be lost without a word.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// ErrUnseal is returned for a value that does not open: it was damaged, sealed for
// another purpose or sealed with another key. Which of them cannot be told.
var ErrUnseal = errors.New("a stored secret cannot be opened: it is damaged, out of place or sealed with another key")

// ErrFormat is returned for a value that was sealed by a newer version, or never.
var ErrFormat = errors.New("a stored secret has an unknown format")

const (
	keySize = 32
	// formatGCM: this byte, a nonce of 12 bytes, the AES-256-GCM text, its tag of 16.
	formatGCM = 1
	// The labels keep the keys of different uses apart.
	labelSeal  = "antigravity-tools/seal/1"
	labelHash  = "antigravity-tools/hash/1"
	labelCheck = "antigravity-tools/check/1"
)

// Source is where the master key lives.
type Source string

// The sources of a key, as recorded in the data directory.
const (
	SourceKeyring Source = "keyring"
	SourceFile    Source = "file"
)

// A Box seals and opens values. It is safe for concurrent use.
type Box struct {
	source Source
	aead   cipher.AEAD
	macs   sync.Pool // of hash.Hash: keyed once, for each request looks up a key
	check  string    // tells master keys apart without giving them away
}

// newBox derives what is needed from the master key.
func newBox(master []byte, source Source) (*Box, error) {
	if len(master) != keySize {
		return nil, fmt.Errorf("the master key has %d bytes, not %d", len(master), keySize)
	}
	sealKey, err := derive(master, labelSeal)
	if err != nil {
		return nil, err
	}
	hashKey, err := derive(master, labelHash)
	if err != nil {
		return nil, err
	}
	check, err := derive(master, labelCheck)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	b := &Box{source: source, aead: aead, check: fmt.Sprintf("%x", check[:16])}
	b.macs.New = func() any { return hmac.New(sha256.New, hashKey) }
	return b, nil
}

func derive(master []byte, label string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, master, nil, label, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return key, nil
}

// Source tells where the master key lives.
func (b *Box) Source() Source { return b.source }

// Seal encrypts plain. The result opens only for the same purpose, which names the
// place where it is stored ("account.refresh_token"): it cannot be moved to
// another column. Sealing the same value twice gives different bytes.
func (b *Box) Seal(purpose string, plain []byte) []byte {
	out := make([]byte, 1, 1+b.aead.Overhead()+len(plain))
	out[0] = formatGCM
	return b.aead.Seal(out, nil, plain, []byte(purpose)) //nolint:gosec // this AEAD draws a random nonce itself
}

// Unseal decrypts what Seal returned for the same purpose. It fails with ErrUnseal
// or ErrFormat.
func (b *Box) Unseal(purpose string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != formatGCM {
		return nil, ErrFormat
	}
	plain, err := b.aead.Open(nil, nil, sealed[1:], []byte(purpose))
	if err != nil {
		return nil, ErrUnseal
	}
	return plain, nil
}

// Hash returns 32 bytes by which a value can be looked up without being stored: a
// keyed HMAC-SHA-256, different for each purpose. Compare with hmac.Equal.
func (b *Box) Hash(purpose string, value []byte) []byte {
	mac := b.macs.Get().(hash.Hash) //nolint:forcetypeassert // the pool holds nothing else
	defer b.macs.Put(mac)
	mac.Reset()
	// The length keeps ("ab", "c") and ("a", "bc") apart.
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(purpose)))
	mac.Write(length[:])
	mac.Write([]byte(purpose))
	mac.Write(value)
	return mac.Sum(make([]byte, 0, sha256.Size))
}
