package account

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

const (
	maxModels      = 2000 // of one account
	modelsDeadline = 30 * time.Second
	modelsFresh    = 6 * time.Hour
	quotaFresh     = 15 * time.Minute // of a list that tells quotas
	modelsRetry    = 10 * time.Minute
	modelsCheck    = time.Minute
	modelsPause    = 5 * time.Second // between two fetches for one account
	modelsAtOnce   = 2
)

// modelIndex says which enabled accounts offer what. It is rebuilt when an
// account or a list changes and never changed after.
type modelIndex struct {
	kinds map[string]map[string]struct{} // provider kind → models
	list  []provider.Model               // merged, by ID
}

func (x modelIndex) offers(c Candidate) bool {
	_, ok := x.kinds[c.Provider][c.Model]
	return ok
}

func (e *entry) setOffers(models []provider.Model, at time.Time) {
	e.offers, e.offersAt = models, at
	e.offered = make(map[string]int, len(models))
	for i := range models {
		e.offered[models[i].ID] = i
	}
}

// announced is what the account's list says of a model. Under the lock.
func (e *entry) announced(model string) family.Announced {
	if i, ok := e.offered[model]; ok {
		return e.offers[i].Announced()
	}
	return family.Announced{}
}

// refuses says why the account does not serve the candidate, "" if it may.
// known: some enabled account of this kind has the model on its list.
func (e *entry) refuses(c Candidate, known bool, prov provider.Provider) string {
	if !e.acc.allows(c.Model) {
		return "limited to other models"
	}
	if len(e.acc.Models) > 0 {
		return ""
	}
	if _, ok := e.offered[c.Model]; ok {
		return ""
	}
	if known && !e.offersAt.IsZero() {
		return "does not offer the model"
	}
	if e.offersAt.IsZero() && prov.Serves(c.Model) {
		return "" // its list has not come yet, or never will: the upstream knows
	}
	if !provider.ServesOf(prov, e.acc.Credential, c.Model) {
		return "the provider has no such model"
	}
	return ""
}

// reindex rebuilds the index and the count of enabled accounts. Under the lock.
func (p *Pool) reindex() {
	x := modelIndex{kinds: map[string]map[string]struct{}{}}
	p.enabled = 0
	for _, e := range p.order {
		if !e.acc.Enabled {
			continue
		}
		p.enabled++
		for _, m := range e.serveable() {
			kind := x.kinds[e.acc.Provider]
			if kind == nil {
				kind = map[string]struct{}{}
				x.kinds[e.acc.Provider] = kind
			}
			if _, ok := kind[m.ID]; !ok {
				kind[m.ID] = struct{}{}
				m.ProviderKind = e.acc.Provider
				x.list = append(x.list, m)
			}
		}
	}
	slices.SortStableFunc(x.list, func(a, b provider.Model) int { return cmp.Compare(a.ID, b.ID) })
	x.list = slices.CompactFunc(x.list, func(a, b provider.Model) bool { return a.ID == b.ID })
	p.index = x
}

// serveable is what the account offers within the person's own list. A name
// that only the person knows counts as offered.
func (e *entry) serveable() []provider.Model {
	if len(e.acc.Models) == 0 {
		return e.offers
	}
	out := make([]provider.Model, 0, len(e.acc.Models))
	for _, id := range e.acc.Models {
		i := slices.IndexFunc(e.offers, func(m provider.Model) bool { return m.ID == id })
		if i >= 0 {
			out = append(out, e.offers[i])
		} else {
			out = append(out, provider.Model{ID: id})
		}
	}
	return out
}

// Models lists what the enabled accounts offer, merged and sorted by ID; the
// loopback provider's own are added while it is on. The slice is shared: do
// not change it.
func (p *Pool) Models() []provider.Model {
	mode := p.cfg.Loopback()
	p.mu.Lock()
	list, on, own := p.index.list, p.loopbackOn(mode), p.loopback.offers
	p.mu.Unlock()
	if !on || len(own) == 0 {
		return list
	}
	return append(slices.Clone(list), own...)
}

// CountOffers counts the enabled accounts that list the model.
func (p *Pool) CountOffers(model string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, e := range p.order {
		_, listed := e.offered[model]
		if e.acc.Enabled && e.acc.allows(model) && (listed || len(e.acc.Models) > 0) {
			n++
		}
	}
	return n
}

// Offers lists the provider kinds of which an enabled account lists the model,
// the loopback provider included while it is on.
func (p *Pool) Offers(model string) []string {
	mode := p.cfg.Loopback()
	p.mu.Lock()
	defer p.mu.Unlock()
	var kinds []string
	for kind := range p.index.kinds {
		if p.index.offers(Candidate{kind, model}) {
			kinds = append(kinds, kind)
		}
	}
	if p.loopbackOn(mode) && p.cfg.Providers[LoopbackKind].Serves(model) {
		kinds = append(kinds, LoopbackKind)
	}
	slices.Sort(kinds)
	return kinds
}

