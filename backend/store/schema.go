package store

import "gorm.io/gorm"

// schema1 is version 1. It is written as SQL, not derived from the models, so
// that it stays what it was when the models move on.
const schema1 = `
CREATE TABLE settings (
	key        TEXT PRIMARY KEY NOT NULL,
	value      TEXT NOT NULL,
	updated_at INTEGER NOT NULL
) WITHOUT ROWID;
-- Single values of the program: the admin password's hash.
CREATE TABLE meta (
	key        TEXT PRIMARY KEY NOT NULL,
	value      TEXT NOT NULL,
	updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE accounts (
	id         TEXT PRIMARY KEY NOT NULL,
	name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
	provider   TEXT NOT NULL,
	base_url   TEXT NOT NULL,
	credential BLOB NOT NULL,
	models     TEXT NOT NULL,
	enabled    INTEGER NOT NULL,
	realm      TEXT NOT NULL,
	created_at INTEGER NOT NULL
);
CREATE TABLE account_states (
	account_id   TEXT PRIMARY KEY NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
	state        TEXT NOT NULL,
	last_used_at INTEGER NOT NULL
);
CREATE TABLE account_models (
	account_id TEXT PRIMARY KEY NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
	models     TEXT NOT NULL,
	fetched_at INTEGER NOT NULL
);
CREATE TABLE client_keys (
	id           TEXT PRIMARY KEY NOT NULL,
	name         TEXT NOT NULL UNIQUE,
	prefix       TEXT NOT NULL,
	hash         BLOB NOT NULL UNIQUE,
	secret       BLOB NOT NULL,
	enabled      INTEGER NOT NULL,
	created_at   INTEGER NOT NULL,
	last_used_at INTEGER NOT NULL,
	expires_at   INTEGER NOT NULL
);
CREATE TABLE seals (
	key        BLOB PRIMARY KEY NOT NULL,
	body       BLOB NOT NULL,
	size       INTEGER NOT NULL,
	created_at INTEGER NOT NULL
);
CREATE INDEX seals_by_age ON seals(created_at);
-- Names that usage rows refer to by number.
CREATE TABLE labels (
	id    INTEGER PRIMARY KEY,
	kind  TEXT NOT NULL,
	value TEXT NOT NULL,
	name  TEXT NOT NULL,
	UNIQUE (kind, value)
);
CREATE TABLE usage (
	id          INTEGER PRIMARY KEY,
	at          INTEGER NOT NULL,
	request_id  TEXT NOT NULL,
	model       INTEGER NOT NULL,
	served      INTEGER NOT NULL,
	provider    INTEGER NOT NULL,
	account     INTEGER NOT NULL,
	key         INTEGER NOT NULL,
	client      INTEGER NOT NULL,
	error       INTEGER NOT NULL,
	status      INTEGER NOT NULL,
	failed      INTEGER NOT NULL,
	streamed    INTEGER NOT NULL,
	attempts    INTEGER NOT NULL,
	latency_ms  INTEGER NOT NULL,
	ttft_ms     INTEGER NOT NULL,
	input       INTEGER NOT NULL,
	cache_read  INTEGER NOT NULL,
	cache_write INTEGER NOT NULL,
	output      INTEGER NOT NULL,
	reasoning   INTEGER NOT NULL
);
CREATE INDEX usage_by_time ON usage(at);
`

func initialSchema(tx *gorm.DB) error { return tx.Exec(schema1).Error }

// The models that gorm writes and reads.

type settingRow struct {
	Key       string `gorm:"primaryKey"`
	Value     string
	UpdatedAt int64 `gorm:"autoUpdateTime:milli"`
}

func (settingRow) TableName() string { return "settings" }

type metaRow struct {
	Key       string `gorm:"primaryKey"`
	Value     string
	UpdatedAt int64 `gorm:"autoUpdateTime:milli"`
}

func (metaRow) TableName() string { return "meta" }

type accountRow struct {
	ID         string `gorm:"primaryKey"`
	Name       string
	Provider   string
	BaseURL    string
	Credential []byte // sealed JSON of provider.Credential
	Models     string // JSON array
	Enabled    bool
	Realm      string
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
}

func (accountRow) TableName() string { return "accounts" }

type keyRow struct {
	ID         string `gorm:"primaryKey"`
	Name       string
	Prefix     string
	Hash       []byte
	Secret     []byte // sealed
	Enabled    bool
	CreatedAt  int64 `gorm:"autoCreateTime:false"`
	LastUsedAt int64
	ExpiresAt  int64
}

func (keyRow) TableName() string { return "client_keys" }
