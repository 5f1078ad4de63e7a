package protocol_test

import (
	"net/http"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/protocol/responses"
)

type refusal60 struct {
	name   string
	status int
	header http.Header
	body   string
}

func retryAfter(seconds string) http.Header { return http.Header{"Retry-After": {seconds}} }

// anthropicRefusals are answers of Anthropic's Messages that are not 2xx
// (mapping.md section 20).
func anthropicRefusals() []refusal60 {
	says := func(kind, message string) string {
		return `{"type":"error","error":{"type":"` + kind + `","message":"` + message + `"},"request_id":"req_1"}`
	}
	return []refusal60{
		{"invalid request", 400, nil, says("invalid_request_error", "messages.0.content: Field required")},
		{"context too long", 400, nil, says("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")},
		{"key invalid", 401, nil, says("authentication_error", "invalid x-api-key")},
		{"billing", 402, nil, says("billing_error", "Your credit balance is too low to access the Anthropic API.")},
		{"forbidden", 403, nil, says("permission_error", "Your API key does not have permission to use the specified resource.")},
		{"unknown model", 404, nil, says("not_found_error", "model: claude-x")},
		{"too large", 413, nil, says("request_too_large", "Request exceeds the maximum size")},
		{"rate limit with a header", 429, retryAfter("34"), says("rate_limit_error", "This request would exceed your account's rate limit.")},
		{"rate limit in fractions", 429, retryAfter("0.4"), says("rate_limit_error", "This request would exceed your account's rate limit.")},
		{"rate limit without a word", 429, nil, says("rate_limit_error", "Slow down.")},
		{"internal", 500, nil, says("api_error", "Internal server error")},
		{"timeout", 504, nil, says("timeout_error", "Request timed out")},
		{"overloaded", 529, retryAfter("5"), says("overloaded_error", "Overloaded")},
		{"no JSON", 502, nil, `<html>Bad Gateway</html>`},
		{"empty", 500, nil, ``},
	}
}

// openAIRefusals are those of OpenAI's protocols, both of which say it alike.
func openAIRefusals() []refusal60 {
	says := func(kind, param, code, message string) string {
		return `{"error":{"message":"` + message + `","type":"` + kind + `","param":` + param + `,"code":` + code + `}}`
	}
	return []refusal60{
		{"invalid request", 400, nil, says("invalid_request_error", `"messages[0].role"`, `"invalid_value"`, "Invalid value: 'robot'.")},
		{"context too long", 400, nil, says("invalid_request_error", `"messages"`, `"context_length_exceeded"`, "This model's maximum context length is 128000 tokens.")},
		{"key invalid", 401, nil, says("invalid_request_error", `null`, `"invalid_api_key"`, "Incorrect API key provided: sk-fake.")},
		{"forbidden", 403, nil, says("invalid_request_error", `null`, `"unsupported_country_region_territory"`, "Country, region, or territory not supported")},
		{"unknown model", 404, nil, says("invalid_request_error", `"model"`, `"model_not_found"`, "The model 'gpt-x' does not exist or you do not have access to it.")},
		{"too large", 413, nil, `{"error":"request entity too large"}`},
		{"rate limit with a header", 429, retryAfter("34"), says("requests", `null`, `"rate_limit_exceeded"`, "Rate limit reached for gpt-5 in organization org-secret123 on requests per min.")},
		{"rate limit in words", 429, nil, says("tokens", `null`, `"rate_limit_exceeded"`, "Rate limit reached on tokens per min (TPM). Please try again in 6.2s.")},
		{"quota", 429, nil, says("insufficient_quota", `null`, `"insufficient_quota"`, "You exceeded your current quota, please check your plan and billing details.")},
		{"internal", 500, nil, says("server_error", `null`, `null`, "The server had an error while processing your request.")},
		{"overloaded", 503, retryAfter("5"), says("server_error", `null`, `null`, "The engine is currently overloaded, please try again later")},
		{"no JSON", 502, nil, `<html>Bad Gateway</html>`},
		{"empty", 504, nil, ``},
	}
}

// TestGoldenRefusals: what an upstream of another protocol than Gemini's refuses,
// as each client is told it.
func TestGoldenRefusals(t *testing.T) {
	upstreams := map[string]struct {
		decode   protocol.Upstream
		refusals []refusal60
	}{
		"A": {anthropic.Upstream{}, anthropicRefusals()}, "C": {openai.Upstream{}, openAIRefusals()}, "R": {responses.Upstream{}, openAIRefusals()},
	}
	for up, u := range upstreams {
		for client := range clients() {
			var w table
			for _, r := range u.refusals {
				e := u.decode.DecodeError(r.status, r.header, []byte(r.body))
				w.row(r.name, string(e.Class)+" scope="+e.Scope.String()+"\n"+protocoltest.ErrorAnswer(clients()[client], e))
			}
			protocoltest.Golden(t, w.b.String(), "60_operations", client+"-"+up+"_errors", "table.txt")
		}
	}
}

// TestGoldenRetryAfter: each class of fault that knows when to come again, to
// each client: whole seconds, rounded up, and in the body where the protocol has
// a place.
func TestGoldenRetryAfter(t *testing.T) {
	for client := range clients() {
		var w table
		for _, class := range []fault.Class{
			fault.InvalidRequest, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.TooLarge, fault.RateLimited,
			fault.QuotaExhausted, fault.Overloaded, fault.UpstreamAuth, fault.UpstreamInvalid, fault.UpstreamProtocol, fault.Timeout, fault.Internal,
		} {
			for _, wait := range []time.Duration{34070 * time.Millisecond, time.Millisecond, time.Hour} {
				e := fault.New(class, "words")
				e.RetryAfter = wait
				if wait != 34070*time.Millisecond && class != fault.RateLimited {
					continue
				}
				w.row(string(class)+" after "+wait.String(), protocoltest.ErrorAnswer(clients()[client], e))
			}
		}
		protocoltest.Golden(t, w.b.String(), "60_operations", client+"_retry_after", "table.txt")
	}
}
