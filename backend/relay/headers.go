package relay

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"antigravity-tools/backend/llm"
)

// vendorHeaders reduces a client's headers to those that may travel to an
// upstream of protocol: feature headers, to their own vendor only.
func vendorHeaders(in http.Header, upstream llm.Protocol) http.Header {
	var prefix string
	switch upstream {
	case llm.Anthropic:
		prefix = "Anthropic-"
	case llm.OpenAIChat, llm.Responses:
		prefix = "Openai-"
	default:
		return nil
	}
	out := http.Header{}
	for name, values := range in {
		if strings.HasPrefix(name, prefix) {
			out[name] = values
		}
	}
	return out
}

// copyReplyHeaders copies the headers of an upstream's answer that come back:
// what it says of limits and of retrying.
func copyReplyHeaders(dst, src http.Header) {
	for name, values := range src {
		if name == "Retry-After" || name == "Retry-After-Ms" || name == "X-Should-Retry" ||
			strings.HasPrefix(name, "X-Ratelimit-") || strings.HasPrefix(name, "Anthropic-Ratelimit-") {
			dst[name] = values
		}
	}
}

// affinityHeaders are where clients put the id of their session (clients.md).
func affinityHeaders() []string {
	return []string{"X-Session-Affinity", "X-Session-Id", "Session-Id", "Session_id", "X-Claude-Code-Session-Id"}
}

// affinity identifies the conversation: what the client says, else its
// headers, else its beginning.
func (x *exchange) affinity() string {
	if x.request != nil && x.request.Affinity != "" {
		return x.request.Affinity
	}
	for _, name := range affinityHeaders() {
		if v := x.call.Inbound.Header.Get(name); v != "" && len(v) <= 256 {
			return v
		}
	}
	if x.request == nil {
		return bodyAffinity(x.call.Inbound.Body)
	}
	return conversationKey(x.request)
}

// conversationKey hashes the system text and the first user turn, which stay
// the same while a conversation grows.
func conversationKey(req *llm.Request) string {
	h := sha256.New()
	for i := range req.System {
		h.Write([]byte(req.System[i].Text))
	}
	for _, turn := range req.Turns {
		for i := range turn.Parts {
			h.Write([]byte(turn.Parts[i].Text))
		}
		if turn.Role == llm.RoleUser {
			break
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// affinityPrefix is how much of an unread body stands for its conversation:
// its beginning holds the system text or the first turn.
const affinityPrefix = 2048

func bodyAffinity(body []byte) string {
	if len(body) < affinityPrefix {
		return "" // too short to tell conversations apart, and to gain by it
	}
	sum := sha256.Sum256(body[:affinityPrefix])
	return hex.EncodeToString(sum[:16])
}

// bytesPerToken is the usual rule of thumb for an estimate.
const bytesPerToken = 4

// EstimateInput guesses the input tokens of a request from its text.
func EstimateInput(req *llm.Request) int64 {
	n := headBytes(req)
	for i := range req.Turns {
		n += turnBytes(&req.Turns[i])
	}
	return int64(n / bytesPerToken)
}

// headBytes counts what stands before the conversation.
func headBytes(req *llm.Request) (n int) {
	for i := range req.System {
		n += len(req.System[i].Text)
	}
	for _, tool := range req.Tools {
		n += len(tool.Name) + len(tool.Description) + len(tool.Schema)
	}
	return n
}

func turnBytes(turn *llm.Turn) (n int) {
	for i := range turn.Parts {
		n += partBytes(&turn.Parts[i])
	}
	return n
}

// imageTokens is what an image counts for in an estimate.
const imageTokens = 258

func partBytes(p *llm.Part) int {
	n := len(p.Text)
	switch {
	case p.Call != nil:
		n += len(p.Call.Name) + len(p.Call.Args)
	case p.Media != nil:
		n += imageTokens*bytesPerToken + len(p.Media.Plain)
	case p.Result != nil:
		for i := range p.Result.Parts {
			n += partBytes(&p.Result.Parts[i])
		}
	}
	return n
}
