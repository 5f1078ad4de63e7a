// Package protocol declares what a wire protocol is to the gateway: a
// stateless value that decodes the wire into package llm and encodes package
// llm onto the wire. Client is the side that faces coding clients, Upstream
// the side that faces providers; one folder below implements either or both.
//
// Naming: Decode* is wire to llm, Encode* is llm to wire, without exception.
package protocol

import (
	"io"
	"net/http"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/sse"
)

// Inbound is a client's request as it arrived.
type Inbound struct {
	Header http.Header
	// Model and Stream are set where the path carries them (Gemini).
	Model  string
	Stream bool
	// Body is one whole JSON text, already checked for syntax, depth and
	// UTF-8. It is immutable for the life of the process: what is decoded may
	// alias it.
	Body []byte
}

// Reply is what an encoder needs to know of the exchange beside the events.
type Reply struct {
	RequestID string
	// Model is the name that the client asked for, which the reply echoes.
	Model   string
	Request *llm.Request
	Created time.Time
	// SSE is false for a Gemini stream without alt=sse, a JSON array.
	SSE bool
	// InputEstimate is our estimate of the input tokens, for protocols that
	// tell them at the start of a stream; 0 if there is none.
	InputEstimate int64
	// Mint returns n random characters of the given alphabet, for ids.
	Mint func(n int, alphabet string) string
}

// Client is the side of a protocol that faces clients. Implementations are
// stateless and safe for concurrent use; errors are *fault.Error.
type Client interface {
	Name() llm.Protocol
	// DecodeRequest reads a generation request (and, with the fields that
	// those lack absent, a token-count request).
	DecodeRequest(in Inbound, losses *llm.Losses) (*llm.Request, error)
	EncodeResponse(resp *llm.Response, reply Reply, losses *llm.Losses) ([]byte, error)
	NewStreamEncoder(reply Reply, losses *llm.Losses) StreamEncoder
	// EncodeError returns the HTTP status and the JSON body of an error
	// answer.
	EncodeError(err *fault.Error, requestID string) (status int, body []byte)
	// EncodeCount is the answer of the protocol's token-count operation.
	EncodeCount(usage llm.Usage) []byte
}

// StreamEncoder writes one streamed reply. Every method appends to dst and
// returns it; an empty result means that there is nothing to send yet. It is
// used by one goroutine.
type StreamEncoder interface {
	// ContentType of the streamed answer.
	ContentType() string
	// Encode appends the frames of one event, which obeys the grammar of
	// llm.Validate. After the Close of the last choice, End is called.
	Encode(dst []byte, ev llm.Event) ([]byte, error)
	// End appends what stands after the last event ("[DONE]", "]").
	End(dst []byte) []byte
	// Error appends the protocol's in-band error and whatever must follow it;
	// nothing is sent after it.
	Error(dst []byte, err *fault.Error) []byte
	// KeepAlive appends what keeps a silent stream alive without disturbing
	// any client, also before the first event.
	KeepAlive(dst []byte) []byte
}

// Numbered is a StreamEncoder whose events have numbers: Behind tells it that
// so many of the upstream's own were passed before the next.
type Numbered interface{ Behind(events int64) }

// Target is what a request is encoded for.
type Target struct {
	Model  string // the upstream's name of the model
	Caps   family.Caps
	Realm  string // organisation of the account, hashed
	Stream bool
	// DropSeals leaves out every seal of the history: the upstream refused
	// one of them.
	DropSeals bool
	// NoPrefill puts a question behind a conversation that ends with the model's
	// turn: the upstream refused it as it was.
	NoPrefill bool
}

// CodeSealRejected is the fault code of an upstream's refusal of a signature
// or of encrypted reasoning in the history; the relay resends once without.
const CodeSealRejected = "seal_rejected"

// CodePrefill is the fault code of an upstream's refusal of a conversation that
// ends with the model's turn; the relay resends once with a question behind it.
const CodePrefill = "prefill_rejected"

// CodeTooLong is the fault code of a conversation beyond the model's window.
const CodeTooLong = "context_length_exceeded"

