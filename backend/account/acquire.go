package account

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"time"

	"antigravity-tools/backend/fault"
)

// Candidate is one provider kind and what it calls the model.
type Candidate struct {
	Provider string
	Model    string
}

// Need is what a request asks of the pool.
type Need struct {
	// Candidates in order of preference: an account of a later one is taken
	// only if none of the earlier ones is free.
	Candidates []Candidate
	// Asked is the model name that the client used, for messages.
	Asked string
	// Affinity identifies the conversation, "" if unknown.
	Affinity string
	// Exclude holds the accounts (by ID) that this request has tried.
	Exclude map[string]bool
	// Able, if not nil, tells why an account cannot do what is asked of the
	// model, "" if it can; Ability words what that is. It must not block.
	Able    func(acc *Account, model string) string
	Ability string
	// Account limits the choice to one account (a test, a replay); "": any.
	Account string
	// Probe ignores cooldowns and refusals, but never Enabled.
	Probe bool
	// Record, if not nil, receives why each account was taken or not.
	Record *[]Considered
}

// Considered is one line of a decision record.
type Considered struct {
	AccountID   string
	AccountName string
	Model       string
	Verdict     Verdict
	Reason      string // why it was skipped
	Until       time.Time
}

// Verdict says what the pool decided about one account.
type Verdict string

// Verdicts of a decision record.
const (
	Chosen   Verdict = "chosen"
	Eligible Verdict = "eligible"
	Skipped  Verdict = "skipped"
)

// maxRecord bounds a decision record.
const maxRecord = 64

// tier ranks what could serve: ready accounts, then those that rest after
// server errors, then those whose hold may be probed.
type tier int

const (
	tierReady tier = iota
	tierSoft
	tierProbe
	tierNone
)

// Acquire leases an account. Its error is a *fault.Error: no_usable_account
// (503) with what to do, or a limit (429) whose RetryAfter is the time until
// the first account is free.
func (p *Pool) Acquire(ctx context.Context, need Need) (*Lease, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.From(err)
	}
	lease, _, err := p.try(need)
	if err != nil {
		return nil, err
	}
	return lease, nil
}

// AcquireWithin is Acquire that waits, at most for wait, when all accounts are
// limited and one frees in time. Accounts in need.Exclude whose limit ended
// during the wait may be taken again.
func (p *Pool) AcquireWithin(ctx context.Context, need Need, wait time.Duration) (*Lease, error) {
	deadline := p.cfg.Now().Add(wait)
	for {
		if err := ctx.Err(); err != nil {
			return nil, fault.From(err)
		}
		lease, freed, err := p.try(need)
		if err == nil {
			return lease, nil
		}
		now := p.cfg.Now()
		if err.RetryAfter <= 0 || now.Add(err.RetryAfter).After(deadline) {
			return nil, err
		}
		before := p.held(need, now)
		if !sleep(ctx, freed, err.RetryAfter) {
			return nil, fault.From(ctx.Err())
		}
		need.Exclude = p.forgive(need, before)
	}
}

// sleep waits for d or for the channel; it is false if the context ended.
func sleep(ctx context.Context, freed <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-freed:
	case <-t.C:
	}
	return true
}

// held lists the excluded accounts that a hold keeps from serving now.
func (p *Pool) held(need Need, now time.Time) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for id := range need.Exclude {
		e := p.entries[id]
		for _, c := range need.Candidates {
			if e != nil && e.acc.Provider == c.Provider && e.holdFor(c.Model, now).Active(now) {
				ids = append(ids, id)
				break
			}
		}
	}
	return ids
}

// forgive gives back the exclusions of accounts whose hold has ended.
func (p *Pool) forgive(need Need, before []string) map[string]bool {
	still := p.held(need, p.cfg.Now())
	out := maps.Clone(need.Exclude)
	for _, id := range before {
		delete(out, id)
	}
	for _, id := range still {
		out[id] = true
	}
	return out
}