// Families lists the provider kinds with an enabled account whose family
// pattern fits a name that no list has. If there is none, it lists every kind
// whose pattern fits, so that Acquire can say which account is wanting; not so
// while loopback takes all names.
func (p *Pool) Families(model string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var kinds, others []string
	for kind, prov := range p.cfg.Providers {
		if kind == LoopbackKind || !prov.Serves(model) {
			continue
		}
		if p.hasEnabled(kind) {
			kinds = append(kinds, kind)
		} else {
			others = append(others, kind)
		}
	}
	if len(kinds) == 0 && !p.loopbackTakesAll() {
		kinds = others
	}
	slices.Sort(kinds)
	return kinds
}

func (p *Pool) hasEnabled(kind string) bool {
	return slices.ContainsFunc(p.order, func(e *entry) bool { return e.acc.Provider == kind && e.acc.Enabled })
}

// TakesAll is the kind that serves every name, "" if none does: loopback with
// --demo, as long as no account is enabled.
func (p *Pool) TakesAll() string {
	if p.LoopbackTakesAll() {
		return LoopbackKind
	}
	return ""
}

// anyServes tells whether some kind of provider knows such names.
func (p *Pool) anyServes(model string) bool {
	for _, prov := range p.cfg.Providers {
		if prov.Serves(model) {
			return true
		}
	}
	return false
}

// RefreshModels fetches an account's model list now.
func (p *Pool) RefreshModels(ctx context.Context, ref string) ([]provider.Model, error) {
	p.mu.Lock()
	e := p.find(ref)
	p.mu.Unlock()
	if e == nil {
		return nil, unknown(ref)
	}
	return p.refresh(ctx, e)
}

func (p *Pool) refresh(ctx context.Context, e *entry) ([]provider.Model, error) {
	p.mu.Lock()
	acc, started := e.acc, p.cfg.Now()
	p.mu.Unlock()
	prov := p.cfg.Providers[acc.Provider]
	if prov == nil {
		return nil, fault.New(fault.NotFound, "this program has no provider \""+acc.Provider+"\"").WithCode("unknown_provider")
	}
	ctx, cancel := context.WithTimeout(ctx, modelsDeadline)
	defer cancel()
	models, err := prov.Models(ctx, p.cfg.Client(*acc), acc.Credential)
	if len(models) > maxModels {
		models = models[:maxModels]
	}
	now := p.cfg.Now()
	if err == nil && p.cfg.Repository != nil {
		if err := p.cfg.Repository.SaveModels(ctx, acc.ID, models, now); err != nil {
			p.cfg.Log.Warn("model list not saved", "account", acc.ID, "error", fault.From(err))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.gone || e.acc.Credential != acc.Credential {
		return models, err
	}
	if err != nil {
		// A refused credential is worth knowing before the first request; a
		// limit on listing says nothing of the limit on generating.
		if f := fault.From(err); f.Class == fault.UpstreamAuth {
			e.state = Transition(e.state, Outcome{Err: f, Started: started}, now)
			e.lastError = f.Message
			p.touch(e)
		}
		return nil, err
	}
	e.setOffers(models, now)
	if s := roomAgain(e.state, models, started); len(s.Models) < len(e.state.Models) {
		e.state = s
		p.touch(e)
	}
	p.reindex()
	p.announce()
	p.show()
	return models, nil
}

// runModels keeps the model lists fresh until ctx ends.
func (p *Pool) runModels(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, modelsAtOnce)
	tried := map[string]time.Time{} // last attempt, by account
	start := func(id string) {
		p.mu.Lock()
		e := p.entries[id]
		p.mu.Unlock()
		if e == nil {
			return
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		tried[id] = p.cfg.Now()
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := p.refresh(ctx, e); err != nil && ctx.Err() == nil {
				p.cfg.Log.Info("model list not fetched", "account", id, "error", fault.From(err))
			}
		})
	}
	p.listLoopback(ctx)
	for _, id := range p.stale(tried) {
		start(id)
	}
	tick := time.NewTicker(modelsCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-p.fetch:
			if p.cfg.Now().Sub(tried[id]) >= modelsPause {
				start(id)
			}
		case <-tick.C:
			for _, id := range p.stale(tried) {
				start(id)
			}
		}
	}
}

// stale lists the accounts whose models should be fetched again, and forgets
// the attempts of those that are gone.
func (p *Pool) stale(tried map[string]time.Time) []string {
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range tried {
		if p.entries[id] == nil {
			delete(tried, id)
		}
	}
	var ids []string
	for _, e := range p.order {
		blocked := e.state.Account.Active(now) && e.state.Account.Until.IsZero()
		fresh := now.Sub(e.offersAt) < e.listFresh(now) || now.Sub(tried[e.acc.ID]) < modelsRetry
		if e.acc.Enabled && !blocked && !fresh {
			ids = append(ids, e.acc.ID)
		}
	}
	return ids
}

// listLoopback reads the built-in models once; they do not change.
func (p *Pool) listLoopback(ctx context.Context) {
	prov := p.cfg.Providers[LoopbackKind]
	if prov == nil {
		return
	}
	models, err := prov.Models(ctx, p.cfg.Client(*p.loopback.acc), provider.Credential{})
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loopback.setOffers(models, p.cfg.Now())
}
