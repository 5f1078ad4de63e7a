package account

import (
	"maps"
	"time"

	"antigravity-tools/backend/fault"
)

// Status is what an account can do now (contract section 1).
type Status string

// The statuses. OutOfQuota, NeedsSignIn and Refused count as blocked.
const (
	Ready       Status = "ready"
	Cooling     Status = "cooling"
	OutOfQuota  Status = "out_of_quota"
	NeedsSignIn Status = "needs_sign_in"
	Refused     Status = "refused"
	Disabled    Status = "disabled"
)

// Source tells what a Hold was learned from.
type Source string

// Sources of holds.
const (
	FromDelay        Source = "retry_delay"   // the upstream named a delay
	FromDefault      Source = "default"       // it named none
	FromServerErrors Source = "server_errors" // several 5xx in a row
	FromCredential   Source = "credential"    // it refused the credential
	FromModel        Source = "model_missing" // it does not offer the model here
)

// Hold keeps an account, or one model of it, from being used.
type Hold struct {
	Status      Status    `json:"status"`
	Reason      string    `json:"reason"` // plain words, no secrets
	LearnedFrom Source    `json:"learned_from"`
	Since       time.Time `json:"since"`
	Until       time.Time `json:"until,omitzero"` // zero: until a person acts
	// ProbeAt is when one request may try before Until; zero: none may.
	ProbeAt time.Time `json:"probe_at,omitzero"`
	// Link is a page on which the account's owner has to act; "" for none.
	Link string `json:"link,omitempty"`
	// Strikes counts limits without a named delay in a row.
	Strikes int `json:"strikes,omitempty"`
}

// Active tells whether the hold still stands at now.
func (h Hold) Active(now time.Time) bool {
	return h.Status != "" && (h.Until.IsZero() || now.Before(h.Until))
}

// soft holds only rank an account behind others: server errors are not the
// account's fault, so they never leave a request without an account.
func (h Hold) soft() bool { return h.LearnedFrom == FromServerErrors }

// State is what is known of an account's health. The zero State is ready. A
// State is a value: Transition never changes the maps of the one it is given.
type State struct {
	Account Hold            `json:"account,omitzero"`
	Models  map[string]Hold `json:"models,omitempty"` // by upstream model
	// ServerErrors counts 5xx and broken answers in a row.
	ServerErrors int `json:"server_errors,omitempty"`
}

// Outcome is how a lease ended.
type Outcome struct {
	// Err is nil for success: the terminal event was seen.
	Err *fault.Error
	// RetryAfter and Scope override those of Err where set.
	RetryAfter time.Duration
	Scope      fault.Scope

	// Model and Started are filled in by the lease.
	Model   string
	Started time.Time
}

// codeValidation is the code of a refusal that only the account's owner can end,
// on a page of the provider's.
const codeValidation = "validation_required"

// Bounds of what is learned from errors.
const (
	defaultDelay   = 10 * time.Second // a limit without a named delay
	maxStrikeDelay = 5 * time.Minute
	quotaDelay     = time.Hour // an exhausted quota without a named delay
	modelDelay     = time.Hour // a model that the account lacks
	maxDelay       = 24 * time.Hour
	probeFrom      = time.Minute // shorter holds just run out
	probeEvery     = 15 * time.Minute
	serverErrorRun = 3 // server errors in a row before a pause
	maxServerPause = time.Minute
	maxModelHolds  = 256
)

// Transition gives the state after an outcome. It is pure and monotone:
// a failure never ends or shortens a hold that was set after its request had
// started, and a success ends only holds that are older than its request.
func Transition(s State, o Outcome, now time.Time) State {
	if o.Err == nil {
		return succeed(s, o)
	}
	switch o.Err.Class {
	case fault.RateLimited, fault.QuotaExhausted:
		return limited(s, o, now)
	case fault.UpstreamAuth:
		return unauthorised(s, o, now)
	case fault.NotFound:
		if o.Err.Provider != "" && o.scope() == fault.ScopeModel {
			h := Hold{Status: Refused, LearnedFrom: FromModel, Since: now,
				Reason: "the provider does not offer this model to the account"}
			return s.hold(fault.ScopeModel, o, h.lasting(modelDelay, now), now)
		}
		return s.answered()
	case fault.Overloaded, fault.UpstreamProtocol, fault.Timeout:
		return serverError(s, now)
	case fault.Internal:
		if o.Err.Provider == "" {
			return s // our own fault says nothing of the account
		}
		return serverError(s, now)
	case fault.InvalidRequest, fault.TooLarge, fault.UpstreamInvalid:
		return s.answered()
	default:
		return s
	}
}

func (o Outcome) scope() fault.Scope {
	if o.Scope != fault.ScopeNone {
		return o.Scope
	}
	return o.Err.Scope
}

func (o Outcome) delay() time.Duration {
	d := o.RetryAfter
	if d == 0 {
		d = o.Err.RetryAfter
	}
	return min(d, maxDelay)
}

// answered: the upstream spoke sense, so a run of server errors is over.
func (s State) answered() State { s.ServerErrors = 0; return s }

