package fault

import (
	"net/http"
	"time"
)

// StatusClientClosedRequest is the status recorded for a caller that left. It is
// nobody's standard and never sent; nginx made it known.
const StatusClientClosedRequest = 499

// Disposition says what the relay may still try after an error, as long as the
// caller has not got the first byte.
type Disposition int

// The dispositions.
const (
	Never        Disposition = iota // the same would happen again, or the caller is gone
	SameAccount                     // a passing fault of one call: any account may try again, this one too
	OtherAccount                    // this account cannot serve now; another may
)

// String names the disposition for records.
func (d Disposition) String() string {
	switch d {
	case SameAccount:
		return "same_account"
	case OtherAccount:
		return "other_account"
	default:
		return "never"
	}
}

// HTTPStatus gives the status to answer with: Status where set, else the class's
// (mapping rules, section 20). A protocol may differ, as Anthropic's 529 does.
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	return e.Class.HTTPStatus()
}

// HTTPStatus gives the status that stands for a class.
func (c Class) HTTPStatus() int {
	switch c {
	case InvalidRequest:
		return http.StatusBadRequest
	case Unauthenticated:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case RateLimited, QuotaExhausted:
		return http.StatusTooManyRequests
	case Overloaded, UpstreamAuth:
		return http.StatusServiceUnavailable
	case UpstreamInvalid, UpstreamProtocol:
		return http.StatusBadGateway
	case Timeout:
		return http.StatusGatewayTimeout
	case Cancelled:
		return StatusClientClosedRequest
	default:
		return http.StatusInternalServerError
	}
}

// Disposition says what the relay may still try.
//
//   - A limit whose scope is the request itself (the request is larger than the
//     limit) is final, other limits are the account's.
//   - An overload, a broken answer or a timeout is the account's unless its scope
//     is the request: then it was a passing fault, and the same account may retry.
//   - A "not found" is final unless an upstream said that this account or this
//     account's model is what is missing.
//   - An internal error is retried only if an upstream (Provider) had it; our own
//     would only happen again.
func (e *Error) Disposition() Disposition {
	switch e.Class {
	case RateLimited, QuotaExhausted:
		if e.Scope == ScopeRequest {
			return Never
		}
		return OtherAccount
	case UpstreamAuth:
		return OtherAccount
	case Overloaded, UpstreamProtocol, Timeout:
		return passing(e.Scope)
	case Internal:
		if e.Provider == "" {
			return Never
		}
		return passing(e.Scope)
	case NotFound:
		if e.Provider != "" && (e.Scope == ScopeModel || e.Scope == ScopeAccount) {
			return OtherAccount
		}
		return Never
	default:
		return Never
	}
}

func passing(s Scope) Disposition {
	if s == ScopeRequest {
		return SameAccount
	}
	return OtherAccount
}

// PublicError is what the window, the console and the commands get of an error.
type PublicError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Public gives the part of any error that a person may see. Public(nil) is empty.
func Public(err error) PublicError {
	e := From(err)
	if e == nil {
		return PublicError{}
	}
	return PublicError{Code: e.CodeOrClass(), Message: e.Message, Hint: e.Hint}
}

// RetrySeconds is RetryAfter in whole seconds, rounded up, as the Retry-After
// header has it; 0 if there is none.
func (e *Error) RetrySeconds() int64 {
	return int64((e.RetryAfter + time.Second - 1) / time.Second)
}
