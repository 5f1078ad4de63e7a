package wire

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
)

// OpenAIFault classifies an answer whose status is not 2xx, of either of
// OpenAI's protocols and of the servers that speak them: by code, then type,
// then status (mapping rules, section 20).
func OpenAIFault(provider string, status int, header http.Header, body []byte) *fault.Error {
	delay := RetryDelay(header)
	if delay == 0 {
		delay = openAIResetDelay(header)
	}
	return openAISorter(provider).Answer(ReadOpenAIError(body), status, delay)
}

// OpenAIStreamFault is the fault that an error inside a stream, or inside an
// answer of status 200, reports. Its code may be a status.
func OpenAIStreamFault(provider string, e APIError) *fault.Error {
	status := http.StatusInternalServerError
	if n, err := strconv.Atoi(e.Code); err == nil && len(e.Code) == 3 && n >= 400 && n < 600 {
		status = n
	}
	return openAISorter(provider).Fault(e, status, 0)
}

// ReadOpenAIError reads the error body of an OpenAI protocol in any of the
// shapes of compatible servers.
func ReadOpenAIError(body []byte) (e APIError) {
	obj, text, found := ErrorObject(body)
	e.Found = found
	if obj == nil {
		e.Message = text
		return e
	}
	for _, key := range []string{"message", "detail", "error_description"} {
		if e.Message == "" {
			e.Message = WordOf(obj, key)
		}
	}
	e.Kind, e.Code, e.Param = WordOf(obj, "type"), WordOf(obj, "code"), WordOf(obj, "param")
	e.Found = e.Found || e.Message != ""
	e.Message = Scrub(e.Message)
	return e
}

// openAIResetDelay reads when a limit that is used up frees again.
func openAIResetDelay(h http.Header) (delay time.Duration) {
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

func openAISorter(provider string) Sorter {
	return Sorter{Provider: provider, ByWords: openAIWords, BadRequest: openAIBadRequest}
}

// openAIWords knows the words that say more than the status.
func openAIWords(e APIError, f *fault.Error, _ int) bool {
	if foreignSeal(strings.ToLower(e.Message)) {
		f.Class, f.Code, f.Status = fault.InvalidRequest, protocol.CodeSealRejected, http.StatusBadRequest
		return true
	}
	for _, w := range []string{e.Code, e.Kind} {
		switch w {
		case "invalid_api_key", "account_deactivated", "authentication_error", "invalid_authentication":
			f.Class = fault.UpstreamAuth
		case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance", "usage_not_included":
			f.Class, f.Scope = fault.QuotaExhausted, fault.ScopeAccount
		case "rate_limit_exceeded", "rate_limit_error", "tokens", "requests":
			f.Class, f.Scope = fault.RateLimited, fault.ScopeModel
		case "model_not_found":
			f.Class, f.Scope, f.Code = fault.NotFound, fault.ScopeModel, w
			f.Status = http.StatusNotFound
		case protocol.CodeTooLong, "invalid_prompt":
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

// foreignSeal tells a refusal of the history's reasoning: another
// organisation's, or one that was not stored (maximhq/bifrost #5410,
// openai/openai-agents-python #2063). text is in lower case.
func foreignSeal(text string) bool {
	return strings.Contains(text, "item with id 'rs_") || strings.Contains(text, "encrypted content") &&
		(strings.Contains(text, "could not be verified") || strings.Contains(text, "could not be decrypted"))
}

func openAIBadRequest(e APIError, f *fault.Error) {
	text := strings.ToLower(e.Message)
	switch {
	case strings.Contains(text, "maximum context length"), strings.Contains(text, "context window"),
		strings.Contains(text, "exceeds the context"), strings.Contains(text, "context length"):
		f.Code = protocol.CodeTooLong
	case strings.Contains(text, "thought signature"), strings.Contains(text, "thought_signature"):
		f.Code = protocol.CodeSealRejected
	}
	if f.Code == "" && e.Kind == "invalid_request_error" && !strings.ContainsAny(e.Code, "0123456789") {
		f.Code = e.Code
	}
}