func succeed(s State, o Outcome) State {
	s.ServerErrors = 0
	if !s.Account.Since.After(o.Started) {
		s.Account = Hold{}
	}
	if h, ok := s.Models[o.Model]; ok && !h.Since.After(o.Started) {
		s.Models = maps.Clone(s.Models)
		delete(s.Models, o.Model)
	}
	return s
}

// limited handles rate limits and used-up quota. A limit that covers the
// request alone says nothing of the account; one of unknown width is taken as
// the model's, for an account's other models may well be free.
func limited(s State, o Outcome, now time.Time) State {
	if o.scope() == fault.ScopeRequest {
		return s.answered()
	}
	scope := o.scope()
	if scope == fault.ScopeNone {
		scope = fault.ScopeModel
	}
	old := s.at(scope, o.Model)
	h := Hold{Status: Cooling, LearnedFrom: FromDelay, Since: now, Reason: "the provider's rate limit is reached"}
	if o.Err.Class == fault.QuotaExhausted {
		h.Status, h.Reason = OutOfQuota, "the quota at the provider is used up"
	}
	if o.Err.Reason != "" {
		h.Reason += " (" + o.Err.Reason + ")"
	}
	delay := o.delay()
	if delay <= 0 {
		h.LearnedFrom = FromDefault
		h.Strikes = old.Strikes
		if old.Since.Before(o.Started) || h.Strikes == 0 {
			h.Strikes++ // requests that ran side by side are one strike
		}
		delay = min(defaultDelay<<min(h.Strikes-1, 8), maxStrikeDelay)
		if h.Status == OutOfQuota {
			delay = quotaDelay
		}
	}
	return s.answered().hold(scope, o, h.lasting(delay, now), now)
}

func unauthorised(s State, o Outcome, now time.Time) State {
	if o.scope() == fault.ScopeRequest {
		return s.answered()
	}
	h := Hold{Status: Refused, LearnedFrom: FromCredential, Since: now, Reason: "the provider refused the credential"}
	h.Link = o.Err.Link
	switch o.Err.Code {
	case string(NeedsSignIn):
		h.Status, h.Reason = NeedsSignIn, "the sign-in has expired"
	case codeValidation:
		h.Reason = "the provider wants the account's owner to verify it"
	}
	if o.Err.Reason != "" {
		h.Reason += " (" + o.Err.Reason + ")"
	}
	if o.scope() == fault.ScopeModel {
		return s.answered().hold(fault.ScopeModel, o, h.lasting(modelDelay, now), now)
	}
	return s.answered().hold(fault.ScopeAccount, o, h, now)
}

func serverError(s State, now time.Time) State {
	s.ServerErrors++
	if s.ServerErrors < serverErrorRun {
		return s
	}
	pause := min(2*time.Second<<min(s.ServerErrors-serverErrorRun, 6), maxServerPause)
	h := Hold{Status: Cooling, LearnedFrom: FromServerErrors, Since: now, Reason: "the provider failed several times in a row"}
	if cur := s.Account; cur.Active(now) && !cur.soft() {
		return s
	}
	s.Account = h.lasting(pause, now)
	return s
}

// lasting sets the end of the hold and when it may be probed.
func (h Hold) lasting(d time.Duration, now time.Time) Hold {
	h.Until = now.Add(d)
	if d >= probeFrom {
		h.ProbeAt = now.Add(min(d/2, probeEvery))
	}
	return h
}

func (s State) at(scope fault.Scope, model string) Hold {
	if scope == fault.ScopeAccount {
		return s.Account
	}
	return s.Models[model]
}

// hold puts h in its place unless what stands there is stronger.
func (s State) hold(scope fault.Scope, o Outcome, h Hold, now time.Time) State {
	h = merge(s.at(scope, o.Model), h, o.Started, now)
	if scope == fault.ScopeAccount {
		s.Account = h
		return s
	}
	models := make(map[string]Hold, len(s.Models)+1)
	for model, old := range s.Models {
		// Old strikes are forgotten after a while, and the map stays bounded.
		if old.Active(now.Add(-time.Hour)) && len(models) < maxModelHolds-1 {
			models[model] = old
		}
	}
	models[o.Model] = h
	s.Models = models
	return s
}

// merge decides between a hold that stands and a new one. A request that was
// let through after the old one was set (a probe) knows better; one that had
// started before can only lengthen it.
func merge(old, h Hold, started, now time.Time) Hold {
	if !old.Active(now) || old.soft() {
		return h
	}
	if old.Until.IsZero() && !h.Until.IsZero() {
		return old // only a person or a success ends it
	}
	probed := old.Since.Before(started)
	if h.Until.IsZero() || (probed && h.LearnedFrom == FromDelay) || !h.Until.Before(old.Until) {
		return h
	}
	if probed && !old.ProbeAt.IsZero() {
		// The probe met the limit again and learned no new end.
		old.ProbeAt = now.Add(min(old.Until.Sub(now)/2, probeEvery))
		old.Strikes = h.Strikes
	}
	return old
}