// CodeEmpty is the fault code of an answer that ended well and said nothing.
const CodeEmpty = "empty_response"

// Encoded is a request on the wire of an upstream.
type Encoded struct {
	Body []byte
	// Tools restores the names of the reply's calls; nil if none changed.
	Tools *llm.ToolTable
}

// Upstream is the side of a protocol that faces providers. Implementations
// are stateless and safe for concurrent use; errors are *fault.Error.
type Upstream interface {
	Name() llm.Protocol
	EncodeRequest(req *llm.Request, target Target, losses *llm.Losses) (Encoded, error)
	DecodeResponse(body []byte, losses *llm.Losses) (*llm.Response, error)
	// DecodeStream reads events from r until the terminal event. A stream
	// that ends without it yields a fault.UpstreamProtocol error. It never
	// reads ahead of what it needs for the next event, and stops reading when
	// the consumer stops.
	DecodeStream(r io.Reader, losses *llm.Losses) llm.Stream
	// DecodeError classifies an answer whose status is not 2xx.
	DecodeError(status int, header http.Header, body []byte) *fault.Error
	NewObserver() Observer
}

// Counter is implemented by an Upstream that can count tokens.
type Counter interface {
	// EncodeCount encodes the request of a token count.
	EncodeCount(req *llm.Request, target Target, losses *llm.Losses) (Encoded, error)
	DecodeCount(body []byte) (llm.Usage, error)
}

// Repairer is implemented by an Upstream whose own clients send bodies that
// the upstream refuses. Repair returns body itself when nothing is wrong, which
// it finds out without parsing more than it must.
type Repairer interface {
	Repair(body []byte, target Target, losses *llm.Losses) []byte
}

// Resumer is implemented by an Upstream that may leave an answer unfinished and
// go on with it when it is asked again (mapping.md section 16). Both methods are
// pure.
type Resumer interface {
	// Resume returns the body that asks for the rest of an answer. first is the
	// body that the answer's first part was asked for with, sofar all that has come of it,
	// end how its latest part ended. ok is false when the answer is whole, or
	// cannot be gone on with.
	Resume(first []byte, sofar *llm.Response, end *llm.Close) (next []byte, ok bool)
	// Seamless tells whether the rest goes on in the middle of the text that
	// came last, rather than with a part of its own.
	Seamless() bool
}

// Editor is implemented by an Upstream that fits a body of its own protocol to
// an account with edits in place, so that all else in it keeps its bytes: the
// model's name, seals that are another vendor's or were refused, and the
// reasoning that a suffix of the model's name set.
type Editor interface {
	Edit(body []byte, req *llm.Request, target Target, losses *llm.Losses) ([]byte, error)
}

// Metered is implemented by an Upstream whose streams tell their usage only when
// they are asked to, and whose other servers may not know the question.
type Metered interface {
	// AskUsage returns a copy of a client's body that asks for the usage; asked
	// tells that body does so itself, and is returned as it is.
	AskUsage(body []byte) (out []byte, asked bool)
	// DropUsage takes the question out of a body that EncodeRequest wrote.
	DropUsage(body []byte) []byte
	// UsageWord is the name by which a refusal speaks of the question.
	UsageWord() string
	// UsageOnly tells a frame that a stream has only because it was asked.
	UsageOnly(f sse.Frame) bool
}

// Observer watches an answer that passes through unchanged.
type Observer interface {
	// Frame sees one frame of a stream before it is passed on. An error means
	// that the frame reports a fault.
	Frame(f sse.Frame) error
	// Body sees a whole answer that is not streamed.
	Body(body []byte) error
	// Seen is what was learned so far; it may do work that was put off, so it
	// is not for every frame.
	Seen() Seen
}

// Seen is what an Observer learned so far.
type Seen struct {
	Usage  *llm.Usage
	Model  string
	Reason llm.Reason
	// Started: a model event was seen, so the answer can no longer move to
	// another account.
	Started bool
	// Complete: the terminal event was seen.
	Complete bool
}
