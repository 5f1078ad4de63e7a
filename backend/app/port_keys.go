package app

import (
	"context"
	"time"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/admin"
	"antigravity-tools/backend/fault"
)

// keysPort is the keyring as the service sees it.
type keysPort struct {
	ring    *access.Keyring
	changed func()
}

func (p keysPort) List(context.Context) ([]admin.Key, error) {
	keys := p.ring.List()
	out := make([]admin.Key, 0, len(keys))
	for _, k := range keys {
		out = append(out, keyDTO(k))
	}
	return out, nil
}

func keyDTO(k access.Key) admin.Key {
	dto := admin.Key{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Enabled: k.Enabled, CreatedAt: rfc3339(k.CreatedAt)}
	if k.LastUsedAt != nil {
		dto.LastUsedAt = timePtr(*k.LastUsedAt)
	}
	if k.ExpiresAt != nil {
		dto.ExpiresAt = timePtr(*k.ExpiresAt)
		dto.Expired = !time.Now().Before(*k.ExpiresAt)
	}
	if k.ID == access.EnvironmentName {
		dto.Source = "environment"
	}
	return dto
}

func (p keysPort) Create(ctx context.Context, req admin.CreateKeyRequest) (admin.CreatedKey, error) {
	var expires *time.Time
	if req.ExpiresAt != nil && *req.ExpiresAt != "" {
		t, err := time.Parse(time.RFC3339, *req.ExpiresAt)
		if err != nil {
			return admin.CreatedKey{}, fault.Invalid("expires_at", "%q is no RFC 3339 time", *req.ExpiresAt)
		}
		expires = &t
	}
	key, secret, err := p.ring.Create(ctx, req.Name, expires)
	return p.created(key, secret, err)
}

func (p keysPort) created(key access.Key, secret string, err error) (admin.CreatedKey, error) {
	if err != nil {
		return admin.CreatedKey{}, err
	}
	p.changed()
	return admin.CreatedKey{Key: keyDTO(key), Secret: secret}, nil
}

func (p keysPort) SetEnabled(ctx context.Context, ref string, enabled bool) (admin.Key, error) {
	key, err := p.ring.Update(ctx, ref, access.Patch{Enabled: &enabled})
	if err != nil {
		return admin.Key{}, err
	}
	p.changed()
	return keyDTO(key), nil
}

func (p keysPort) Revoke(ctx context.Context, ref string) error {
	_, err := p.ring.Revoke(ctx, ref)
	if err == nil {
		p.changed()
	}
	return err
}

func (p keysPort) Rotate(ctx context.Context, ref string) (admin.CreatedKey, error) {
	key, secret, err := p.ring.Rotate(ctx, ref)
	return p.created(key, secret, err)
}

func (p keysPort) Reveal(ctx context.Context, ref string) (admin.RevealedKey, error) {
	key, err := p.ring.Find(ref)
	if err != nil {
		return admin.RevealedKey{}, err
	}
	secret, err := p.ring.Reveal(ctx, ref)
	if err != nil {
		return admin.RevealedKey{}, err
	}
	return admin.RevealedKey{ID: key.ID, Secret: secret}, nil
}
