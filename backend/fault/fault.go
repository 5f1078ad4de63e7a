// Package fault holds the program's one error type. An Error says what class of
// thing went wrong, what the caller may be told, what to do next, and what the
// relay may still try. The private cause never reaches a reply or a plain log line.
//
// It imports the standard library alone, so that every other package may use it.
package fault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Class sorts errors by what they mean to the caller and to the relay. The text
// of a class is stable: it is stored in usage records and shown by commands.
type Class string

// The classes, in the order of the error table of the translation rules.
const (
	InvalidRequest   Class = "invalid_request"   // the caller's request is wrong
	Unauthenticated  Class = "unauthenticated"   // the caller showed no valid key
	Forbidden        Class = "forbidden"         // the caller may not do this
	NotFound         Class = "not_found"         // no such route, model or thing
	TooLarge         Class = "too_large"         // the body exceeds the limit
	RateLimited      Class = "rate_limited"      // a limit that frees by itself soon
	QuotaExhausted   Class = "quota_exhausted"   // a limit that frees late or by payment
	Overloaded       Class = "overloaded"        // no capacity, or no usable account
	UpstreamAuth     Class = "upstream_auth"     // the upstream refused our credential
	UpstreamInvalid  Class = "upstream_invalid"  // the upstream refused what we made of the request
	UpstreamProtocol Class = "upstream_protocol" // the upstream broke its own protocol
	Timeout          Class = "timeout"           // a wait reached its limit
	Cancelled        Class = "cancelled"         // the caller left
	Internal         Class = "internal"          // anything else
)

// Scope says what an upstream's refusal covers.
type Scope int

// The scopes, from unknown to wide.
const (
	ScopeNone    Scope = iota // not said
	ScopeRequest              // this one request: another account would meet the same, or it was a passing fault
	ScopeModel                // one model on this account
	ScopeAccount              // the whole account
)

// String names the scope for logs and records.
func (s Scope) String() string {
	switch s {
	case ScopeRequest:
		return "request"
	case ScopeModel:
		return "model"
	case ScopeAccount:
		return "account"
	default:
		return "none"
	}
}

// Error is an error of the program. Treat it as immutable once it is returned;
// the With methods make changed copies.
type Error struct {
	Class      Class             // always set
	Code       string            // stable machine word, e.g. model_not_found; empty: the class says all
	Message    string            // public: safe for replies, logs and the window
	Hint       string            // public: the next step, for the window and the commands
	Link       string            // a page on which the account's owner has to act: for the account's state, never for a reply or a log
	Param      string            // the request's field at fault, e.g. messages[2].content
	Status     int               // HTTP status to answer with; 0: the class's own
	RetryAfter time.Duration     // how long to wait before another try; 0: not known
	Scope      Scope             // what an upstream's refusal covers
	Reason     string            // the upstream's machine word, e.g. RATE_LIMIT_EXCEEDED
	Details    []json.RawMessage // google.rpc details to pass on to Gemini clients
	Provider   string            // provider kind that answered; empty: the fault is ours or the caller's
	Cause      error             // private: never shown to a caller
}

// New returns an error of a class with a public message.
func New(class Class, message string) *Error {
	return &Error{Class: class, Message: message}
}

// Invalid returns an invalid_request error about one field of the request.
// An empty param means the request as a whole.
func Invalid(param, format string, args ...any) *Error {
	return &Error{Class: InvalidRequest, Param: param, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error of a class with a public message and a private cause.
func Wrap(class Class, message string, cause error) *Error {
	return &Error{Class: class, Message: message, Cause: cause}
}

// From turns any error into an Error: one already in the chain is returned as it
// is, the context's two errors and timeouts get their class, and all else becomes
// internal with a message that gives nothing away. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok && e != nil {
		return e
	}
	switch {
	case errors.Is(err, context.Canceled):
		return Wrap(Cancelled, "the request was cancelled", err)
	case isTimeout(err):
		return Wrap(Timeout, "the operation took too long", err)
	default:
		return Wrap(Internal, "an internal error occurred", err)
	}
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	// The timeouts of package net show themselves by this method only.
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}

// Is reports whether the chain of err holds an Error of this class.
func Is(err error, class Class) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e != nil && e.Class == class
}

// Error gives class, code and public message: safe for logs. The cause's text is
// left out, for it may hold addresses, keys or prompts; see Private.
func (e *Error) Error() string {
	head := string(e.Class)
	if e.Code != "" && e.Code != head {
		head += " (" + e.Code + ")"
	}
	if e.Message == "" {
		return head
	}
	return head + ": " + e.Message
}

// Private gives Error and the cause's text. For debug logs on the user's own
// machine only, after redaction; never for a reply.
func (e *Error) Private() string {
	if e.Cause == nil {
		return e.Error()
	}
	if inner, ok := errors.AsType[*Error](e.Cause); ok && inner != nil && error(inner) == e.Cause { //nolint:errorlint // this very value, not one further down
		return e.Error() + ": " + inner.Private()
	}
	return e.Error() + ": " + e.Cause.Error()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOrClass gives the code, or the class's text where there is none.
func (e *Error) CodeOrClass() string {
	if e.Code != "" {
		return e.Code
	}
	return string(e.Class)
}

// Placed gives the message with the field that it is about, for a protocol that
// has no other place to name it.
func (e *Error) Placed() string {
	if e.Param == "" || e.Message == "" || strings.Contains(e.Message, e.Param) {
		return e.Message
	}
	return e.Param + ": " + e.Message
}

// WithCode returns a copy with the stable code.
func (e *Error) WithCode(code string) *Error { c := *e; c.Code = code; return &c }

// WithHint returns a copy with the public next step.
func (e *Error) WithHint(hint string) *Error { c := *e; c.Hint = hint; return &c }

// WithSentence returns a copy whose public message has one more sentence; an empty
// one adds nothing.
func (e *Error) WithSentence(more string) *Error {
	c := *e
	if more != "" && c.Message != "" {
		if !strings.HasSuffix(c.Message, ".") {
			c.Message += "."
		}
		c.Message += " " + more
	}
	return &c
}

// WithParam returns a copy that names the field at fault.
func (e *Error) WithParam(param string) *Error { c := *e; c.Param = param; return &c }

// WithStatus returns a copy that answers with another HTTP status than its class's.
func (e *Error) WithStatus(status int) *Error { c := *e; c.Status = status; return &c }
