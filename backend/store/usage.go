package store

import (
	"context"
	"database/sql"
	"maps"
	"strings"
	"sync"
	"time"

	"antigravity-tools/backend/usage"
)

var _ usage.Repository = (*Store)(nil)

// labelKey is a name that usage rows refer to by number.
type labelKey struct{ kind, value string }

type label struct {
	id   int64
	name string
}

// labelCache knows the numbers of names. Names come from clients, so both
// their length and their number are bounded.
type labelCache struct {
	mu    sync.Mutex
	known map[labelKey]label
}

const (
	maxLabel  = 200    // bytes
	maxLabels = 10_000 // in memory; more are looked up again
	usageRows = 8      // in one statement: the driver parses it anew each time and binds in quadratic time
)

const usageColumns = `at, request_id, model, served, provider, account, key, client, error, status, failed, streamed,
	attempts, latency_ms, ttft_ms, input, cache_read, cache_write, output, reasoning`

const usageMarks = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

// SaveUsage writes the rows in one transaction.
func (s *Store) SaveUsage(ctx context.Context, rows []usage.Row) error {
	fresh := map[labelKey]label{}
	err := s.inBatch(ctx, "saving usage", func(tx *sql.Tx) error {
		many := usageInsert{ctx: ctx, tx: tx, rows: usageRows}
		one := usageInsert{ctx: ctx, tx: tx, rows: 1}
		args := make([]any, 0, usageRows*20)
		for i := range rows {
			var err error
			if args, err = s.usageArgs(ctx, tx, args, &rows[i], fresh); err != nil {
				return err
			}
			if len(args) == usageRows*20 {
				if err := many.exec(args); err != nil {
					return err
				}
				args = args[:0]
			}
		}
		for ; len(args) > 0; args = args[20:] {
			if err := one.exec(args[:20]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.labels.learn(fresh)
	}
	return err
}

// usageInsert is a statement for so many rows, prepared when it is first used.
type usageInsert struct {
	ctx  context.Context //nolint:containedctx // lives for one transaction
	tx   *sql.Tx
	rows int
	stmt *sql.Stmt // closed with the transaction
}

func (u *usageInsert) exec(args []any) (err error) {
	if u.stmt == nil {
		marks := strings.TrimSuffix(strings.Repeat(usageMarks+",", u.rows), ",")
		//nolint:gosec // only question marks are put in
		if u.stmt, err = u.tx.PrepareContext(u.ctx, "INSERT INTO usage ("+usageColumns+") VALUES "+marks); err != nil {
			return err
		}
	}
	_, err = u.stmt.ExecContext(u.ctx, args...)
	return err
}

func (s *Store) usageArgs(ctx context.Context, tx *sql.Tx, args []any, r *usage.Row, fresh map[labelKey]label) ([]any, error) {
	args = append(args, millis(r.At), r.RequestID)
	for _, l := range [...][3]string{
		{"model", r.Model, r.Model}, {"served", r.Served, r.Served}, {"provider", r.Provider, r.Provider},
		{"account", r.AccountID, r.AccountName}, {"key", r.KeyID, r.KeyName}, {"client", r.Client, r.Client},
		{"error", r.ErrorClass, r.ErrorClass},
	} {
		id, err := s.label(ctx, tx, labelKey{l[0], cut(l[1])}, cut(l[2]), fresh)
		if err != nil {
			return nil, err
		}
		args = append(args, id)
	}
	return append(args, r.Status, r.Failed(), r.Streamed, r.Attempts, r.Latency.Milliseconds(), firstMillis(r.TTFT),
		r.Input, r.CacheRead, r.CacheWrite, r.Output, r.Reasoning), nil
}

// firstMillis keeps "none" (0) apart from "at once" (1).
func firstMillis(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return max(d.Milliseconds(), 1)
}

func cut(s string) string {
	if len(s) > maxLabel {
		s = strings.ToValidUTF8(s[:maxLabel], "")
	}
	return s
}

// label gives the number of a name, 0 for none.
func (s *Store) label(ctx context.Context, tx *sql.Tx, key labelKey, name string, fresh map[labelKey]label) (int64, error) {
	if key.value == "" {
		return 0, nil
	}
	if l, ok := fresh[key]; ok && l.name == name {
		return l.id, nil
	}
	s.labels.mu.Lock()
	l, ok := s.labels.known[key]
	s.labels.mu.Unlock()
	if ok && l.name == name {
		return l.id, nil
	}
	key.value, l = strings.Clone(key.value), label{name: strings.Clone(name)} // they outlive the row
	err := tx.QueryRowContext(ctx, `INSERT INTO labels (kind, value, name) VALUES (?, ?, ?)
		ON CONFLICT (kind, value) DO UPDATE SET name = excluded.name RETURNING id`, key.kind, key.value, name).Scan(&l.id)
	if err == nil {
		fresh[key] = l
	}
	return l.id, err
}

// learn takes the names of a transaction that was committed.
func (c *labelCache) learn(fresh map[labelKey]label) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known)+len(fresh) > maxLabels {
		c.known = map[labelKey]label{}
	}
	maps.Copy(c.known, fresh)
}

const purgeRows = 5000

// PurgeUsage deletes some of the rows that are older than before.
func (s *Store) PurgeUsage(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := s.inBatch(ctx, "purging usage", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE at < ? LIMIT ?)", millis(before), purgeRows)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	if err == nil && n > 0 {
		s.reclaim(ctx)
	}
	return n, err
}
