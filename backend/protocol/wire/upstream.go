package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// MaxDepth bounds the nesting of an upstream's answers.
const MaxDepth = 512

// Malformed is the fault of an answer that breaks its protocol.
func Malformed(provider, what string, cause error) *fault.Error {
	return &fault.Error{
		Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Code: "malformed_response",
		Provider: provider, Message: what, Cause: cause,
	}
}

// Cut is the fault of an answer without its terminal signal.
func Cut(provider string, cause error) *fault.Error {
	return &fault.Error{
		Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Code: "incomplete_response",
		Provider: provider, Message: "the upstream's answer ended before it was complete", Cause: cause,
	}
}

// Empty is the fault of a reply that ended well without saying anything.
func Empty(provider string) *fault.Error {
	return &fault.Error{
		Class: fault.UpstreamProtocol, Scope: fault.ScopeRequest, Code: protocol.CodeEmpty,
		Provider: provider, Message: "the model ended its answer without saying anything",
	}
}

// ReadError is the fault of a stream that could not be read on. What the
// reader itself words as a fault or as the context's end stays that.
func ReadError(provider string, err error) *fault.Error {
	if errors.Is(err, io.EOF) {
		return Cut(provider, nil)
	}
	if errors.Is(err, sse.ErrFrameTooLarge) {
		return Malformed(provider, "the upstream sent an event that is too large", err)
	}
	if _, ok := errors.AsType[*fault.Error](err); ok || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return fault.From(err)
	}
	return Cut(provider, err)
}

// MayHold tells whether raw may hold a member whose name has part in it. Names may
// be written with escapes. A look for a part that begins with a rare letter costs
// far less than a walk.
func MayHold(raw []byte, part string) bool {
	return bytes.Contains(raw, []byte(part)) || bytes.IndexByte(raw, '\\') >= 0
}

// FrameData gives what a frame of a stream carries, nil if nothing. It
// aliases the scanner's buffer.
func FrameData(f sse.Frame) []byte {
	data := bytes.TrimSpace(f.Data)
	if len(data) == 0 {
		data = bytes.TrimSpace(f.Bare)
	}
	if len(data) == 0 {
		return nil
	}
	return data
}

// CheckFrame tells whether the data of a frame is JSON.
func CheckFrame(provider string, data []byte, f sse.Frame) error {
	if err := rawjson.Check(data, MaxDepth); err != nil {
		return BadFrame(provider, err, f)
	}
	return nil
}

// BadFrame is the fault of a frame whose data is no JSON: it was cut short, or is
// malformed. err tells where.
func BadFrame(provider string, err error, f sse.Frame) error {
	if f.Unterminated {
		return Cut(provider, err)
	}
	return Malformed(provider, "the upstream sent an event that is not JSON", err)
}

// RetryDelay reads how long to wait from the headers of an answer: Retry-After
// in milliseconds, in seconds or as a date. 0 means that nothing is said.
func RetryDelay(h http.Header) time.Duration {
	if ms, err := strconv.ParseFloat(strings.TrimSpace(h.Get("Retry-After-Ms")), 64); err == nil && ms > 0 {
		return bounded(ms / 1000)
	}
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return bounded(s)
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}

// maxDelay bounds what an upstream may ask for, in seconds.
const maxDelay = 366 * 24 * 3600

func bounded(seconds float64) time.Duration {
	if !(seconds > 0) {
		return 0
	}
	return time.Duration(min(seconds, maxDelay) * float64(time.Second))
}

// MessageDelay reads "try again in 1.5s" and the like out of an error message.
func MessageDelay(message string) time.Duration {
	lower := strings.ToLower(message)
	for _, mark := range []string{"try again in ", "retry in ", "retry after ", "wait "} {
		_, tail, ok := strings.Cut(lower, mark)
		if !ok {
			continue
		}
		word, after, _ := strings.Cut(tail, " ")
		word = strings.TrimRight(word, ".,;)!")
		if d, err := time.ParseDuration(word); err == nil && d > 0 {
			return min(d, maxDelay*time.Second)
		}
		if s, err := strconv.ParseFloat(word, 64); err == nil && strings.HasPrefix(after, "second") {
			return bounded(s)
		}
	}
	return 0
}

// Scrub takes what looks like a key, an organisation or an e-mail address out
// of a message.
func Scrub(message string) string {
	if !strings.ContainsAny(message, "@") && !strings.Contains(message, "sk-") && !strings.Contains(message, "org-") &&
		!strings.Contains(message, "AIza") && !strings.Contains(message, "proj_") {
		return strings.Clone(message)
	}
	words := strings.Split(message, " ")
	for i, w := range words {
		at := strings.IndexByte(w, '@')
		bare := strings.TrimLeft(w, `"'([{<`)
		secret := strings.HasPrefix(bare, "sk-") || strings.HasPrefix(bare, "org-") || strings.HasPrefix(bare, "proj_") ||
			strings.Contains(w, "AIza") || strings.Contains(w, "sk-ant-")
		if secret || at > 0 && strings.Contains(w[at:], ".") {
			words[i] = "[removed]"
		}
	}
	return strings.Join(words, " ")
}
