package protocol

import "antigravity-tools/backend/llm"

// Asked is what must be known of an operation's request before an upstream is
// chosen.
type Asked struct {
	Model  string
	Stream bool
}

// Operation is the client's side of something that is asked of a model beside
// conversation. An upstream that has the operation too gets the client's own
// bytes; for all others DecodeRequest makes a conversation of the request, and
// the encoders make the operation's answer of the reply. Implementations are
// stateless.
type Operation interface {
	Client
	// Ask reads no more than routing needs: what an upstream of the same
	// protocol makes of the rest is its own affair.
	Ask(in Inbound) (Asked, error)
	// WithModel returns the body with another model's name in it; the body of
	// in is not changed.
	WithModel(in Inbound, model string) ([]byte, error)
	// NewObserver watches an answer that passes through unchanged.
	NewObserver() Observer
}

// Typed is implemented by an Operation whose whole answer is not JSON.
type Typed interface {
	// ResponseType is the media type of what EncodeResponse returned.
	ResponseType(reply Reply) string
}

// Raw is implemented by an Operation whose answer may be bytes of any kind,
// which pass as they come.
type Raw interface {
	// PassesBytes tells so of this request.
	PassesBytes(in Inbound) bool
}

// Quiet is implemented by an Operation to which an answer without a word is one:
// nothing may have been said in a recording.
type Quiet interface {
	// MayBeSilent is true.
	MayBeSilent() bool
}

// Splitter is implemented by an Operation of which one request may be several
// conversations. They are held side by side, and their replies are encoded, in
// the order of the parts, as the choices of one.
type Splitter interface {
	// Split returns at least one request, each for at most so many answers;
	// req is not changed.
	Split(req *llm.Request, most int) []*llm.Request
}

// EmbedClient is an Operation that asks for vectors, which is no conversation:
// its DecodeRequest is not used.
type EmbedClient interface {
	Operation
	DecodeEmbed(in Inbound, losses *llm.Losses) (*llm.EmbedRequest, error)
	EncodeEmbed(resp *llm.EmbedResponse, req *llm.EmbedRequest, reply Reply) ([]byte, error)
}

// EmbedUpstream is the upstream's side of embeddings.
type EmbedUpstream interface {
	Name() llm.Protocol
	// MaxInputs is how many texts one request may hold.
	MaxInputs() int
	EncodeEmbedRequest(req *llm.EmbedRequest, target Target, losses *llm.Losses) ([]byte, error)
	// DecodeEmbedResponse reads the vectors of n inputs.
	DecodeEmbedResponse(body []byte, n int) (*llm.EmbedResponse, error)
}
