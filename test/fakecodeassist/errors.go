package fakecodeassist

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"antigravity-tools/test/fakegemini"
)

// domain of the service's own reasons (wire, "Error bodies").
const domain = "cloudcode-pa.googleapis.com"

func detail(kind string, members map[string]any) json.RawMessage {
	members["@type"] = "type.googleapis.com/google.rpc." + kind
	b, err := json.Marshal(members)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return b
}

// RateLimited is a limit that ends soon: RetryInfo and ErrorInfo's metadata say
// when (wire, "Error bodies").
func RateLimited(model string, delay time.Duration, reset time.Time) *fakegemini.Error {
	return limited("RATE_LIMIT_EXCEEDED", model, delay, reset)
}

// QuotaExhausted is a quota that comes back at reset. delay 0: no RetryInfo.
func QuotaExhausted(model string, delay time.Duration, reset time.Time) *fakegemini.Error {
	return limited("QUOTA_EXHAUSTED", model, delay, reset)
}

func limited(reason, model string, delay time.Duration, reset time.Time) *fakegemini.Error {
	meta := map[string]string{"model": model, "quotaResetTimeStamp": reset.UTC().Format(time.RFC3339)}
	e := &fakegemini.Error{Code: http.StatusTooManyRequests, Status: "RESOURCE_EXHAUSTED",
		Message: "You have exhausted your capacity on this model.",
		Details: []json.RawMessage{detail("ErrorInfo", map[string]any{"reason": reason, "domain": domain, "metadata": meta})}}
	if delay > 0 {
		meta["quotaResetDelay"] = delay.String()
		e.Message += fmt.Sprintf(" Your quota will reset after %s.", delay)
		e.Details = []json.RawMessage{detail("ErrorInfo", map[string]any{"reason": reason, "domain": domain, "metadata": meta}),
			detail("RetryInfo", map[string]any{"retryDelay": strconv.FormatFloat(delay.Seconds(), 'f', -1, 64) + "s"})}
	}
	return e
}

// ValidationRequired is the 403 of an account that its owner has to verify:
// "ErrorInfo has reason VALIDATION_REQUIRED and a cloudcode-pa domain"; Help's
// first link is the page (wire, "Error bodies").
func ValidationRequired(link string) *fakegemini.Error {
	return &fakegemini.Error{Code: http.StatusForbidden, Status: "PERMISSION_DENIED", Message: "Verify your account to continue.",
		Details: []json.RawMessage{
			detail("ErrorInfo", map[string]any{"reason": "VALIDATION_REQUIRED", "domain": domain, "metadata": map[string]string{"validation_link": link}}),
			detail("Help", map[string]any{"links": []map[string]string{{"description": "Verify your account", "url": link}, {"description": "Learn more", "url": "https://support.google.com/accounts"}}}),
		}}
}
