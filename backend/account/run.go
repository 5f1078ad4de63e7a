package account

import (
	"context"
	"sync"
	"time"

	"antigravity-tools/backend/fault"
)

const (
	saveEvery    = 500 * time.Millisecond // what a crash may lose of states
	saveDeadline = 5 * time.Second
	maxBackoff   = 30 * time.Second
)

// Run saves states and keeps the model lists fresh until ctx ends; then it
// saves what is left and returns.
func (p *Pool) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { p.runModels(ctx) })
	p.runStates(ctx)
	wg.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveDeadline)
	defer cancel()
	if err := p.flush(last); err != nil {
		p.cfg.Log.Error("account states not saved", "error", fault.From(err))
	}
}

func (p *Pool) runStates(ctx context.Context) {
	pause := saveEvery
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.wake:
		}
		// Let what comes together be written together.
		timer.Reset(pause)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		p.tell()
		if err := p.flush(ctx); err != nil {
			if pause == saveEvery {
				p.cfg.Log.Warn("account states not saved, trying again", "error", fault.From(err))
			}
			pause = min(pause*2, maxBackoff)
			p.mu.Lock()
			p.show()
			p.mu.Unlock()
			continue
		}
		pause = saveEvery
	}
}

// tell calls Changed if something that pages show has changed.
func (p *Pool) tell() {
	p.mu.Lock()
	changed := p.unseen
	p.unseen = false
	p.expireUndo()
	p.mu.Unlock()
	if changed && p.cfg.Changed != nil {
		p.cfg.Changed()
	}
}

// flush writes the states that changed; on an error they stay marked.
func (p *Pool) flush(ctx context.Context) error {
	p.mu.Lock()
	records := make([]StateRecord, 0, len(p.dirty))
	for id := range p.dirty {
		if e := p.entries[id]; e != nil {
			records = append(records, StateRecord{ID: id, State: e.state, LastUsedAt: e.lastUsed})
		}
	}
	clear(p.dirty)
	p.mu.Unlock()
	if len(records) == 0 || p.cfg.Repository == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, saveDeadline)
	defer cancel()
	err := p.cfg.Repository.SaveStates(ctx, records)
	if err != nil {
		p.mu.Lock()
		for _, r := range records {
			if p.entries[r.ID] != nil {
				p.dirty[r.ID] = struct{}{}
			}
		}
		p.mu.Unlock()
	}
	return err
}
