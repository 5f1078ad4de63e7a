package account

import (
	"cmp"
	"slices"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/provider"
)

const maxModels = 2000 // of one account

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

// reindex rebuilds the index and the count of enabled accounts. A model that
// several accounts offer, of whatever provider, is one model of the list; the
// account that was added first is heard first. Under the lock.
func (p *Pool) reindex() {
	x := modelIndex{kinds: map[string]map[string]struct{}{}}
	at := map[string]int{} // in x.list, by ID
	p.enabled = 0
	for _, e := range p.order {
		if !e.acc.Enabled {
			continue
		}
		p.enabled++
		kind := x.kinds[e.acc.Provider]
		if kind == nil {
			kind = map[string]struct{}{}
			x.kinds[e.acc.Provider] = kind
		}
		for _, m := range e.serveable() {
			m.ProviderKind = e.acc.Provider
			kind[m.ID] = struct{}{}
			if i, ok := at[m.ID]; ok {
				x.list[i] = x.list[i].Merge(m)
				continue
			}
			at[m.ID] = len(x.list)
			x.list = append(x.list, m)
		}
	}
	slices.SortFunc(x.list, func(a, b provider.Model) int { return cmp.Compare(a.ID, b.ID) })
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
	list = slices.Clone(list)
	for _, m := range own { // an account may lead to another gateway, with a loopback of its own
		if !slices.ContainsFunc(list, func(o provider.Model) bool { return o.ID == m.ID }) {
			list = append(list, m)
		}
	}
	return list
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
