package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"antigravity-tools/backend/settings"
)

var _ settings.Repository = (*Store)(nil)

// LoadSettings gives every stored row.
func (s *Store) LoadSettings(ctx context.Context) (map[string]string, error) {
	const what = "reading the settings"
	rows, err := s.read.QueryContext(ctx, "SELECT key, value FROM settings")
	if err != nil {
		return nil, failed(what, err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]string{}
	for rows.Next() {
		var key, value string
		if err := rows.Scan(&key, &value); err != nil {
			return nil, failed(what, err)
		}
		if out[key], err = s.openSetting(key, value); err != nil {
			s.log.Error("a stored setting cannot be opened", "key", key)
			delete(out, key)
		}
	}
	return out, failed(what, rows.Err())
}

// SaveSettings writes exactly the keys named, all or none, durably; nil
// removes a key.
func (s *Store) SaveSettings(ctx context.Context, changes map[string]*string) error {
	return s.write(ctx, "saving the settings", func(tx *gorm.DB) error {
		for key, value := range changes {
			var err error
			if value == nil {
				err = tx.Delete(&settingRow{Key: key}).Error
			} else {
				row := settingRow{Key: key, Value: s.sealSetting(key, *value)}
				err = tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// purposeSetting binds a sealed setting to its key.
func purposeSetting(key string) string { return "setting/" + key }

func (s *Store) sealSetting(key, value string) string {
	if !slices.Contains(settings.SecretKeys(), key) {
		return value
	}
	return base64.StdEncoding.EncodeToString(s.box.Seal(purposeSetting(key), []byte(value)))
}

func (s *Store) openSetting(key, value string) (string, error) {
	if !slices.Contains(settings.SecretKeys(), key) {
		return value, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return "", err
	}
	plain, err := s.box.Unseal(purposeSetting(key), sealed)
	return string(plain), err
}

const metaPassword = "admin_password_hash"

// PasswordHash is the stored hash of the admin password, "" if none was set.
func (s *Store) PasswordHash(ctx context.Context) (string, error) {
	var hash string
	err := s.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", metaPassword).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return hash, failed("reading the password", err)
}

// SetPasswordHash stores the hash of the admin password, durably.
func (s *Store) SetPasswordHash(ctx context.Context, hash string) error {
	return s.write(ctx, "saving the password", func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&metaRow{Key: metaPassword, Value: hash}).Error
	})
}
