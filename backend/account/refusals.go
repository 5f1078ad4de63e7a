package account

import "antigravity-tools/backend/fault"

// Refusals tells a request that is refused for its own sake from accounts that
// are limited: two accounts that answer one request with the same refusal mean
// the request (pitfall C19). The zero value serves one request, in one
// goroutine.
type Refusals struct{ seen []refusal }

type refusal struct {
	lease *Lease
	sign  refusalSign
}

type refusalSign struct {
	class  fault.Class
	code   string
	reason string
	status int
	model  string
}

// Add ends the lease of a failed attempt. It is true when another account had
// refused this request in the same way: then no account is marked, and trying
// further ones is of no use.
//
// A refusal that names a delay is a limit of time, which a second account may
// well have too; used-up quota and refused credentials are the accounts' own.
func (r *Refusals) Add(l *Lease, o Outcome) bool {
	l.Done(o)
	if o.Err == nil || !ambiguous(o) {
		return false
	}
	sign := refusalSign{o.Err.Class, o.Err.Code, o.Err.Reason, o.Err.HTTPStatus(), l.Model}
	same := false
	for _, s := range r.seen {
		if s.sign == sign && s.lease.entry != l.entry {
			s.lease.Retract()
			same = true
		}
	}
	if same {
		l.Retract()
	}
	r.seen = append(r.seen, refusal{l, sign})
	return same
}

func ambiguous(o Outcome) bool {
	switch o.Err.Class {
	case fault.RateLimited:
		return o.delay() <= 0 && o.scope() != fault.ScopeAccount
	case fault.NotFound:
		return o.scope() == fault.ScopeModel
	default:
		return false
	}
}
