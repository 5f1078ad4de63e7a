package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"antigravity-tools/backend/custody"
)

var _ custody.ResponseRepository = (*Store)(nil)

// responsesSchema is version 2: stored responses. The item ids are of our
// making or an upstream's, and tell nothing.
const responsesSchema = `
CREATE TABLE responses (
	scope      TEXT NOT NULL,
	id         TEXT NOT NULL,
	parent     TEXT NOT NULL,
	body       BLOB NOT NULL,
	size       INTEGER NOT NULL,
	hidden     INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	PRIMARY KEY (scope, id)
);
CREATE INDEX responses_by_age ON responses(created_at);
CREATE INDEX responses_by_parent ON responses(scope, parent);
CREATE TABLE response_items (
	scope    TEXT NOT NULL,
	item     TEXT NOT NULL,
	response TEXT NOT NULL,
	PRIMARY KEY (scope, item),
	FOREIGN KEY (scope, response) REFERENCES responses(scope, id) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX response_items_by_response ON response_items(scope, response);
`

func addResponses(tx *gorm.DB) error { return tx.Exec(responsesSchema).Error }

// What is sealed of a response: a byte that tells the form, then its parts, each
// behind its length: input, response object, ids of the items. The parts are
// large and are JSON already: written as they are, they cost one copy. Rows of
// the first form are a JSON object.
const responseForm = 2

func packResponse(r *custody.Stored) []byte {
	n := 1 + (2+len(r.Items))*binary.MaxVarintLen64 + len(r.Input) + len(r.Body)
	for _, id := range r.Items {
		n += len(id)
	}
	out := append(make([]byte, 0, n), responseForm)
	out = append(binary.AppendUvarint(out, uint64(len(r.Input))), r.Input...)
	out = append(binary.AppendUvarint(out, uint64(len(r.Body))), r.Body...)
	for _, id := range r.Items {
		out = append(binary.AppendUvarint(out, uint64(len(id))), id...)
	}
	return out
}

// unpackResponse is the way back; what it gives aliases plain.
func unpackResponse(plain []byte, out *custody.Stored) bool {
	if len(plain) == 0 || plain[0] != responseForm {
		var b struct {
			Input json.RawMessage `json:"i"`
			Body  json.RawMessage `json:"b"`
			Items []string        `json:"n"`
		}
		err := json.Unmarshal(plain, &b)
		out.Input, out.Body, out.Items = b.Input, b.Body, b.Items
		return err == nil
	}
	rest, whole := plain[1:], true
	next := func() []byte {
		n, used := binary.Uvarint(rest)
		if used <= 0 || n > uint64(len(rest)-used) {
			rest, whole = nil, false
			return nil
		}
		part := rest[used : used+int(n) : used+int(n)]
		rest = rest[used+int(n):]
		return part
	}
	out.Input, out.Body = next(), next()
	for len(rest) > 0 {
		out.Items = append(out.Items, string(next()))
	}
	return whole
}

func purposeResponse(scope, id string) string { return "response/" + scope + "/" + id }

// LoadResponse gives one response. One that does not open is as good as none.
func (s *Store) LoadResponse(ctx context.Context, scope, id string) (*custody.Stored, error) {
	out := custody.Stored{Scope: scope, ID: id}
	var body []byte
	var at int64
	err := s.read.QueryRowContext(ctx, "SELECT parent, body, hidden, created_at FROM responses WHERE scope = ? AND id = ?", scope, id).
		Scan(&out.Parent, &body, &out.Hidden, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // none is an answer
	}
	if err != nil {
		return nil, failed("reading a response", err)
	}
	out.Created = fromMillis(at)
	plain, err := s.box.Unseal(purposeResponse(scope, id), body)
	if err != nil {
		s.log.Warn("a stored response does not open and counts as gone")
		return nil, nil //nolint:nilerr,nilnil // said above
	}
	if !unpackResponse(plain, &out) {
		return nil, nil //nolint:nilnil // cannot happen to what was sealed here
	}
	return &out, nil
}

// FindItem gives the response that holds an item.
func (s *Store) FindItem(ctx context.Context, scope, item string) (id string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT response FROM response_items WHERE scope = ? AND item = ?", scope, item).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, failed("finding an item", err)
}

