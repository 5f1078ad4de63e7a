package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"gorm.io/gorm"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/fault"
)

var _ access.Repository = (*Store)(nil)

func purposeKey(id string) string { return "client_key.secret/" + id }

// LoadKeys gives all client keys, without their secrets.
func (s *Store) LoadKeys(ctx context.Context) ([]access.Key, error) {
	const what = "reading the client keys"
	rows, err := s.read.QueryContext(ctx,
		"SELECT id, name, prefix, hash, enabled, created_at, last_used_at, expires_at FROM client_keys ORDER BY created_at, id")
	if err != nil {
		return nil, failed(what, err)
	}
	defer func() { _ = rows.Close() }()
	var out []access.Key
	for rows.Next() {
		var k access.Key
		var created, used, expires int64
		if err := rows.Scan(&k.ID, &k.Name, &k.Prefix, &k.Hash, &k.Enabled, &created, &used, &expires); err != nil {
			return nil, failed(what, err)
		}
		k.CreatedAt, k.LastUsedAt, k.ExpiresAt = fromMillis(created), optional(used), optional(expires)
		out = append(out, k)
	}
	return out, failed(what, rows.Err())
}

func optional(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := fromMillis(ms)
	return &t
}

func optionalMillis(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return millis(*t)
}

// CreateKey stores a new key, its secret sealed.
func (s *Store) CreateKey(ctx context.Context, key access.Key, secret string) error {
	row := keyRow{
		ID: key.ID, Name: key.Name, Prefix: key.Prefix, Hash: key.Hash,
		Secret: s.box.Seal(purposeKey(key.ID), []byte(secret)), Enabled: key.Enabled,
		CreatedAt: millis(key.CreatedAt), LastUsedAt: optionalMillis(key.LastUsedAt), ExpiresAt: optionalMillis(key.ExpiresAt),
	}
	return s.write(ctx, "saving the key", func(tx *gorm.DB) error { return tx.Create(&row).Error })
}

// UpdateKey writes name, enabled and expiry.
func (s *Store) UpdateKey(ctx context.Context, key access.Key) error {
	return s.changeKey(ctx, key.ID, map[string]any{
		"name": key.Name, "enabled": key.Enabled, "expires_at": optionalMillis(key.ExpiresAt),
	})
}

// ReplaceKeySecret writes prefix, hash and the new secret.
func (s *Store) ReplaceKeySecret(ctx context.Context, key access.Key, secret string) error {
	return s.changeKey(ctx, key.ID, map[string]any{
		"prefix": key.Prefix, "hash": key.Hash, "secret": s.box.Seal(purposeKey(key.ID), []byte(secret)),
	})
}

func (s *Store) changeKey(ctx context.Context, id string, columns map[string]any) error {
	return s.write(ctx, "saving the key", func(tx *gorm.DB) error {
		res := tx.Model(&keyRow{ID: id}).Updates(columns)
		if res.Error == nil && res.RowsAffected == 0 {
			return noKey()
		}
		return res.Error
	})
}

func noKey() *fault.Error {
	return fault.New(fault.NotFound, "there is no such key").WithCode("key_not_found")
}

// DeleteKey removes a key; one that is gone is no error.
func (s *Store) DeleteKey(ctx context.Context, id string) error {
	return s.write(ctx, "removing the key", func(tx *gorm.DB) error { return tx.Delete(&keyRow{ID: id}).Error })
}

// RevealKey opens a key's secret.
func (s *Store) RevealKey(ctx context.Context, id string) (string, error) {
	var sealed []byte
	err := s.read.QueryRowContext(ctx, "SELECT secret FROM client_keys WHERE id = ?", id).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return "", noKey()
	}
	if err != nil {
		return "", failed("reading the key", err)
	}
	plain, err := s.box.Unseal(purposeKey(id), sealed)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "the stored key cannot be opened", err).WithCode("key_sealed")
	}
	return string(plain), nil
}

// TouchKeys writes when keys were last used.
func (s *Store) TouchKeys(ctx context.Context, lastUsed map[string]time.Time) error {
	if len(lastUsed) == 0 {
		return nil
	}
	return s.inBatch(ctx, "saving the keys' last use", func(tx *sql.Tx) error {
		for id, at := range lastUsed {
			if _, err := tx.ExecContext(ctx, "UPDATE client_keys SET last_used_at = max(last_used_at, ?) WHERE id = ?", millis(at), id); err != nil {
				return err
			}
		}
		return nil
	})
}
