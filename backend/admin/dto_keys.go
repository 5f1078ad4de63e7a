package admin

// Key is one client key (contract section 1, `key list --json`); the rest are additions.
type Key struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Prefix     string  `json:"prefix"` // the first characters, enough to tell keys apart
	Enabled    bool    `json:"enabled"`
	CreatedAt  string  `json:"created_at"`
	LastUsedAt *string `json:"last_used_at"`
	ExpiresAt  *string `json:"expires_at"`

	Expired bool `json:"expired"`
	// Source is "environment" for the key of ANTIGRAVITY_API_KEY, which cannot be changed here.
	Source string `json:"source"`
}

// CreatedKey is a key with its secret, which is shown once.
type CreatedKey struct {
	Key    Key    `json:"key"`
	Secret string `json:"secret"`
}

// CreateKeyRequest makes a client key.
type CreateKeyRequest struct {
	Name      string  `json:"name"`
	ExpiresAt *string `json:"expires_at"` // RFC 3339; null: never
}

// KeyRef names one key by id or by name.
type KeyRef struct {
	ID string `json:"id"`
}

// RevealedKey answers RevealKey.
type RevealedKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}