// SaveResponses writes responses, replacing those with the same id. What was
// noted before the batch is on the disk first, whatever comes of the database.
func (s *Store) SaveResponses(ctx context.Context, responses []*custody.Stored) error {
	if err := s.journal.sync(); err != nil {
		s.log.Warn("the journal is not on the disk", "error", err)
	}
	return s.inBatch(ctx, "storing responses", func(tx *sql.Tx) error {
		for _, r := range responses {
			if err := s.saveResponse(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) saveResponse(ctx context.Context, tx *sql.Tx, r *custody.Stored) error {
	body := s.box.Seal(purposeResponse(r.Scope, r.ID), packResponse(r))
	_, err := tx.ExecContext(ctx, `INSERT INTO responses (scope, id, parent, body, size, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (scope, id) DO UPDATE SET body = excluded.body, size = excluded.size`,
		r.Scope, r.ID, r.Parent, body, len(body), millis(r.Created))
	if err != nil {
		return err
	}
	return saveItems(ctx, tx, r)
}

// itemsAtOnce is how many items one statement takes: preparing a statement costs
// more than writing a row.
const itemsAtOnce = 64

func saveItems(ctx context.Context, tx *sql.Tx, r *custody.Stored) error {
	for items := range slices.Chunk(r.Items, itemsAtOnce) {
		args := make([]any, 0, 3*len(items))
		for _, item := range items {
			args = append(args, r.Scope, item, r.ID)
		}
		rows := strings.Repeat("(?, ?, ?), ", len(items)-1) + "(?, ?, ?)"
		_, err := tx.ExecContext(ctx, "INSERT INTO response_items (scope, item, response) VALUES "+rows+ //nolint:gosec // question marks alone
			" ON CONFLICT (scope, item) DO UPDATE SET response = excluded.response", args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteResponse removes a response, or hides one that others are built upon.
func (s *Store) DeleteResponse(ctx context.Context, scope, id string) (found bool, err error) {
	err = s.inBatch(ctx, "deleting a response", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE responses SET hidden = 1 WHERE scope = ? AND id = ? AND hidden = 0", scope, id)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		found = n > 0
		if err != nil {
			return err
		}
		// What only hidden ones are built upon goes as well.
		_, err = tx.ExecContext(ctx, `DELETE FROM responses WHERE scope = ? AND hidden = 1 AND NOT EXISTS (
			SELECT 1 FROM responses c WHERE c.scope = responses.scope AND c.parent = responses.id)`, scope)
		return err
	})
	return found, err
}

// PurgeResponses removes what is too old or hidden, unless a younger one is
// built upon it, then the oldest beyond the bounds.
func (s *Store) PurgeResponses(ctx context.Context, before time.Time, count int, bytes int64) error {
	var removed int64
	err := s.inBatch(ctx, "purging responses", func(tx *sql.Tx) error {
		for _, step := range []struct {
			query string
			args  []any
		}{
			{`WITH RECURSIVE live(scope, id, parent) AS (
				SELECT scope, id, parent FROM responses WHERE created_at > ? AND hidden = 0
				UNION SELECT p.scope, p.id, p.parent FROM responses p JOIN live ON p.scope = live.scope AND p.id = live.parent
			) DELETE FROM responses WHERE (scope, id) NOT IN (SELECT scope, id FROM live)`, []any{millis(before)}},
			{`DELETE FROM responses WHERE (scope, id) IN (
				SELECT scope, id FROM (
					SELECT scope, id, row_number() OVER w AS n, sum(size) OVER w AS total FROM responses
					WINDOW w AS (ORDER BY created_at DESC, id ROWS UNBOUNDED PRECEDING)
				) WHERE n > ? OR total > ?)`, []any{count, bytes}},
		} {
			res, err := tx.ExecContext(ctx, step.query, step.args...)
			if err != nil {
				return err
			}
			n, _ := res.RowsAffected()
			removed += n
		}
		return nil
	})
	if err == nil && removed > 0 {
		s.reclaim(ctx)
	}
	return err
}
