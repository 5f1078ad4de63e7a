package fakegemini

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Error is a google.rpc.Status as the service sends it over HTTP.
type Error struct {
	Code    int               `json:"code"`
	Message string            `json:"message"`
	Status  string            `json:"status"`
	Details []json.RawMessage `json:"details,omitempty"`
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Code, e.Status, e.Message) }

func (e *Error) body() []byte {
	b, err := json.MarshalIndent(struct {
		Error *Error `json:"error"`
	}{e}, "", "  ")
	if err != nil {
		return []byte(`{"error":{"code":500,"message":"unprintable detail","status":"INTERNAL"}}`)
	}
	return append(b, '\n')
}

func detail(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return b
}

type fieldViolation struct {
	Field       string `json:"field,omitempty"`
	Description string `json:"description"`
}

type badRequestDetail struct {
	Type       string           `json:"@type"`
	Violations []fieldViolation `json:"fieldViolations"`
}

// Invalid is a plain 400 INVALID_ARGUMENT.
func Invalid(format string, args ...any) *Error {
	return &Error{Code: http.StatusBadRequest, Status: "INVALID_ARGUMENT", Message: fmt.Sprintf(format, args...)}
}

func invalidFields(message string, violations []fieldViolation) *Error {
	e := Invalid("%s", message)
	e.Details = []json.RawMessage{detail(badRequestDetail{
		Type: "type.googleapis.com/google.rpc.BadRequest", Violations: violations})}
	return e
}

type errorInfoDetail struct {
	Type     string            `json:"@type"`
	Reason   string            `json:"reason"`
	Domain   string            `json:"domain"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

func errorInfo(reason string) json.RawMessage {
	return detail(errorInfoDetail{Type: "type.googleapis.com/google.rpc.ErrorInfo", Reason: reason,
		Domain: "googleapis.com", Metadata: map[string]string{"service": "generativelanguage.googleapis.com"}})
}

// BadKey is the answer to a key that does not exist: a 400, not a 401 (seen).
func BadKey() *Error {
	e := Invalid("API key not valid. Please pass a valid API key.")
	e.Details = []json.RawMessage{errorInfo("API_KEY_INVALID"),
		detail(struct {
			Type    string `json:"@type"`
			Locale  string `json:"locale"`
			Message string `json:"message"`
		}{"type.googleapis.com/google.rpc.LocalizedMessage", "en-US", "API key not valid. Please pass a valid API key."})}
	return e
}

func noKey() *Error {
	return &Error{Code: http.StatusForbidden, Status: "PERMISSION_DENIED",
		Message: "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API."}
}

// Forbidden is a 403 for a key whose project may not use the service.
func Forbidden() *Error {
	return &Error{Code: http.StatusForbidden, Status: "PERMISSION_DENIED",
		Message: "Your project has been denied access. Please contact support.",
		Details: []json.RawMessage{errorInfo("SERVICE_DISABLED")}}
}

type retryInfoDetail struct {
	Type  string `json:"@type"`
	Delay string `json:"retryDelay"`
}

func retryInfo(d time.Duration) json.RawMessage {
	secs := strconv.FormatFloat(math.Max(d.Seconds(), 0), 'f', -1, 64)
	return detail(retryInfoDetail{Type: "type.googleapis.com/google.rpc.RetryInfo", Delay: secs + "s"})
}

type quotaViolation struct {
	Metric     string            `json:"quotaMetric"`
	ID         string            `json:"quotaId"`
	Dimensions map[string]string `json:"quotaDimensions,omitempty"`
	Value      string            `json:"quotaValue,omitempty"`
}

type quotaFailureDetail struct {
	Type       string           `json:"@type"`
	Violations []quotaViolation `json:"violations"`
}

func quotaFailure(id, model string) json.RawMessage {
	return detail(quotaFailureDetail{Type: "type.googleapis.com/google.rpc.QuotaFailure",
		Violations: []quotaViolation{{
			Metric:     "generativelanguage.googleapis.com/generate_content_free_tier_requests",
			ID:         id,
			Dimensions: map[string]string{"location": "global", "model": model},
			Value:      "10",
		}}})
}

// RateLimited is a per-minute 429 that names its delay in RetryInfo.
func RateLimited(model string, retry time.Duration) *Error {
	return &Error{Code: http.StatusTooManyRequests, Status: "RESOURCE_EXHAUSTED",
		Message: fmt.Sprintf("You exceeded your current quota, please check your plan and billing details. Please retry in %gs.", retry.Seconds()),
		Details: []json.RawMessage{
			quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", model), retryInfo(retry)}}
}

// QuotaExhausted is a per-day 429 without a retry delay.
func QuotaExhausted(model string) *Error {
	return &Error{Code: http.StatusTooManyRequests, Status: "RESOURCE_EXHAUSTED",
		Message: "You exceeded your current quota, please check your plan and billing details.",
		Details: []json.RawMessage{quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier", model)}}
}

// Overloaded is the 503 of a busy model.
func Overloaded() *Error {
	return &Error{Code: http.StatusServiceUnavailable, Status: "UNAVAILABLE",
		Message: "The model is overloaded. Please try again later."}
}

// Internal is the service's own 500.
func Internal() *Error {
	return &Error{Code: http.StatusInternalServerError, Status: "INTERNAL",
		Message: "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting"}
}

func modelNotFound(version, name string) *Error {
	return &Error{Code: http.StatusNotFound, Status: "NOT_FOUND",
		Message: fmt.Sprintf("models/%s is not found for API version %s, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.", name, version)}
}
