package gemini

import (
	"bytes"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Resumer = Upstream{}

// continuation is the finish reason of an answer that is longer than one reply
// may be; tokenKey names the token beside it, in a candidate and in the request
// for the rest.
const (
	continuation = "CONTINUATION"
	tokenKey     = "continuationToken"
)

// Resume asks for the rest of an answer that ended with CONTINUATION: the same
// request once more, with the candidate's token in its continuationToken (the
// field and the rule are those of genai v1.77.0, GenerateContentConfig and
// continuation.go, which does the same for its callers unless told not to).
// A token stands on one candidate, so an answer of several is not resumed.
//
// A Gemini client before a Gemini upstream is no case for this: its answer
// passes as it came, and its own SDK goes on with the token.
func (Upstream) Resume(first []byte, sofar *llm.Response, end *llm.Close) (next []byte, ok bool) {
	token, found := rawjson.Get(end.Native.For(llm.Gemini), "candidate", tokenKey)
	if end.Detail != continuation || !found || rawjson.KindOf(token) != rawjson.KindString || len(sofar.Choices) > 1 {
		return nil, false
	}
	if len(bytes.TrimSpace(token)) <= len(`""`) {
		return nil, false
	}
	next, err := rawjson.Set(first, token, tokenKey)
	return next, err == nil
}

// Seamless is true: the rest goes on where the text broke off.
func (Upstream) Seamless() bool { return true }

// checkpoint ends a reply that gives a token and no finish reason: it goes on
// behind the token as one that says CONTINUATION does (continuation.go there, which
// reads whole replies so).
func (d *replyDecoder) checkpoint() []llm.Event {
	d.out = d.out[:0]
	if len(d.choices) == 1 && !d.choices[0].closed && d.choices[0].native.raw[tokenKey] != nil {
		_ = d.finish(&candidate{finish: continuation}) // is no fault
	}
	return d.out
}
