package anthropic

import (
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// statusOverloaded is Anthropic's own status for an overload.
const statusOverloaded = 529

// contextTooLong is the fault code of a prompt beyond the model's window;
// clients tell that error by its text.
const (
	contextTooLong = protocol.CodeTooLong
	tooLongText    = "prompt is too long"
)

// EncodeError returns the status and
// {"type":"error","error":{type,message},"request_id"}.
func (Client) EncodeError(err *fault.Error, requestID string) (status int, body []byte) {
	var w rawjson.Writer
	writeError(&w, err, requestID)
	status = err.HTTPStatus()
	if err.Class == fault.Overloaded && err.Status == 0 {
		status = statusOverloaded
	}
	return status, w.Bytes()
}

func writeError(w *rawjson.Writer, err *fault.Error, requestID string) {
	message := err.Placed() // the protocol has no member for the field
	if err.Code == contextTooLong {
		if message = err.Message; !strings.HasPrefix(message, tooLongText) {
			message = tooLongText + ": " + message
		}
	}
	w.Obj()
	w.StrField("type", "error")
	w.Key("error")
	w.Obj()
	w.StrField("type", errorType(err.Class))
	w.StrField("message", message)
	if err.Code != "" {
		w.Key("details")
		w.Obj()
		w.StrField("error_code", err.Code)
		w.End()
	}
	w.End()
	if requestID != "" {
		w.StrField("request_id", requestID)
	}
	w.End()
}

// errorType gives the type of a class (mapping rules, section 20).
func errorType(class fault.Class) string {
	switch class {
	case fault.InvalidRequest:
		return "invalid_request_error"
	case fault.Unauthenticated:
		return "authentication_error"
	case fault.Forbidden:
		return "permission_error"
	case fault.NotFound:
		return "not_found_error"
	case fault.TooLarge:
		return "request_too_large"
	case fault.RateLimited, fault.QuotaExhausted:
		return "rate_limit_error"
	case fault.Overloaded:
		return "overloaded_error"
	case fault.Timeout:
		return "timeout_error"
	}
	return "api_error"
}
