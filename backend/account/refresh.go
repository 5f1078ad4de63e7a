package account

import (
	"context"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

// How model lists are kept fresh. Each account's period is its own (spread), so
// that lists that came together do not fall due together, and no more than
// modelsAtOnce are on their way at a time.
const (
	modelsDeadline = 30 * time.Second
	modelsFresh    = 6 * time.Hour
	quotaFresh     = 15 * time.Minute // of a list that tells quotas
	modelsRetry    = 10 * time.Minute
	modelsCheck    = time.Minute
	modelsPause    = 5 * time.Second // between two fetches for one account
	modelsAtOnce   = 2
	// modelsSettle is the time after a start over which lists that grew old
	// meanwhile are fetched; those that are wanting are fetched at once.
	modelsSettle = 2 * time.Minute
)

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
	due := fetches{began: p.cfg.Now(), tried: map[string]time.Time{}}
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
		due.tried[id] = p.cfg.Now()
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := p.refresh(ctx, e); err != nil && ctx.Err() == nil {
				p.cfg.Log.Info("model list not fetched", "account", id, "error", fault.From(err))
			}
		})
	}
	p.listLoopback(ctx)
	for _, id := range p.stale(due) {
		start(id)
	}
	tick := time.NewTicker(modelsCheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-p.fetch:
			if p.cfg.Now().Sub(due.tried[id]) >= modelsPause {
				start(id)
			}
		case <-tick.C:
			for _, id := range p.stale(due) {
				start(id)
			}
		}
	}
}

// fetches is what runModels knows of its own work.
type fetches struct {
	began time.Time
	tried map[string]time.Time // last attempt, by account
}

// due tells whether an account's list should be fetched now.
func (f fetches) due(e *entry, now time.Time) bool {
	id := e.acc.ID
	if last, ok := f.tried[id]; ok && now.Sub(last) < spread(modelsRetry, id, last) {
		return false
	}
	if e.offersAt.IsZero() {
		return true
	}
	if now.Sub(e.offersAt) < spread(e.listFresh(now), id, e.offersAt) {
		return false
	}
	return now.Sub(f.began) >= time.Duration(share(id, e.offersAt)*float64(modelsSettle))
}

// spread moves a period by up to an eighth to either side.
func spread(period time.Duration, id string, since time.Time) time.Duration {
	return period - period/8 + time.Duration(share(id, since)*float64(period/4))
}

// share is a number from 0 to 1 that differs from account to account and from
// time to time, and is the same whenever it is asked for.
func share(id string, since time.Time) float64 {
	h := fnv.New64a()
	_, _ = h.Write(strconv.AppendInt([]byte(id), since.UnixNano(), 10))
	x := h.Sum64() // its high bits hardly change with the last bytes: mix
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd // MurmurHash3's finaliser
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// stale lists the accounts whose models should be fetched again, and forgets
// the attempts of those that are gone.
func (p *Pool) stale(f fetches) []string {
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := range f.tried {
		if p.entries[id] == nil {
			delete(f.tried, id)
		}
	}
	var ids []string
	for _, e := range p.order {
		blocked := e.state.Account.Active(now) && e.state.Account.Until.IsZero()
		if e.acc.Enabled && !blocked && f.due(e, now) {
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
