package gemini

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// rpcBody makes an error body with details.
func rpcBody(code, message, status string, details ...string) string {
	return `{"error":{"code":` + code + `,"message":"` + message + `","status":"` + status + `","details":[` + strings.Join(details, ",") + `]}}`
}

func info(reason, meta string) string {
	return `{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"` + reason + `","domain":"googleapis.com","metadata":{` + meta + `}}`
}

func retry(delay string) string {
	return `{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"` + delay + `"}`
}

func quota(id string) string {
	return `{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"` + id + `"}]}`
}

func TestDecodeError(t *testing.T) {
	const help = `{"@type":"type.googleapis.com/google.rpc.Help","links":[]}`
	for name, tc := range map[string]struct {
		status int
		header http.Header
		body   string
		class  fault.Class
		scope  fault.Scope
		retry  time.Duration
		code   string
	}{
		"bad key":            {400, nil, rpcBody("400", "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", info("API_KEY_INVALID", "")), fault.UpstreamAuth, fault.ScopeAccount, 0, ""},
		"bad key, other":     {403, nil, rpcBody("403", "no", "PERMISSION_DENIED", help, info("API_KEY_SERVICE_BLOCKED", "")), fault.UpstreamAuth, fault.ScopeAccount, 0, ""},
		"unauthorised":       {401, nil, "", fault.UpstreamAuth, fault.ScopeAccount, 0, ""},
		"forbidden":          {403, nil, rpcBody("403", "denied", "PERMISSION_DENIED"), fault.UpstreamAuth, fault.ScopeAccount, 0, ""},
		"validation":         {403, nil, rpcBody("403", "verify", "PERMISSION_DENIED", help, info("VALIDATION_REQUIRED", "")), fault.UpstreamAuth, fault.ScopeAccount, 0, "validation_required"},
		"someone's cache":    {403, nil, rpcBody("403", "CachedContent not found (or permission denied)", "PERMISSION_DENIED"), fault.Forbidden, fault.ScopeNone, 0, ""},
		"payment":            {402, nil, "", fault.QuotaExhausted, fault.ScopeAccount, 0, ""},
		"bad request":        {400, nil, rpcBody("400", "wrong", "INVALID_ARGUMENT"), fault.InvalidRequest, fault.ScopeNone, 0, ""},
		"signature":          {400, nil, rpcBody("400", "Function call is missing a thought_signature in functionCall parts.", "INVALID_ARGUMENT"), fault.InvalidRequest, fault.ScopeNone, 0, "seal_rejected"},
		"corrupted":          {400, nil, rpcBody("400", "Corrupted thought signature.", "INVALID_ARGUMENT"), fault.InvalidRequest, fault.ScopeNone, 0, "seal_rejected"},
		"too long":           {400, nil, rpcBody("400", "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).", "INVALID_ARGUMENT"), fault.InvalidRequest, fault.ScopeNone, 0, "context_length_exceeded"},
		"location":           {400, nil, rpcBody("400", "User location is not supported for the API use.", "FAILED_PRECONDITION"), fault.UpstreamAuth, fault.ScopeAccount, 0, ""},
		"model":              {404, nil, rpcBody("404", "models/x is not found", "NOT_FOUND"), fault.NotFound, fault.ScopeModel, 0, "model_not_found"},
		"large":              {413, nil, "", fault.TooLarge, fault.ScopeNone, 0, ""},
		"retry in details":   {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", help, quota("GenerateRequestsPerMinutePerProject"), retry("34.07s")), fault.RateLimited, fault.ScopeModel, 34070 * time.Millisecond, ""},
		"rate limit, first":  {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", info("RATE_LIMIT_EXCEEDED", `"quotaResetDelay":"510.79ms"`)), fault.RateLimited, fault.ScopeModel, 510790 * time.Microsecond, ""},
		"rate limit, blind":  {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", info("RATE_LIMIT_EXCEEDED", "")), fault.RateLimited, fault.ScopeModel, 10 * time.Second, ""},
		"per minute":         {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", quota("XPerMinute")), fault.RateLimited, fault.ScopeModel, time.Minute, ""},
		"per day":            {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", retry("20s"), quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")), fault.QuotaExhausted, fault.ScopeModel, 20 * time.Second, ""},
		"quota":              {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", info("QUOTA_EXHAUSTED", `"quotaResetDelay":"2h21m25.8s"`)), fault.QuotaExhausted, fault.ScopeModel, 2*time.Hour + 21*time.Minute + 25800*time.Millisecond, ""},
		"long delay":         {429, nil, rpcBody("429", "slow", "RESOURCE_EXHAUSTED", retry("51820.6s")), fault.QuotaExhausted, fault.ScopeModel, 51820600 * time.Millisecond, ""},
		"limit 0":            {429, nil, rpcBody("429", "Quota exceeded, limit: 0, model: x", "RESOURCE_EXHAUSTED"), fault.QuotaExhausted, fault.ScopeModel, 0, ""},
		"limit 05":           {429, nil, rpcBody("429", "Quota exceeded, limit: 05", "RESOURCE_EXHAUSTED"), fault.RateLimited, fault.ScopeModel, 10 * time.Second, ""},
		"credits":            {429, nil, rpcBody("429", "pay", "RESOURCE_EXHAUSTED", info("INSUFFICIENT_G1_CREDITS_BALANCE", "")), fault.QuotaExhausted, fault.ScopeAccount, 0, ""},
		"capacity":           {429, nil, rpcBody("429", "full", "RESOURCE_EXHAUSTED", info("MODEL_CAPACITY_EXHAUSTED", ""), retry("9s")), fault.Overloaded, fault.ScopeModel, 9 * time.Second, ""},
		"message":            {429, nil, rpcBody("429", "Please retry in 4.5s.", "RESOURCE_EXHAUSTED"), fault.RateLimited, fault.ScopeModel, 4500 * time.Millisecond, ""},
		"header":             {429, http.Header{"Retry-After": {"7"}}, "slow", fault.RateLimited, fault.ScopeModel, 7 * time.Second, ""},
		"overloaded":         {503, nil, rpcBody("503", "The model is overloaded.", "UNAVAILABLE"), fault.Overloaded, fault.ScopeRequest, 0, ""},
		"503 with a reason":  {503, nil, rpcBody("503", "slow", "UNAVAILABLE", info("RATE_LIMIT_EXCEEDED", ""), retry("3s")), fault.RateLimited, fault.ScopeModel, 3 * time.Second, ""},
		"499":                {499, nil, rpcBody("499", "cancelled", "CANCELLED"), fault.Overloaded, fault.ScopeRequest, 0, ""},
		"internal":           {500, nil, rpcBody("500", "oops", "INTERNAL"), fault.Internal, fault.ScopeRequest, 0, ""},
		"bad gateway":        {502, nil, "<html>", fault.UpstreamProtocol, fault.ScopeRequest, 0, ""},
		"deadline":           {504, nil, rpcBody("504", "late", "DEADLINE_EXCEEDED"), fault.Timeout, fault.ScopeRequest, 0, ""},
		"redirect":           {302, nil, "", fault.UpstreamProtocol, fault.ScopeAccount, 0, ""},
		"array":              {429, nil, "[" + rpcBody("429", "slow", "RESOURCE_EXHAUSTED", retry("2s")) + "]", fault.RateLimited, fault.ScopeModel, 2 * time.Second, ""},
		"JSON in a message":  {429, nil, `{"error":{"code":429,"message":"{\"error\":{\"code\":429,\"message\":\"inner\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"x.RetryInfo\",\"retryDelay\":\"6s\"}]}}"}}`, fault.RateLimited, fault.ScopeModel, 6 * time.Second, ""},
		"spaces in the type": {429, nil, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{" @type ":"type.googleapis.com/google.rpc.RetryInfo ","retryDelay":"8s"}]}}`, fault.RateLimited, fault.ScopeModel, 8 * time.Second, ""},
		"garbage":            {500, nil, "\xff{", fault.Internal, fault.ScopeRequest, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := Upstream{}.DecodeError(tc.status, tc.header, []byte(tc.body))
			if f.Class != tc.class || f.Scope != tc.scope || f.RetryAfter != tc.retry || f.Code != tc.code {
				t.Errorf("got %s scope=%s retry=%s code=%q", f.Class, f.Scope, f.RetryAfter, f.Code)
			}
			if f.Message == "" || f.Provider == "" {
				t.Errorf("incomplete: %+v", f)
			}
		})
	}
}

// What the upstream's refusal of our key says is not the caller's business.
// TestQuotaResetTime: the time at which a quota comes back counts where no delay
// is named, and for a used-up quota in any case.
func TestQuotaResetTime(t *testing.T) {
	stamp := func(d time.Duration) string {
		return `"quotaResetTimeStamp":"` + time.Now().Add(d).UTC().Format(time.RFC3339Nano) + `"`
	}
	for name, tc := range map[string]struct {
		details []string
		class   fault.Class
		retry   time.Duration
	}{
		"limit":                    {[]string{info("RATE_LIMIT_EXCEEDED", stamp(2*time.Minute))}, fault.RateLimited, 2 * time.Minute},
		"limit, far":               {[]string{info("RATE_LIMIT_EXCEEDED", stamp(2*time.Hour))}, fault.QuotaExhausted, 2 * time.Hour},
		"limit with a delay":       {[]string{info("RATE_LIMIT_EXCEEDED", stamp(2*time.Hour)), retry("30s")}, fault.RateLimited, 30 * time.Second},
		"quota":                    {[]string{info("QUOTA_EXHAUSTED", stamp(2*time.Hour))}, fault.QuotaExhausted, 2 * time.Hour},
		"quota with a short delay": {[]string{retry("1s"), info("QUOTA_EXHAUSTED", stamp(2*time.Hour))}, fault.QuotaExhausted, 2 * time.Hour},
		"both":                     {[]string{info("QUOTA_EXHAUSTED", `"quotaResetDelay":"1h",`+stamp(2*time.Hour))}, fault.QuotaExhausted, 2 * time.Hour},
		"past":                     {[]string{info("QUOTA_EXHAUSTED", stamp(-time.Hour))}, fault.QuotaExhausted, 0},
		"absurd":                   {[]string{info("QUOTA_EXHAUSTED", `"quotaResetTimeStamp":"9999-01-01T00:00:00Z"`)}, fault.QuotaExhausted, 0},
		"no time":                  {[]string{info("QUOTA_EXHAUSTED", `"quotaResetTimeStamp":"tomorrow"`)}, fault.QuotaExhausted, 0},
	} {
		f := Upstream{}.DecodeError(http.StatusTooManyRequests, nil, []byte(rpcBody("429", "slow", "RESOURCE_EXHAUSTED", tc.details...)))
		if f.Class != tc.class || (f.RetryAfter-tc.retry).Abs() > time.Minute/2 {
			t.Errorf("%s: %s, retry after %v", name, f.Class, f.RetryAfter)
		}
	}
}

func TestDecodeErrorHidesTheAccount(t *testing.T) {
	for status, reason := range map[int]string{403: "SERVICE_DISABLED", 400: "API_KEY_INVALID", 429: "RATE_LIMIT_EXCEEDED"} {
		body := rpcBody("400", "Key AIza-fake-1 of jane@example.com has no access to projects/my-1234/locations/us", "PERMISSION_DENIED", info(reason, `"consumer":"projects/1234","service":"x"`))
		f := Upstream{}.DecodeError(status, nil, []byte(body))
		_, out := Client{}.EncodeError(f, "req")
		for _, secret := range []string{"1234", "jane", "AIza"} {
			if strings.Contains(string(out), secret) || strings.Contains(f.Private(), secret) && secret != "1234" {
				t.Errorf("%d: %s %s", status, out, f.Private())
			}
		}
	}
}

func TestEncodeError(t *testing.T) {
	for name, tc := range map[string]struct {
		err    *fault.Error
		status int
		want   string
	}{
		"field": {fault.Invalid("contents[0]", "bad"), 400, `{"error":{"code":400,"message":"contents[0]: bad","status":"INVALID_ARGUMENT","details":[
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"invalid_request","domain":"antigravity-tools"},
			{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents[0]","description":"bad"}]},
			{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"r1"}]}}`},
		"limit": {&fault.Error{Class: fault.RateLimited, Code: "all_limited", Message: "wait", RetryAfter: 1500 * time.Millisecond}, 429, `{"error":{"code":429,"message":"wait","status":"RESOURCE_EXHAUSTED","details":[
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"all_limited","domain":"antigravity-tools"},
			{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"},
			{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"r1"}]}}`},
		"upstream's details": {Upstream{}.DecodeError(429, nil, []byte(rpcBody("429", "slow", "RESOURCE_EXHAUSTED", info("RATE_LIMIT_EXCEEDED", ""), retry("3s")))), 429,
			`{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[` + info("RATE_LIMIT_EXCEEDED", "") + `,` + retry("3s") + `,{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"r1"}]}}`},
		"unknown route": {fault.New(fault.NotFound, "no such path").WithCode("unknown_route"), 404, `{"error":{"code":404,"message":"no such path","status":"NOT_FOUND","details":[
			{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"unknown_route","domain":"antigravity-tools"},
			{"@type":"type.googleapis.com/google.rpc.RequestInfo","requestId":"r1"}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := Client{}.EncodeError(tc.err, "r1")
			if status != tc.status || !rawjson.Equal(body, []byte(tc.want)) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

func TestStatusWords(t *testing.T) {
	for class, want := range map[fault.Class]string{
		fault.InvalidRequest: "INVALID_ARGUMENT", fault.Unauthenticated: "UNAUTHENTICATED", fault.Forbidden: "PERMISSION_DENIED",
		fault.NotFound: "NOT_FOUND", fault.TooLarge: "INVALID_ARGUMENT", fault.RateLimited: "RESOURCE_EXHAUSTED",
		fault.QuotaExhausted: "RESOURCE_EXHAUSTED", fault.Overloaded: "UNAVAILABLE", fault.UpstreamAuth: "UNAVAILABLE",
		fault.UpstreamInvalid: "INTERNAL", fault.UpstreamProtocol: "INTERNAL", fault.Timeout: "DEADLINE_EXCEEDED",
		fault.Cancelled: "CANCELLED", fault.Internal: "INTERNAL",
	} {
		if got := rpcStatus(fault.New(class, "x")); got != want {
			t.Errorf("%s: %s", class, got)
		}
	}
}
