package account

import (
	"maps"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
)

// Lease lets one attempt use one account. Done must be called when the attempt
// is over; calling it again does nothing.
type Lease struct {
	Account *Account
	Model   string // the provider's name of it
	Started time.Time
	// Announced is what the account's list says of the model.
	Announced family.Announced
	// Sticky reports that the conversation stayed on its account.
	Sticky bool

	pool  *Pool
	entry *entry
	// Under the pool's mutex:
	done            bool
	before, learned State // around what Done taught, for Retract
}

const maxRecentModels = 64

// lease takes the best match of a tier. It runs under the lock.
func (p *Pool) lease(s *search, t tier, policy Policy) *Lease {
	found := s.found[t]
	// Only the first candidate with an account in this tier counts.
	n := 1
	for n < len(found) && found[n].candidate == found[0].candidate {
		n++
	}
	found = found[:n]
	key := ""
	ask := Ask{Affinity: s.need.Affinity}
	if ask.Affinity != "" {
		key = found[0].candidate.Provider + "\x00" + found[0].candidate.Model + "\x00" + ask.Affinity
		ask.Sticky, _ = p.sticky.Get(key)
	}
	options := make([]Option, len(found))
	for i, m := range found {
		options[i] = Option{ID: m.entry.acc.ID, InFlight: m.entry.inFlight, LastUse: m.entry.lastUse}
	}
	i := policy(options, ask)
	if i < 0 || i >= len(found) {
		i = 0
	}
	m := found[i]
	s.record(&m)
	e := m.entry
	if key != "" && t == tierReady {
		p.sticky.Add(key, e.acc.ID)
	}
	p.seq++
	e.lastUse, e.lastUsed = p.seq, s.now
	e.inFlight++
	e.remember(m.candidate.Model, s.now)
	l := &Lease{Account: e.acc, Model: m.candidate.Model, Started: s.now, Announced: e.announced(m.candidate.Model),
		Sticky: ask.Sticky == e.acc.ID, pool: p, entry: e}
	if t == tierProbe {
		e.probing = l
	}
	return l
}

// Done ends the lease and lets the account's state learn from the outcome.
func (l *Lease) Done(o Outcome) {
	p := l.pool
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !l.finish() {
		return
	}
	e := l.entry
	e.requests++
	if o.Err != nil && o.Err.Class != fault.Cancelled {
		e.errors++
		e.lastError = o.Err.Message
	}
	o.Model, o.Started = l.Model, l.Started
	l.learn(o, now)
}

func (l *Lease) learn(o Outcome, now time.Time) {
	p, e := l.pool, l.entry
	if e.gone || e == p.loopback || l.Account.Credential != e.acc.Credential {
		return // what it learned is of a record that is no more
	}
	l.before = e.state
	l.learned = Transition(e.state, o, now)
	e.state = l.learned
	p.touch(e)
	// A success may have ended a hold, and a probe's place is free again.
	if o.Err == nil {
		p.announce()
	}
}

// finish takes the lease out of the counts; false if it was done before.
func (l *Lease) finish() bool {
	if l.done {
		return false
	}
	l.done = true
	l.entry.inFlight--
	if l.entry.probing == l {
		l.entry.probing = nil
		l.pool.announce()
	}
	l.pool.show()
	return true
}

// Retract takes back the holds that Done set, unless they have changed since.
func (l *Lease) Retract() {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	e := l.entry
	if !l.done || e.gone {
		return
	}
	if set := l.learned.Account; set != l.before.Account && e.state.Account == set {
		e.state.Account = l.before.Account
	}
	set, old := l.learned.Models[l.Model], l.before.Models[l.Model]
	if set != old && e.state.Models[l.Model] == set {
		e.state.Models = maps.Clone(e.state.Models)
		e.state.Models[l.Model] = old
		if old.Status == "" {
			delete(e.state.Models, l.Model)
		}
	}
	e.lastError = ""
	p.touch(e)
	p.announce()
}

func (e *entry) remember(model string, now time.Time) {
	if e.recent == nil {
		e.recent = map[string]time.Time{}
	}
	if _, ok := e.recent[model]; !ok && len(e.recent) >= maxRecentModels {
		clear(e.recent)
	}
	e.recent[model] = now
}

// holdFor is the hold that keeps the account from serving model, the
// account's own first; the zero Hold if none does.
func (e *entry) holdFor(model string, now time.Time) Hold {
	whole, one := e.state.Account, e.state.Models[model]
	switch {
	case !one.Active(now):
		if whole.Active(now) {
			return whole
		}
		return Hold{}
	case !whole.Active(now) || whole.soft():
		return one
	case whole.Until.IsZero() || one.Until.IsZero():
		if one.Until.IsZero() && !whole.Until.IsZero() {
			return one
		}
		return whole
	case one.Until.After(whole.Until):
		return one
	default:
		return whole
	}
}
