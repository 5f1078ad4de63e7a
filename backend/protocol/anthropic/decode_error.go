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

// DecodeError classifies an answer whose status is not 2xx: by the type of the
// error, then by the status (mapping rules, section 20).
func (Upstream) DecodeError(status int, header http.Header, body []byte) *fault.Error {
	delay := wire.RetryDelay(header)
	if delay == 0 {
		delay = resetDelay(header)
	}
	return sorter().Answer(parseError(body), status, delay)
}

// streamFault is the fault that an error event, or an error inside an answer of
// status 200, reports.
func streamFault(raw []byte) *fault.Error { return sorter().Fault(parseError(raw), 0, 0) }

func sorter() wire.Sorter {
	return wire.Sorter{Provider: upstreamName, ByWords: byWords, BadRequest: badRequest}
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
func parseError(body []byte) (e wire.APIError) {
	obj, text, found := wire.ErrorObject(body)
	e.Found = found
	if obj == nil {
		e.Message = text
		return e
	}
	e.Kind, e.Message, e.Code = wire.WordOf(obj, "type"), wire.WordOf(obj, "message"), wire.WordOf(obj, "code")
	if details, ok := rawjson.Get(obj, "details"); ok {
		if code := wire.WordOf(details, "error_code"); code != "" {
			e.Code = code
		}
	}
	for _, key := range []string{"detail", "msg"} {
		if e.Message == "" {
			e.Message = wire.WordOf(obj, key)
		}
	}
	e.Found = e.Found || e.Message != ""
	e.Message = wire.Scrub(e.Message)
	return e
}

// byWords sorts by the code, which says more than the type, then by the type.
func byWords(e wire.APIError, f *fault.Error, status int) bool {
	switch e.Code {
	case "enforced_spend_limit_reached", "contract_spend_limit_reached":
		f.Class, f.Scope = fault.QuotaExhausted, fault.ScopeAccount
	case "organization_on_hold":
		f.Class = fault.UpstreamAuth
	case "ramp_limit_exceeded":
		f.Class, f.Scope = fault.RateLimited, fault.ScopeModel
	default:
		return byKind(e, f, status)
	}
	return true
}

func byKind(e wire.APIError, f *fault.Error, status int) bool {
	switch e.Kind {
	case "invalid_request_error":
		if status == http.StatusRequestEntityTooLarge {
			return false
		}
		badRequest(e, f)
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

// badRequest tells apart what Anthropic words as one type.
func badRequest(e wire.APIError, f *fault.Error) {
	f.Class, f.Status = fault.InvalidRequest, http.StatusBadRequest
	text := strings.ToLower(e.Message)
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
	case has("message prefill", "must end with a user message"):
		f.Code = protocol.CodePrefill
	}
}
