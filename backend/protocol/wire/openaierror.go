package wire

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// AppendOpenAIError appends {"error":{message,type,param,code}}, the shape of
// both OpenAI protocols.
func AppendOpenAIError(dst []byte, err *fault.Error) []byte {
	w := rawjson.AppendTo(dst)
	WriteOpenAIError(w, err)
	return w.Bytes()
}

// WriteOpenAIError writes the same into a writer.
func WriteOpenAIError(w *rawjson.Writer, err *fault.Error) {
	kind, code := OpenAIErrorWords(err)
	w.Obj()
	w.Key("error")
	w.Obj()
	w.StrField("message", err.Message)
	w.StrField("type", kind)
	StrOrNull(w, "param", err.Param)
	StrOrNull(w, "code", code)
	w.End()
	w.End()
}

// StrOrNull writes a member whose empty value is null.
func StrOrNull(w *rawjson.Writer, key, val string) {
	w.Key(key)
	if val == "" {
		w.Null()
		return
	}
	w.Str(val)
}

// OpenAIErrorWords gives type and code of an error (mapping rules, section
// 20); the error's own code outranks its class's.
func OpenAIErrorWords(err *fault.Error) (kind, code string) {
	kind, code = openAIClassWords(err.Class)
	if err.Code != "" {
		code = err.Code
	}
	return kind, code
}

func openAIClassWords(class fault.Class) (kind, code string) {
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
