package wire

import (
	"net/http"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// APIError is what the error body of an upstream says, whatever its shape.
type APIError struct {
	Message, Kind, Code, Param string
	Found                      bool // the body was an error of some shape
}

// Sorter sorts errors by what one vendor says of them: the words that tell
// more than the status, and the reasons of a bad request.
type Sorter struct {
	Provider string
	// ByWords sorts by code and type; false leaves it to the status.
	ByWords func(e APIError, f *fault.Error, status int) bool
	// BadRequest sorts a request that the upstream finds wrong.
	BadRequest func(e APIError, f *fault.Error)
}

// Delays where an upstream does not say how long: a limit that frees soon, and
// beyond what delay a limit counts as used up.
const (
	blindDelay    = 10 * time.Second
	terminalDelay = 300 * time.Second
)

// Answer sorts the error of an answer whose status is not 2xx. delay is what
// its headers say of waiting.
func (s Sorter) Answer(e APIError, status int, delay time.Duration) *fault.Error {
	f := s.Fault(e, status, delay)
	if !e.Found && status == http.StatusNotFound {
		f.Hint = "Check the account's base URL: its address leads to nothing that speaks this protocol."
	}
	return f
}

// Fault sorts an error. Status 0 stands for one inside a stream.
func (s Sorter) Fault(e APIError, status int, delay time.Duration) *fault.Error {
	f := &fault.Error{Message: e.Message, Provider: s.Provider, Param: e.Param, RetryAfter: delay, Reason: e.Kind}
	if e.Code != "" {
		f.Reason = e.Code
	}
	if f.RetryAfter == 0 {
		f.RetryAfter = MessageDelay(e.Message)
	}
	if f.Message == "" {
		f.Message = "the upstream answered " + statusText(status)
	}
	if !s.ByWords(e, f, status) {
		s.byStatus(e, f, status)
	}
	switch f.Class {
	case fault.UpstreamAuth:
		e.account(f)
	case fault.RateLimited:
		if f.RetryAfter == 0 {
			f.RetryAfter = blindDelay
		}
		if f.RetryAfter > terminalDelay {
			f.Class = fault.QuotaExhausted
		}
	case fault.QuotaExhausted, fault.Overloaded:
	default:
		f.RetryAfter = 0
	}
	return f
}

func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "an error"
}

// account words a refusal of the account. What the upstream says of it (its
// key, its organisation) is kept from callers.
func (e APIError) account(f *fault.Error) {
	f.Scope, f.Status, f.Param = fault.ScopeAccount, 0, ""
	if e.Message != "" {
		f.Cause = privateError(e.Message)
	}
	if f.Message = "the upstream refused the account"; f.Reason != "" {
		f.Message += " (" + f.Reason + ")"
	}
}

// privateError is the upstream's own wording.
type privateError string

func (e privateError) Error() string { return string(e) }

// statusOverloaded is Anthropic's own, which other servers use too.
const statusOverloaded = 529

func (s Sorter) byStatus(e APIError, f *fault.Error, status int) {
	f.Status = status
	switch {
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		f.Class = fault.InvalidRequest
		s.BadRequest(e, f)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		f.Class = fault.UpstreamAuth
	case status == http.StatusPaymentRequired:
		f.Class, f.Scope, f.Status = fault.QuotaExhausted, fault.ScopeAccount, 0
	case status == http.StatusNotFound:
		f.Class, f.Scope, f.Code = fault.NotFound, fault.ScopeModel, "model_not_found"
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		f.Class, f.Scope, f.Status = fault.Timeout, fault.ScopeRequest, 0
	case status == http.StatusRequestEntityTooLarge:
		f.Class = fault.TooLarge
	case status == http.StatusTooManyRequests:
		f.Class, f.Scope, f.Status = fault.RateLimited, fault.ScopeModel, 0
	case status == http.StatusServiceUnavailable, status == statusOverloaded:
		f.Class, f.Scope, f.Status = fault.Overloaded, fault.ScopeRequest, 0
	case status == http.StatusBadGateway:
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeRequest, 0
	case status >= 500, status == 0:
		f.Class, f.Scope, f.Status = fault.Internal, fault.ScopeRequest, max(status, http.StatusInternalServerError)
	case status >= 400:
		f.Class = fault.InvalidRequest
	default: // a redirect or another answer that no API gives
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeAccount, 0
	}
}

// ErrorObject finds the object that tells of the error in a body:
// {"error":{…}}, {"error":"…"}, a bare object with a message, and an array of
// one of these. found tells that the body calls itself an error; text is set in
// place of obj where the error is a string.
func ErrorObject(body []byte) (obj []byte, text string, found bool) {
	if rawjson.Check(body, MaxDepth) != nil {
		return nil, "", false
	}
	if rawjson.KindOf(body) == rawjson.KindArray {
		for item := range rawjson.Items(body) {
			body = item
			break
		}
	}
	inner, ok := rawjson.Get(body, "error")
	switch {
	case !ok || rawjson.IsNull(inner):
		return body, "", false
	case rawjson.KindOf(inner) == rawjson.KindString:
		return nil, Scrub(WordOf(body, "error")), true
	}
	return inner, "", true
}

// WordOf is a member that is a string or a number, "" otherwise. It shares no
// memory with obj.
func WordOf(obj []byte, key string) string { return strings.Clone(PeekWord(obj, key)) }

// PeekWord is WordOf for a look that ends before obj changes: it copies nothing.
func PeekWord(obj []byte, key string) string {
	raw, _ := rawjson.Get(obj, key)
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		if s, err := rawjson.String(raw); err == nil {
			return s
		}
	case rawjson.KindNumber:
		return string(raw)
	}
	return ""
}