// try makes one attempt. freed is closed when trying again may help.
func (p *Pool) try(need Need) (*Lease, <-chan struct{}, *fault.Error) {
	mode, policy, now := p.cfg.Loopback(), p.cfg.Policy(), p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := search{pool: p, need: need, now: now, loopback: p.loopbackOn(mode)}
	for _, c := range need.Candidates {
		if p.cfg.Providers[c.Provider] == nil {
			continue
		}
		s.consider(c)
		if len(s.found[tierReady]) > 0 {
			break // a later candidate cannot be better
		}
	}
	for t := tierReady; t < tierNone; t++ {
		if len(s.found[t]) > 0 {
			return p.lease(&s, t, policy), nil, nil
		}
	}
	s.record(nil)
	return nil, p.freed, s.failure()
}

// search collects who could serve one need.
type search struct {
	pool     *Pool
	need     Need
	now      time.Time
	loopback bool
	found    [tierNone][]match
	lines    []Considered
	tally
}

// match is an account that could serve under one candidate.
type match struct {
	entry     *entry
	candidate Candidate
	line      int // in search.lines, -1 if not recorded
}

// tally counts why accounts were skipped, for the error.
type tally struct {
	disabled  int
	blocked   int // refused or waiting for a sign-in
	tried     int
	limited   int
	unoffered int // the upstream says that it has no such model
	unable    int // cannot do what is asked of the model
	quota     int // of limited: out of quota
	free      time.Time
}

func (s *search) consider(c Candidate) {
	p := s.pool
	if c.Provider == LoopbackKind {
		if s.loopback && s.fits(p.loopback) && !s.unfit(p.loopback, c) {
			s.add(tierReady, p.loopback, c)
		}
		return
	}
	known := p.index.offers(c)
	for _, e := range p.order {
		if e.acc.Provider != c.Provider || (s.need.Account != "" && e.acc.ID != s.need.Account) {
			continue
		}
		if reason := e.refuses(c, known, p.cfg.Providers[c.Provider]); reason != "" {
			s.skip(e, c, reason, time.Time{})
			continue
		}
		if s.unfit(e, c) {
			continue
		}
		s.weigh(e, c)
	}
}

// unfit leaves out an account that cannot do what is asked of the model.
func (s *search) unfit(e *entry, c Candidate) bool {
	if s.need.Able == nil {
		return false
	}
	reason := s.need.Able(e.acc, c.Model)
	if reason == "" {
		return false
	}
	s.unable++
	s.skip(e, c, reason, time.Time{})
	return true
}

func (s *search) fits(e *entry) bool {
	return !s.need.Exclude[e.acc.ID] && (s.need.Account == "" || s.need.Account == e.acc.ID)
}

// weigh sorts an account that offers the model by its health.
func (s *search) weigh(e *entry, c Candidate) {
	if !e.acc.Enabled {
		s.disabled++
		s.skip(e, c, "disabled", time.Time{})
		return
	}
	h := e.holdFor(c.Model, s.now)
	hard := h.Active(s.now) && !h.soft()
	if hard {
		s.count(h)
	}
	switch {
	case s.need.Exclude[e.acc.ID]:
		s.tried++
		s.skip(e, c, "already tried by this request", h.Until)
	case s.need.Probe || !h.Active(s.now):
		s.add(tierReady, e, c)
	case h.soft():
		s.add(tierSoft, e, c)
	case !h.ProbeAt.IsZero() && !s.now.Before(h.ProbeAt) && e.probing == nil:
		s.add(tierProbe, e, c)
	default:
		s.skip(e, c, h.Reason, h.Until)
	}
}

func (s *search) count(h Hold) {
	if h.Until.IsZero() {
		s.blocked++
		return
	}
	if h.LearnedFrom == FromModel { // waiting would not help
		s.unoffered++
		return
	}
	s.limited++
	if h.Status == OutOfQuota {
		s.quota++
	}
	if s.free.IsZero() || h.Until.Before(s.free) {
		s.free = h.Until
	}
}

