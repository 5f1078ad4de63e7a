-- A database of schema version 1, as the first release wrote it. Never change it:
-- it stands for the files that users have.
PRAGMA auto_vacuum = 2;
PRAGMA journal_mode = WAL;
CREATE TABLE `migrations` (`id` text,PRIMARY KEY (`id`));
INSERT INTO migrations VALUES ('0001_initial');
CREATE TABLE settings (
	key        TEXT PRIMARY KEY NOT NULL,
	value      TEXT NOT NULL,
	updated_at INTEGER NOT NULL
) WITHOUT ROWID;
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
INSERT INTO settings VALUES ('proxy.port', '9000', 1700000000000);
INSERT INTO meta VALUES ('admin_password_hash', '$argon2id$fake', 1700000000000);
INSERT INTO accounts VALUES ('acc_1', 'Work', 'gemini', '', CAST('account.credential/acc_1|{"APIKey":"AIza-fake-work"}' AS BLOB), '["gemini-2.5-pro"]', 1, '0a1b2c3d', 1700000000000);
INSERT INTO account_states VALUES ('acc_1', '{"account":{"status":"out_of_quota","reason":"r","learned_from":"retry_delay","since":"2026-11-23T12:00:00Z","until":"2036-11-23T12:00:00Z"}}', 1700000001000);
INSERT INTO account_models VALUES ('acc_1', '[{"id":"gemini-2.5-pro"}]', 1700000002000);
INSERT INTO client_keys VALUES ('key_1', 'laptop', 'sk-agt-fake', x'0102', CAST('client_key.secret/key_1|sk-agt-fake-secret' AS BLOB), 1, 1700000000000, 0, 0);
INSERT INTO labels VALUES (1, 'model', 'gemini-2.5-pro', 'gemini-2.5-pro');
INSERT INTO usage VALUES (1, 1700000003000, 'req-1', 1, 1, 0, 0, 0, 0, 0, 200, 0, 1, 1, 900, 300, 10, 2, 0, 5, 1);
PRAGMA user_version = 1;
PRAGMA application_id = 1095193649;
