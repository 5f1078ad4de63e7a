package account

import (
	"cmp"
	"slices"
	"time"
)

// View is an account as a person sees it: no secret in it.
type View struct {
	ID          string
	Name        string
	Provider    string
	BaseURL     string
	Status      Status
	Reason      string    // plain words, "" while ready
	Until       time.Time // zero: not known or until a person acts
	LearnedFrom Source
	Link        string   // a page on which the account's owner has to act
	Quotas      []Quota  // by line of models; none: the provider does not tell
	Models      []string // what a person limits it to
	Offers      int      // models that the provider lists for it
	OffersAt    time.Time
	Enabled     bool
	CreatedAt   time.Time
	LastUsedAt  time.Time // zero: never
	KeyHint     string
	InFlight    int
	Cooldowns   []Cooldown // holds of single models
	LastError   string
	Requests    int64 // since the start of the program
	Errors      int64
}

// Cooldown is a hold of one model of an account.
type Cooldown struct {
	Model string
	Hold
}

// Counts counts accounts by what they can do now.
type Counts struct {
	Ready    int
	Cooling  int
	Blocked  int // out of quota, needs sign-in, refused
	Disabled int
	Loopback bool // the built-in upstream answers
}

// List shows all accounts, oldest first.
func (p *Pool) List() []View {
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]View, 0, len(p.order))
	for _, e := range p.order {
		out = append(out, e.view(now))
	}
	return out
}

// Find shows one account by ID or name.
func (p *Pool) Find(ref string) (View, error) {
	now := p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.find(ref)
	if e == nil {
		return View{}, unknown(ref)
	}
	return e.view(now), nil
}

// Record gives the record of an account by ID or name, credential included:
// for tests of a saved account, never for a page.
func (p *Pool) Record(ref string) (*Account, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.find(ref)
	if e == nil {
		return nil, unknown(ref)
	}
	return e.acc, nil
}

func (p *Pool) view(id string) (View, error) { return p.Find(id) }

// Counts counts the accounts by status.
func (p *Pool) Counts() Counts {
	mode, now := p.cfg.Loopback(), p.cfg.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	c := Counts{Loopback: p.loopbackOn(mode)}
	for _, e := range p.order {
		switch status, _ := e.status(now); status {
		case Ready:
			c.Ready++
		case Cooling:
			c.Cooling++
		case Disabled:
			c.Disabled++
		default:
			c.Blocked++
		}
	}
	return c
}

func (e *entry) view(now time.Time) View {
	v := View{
		ID: e.acc.ID, Name: e.acc.Name, Provider: e.acc.Provider, BaseURL: e.acc.BaseURL,
		Models: slices.Clone(e.acc.Models), Offers: len(e.offers), OffersAt: e.offersAt,
		Enabled: e.acc.Enabled, CreatedAt: e.acc.CreatedAt, LastUsedAt: e.lastUsed,
		KeyHint: e.acc.KeyHint(), InFlight: e.inFlight, LastError: e.lastError,
		Requests: e.requests, Errors: e.errors,
	}
	status, h := e.status(now)
	v.Status, v.Reason, v.Until, v.LearnedFrom, v.Link = status, h.Reason, h.Until, h.LearnedFrom, h.Link
	v.Quotas = e.quotas(now)
	for model, h := range e.state.Models {
		if h.Active(now) {
			v.Cooldowns = append(v.Cooldowns, Cooldown{model, h})
		}
	}
	slices.SortFunc(v.Cooldowns, func(a, b Cooldown) int { return cmp.Compare(a.Model, b.Model) })
	return v
}

// recentFor is how long a model counts as being in use.
const recentFor = time.Hour

// status is what a person should read: the account's own hold, or, when every
// model that was asked of it lately is held, the hold that ends first.
func (e *entry) status(now time.Time) (Status, Hold) {
	if !e.acc.Enabled {
		return Disabled, Hold{Reason: "switched off"}
	}
	if h := e.state.Account; h.Active(now) {
		return h.Status, h
	}
	var first Hold
	for model, at := range e.recent {
		if now.Sub(at) > recentFor {
			continue
		}
		h := e.state.Models[model]
		if !h.Active(now) || h.LearnedFrom == FromModel {
			return Ready, Hold{}
		}
		if first.Status == "" || h.Until.Before(first.Until) {
			first = h
			first.Reason = model + ": " + h.Reason
		}
	}
	if first.Status == "" {
		return Ready, Hold{}
	}
	return first.Status, first
}
