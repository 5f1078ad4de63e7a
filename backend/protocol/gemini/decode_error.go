package gemini

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
)

// rpcError is what an error body of Google says, all details gathered.
type rpcError struct {
	code     int64
	message  string
	status   string
	details  []json.RawMessage
	reasons  []string
	domains  []string
	delay    time.Duration // of RetryInfo, ErrorInfo or the message
	reset    time.Duration // until the quota comes back, of ErrorInfo
	quotaIDs []string
}

// DecodeError classifies an answer whose status is not 2xx: by its status and
// by all of its details, in whatever order (wire.md (a), mapping.md 20).
func (Upstream) DecodeError(status int, header http.Header, body []byte) *fault.Error {
	e := parseError(body)
	if e.code == 0 || http.StatusText(int(e.code)) == "" && e.code != fault.StatusClientClosedRequest {
		e.code = int64(status)
	}
	if d := headerDelay(header); d > 0 && e.delay == 0 {
		e.delay = d
	}
	return e.classify(status)
}

// Limits of the rules: a delay beyond terminalDelay means that the quota is
// used up; blindDelay is waited when nothing says how long.
const (
	terminalDelay = 300 * time.Second
	blindDelay    = 10 * time.Second
	minuteDelay   = 60 * time.Second
)

func (e *rpcError) classify(status int) *fault.Error {
	f := &fault.Error{
		Message: e.message, Provider: "gemini", RetryAfter: e.delay,
		Details: e.details, Reason: e.reason(),
	}
	if f.Message == "" {
		f.Message = "the upstream answered " + http.StatusText(status)
	}
	switch {
	case e.badKey():
		f.Class = fault.UpstreamAuth
		e.account(f, "the upstream refused the API key")
		return f
	case status == http.StatusTooManyRequests || status == fault.StatusClientClosedRequest ||
		status == http.StatusServiceUnavailable || e.status == "RESOURCE_EXHAUSTED":
		e.limits(f, status)
		return f
	}
	e.byStatus(f, status)
	if f.Class == fault.UpstreamAuth {
		e.account(f, "the upstream refused the account")
	}
	return f
}

// account words a refusal of the account. What the upstream says of it (its
// project, its owner) is kept from callers.
func (e *rpcError) account(f *fault.Error, message string) {
	f.Scope, f.Status, f.Details = fault.ScopeAccount, 0, nil
	if e.message != "" {
		f.Cause = detailError(e.message)
	}
	if f.Message = message; f.Reason != "" {
		f.Message += " (" + f.Reason + ")"
	}
}

func (e *rpcError) reason() string {
	for _, r := range e.reasons {
		if r != "" {
			return r
		}
	}
	return e.status
}

func (e *rpcError) has(reasons ...string) bool {
	return slices.ContainsFunc(e.reasons, func(r string) bool { return slices.Contains(reasons, r) })
}

// badKey: Google answers a wrong key with 400, not 401.
func (e *rpcError) badKey() bool {
	return e.has("API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_EXPIRED", "API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED") ||
		strings.Contains(e.message, "API key not valid") || strings.Contains(e.message, "API key expired")
}

// limits sorts what 429, 499 and 503 mean, in this order: capacity of a
// model, quota used up, a limit that frees soon.
func (e *rpcError) limits(f *fault.Error, status int) {
	f.Scope = fault.ScopeModel
	daily := e.quota("PerDay", "Daily")
	switch {
	case e.has("MODEL_CAPACITY_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED"):
		f.Class = fault.Overloaded
	case e.has("INSUFFICIENT_G1_CREDITS_BALANCE"):
		f.Class, f.Scope = fault.QuotaExhausted, fault.ScopeAccount
	case limitZero(e.message), e.has("QUOTA_EXHAUSTED"), daily, e.delay > terminalDelay:
		f.Class, f.RetryAfter = fault.QuotaExhausted, max(e.delay, e.reset)
	case status == http.StatusServiceUnavailable && len(e.reasons) == 0 && len(e.quotaIDs) == 0:
		f.Class, f.Scope = fault.Overloaded, fault.ScopeRequest
	case status == fault.StatusClientClosedRequest && len(e.reasons) == 0 && len(e.quotaIDs) == 0:
		f.Class, f.Scope = fault.Overloaded, fault.ScopeRequest
	default:
		f.Class = fault.RateLimited
		if f.RetryAfter == 0 {
			f.RetryAfter = blindDelay
			if e.quota("PerMinute") {
				f.RetryAfter = minuteDelay
			}
		}
	}
}

// limitZero finds "limit: 0", which is no limit of time: the plan has none of
// this model.
func limitZero(message string) bool {
	_, after, ok := strings.Cut(message, "limit: 0")
	return ok && (after == "" || after[0] < '0' || after[0] > '9') && !strings.HasPrefix(after, ".")
}

func (e *rpcError) quota(words ...string) bool {
	return slices.ContainsFunc(e.quotaIDs, func(id string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(id, w) })
	})
}

func (e *rpcError) byStatus(f *fault.Error, status int) {
	f.Status = status
	switch {
	case status == http.StatusBadRequest:
		e.badRequest(f)
	case status == http.StatusUnauthorized:
		f.Class = fault.UpstreamAuth
	case status == http.StatusPaymentRequired:
		f.Class, f.Scope, f.Status = fault.QuotaExhausted, fault.ScopeAccount, 0
	case status == http.StatusForbidden && e.resource():
		f.Class = fault.Forbidden
	case status == http.StatusForbidden:
		// The account may not, not the caller: its own key was good.
		f.Class = fault.UpstreamAuth
		if e.has("VALIDATION_REQUIRED") {
			f.Code = "validation_required"
		}
	case status == http.StatusNotFound:
		f.Class, f.Scope, f.Code = fault.NotFound, fault.ScopeModel, "model_not_found"
	case status == http.StatusRequestEntityTooLarge:
		f.Class = fault.TooLarge
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		f.Class, f.Scope, f.Status = fault.Timeout, fault.ScopeRequest, 0
	case status >= 500:
		f.Class, f.Scope = fault.Internal, fault.ScopeRequest
		if status == http.StatusBadGateway {
			f.Class = fault.UpstreamProtocol
		}
	case status >= 400:
		f.Class = fault.InvalidRequest
	default: // a redirect or another answer that no API gives
		f.Class, f.Scope, f.Status = fault.UpstreamProtocol, fault.ScopeAccount, 0
	}
}

// resource tells a refusal of a thing that the caller named (an uploaded file,
// a cached content of another project) from one of the account.
func (e *rpcError) resource() bool {
	text := strings.ToLower(e.message)
	return strings.Contains(text, "cachedcontent") || strings.Contains(text, "access the file")
}

func (e *rpcError) badRequest(f *fault.Error) {
	f.Class = fault.InvalidRequest
	text := strings.ToLower(e.message)
	switch {
	case strings.Contains(text, "thought signature") || strings.Contains(text, "thought_signature"):
		f.Code = protocol.CodeSealRejected
	case e.status == "FAILED_PRECONDITION" && strings.Contains(text, "location"):
		// "User location is not supported": the account's (its proxy's) fault.
		f.Class = fault.UpstreamAuth
	case strings.Contains(text, "exceeds the maximum number of tokens"):
		f.Code = protocol.CodeTooLong
	}
}

// headerDelay reads Retry-After, in seconds or as a date.
func headerDelay(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if d, ok := parseSeconds(v); ok {
		return d
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
