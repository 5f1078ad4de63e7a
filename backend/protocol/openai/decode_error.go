package openai

import (
	"net/http"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// apiError is what an error body says, in any of the shapes of compatible
// servers.
type apiError struct {
	message, kind, code, param string
	found                      bool // the body was an error of some shape
}

// DecodeError classifies an answer whose status is not 2xx: by code, then type,
// then status (mapping rules, section 20).
func (Upstream) DecodeError(status int, header http.Header, body []byte) *fault.Error {
	delay := wire.RetryDelay(header)
	if delay == 0 {
		delay = resetDelay(header)
	}
	e := parseError(body)
	f := e.fault(status, delay)
	if !e.found && status == http.StatusNotFound {
		f.Hint = "Check the account's base URL: its address leads to nothing that speaks this protocol."
	}
	return f
}

// resetDelay reads when a limit that is used up frees again.
func resetDelay(h http.Header) (delay time.Duration) {
	for _, what := range []string{"Requests", "Tokens"} {
		if h.Get("X-Ratelimit-Remaining-"+what) != "0" {
			continue
		}
		if d, err := time.ParseDuration(strings.TrimSpace(h.Get("X-Ratelimit-Reset-" + what))); err == nil {
			delay = max(delay, d)
		}
	}
	return delay
}

// parseError reads {"error":{…}}, {"error":"…"}, a bare object with a message,
// and an array of one of these.
func parseError(body []byte) apiError {
	var e apiError
	if rawjson.Check(body, wire.MaxDepth) != nil {
		return e
	}
	if rawjson.KindOf(body) == rawjson.KindArray {
		for item := range rawjson.Items(body) {
			body = item
			break
		}
	}
	obj := body
	if inner, ok := rawjson.Get(body, "error"); ok && !rawjson.IsNull(inner) {
		e.found = true
		if rawjson.KindOf(inner) == rawjson.KindString {
			e.message = wire.Scrub(word(body, "error"))
			return e
		}
		obj = inner
	}
	for _, key := range []string{"message", "detail", "error_description"} {
		if e.message == "" {
			e.message = word(obj, key)
		}
	}
	e.kind, e.code, e.param = word(obj, "type"), word(obj, "code"), word(obj, "param")
	e.found = e.found || e.message != ""
	e.message = wire.Scrub(e.message)
	return e
}

// word is a member that is a string or a number, "" otherwise.
func word(obj []byte, key string) string {
	raw, _ := rawjson.Get(obj, key)
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		if s, err := rawjson.String(raw); err == nil {
			return strings.Clone(s)
		}
	case rawjson.KindNumber:
		return string(raw)
	}
	return ""
}

// Delays where an upstream does not say how long: a limit that frees soon, and
// beyond what delay a limit counts as used up.
const (
	blindDelay    = 10 * time.Second
	terminalDelay = 300 * time.Second
)

// fault sorts the error. Status 0 stands for an error inside a stream, whose
// code may be one.
func (e apiError) fault(status int, delay time.Duration) *fault.Error {
	if status == 0 {
		status = e.streamStatus()
	}
	f := &fault.Error{Message: e.message, Provider: upstreamName, Param: e.param, RetryAfter: delay, Reason: e.reason()}
	if f.RetryAfter == 0 {
		f.RetryAfter = wire.MessageDelay(e.message)
	}
	if f.Message == "" {
		f.Message = "the upstream answered " + statusText(status)
	}
	if !e.byCode(f) {
		e.byStatus(f, status)
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

func (e apiError) reason() string {
	if e.code != "" {
		return e.code
	}
	return e.kind
}

// streamStatus is the status that an error in a stream would have had.
func (e apiError) streamStatus() int {
	if len(e.code) == 3 && e.code >= "400" && e.code <= "599" {
		n := 0
		for _, c := range e.code {
			n = n*10 + int(c-'0')
		}
		return n
	}
	return http.StatusInternalServerError
}

// account words a refusal of the account. What the upstream says of it (its
// key, its organisation) is kept from callers.
func (e apiError) account(f *fault.Error) {
	f.Scope, f.Status, f.Param = fault.ScopeAccount, 0, ""
	if e.message != "" {
		f.Cause = privateError(e.message)
	}
	if f.Message = "the upstream refused the account"; f.Reason != "" {
		f.Message += " (" + f.Reason + ")"
	}
}

// privateError is the upstream's own wording.
type privateError string

func (e privateError) Error() string { return string(e) }

// byCode knows the words that say more than the status.
func (e apiError) byCode(f *fault.Error) bool {
	for _, w := range []string{e.code, e.kind} {
		switch w {
		case "invalid_api_key", "account_deactivated", "authentication_error", "invalid_authentication":
			f.Class = fault.UpstreamAuth
		case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance":
			f.Class, f.Scope = fault.QuotaExhausted, fault.ScopeAccount
		case "rate_limit_exceeded", "rate_limit_error", "tokens", "requests":
			f.Class, f.Scope = fault.RateLimited, fault.ScopeModel
		case "model_not_found":
			f.Class, f.Scope, f.Code = fault.NotFound, fault.ScopeModel, w
			f.Status = http.StatusNotFound
		case "context_length_exceeded":
			f.Class, f.Code, f.Status = fault.InvalidRequest, w, http.StatusBadRequest
		case "invalid_encrypted_content":
			f.Class, f.Code, f.Status = fault.InvalidRequest, protocol.CodeSealRejected, http.StatusBadRequest
		case "overloaded", "overloaded_error", "server_overloaded":
			f.Class, f.Scope = fault.Overloaded, fault.ScopeRequest
		default:
			continue
		}
		return true
	}
	return false
}

func (e apiError) byStatus(f *fault.Error, status int) {
	f.Status = status
	switch {
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		e.badRequest(f)
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
	case status == http.StatusServiceUnavailable, status == 529:
		f.Class, f.Scope, f.Status = fault.Overloaded, fault.ScopeRequest, 0
	case status == http.StatusBadGateway:
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeRequest, 0
	case status >= 500:
		f.Class, f.Scope = fault.Internal, fault.ScopeRequest
	case status >= 400:
		f.Class = fault.InvalidRequest
	default: // a redirect or another answer that no API gives
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeAccount, 0
	}
}

func (e apiError) badRequest(f *fault.Error) {
	f.Class, f.Code = fault.InvalidRequest, ""
	text := strings.ToLower(e.message)
	switch {
	case strings.Contains(text, "maximum context length"), strings.Contains(text, "context window"),
		strings.Contains(text, "exceeds the context"), strings.Contains(text, "context length"):
		f.Code = "context_length_exceeded"
	case strings.Contains(text, "thought signature"), strings.Contains(text, "thought_signature"):
		f.Code = protocol.CodeSealRejected
	}
	if f.Code == "" && e.kind == "invalid_request_error" && !strings.ContainsAny(e.code, "0123456789") {
		f.Code = e.code
	}
}
