package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
)

// Bounds of what a person may enter.
const (
	maxName   = 100
	maxLimits = 500
)

// change runs one admin change: f may do I/O, and one runs at a time.
func (p *Pool) change(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, adminDeadline)
	defer cancel()
	select {
	case p.admin <- struct{}{}:
	case <-ctx.Done():
		return fault.From(ctx.Err())
	}
	defer func() { <-p.admin }()
	return f(ctx)
}

func (p *Pool) save(ctx context.Context, acc Account) error {
	if p.cfg.Repository == nil {
		return nil
	}
	return p.cfg.Repository.SaveAccount(ctx, acc)
}

// Add saves a new account. ID, Realm and CreatedAt are filled in where empty.
func (p *Pool) Add(ctx context.Context, acc Account) (View, error) {
	var err error
	if acc, err = p.prepare(acc); err != nil {
		return View{}, err
	}
	err = p.change(ctx, func(ctx context.Context) error {
		if err := p.free(acc); err != nil {
			return err
		}
		if err := p.save(ctx, acc); err != nil {
			return err
		}
		p.insert(&entry{acc: &acc})
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return p.view(acc.ID)
}

func (p *Pool) prepare(acc Account) (Account, error) {
	acc.Name = strings.TrimSpace(acc.Name)
	if acc.Name == "" || len(acc.Name) > maxName {
		return acc, fault.Invalid("name", "an account needs a name of at most %d bytes", maxName)
	}
	if p.cfg.Providers[acc.Provider] == nil || acc.Provider == LoopbackKind {
		return acc, fault.Invalid("provider", "there is no provider %q", acc.Provider).WithCode("unknown_provider")
	}
	models, err := cleanModels(acc.Models)
	if err != nil {
		return acc, err
	}
	acc.Models = models
	if acc.ID == "" {
		acc.ID = newID()
	}
	if acc.CreatedAt.IsZero() {
		acc.CreatedAt = p.cfg.Now().UTC()
	}
	if acc.BaseURL == "" {
		acc.BaseURL = acc.Credential.BaseURL
	}
	acc.Credential.BaseURL = acc.BaseURL
	if acc.Realm == "" && p.cfg.Realm != nil {
		acc.Realm = p.cfg.Realm(acc)
	}
	return acc, nil
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return "acc_" + hex.EncodeToString(b[:])
}

func cleanModels(in []string) ([]string, error) {
	if len(in) > maxLimits {
		return nil, fault.Invalid("models", "at most %d models can be listed", maxLimits)
	}
	out := make([]string, 0, len(in))
	for _, m := range in {
		m = strings.TrimPrefix(strings.TrimSpace(m), "models/")
		if m != "" && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out, nil
}

// free checks that the pool has room for the account and its name.
func (p *Pool) free(acc Account) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) >= maxAccounts {
		return fault.Invalid("", "there are already %d accounts, which is the limit", maxAccounts)
	}
	for _, e := range p.order {
		if strings.EqualFold(e.acc.Name, acc.Name) || e.acc.ID == acc.ID {
			return fault.Invalid("name", "there already is an account named %q", acc.Name).
				WithCode("name_taken").WithStatus(409).WithHint("Choose another name.")
		}
	}
	return nil
}

func (p *Pool) insert(e *entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.gone = false
	p.entries[e.acc.ID] = e
	p.order = append(p.order, e)
	slices.SortStableFunc(p.order, func(a, b *entry) int { return a.acc.CreatedAt.Compare(b.acc.CreatedAt) })
	p.reindex()
	p.announce()
	p.show()
	p.wantModels(e)
}

// wantModels asks Run to fetch the list; a full queue means the next tick does.
func (p *Pool) wantModels(e *entry) {
	if !e.acc.Enabled {
		return
	}
	select {
	case p.fetch <- e.acc.ID:
	default:
	}
}

// Enable lets an account take requests and forgets what kept it from them.
func (p *Pool) Enable(ctx context.Context, ref string) (View, error) {
	return p.edit(ctx, ref, func(acc *Account) error { acc.Enabled = true; return nil })
}

// Disable keeps an account but gives it no further request; running ones end
// in their own time.
func (p *Pool) Disable(ctx context.Context, ref string) (View, error) {
	return p.edit(ctx, ref, func(acc *Account) error { acc.Enabled = false; return nil })
}

// UpdateModels limits an account to the models listed; none: no limit.
func (p *Pool) UpdateModels(ctx context.Context, ref string, models []string) (View, error) {
	return p.edit(ctx, ref, func(acc *Account) (err error) {
		acc.Models, err = cleanModels(models)
		return err
	})
}

// edit replaces an account's record: written first, then in force.
func (p *Pool) edit(ctx context.Context, ref string, f func(*Account) error) (View, error) {
	id := ""
	err := p.change(ctx, func(ctx context.Context) error {
		p.mu.Lock()
		e := p.find(ref)
		p.mu.Unlock()
		if e == nil {
			return unknown(ref)
		}
		acc := *e.acc // admin changes alone replace it, and one runs at a time
		id = acc.ID
		if err := f(&acc); err != nil {
			return err
		}
		if err := p.save(ctx, acc); err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if acc.Enabled && !e.acc.Enabled {
			e.state = State{}
			p.touch(e)
		}
		e.acc = &acc
		p.reindex()
		p.announce()
		p.show()
		if e.offersAt.IsZero() {
			p.wantModels(e)
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return p.view(id)
}

// Removal is an account that Restore can bring back until Until.
type Removal struct {
	ID    string
	Name  string
	Until time.Time
}

// Remove deletes an account. It is gone from the repository at once; its
// record stays in memory so that Restore can undo it for a short while.
func (p *Pool) Remove(ctx context.Context, ref string) (Removal, error) {
	var out Removal
	err := p.change(ctx, func(ctx context.Context) error {
		p.mu.Lock()
		e := p.find(ref)
		p.mu.Unlock()
		if e == nil {
			return unknown(ref)
		}
		if p.cfg.Repository != nil {
			if err := p.cfg.Repository.DeleteAccount(ctx, e.acc.ID); err != nil {
				return err
			}
		}
		out = Removal{ID: e.acc.ID, Name: e.acc.Name, Until: p.cfg.Now().Add(undoFor)}
		p.forget(e, out.Until)
		return nil
	})
	return out, err
}

// forget clears every index of the account.
func (p *Pool) forget(e *entry, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.gone = true
	delete(p.entries, e.acc.ID)
	delete(p.dirty, e.acc.ID)
	p.order = slices.DeleteFunc(slices.Clone(p.order), func(x *entry) bool { return x == e })
	for _, key := range p.sticky.Keys() {
		if id, _ := p.sticky.Peek(key); id == e.acc.ID {
			p.sticky.Remove(key)
		}
	}
	p.undo = append(p.undo, removed{e, until})
	if len(p.undo) > maxUndo {
		p.undo = slices.Delete(p.undo, 0, 1)
	}
	p.reindex()
	p.announce()
	p.show()
}

// Restore brings a removed account back, with its state.
func (p *Pool) Restore(ctx context.Context, id string) (View, error) {
	err := p.change(ctx, func(ctx context.Context) error {
		e := p.takeUndo(id)
		if e == nil {
			return fault.New(fault.NotFound, "this account can no longer be brought back").WithCode("account_not_found")
		}
		err := p.free(*e.acc)
		if err == nil {
			err = p.save(ctx, *e.acc)
		}
		p.mu.Lock()
		if err != nil {
			p.undo = append(p.undo, removed{e, p.cfg.Now().Add(undoFor)})
		} else {
			p.touch(e)
		}
		p.mu.Unlock()
		if err != nil {
			return err
		}
		p.insert(e)
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return p.view(id)
}

func (p *Pool) takeUndo(id string) *entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expireUndo()
	for i, r := range p.undo {
		if r.entry.acc.ID == id {
			p.undo = slices.Delete(p.undo, i, i+1)
			return r.entry
		}
	}
	return nil
}

// expireUndo forgets secrets of accounts removed a while ago. Under the lock.
func (p *Pool) expireUndo() {
	now := p.cfg.Now()
	p.undo = slices.DeleteFunc(p.undo, func(r removed) bool { return !now.Before(r.until) })
}

// TryNow ends every hold of an account, so that the next request decides.
func (p *Pool) TryNow(ref string) (View, error) {
	p.mu.Lock()
	e := p.find(ref)
	if e == nil {
		p.mu.Unlock()
		return View{}, unknown(ref)
	}
	e.state, e.lastError = State{}, ""
	p.touch(e)
	p.announce()
	p.wantModels(e)
	id := e.acc.ID
	p.mu.Unlock()
	return p.view(id)
}

// find looks an account up by ID, then by name. Under the lock.
func (p *Pool) find(ref string) *entry {
	if e := p.entries[ref]; e != nil {
		return e
	}
	for _, e := range p.order {
		if strings.EqualFold(e.acc.Name, ref) {
			return e
		}
	}
	return nil
}
