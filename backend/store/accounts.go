package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

var _ account.Repository = (*Store)(nil)

// purposeCredential binds a sealed credential to its account.
func purposeCredential(id string) string { return "account.credential/" + id }

// LoadAccounts gives all accounts. One whose secret does not open, or whose
// state does not parse, is there nevertheless and says so.
func (s *Store) LoadAccounts(ctx context.Context) ([]account.Stored, error) {
	const what = "reading the accounts"
	rows, err := s.read.QueryContext(ctx, `SELECT a.id, a.name, a.provider, a.base_url, a.credential, a.models, a.enabled, a.realm, a.created_at,
		coalesce(s.state, '{}'), coalesce(s.last_used_at, 0), coalesce(m.models, 'null'), coalesce(m.fetched_at, 0)
		FROM accounts a LEFT JOIN account_states s ON s.account_id = a.id LEFT JOIN account_models m ON m.account_id = a.id
		ORDER BY a.created_at, a.id`)
	if err != nil {
		return nil, failed(what, err)
	}
	defer func() { _ = rows.Close() }()
	var out []account.Stored
	for rows.Next() {
		stored, err := s.scanAccount(rows)
		if err != nil {
			return nil, failed(what, err)
		}
		out = append(out, stored)
	}
	return out, failed(what, rows.Err())
}

func (s *Store) scanAccount(rows *sql.Rows) (account.Stored, error) {
	var out account.Stored
	var sealed []byte
	var limits, state, models string
	var created, used, fetched int64
	acc := &out.Account
	err := rows.Scan(&acc.ID, &acc.Name, &acc.Provider, &acc.BaseURL, &sealed, &limits, &acc.Enabled, &acc.Realm, &created,
		&state, &used, &models, &fetched)
	if err != nil {
		return out, err
	}
	acc.CreatedAt, out.LastUsedAt, out.ModelsAt = fromMillis(created), fromMillis(used), fromMillis(fetched)
	if err := json.Unmarshal([]byte(limits), &acc.Models); err != nil {
		return out, err
	}
	// What can be learned again must not keep the program from starting.
	if json.Unmarshal([]byte(state), &out.State) != nil {
		out.State = account.State{}
	}
	if json.Unmarshal([]byte(models), &out.Models) != nil {
		out.Models, out.ModelsAt = nil, time.Time{}
	}
	plain, err := s.box.Unseal(purposeCredential(acc.ID), sealed)
	if err == nil {
		err = json.Unmarshal(plain, &acc.Credential)
	}
	if err != nil {
		s.log.Error("a stored credential cannot be opened", "account", acc.ID)
		acc.Credential = provider.Credential{BaseURL: acc.BaseURL}
		out.State = account.State{Account: account.Hold{Status: account.NeedsSignIn, Since: s.now(),
			LearnedFrom: account.FromCredential, Reason: "the stored credential cannot be opened: remove the account and add it again"}}
	}
	return out, nil
}

// SaveAccount inserts or replaces an account, durably.
func (s *Store) SaveAccount(ctx context.Context, acc account.Account) error {
	plain, err := json.Marshal(acc.Credential)
	if err != nil {
		return fault.Wrap(fault.Internal, "the account cannot be stored", err)
	}
	limits := []byte("[]")
	if len(acc.Models) > 0 {
		if limits, err = json.Marshal(acc.Models); err != nil {
			return fault.Wrap(fault.Internal, "the account cannot be stored", err)
		}
	}
	row := accountRow{
		ID: acc.ID, Name: acc.Name, Provider: acc.Provider, BaseURL: acc.BaseURL,
		Credential: s.box.Seal(purposeCredential(acc.ID), plain), Models: string(limits),
		Enabled: acc.Enabled, Realm: acc.Realm, CreatedAt: millis(acc.CreatedAt),
	}
	return s.write(ctx, "saving the account", func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "id"}}, UpdateAll: true}).Create(&row).Error
	})
}

// DeleteAccount removes an account with its state, durably.
func (s *Store) DeleteAccount(ctx context.Context, id string) error {
	return s.write(ctx, "removing the account", func(tx *gorm.DB) error {
		return tx.Delete(&accountRow{ID: id}).Error
	})
}

// SaveStates writes what was learned about accounts; those that are gone are
// skipped.
func (s *Store) SaveStates(ctx context.Context, records []account.StateRecord) error {
	return s.inBatch(ctx, "saving account states", func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, `INSERT INTO account_states (account_id, state, last_used_at)
			SELECT id, ?2, ?3 FROM accounts WHERE id = ?1
			ON CONFLICT (account_id) DO UPDATE SET state = excluded.state, last_used_at = max(last_used_at, excluded.last_used_at)`)
		if err != nil {
			return err
		}
		defer func() { _ = stmt.Close() }()
		for _, r := range records {
			state, err := json.Marshal(r.State)
			if err != nil {
				return err
			}
			if _, err := stmt.ExecContext(ctx, r.ID, string(state), millis(r.LastUsedAt)); err != nil {
				return err
			}
		}
		return nil
	})
}

// SaveModels writes what an account offers.
func (s *Store) SaveModels(ctx context.Context, id string, models []provider.Model, at time.Time) error {
	list, err := json.Marshal(models)
	if err != nil {
		return fault.Wrap(fault.Internal, "the model list cannot be stored", err)
	}
	return s.inBatch(ctx, "saving the model list", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO account_models (account_id, models, fetched_at)
			SELECT id, ?2, ?3 FROM accounts WHERE id = ?1
			ON CONFLICT (account_id) DO UPDATE SET models = excluded.models, fetched_at = excluded.fetched_at`,
			id, string(list), millis(at))
		return err
	})
}
