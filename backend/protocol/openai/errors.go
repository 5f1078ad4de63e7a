package openai

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// EncodeError returns the status and {"error":{message,type,param,code}}. The
// request id has no place in OpenAI's shape; the header carries it.
func (Client) EncodeError(err *fault.Error, _ string) (status int, body []byte) {
	var w rawjson.Writer
	writeError(&w, err)
	return err.HTTPStatus(), w.Bytes()
}

func writeError(w *rawjson.Writer, err *fault.Error) {
	kind, code := errorWords(err.Class)
	if err.Code != "" {
		code = err.Code
	}
	w.Obj()
	w.Key("error")
	w.Obj()
	w.StrField("message", err.Message)
	w.StrField("type", kind)
	optional(w, "param", err.Param)
	optional(w, "code", code)
	w.End()
	w.End()
}

func optional(w *rawjson.Writer, key, val string) {
	w.Key(key)
	if val == "" {
		w.Null()
		return
	}
	w.Str(val)
}

// errorWords gives type and default code of a class (mapping rules, section
// 20).
func errorWords(class fault.Class) (kind, code string) {
	const invalid, server = "invalid_request_error", "server_error"
	switch class {
	case fault.InvalidRequest:
		return invalid, ""
	case fault.Unauthenticated:
		return invalid, "invalid_api_key"
	case fault.Forbidden:
		return invalid, "permission_denied"
	case fault.NotFound:
		return invalid, "model_not_found"
	case fault.TooLarge:
		return invalid, "request_too_large"
	case fault.RateLimited:
		return "rate_limit_error", "rate_limit_exceeded"
	case fault.QuotaExhausted:
		return "insufficient_quota", "insufficient_quota"
	case fault.Overloaded:
		return server, "overloaded"
	case fault.UpstreamAuth:
		return server, "upstream_auth"
	case fault.UpstreamInvalid, fault.UpstreamProtocol:
		return server, "upstream_error"
	case fault.Timeout:
		return server, "timeout"
	case fault.Cancelled:
		return server, "cancelled"
	}
	return server, "internal_error"
}
