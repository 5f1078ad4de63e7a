package gemini

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// Domain of the ErrorInfo details that this program makes.
const Domain = "antigravity-tools"

const rpc = "type.googleapis.com/google.rpc."

// EncodeError writes a google.rpc status. The details are those of the
// upstream, then RetryInfo, ErrorInfo (whose reason is the fault's code) and
// RequestInfo where the upstream gave none.
func (Client) EncodeError(err *fault.Error, requestID string) (status int, body []byte) {
	status = err.HTTPStatus()
	w := rawjson.NewWriter(512)
	writeError(w, err, requestID)
	return status, w.Bytes()
}

func writeError(w *rawjson.Writer, err *fault.Error, requestID string) {
	status := err.HTTPStatus()
	w.Obj()
	w.Key("error")
	w.Obj()
	w.IntField("code", int64(status))
	message := err.Placed()
	if message == "" {
		message = http.StatusText(status)
	}
	w.StrField("message", message)
	w.StrField("status", rpcStatus(err))
	w.Key("details")
	w.Arr()
	writeDetails(w, err, requestID)
	w.EndArr()
	w.End()
	w.End()
}

func writeDetails(w *rawjson.Writer, err *fault.Error, requestID string) {
	var retry, info bool
	for _, raw := range err.Details {
		if rawjson.KindOf(raw) != rawjson.KindObject {
			continue
		}
		kind := detailType(raw)
		retry = retry || kind == "RetryInfo"
		info = info || kind == "ErrorInfo"
		w.Raw(raw)
	}
	detail := func(kind string) {
		w.Obj()
		w.StrField("@type", rpc+kind)
	}
	if !info {
		detail("ErrorInfo")
		w.StrField("reason", err.CodeOrClass())
		w.StrField("domain", Domain)
		w.End()
	}
	if !retry && err.RetryAfter > 0 {
		detail("RetryInfo")
		w.StrField("retryDelay", seconds(err.RetryAfter))
		w.End()
	}
	if err.Param != "" {
		detail("BadRequest")
		w.Key("fieldViolations")
		w.Arr()
		w.Obj()
		w.StrField("field", err.Param)
		w.StrField("description", strings.TrimPrefix(err.Message, err.Param+": "))
		w.End()
		w.EndArr()
		w.End()
	}
	if requestID != "" {
		detail("RequestInfo")
		w.StrField("requestId", requestID)
		w.End()
	}
}

// seconds writes a duration as proto3 JSON does: "3s", "0.5s".
func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"
}

// rpcStatus is the google.rpc.Code name (mapping.md section 20).
func rpcStatus(err *fault.Error) string {
	if name := statusName(err.Status); err.Status != 0 && name != "" {
		return name
	}
	switch err.Class {
	case fault.InvalidRequest, fault.TooLarge:
		return "INVALID_ARGUMENT"
	case fault.Unauthenticated:
		return "UNAUTHENTICATED"
	case fault.Forbidden:
		return "PERMISSION_DENIED"
	case fault.NotFound:
		return "NOT_FOUND"
	case fault.RateLimited, fault.QuotaExhausted:
		return "RESOURCE_EXHAUSTED"
	case fault.Overloaded, fault.UpstreamAuth:
		return "UNAVAILABLE"
	case fault.Timeout:
		return "DEADLINE_EXCEEDED"
	case fault.Cancelled:
		return "CANCELLED"
	}
	return "INTERNAL"
}

// statusName maps the HTTP statuses that have a name of their own.
func statusName(status int) string {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		return "INVALID_ARGUMENT"
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusConflict:
		return "ABORTED"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case fault.StatusClientClosedRequest:
		return "CANCELLED"
	case http.StatusNotImplemented, http.StatusMethodNotAllowed:
		return "UNIMPLEMENTED"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	}
	return ""
}

// detailType is the last segment of a detail's @type.
func detailType(raw []byte) string {
	for key, v := range rawjson.Members(raw) {
		if strings.TrimSpace(key) != "@type" {
			continue
		}
		if s, err := rawjson.String(v); err == nil {
			return strings.TrimSpace(s[strings.LastIndexByte(s, '.')+1:])
		}
	}
	return ""
}
