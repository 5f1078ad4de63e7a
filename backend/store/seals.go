package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/llm"
)

var _ custody.Repository = (*Store)(nil)

// sealBody is what is sealed of an entry.
type sealBody struct {
	Issuer    llm.Issuer `json:"i"`
	Model     string     `json:"m,omitempty"`
	Realm     string     `json:"r,omitempty"`
	Data      string     `json:"d"`
	Redacted  bool       `json:"x,omitempty"`
	Reasoning bool       `json:"g,omitempty"`
	Text      string     `json:"t,omitempty"`
	Args      string     `json:"a,omitempty"`
}

func purposeSeal(k custody.Key) string { return "seal/" + hex.EncodeToString(k[:]) }

const sealChunk = 500 // keys in one query

// LoadSeals gives the entries of those keys that it has. One that does not
// open is left out.
func (s *Store) LoadSeals(ctx context.Context, keys []custody.Key) ([]custody.Entry, error) {
	var out []custody.Entry
	for len(keys) > 0 {
		n := min(len(keys), sealChunk)
		chunk, err := s.loadSeals(ctx, keys[:n])
		if err != nil {
			return nil, failed("reading seals", err)
		}
		out = append(out, chunk...)
		keys = keys[n:]
	}
	return out, nil
}

func (s *Store) loadSeals(ctx context.Context, keys []custody.Key) ([]custody.Entry, error) {
	args := make([]any, len(keys))
	for i := range keys {
		args[i] = keys[i][:]
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(keys)), ",")
	//nolint:gosec // only question marks are put in
	rows, err := s.read.QueryContext(ctx, "SELECT key, body, created_at FROM seals WHERE key IN ("+marks+")", args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []custody.Entry
	for rows.Next() {
		var key, body []byte
		var at int64
		if err := rows.Scan(&key, &body, &at); err != nil {
			return nil, err
		}
		e := custody.Entry{At: fromMillis(at)}
		if copy(e.Key[:], key) != len(e.Key) || s.openSeal(&e, body) != nil {
			continue
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

func (s *Store) openSeal(e *custody.Entry, body []byte) error {
	plain, err := s.box.Unseal(purposeSeal(e.Key), body)
	if err != nil {
		return err
	}
	var b sealBody
	if err := json.Unmarshal(plain, &b); err != nil {
		return err
	}
	e.Seal = llm.Seal{Issuer: b.Issuer, Model: b.Model, Realm: b.Realm, Data: b.Data, Redacted: b.Redacted}
	e.Reasoning, e.Text, e.Args = b.Reasoning, b.Text, b.Args
	return nil
}

// SaveSeals writes entries, replacing those with the same key.
func (s *Store) SaveSeals(ctx context.Context, entries []custody.Entry) error {
	return s.inBatch(ctx, "saving seals", func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, `INSERT INTO seals (key, body, size, created_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET body = excluded.body, size = excluded.size, created_at = excluded.created_at`)
		if err != nil {
			return err
		}
		defer func() { _ = stmt.Close() }()
		for i := range entries {
			e := &entries[i]
			plain, err := json.Marshal(sealBody{Issuer: e.Seal.Issuer, Model: e.Seal.Model, Realm: e.Seal.Realm, Data: e.Seal.Data,
				Redacted: e.Seal.Redacted, Reasoning: e.Reasoning, Text: e.Text, Args: e.Args})
			if err != nil {
				return err
			}
			body := s.box.Seal(purposeSeal(e.Key), plain)
			if _, err := stmt.ExecContext(ctx, e.Key[:], body, len(body), millis(e.At)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteSeals removes entries.
func (s *Store) DeleteSeals(ctx context.Context, keys []custody.Key) error {
	return s.inBatch(ctx, "deleting seals", func(tx *sql.Tx) error {
		for i := range keys {
			if _, err := tx.ExecContext(ctx, "DELETE FROM seals WHERE key = ?", keys[i][:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// PurgeSeals removes what is too old, then the oldest beyond the bounds.
func (s *Store) PurgeSeals(ctx context.Context, before time.Time, count int, bytes int64) error {
	var removed int64
	err := s.inBatch(ctx, "purging seals", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "DELETE FROM seals WHERE created_at < ?", millis(before))
		if err != nil {
			return err
		}
		removed, _ = res.RowsAffected()
		var n, size int64
		if err := tx.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(size), 0) FROM seals").Scan(&n, &size); err != nil {
			return err
		}
		if n <= int64(count) && size <= bytes {
			return nil
		}
		res, err = tx.ExecContext(ctx, `DELETE FROM seals WHERE key IN (
			SELECT key FROM (
				SELECT key, row_number() OVER w AS n, sum(size) OVER w AS total FROM seals
				WINDOW w AS (ORDER BY created_at DESC, key ROWS UNBOUNDED PRECEDING)
			) WHERE n > ? OR total > ?)`, count, bytes)
		if err == nil {
			n, _ := res.RowsAffected()
			removed += n
		}
		return err
	})
	if err == nil && removed > 0 {
		s.reclaim(ctx)
	}
	return err
}