func (s *search) add(t tier, e *entry, c Candidate) {
	m := match{entry: e, candidate: c, line: -1}
	if s.need.Record != nil && len(s.lines) < maxRecord {
		m.line = len(s.lines)
		line := Considered{AccountID: e.acc.ID, AccountName: e.acc.Name, Model: c.Model, Verdict: Eligible}
		if h := e.holdFor(c.Model, s.now); t != tierReady {
			line.Reason, line.Until = h.Reason, h.Until
		}
		s.lines = append(s.lines, line)
	}
	s.found[t] = append(s.found[t], m)
}

func (s *search) skip(e *entry, c Candidate, reason string, until time.Time) {
	if s.need.Record == nil || len(s.lines) >= maxRecord {
		return
	}
	s.lines = append(s.lines, Considered{AccountID: e.acc.ID, AccountName: e.acc.Name,
		Model: c.Model, Verdict: Skipped, Reason: reason, Until: until})
}

func (s *search) record(chosen *match) {
	if s.need.Record == nil {
		return
	}
	if chosen != nil && chosen.line >= 0 {
		s.lines[chosen.line].Verdict = Chosen
	}
	*s.need.Record = s.lines
}

// failure words why nothing could be leased. It names no account.
func (s *search) failure() *fault.Error {
	asked := s.need.Asked
	if asked == "" && len(s.need.Candidates) > 0 {
		asked = s.need.Candidates[0].Model
	}
	if s.limited > 0 {
		return s.limit(asked)
	}
	if s.unable > 0 && s.tried+s.blocked+s.disabled+s.unoffered == 0 {
		return fault.Invalid("model", "%q cannot %s behind any account here. GET /v1/models/detect?model=NAME tells what a model can do.", asked, s.need.Ability).
			WithCode("operation_not_supported")
	}
	// 503 in every protocol: Anthropic's own 529 tells of an upstream's overload.
	e := fault.New(fault.Overloaded, "").WithCode("no_usable_account").WithStatus(http.StatusServiceUnavailable)
	switch {
	case s.unoffered > 0 && s.tried <= s.unoffered && s.blocked == 0:
		e = fault.New(fault.NotFound, "the provider has no model \""+asked+"\"").WithCode("model_not_found")
		e.Hint = "GET /v1/models lists the models of this gateway."
	case s.tried > 0:
		e.Message = "every account that could serve \"" + asked + "\" was tried and failed"
		e.Hint = "Try again in a moment; the traffic list shows what each account answered."
	case s.blocked > 0:
		e.Message = "the provider refused the credential of every account that could serve \"" + asked + "\""
		e.Hint = "Check the accounts' keys or sign in again, then use Try now or: account enable NAME"
	case s.disabled > 0:
		e.Message = "every account that could serve \"" + asked + "\" is disabled"
		e.Hint = "Enable an account on the Accounts page or with: account enable NAME"
	case len(s.pool.order) == 0:
		e.Message = "no account has been added yet"
		e.Hint = "Add an account on the Accounts page or with: account add --provider gemini --name NAME"
	case s.pool.enabled > 0 && !s.pool.anyServes(asked):
		e = fault.New(fault.NotFound, "the model \""+asked+"\" does not exist here").WithCode("model_not_found")
		e.Hint = "GET /v1/models lists the models of this gateway."
	default:
		e.Message = "no account offers the model \"" + asked + "\""
		e.Hint = "Add an account of a provider that has this model, or ask for one that /v1/models lists."
	}
	// Clients show the message alone, so it has to say what to do.
	e.Message += ". " + e.Hint
	return e
}

func (s *search) limit(asked string) *fault.Error {
	wait := max(s.free.Sub(s.now), time.Millisecond)
	seconds := int64((wait + time.Second - 1) / time.Second)
	e := fault.New(fault.RateLimited, "all accounts that could serve \""+asked+
		"\" are limited by their provider; the first is free in "+strconv.FormatInt(seconds, 10)+" s")
	if s.quota == s.limited {
		e.Class = fault.QuotaExhausted
		e.Message = "all accounts that could serve \"" + asked +
			"\" have used up their quota; the first is asked again in " + strconv.FormatInt(seconds, 10) + " s"
	}
	e.Hint = "Wait, add another account, or use Try now on the Accounts page if the limit is gone."
	e.RetryAfter = wait
	return e
}
