package anthropic

import (
	"net/http"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// apiError is what an error body says.
type apiError struct {
	kind, message, code string
	found               bool
}

// DecodeError classifies an answer whose status is not 2xx: by the type of the
// error, then by the status (mapping rules, section 20).
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

// resetDelay reads when a limit that is used up frees again, RFC 3339.
func resetDelay(h http.Header) (delay time.Duration) {
	for _, what := range []string{"Requests", "Tokens", "Input-Tokens", "Output-Tokens"} {
		if h.Get("Anthropic-Ratelimit-"+what+"-Remaining") != "0" {
			continue
		}
		if at, err := time.Parse(time.RFC3339, h.Get("Anthropic-Ratelimit-"+what+"-Reset")); err == nil {
			delay = max(delay, time.Until(at))
		}
	}
	return delay
}

// parseError reads {"type":"error","error":{…}}, and the shapes of compatible
// servers.
func parseError(body []byte) apiError {
	var e apiError
	if rawjson.Check(body, wire.MaxDepth) != nil {
		return e
	}
	obj := body
	if inner, ok := rawjson.Get(body, "error"); ok && !rawjson.IsNull(inner) {
		obj, e.found = inner, true
		if rawjson.KindOf(inner) == rawjson.KindString {
			e.message = wire.Scrub(member(body, "error"))
			return e
		}
	}
	e.kind, e.message, e.code = strings.Clone(member(obj, "type")), member(obj, "message"), strings.Clone(member(obj, "code"))
	if details, ok := rawjson.Get(obj, "details"); ok {
		if code := member(details, "error_code"); code != "" {
			e.code = strings.Clone(code)
		}
	}
	for _, key := range []string{"detail", "msg"} {
		if e.message == "" {
			e.message = member(obj, key)
		}
	}
	e.found = e.found || e.message != ""
	e.message = wire.Scrub(e.message)
	return e
}

// Delays where an upstream does not say how long: a limit that frees soon, and
// beyond what delay a limit counts as used up.
const (
	blindDelay    = 10 * time.Second
	terminalDelay = 300 * time.Second
)

// fault sorts the error. Status 0 stands for an error inside a stream.
func (e apiError) fault(status int, delay time.Duration) *fault.Error {
	f := &fault.Error{Message: e.message, Provider: upstreamName, RetryAfter: delay, Reason: e.kind}
	if e.code != "" {
		f.Reason = e.code
	}
	if f.RetryAfter == 0 {
		f.RetryAfter = wire.MessageDelay(e.message)
	}
	if f.Message == "" {
		f.Message = "the upstream answered " + statusText(status)
	}
	if !e.byCode(f) && !e.byKind(f, status) {
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

// account words a refusal of the account. What the upstream says of it is kept
// from callers.
func (e apiError) account(f *fault.Error) {
	f.Scope, f.Status = fault.ScopeAccount, 0
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

// byCode knows the words that say more than the type.
func (e apiError) byCode(f *fault.Error) bool {
	switch e.code {
	case "enforced_spend_limit_reached", "contract_spend_limit_reached":
		f.Class, f.Scope = fault.QuotaExhausted, fault.ScopeAccount
	case "organization_on_hold":
		f.Class = fault.UpstreamAuth
	case "ramp_limit_exceeded":
		f.Class, f.Scope = fault.RateLimited, fault.ScopeModel
	default:
		return false
	}
	return true
}

func (e apiError) byKind(f *fault.Error, status int) bool {
	switch e.kind {
	case "invalid_request_error":
		if status == http.StatusRequestEntityTooLarge {
			return false
		}
		e.badRequest(f)
	case "authentication_error", "permission_error":
		f.Class = fault.UpstreamAuth
	case "billing_error":
		f.Class, f.Scope = fault.QuotaExhausted, fault.ScopeAccount
	case "not_found_error":
		f.Class, f.Scope, f.Code, f.Status = fault.NotFound, fault.ScopeModel, "model_not_found", http.StatusNotFound
	case "request_too_large":
		f.Class = fault.TooLarge
	case "rate_limit_error":
		f.Class, f.Scope = fault.RateLimited, fault.ScopeModel
	case "overloaded_error":
		f.Class, f.Scope = fault.Overloaded, fault.ScopeRequest
	case "timeout_error":
		f.Class, f.Scope = fault.Timeout, fault.ScopeRequest
	case "api_error":
		f.Class, f.Scope, f.Status = fault.Internal, fault.ScopeRequest, http.StatusInternalServerError
	default:
		return false
	}
	return true
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
	case status == http.StatusServiceUnavailable, status == statusOverloaded:
		f.Class, f.Scope, f.Status = fault.Overloaded, fault.ScopeRequest, 0
	case status == http.StatusBadGateway:
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeRequest, 0
	case status >= 500, status == 0:
		f.Class, f.Scope, f.Status = fault.Internal, fault.ScopeRequest, http.StatusInternalServerError
	case status >= 400:
		f.Class = fault.InvalidRequest
	default: // a redirect or another answer that no API gives
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeAccount, 0
	}
}

// badRequest tells apart what Anthropic words as one type.
func (e apiError) badRequest(f *fault.Error) {
	f.Class, f.Status = fault.InvalidRequest, http.StatusBadRequest
	text := strings.ToLower(e.message)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("credit balance is too low"):
		f.Class, f.Scope, f.Status = fault.QuotaExhausted, fault.ScopeAccount, 0
	case has("prompt is too long", "exceed context limit", "context window"):
		f.Code = contextTooLong
	case has("`signature` in `thinking`", "invalid signature", "thinking block", "expected `thinking`", "redacted_thinking"):
		f.Code = protocol.CodeSealRejected
	}
}
