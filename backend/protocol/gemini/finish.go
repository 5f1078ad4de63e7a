package gemini

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// finishReason gives the model's reason for one of Google's; known is false
// for words without a meaning of their own.
func finishReason(word string, calls bool) (r llm.Reason, known bool) {
	switch word {
	case "STOP":
		if calls {
			return llm.ReasonTool, true
		}
		return llm.ReasonEnd, true
	case "MAX_TOKENS", continuation: // the latter goes on, see Resume
		return llm.ReasonLength, true
	case "SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT":
		return llm.ReasonFilter, true
	case "RECITATION", "IMAGE_RECITATION":
		return llm.ReasonRecitation, true
	}
	if calls {
		return llm.ReasonTool, false
	}
	return llm.ReasonEnd, false
}

// finishWord is the reverse: the one word of Google's for each reason.
func finishWord(r llm.Reason) string {
	switch r {
	case llm.ReasonLength, llm.ReasonContext, llm.ReasonPause:
		return "MAX_TOKENS"
	case llm.ReasonFilter:
		return "SAFETY"
	case llm.ReasonRecitation:
		return "RECITATION"
	}
	return "STOP"
}

// finishFault is the error that some finish reasons are, nil for the others.
// They are faults of the one reply: another try may well succeed.
func finishFault(word, message string) *fault.Error {
	f := &fault.Error{Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Reason: word, Provider: "gemini"}
	switch word {
	case "MALFORMED_FUNCTION_CALL":
		f.Code, f.Message = "malformed_function_call", "the model wrote a function call that cannot be read"
	case "UNEXPECTED_TOOL_CALL":
		f.Code, f.Message = "unexpected_tool_call", "the model called a tool although none was allowed"
	case "TOO_MANY_TOOL_CALLS":
		f.Code, f.Message = "too_many_tool_calls", "the model called too many tools in a row"
	case "MISSING_THOUGHT_SIGNATURE":
		return &fault.Error{
			Class: fault.InvalidRequest, Code: protocol.CodeSealRejected, Reason: word, Provider: "gemini",
			Message: "a function call of the history lacks its thought signature",
		}
	default:
		return nil
	}
	if message != "" {
		f.Cause = detailError(message)
	}
	return f
}

// detailError is the upstream's explanation, which may quote the model.
type detailError string

func (e detailError) Error() string { return string(e) }

func emptyReply() *fault.Error {
	return &fault.Error{
		Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Code: protocol.CodeEmpty, Provider: "gemini",
		Message: "the model ended its answer without saying anything",
	}
}

func malformed(what string, cause error) *fault.Error {
	return &fault.Error{
		Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Code: "malformed_response", Provider: "gemini",
		Message: what, Cause: cause,
	}
}

func cutStream(cause error) *fault.Error {
	return &fault.Error{
		Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Code: "incomplete_response", Provider: "gemini",
		Message: "the upstream's answer ended before it was complete", Cause: cause,
	}
}
