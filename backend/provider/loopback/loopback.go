// Package loopback is the built-in provider: four models that answer in this
// process, without an account and without a network, the same way every time.
// It speaks the Gemini protocol through the ordinary pipeline, so that what
// works with it works with a real upstream.
//
//   - loopback echoes the last thing the user said and names the media that
//     came with it,
//   - loopback-tools calls the first tool it is offered (or the one it must
//     call), then reports the result,
//   - loopback-slow streams for ten seconds, or for as many as the last message
//     says,
//   - loopback-error answers the error whose status stands in the last
//     message; a duration behind it ("429 30s") is when to try again.
package loopback

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
)

// Kind is the word of this provider.
const Kind = "loopback"

// The models.
const (
	Echo  = "loopback"
	Tools = "loopback-tools"
	Slow  = "loopback-slow"
	Error = "loopback-error"
)

// host is in a zone that is reserved for private use: only the RoundTripper of
// this package knows it.
const host = "loopback.internal"

// Provider implements provider.Provider.
type Provider struct{ tick time.Duration }

var _ provider.Provider = (*Provider)(nil)

// New returns the provider.
func New() *Provider { return &Provider{tick: 250 * time.Millisecond} }

// Kind implements provider.Provider.
func (*Provider) Kind() string { return Kind }

// Name implements provider.Provider.
func (*Provider) Name() string { return "Loopback" }

// Protocol implements provider.Provider.
func (*Provider) Protocol(string) protocol.Upstream { return gemini.Upstream{} }

// Limits of the loopback models, in tokens.
const (
	inputLimit  = 1 << 20
	outputLimit = 65536
)

// Caps implements provider.Provider: everything that the protocol can carry.
func (*Provider) Caps(string) family.Caps {
	return family.Caps{
		Family: Kind, Issuer: llm.IssuerGoogle, MaxOutput: outputLimit,
		Reasoning: family.ReasoningCaps{
			Dialect: family.DialectLevel,
			Levels:  []llm.Effort{llm.EffortMinimal, llm.EffortLow, llm.EffortMedium, llm.EffortHigh},
		},
		JSONSchema: true, URLMedia: true, CallIDs: true, ResultMedia: true, PartDetail: true,
		MixTools: true, FormatTools: true, SystemText: true, Public: true, Tiers: true,
	}
}

// Serves implements provider.Provider: its models are all on the list.
func (*Provider) Serves(model string) bool { return slices.Contains(names(), model) }

func names() []string { return []string{Echo, Tools, Slow, Error} }

// Prepare implements provider.Provider.
func (*Provider) Prepare(ctx context.Context, _ provider.Credential, call provider.Call) (*http.Request, error) {
	verb, query := "generateContent", ""
	switch {
	case call.Operation == provider.CountTokens:
		verb = "countTokens"
	case call.Stream:
		verb, query = "streamGenerateContent", "?alt=sse"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address(call.Model, verb)+query, bytes.NewReader(call.Body))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the loopback request could not be made", err)
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

func address(model, verb string) string {
	return "http://" + host + "/v1beta/models/" + url.PathEscape(model) + ":" + verb
}

// Classify implements provider.Provider. Unlike a real upstream's, a refusal
// here is no account's fault: the caller asked for it and gets its status.
func (*Provider) Classify(status int, header http.Header, body []byte) *fault.Error {
	f := gemini.Upstream{}.DecodeError(status, header, body)
	f.Provider, f.Status = Kind, status
	switch status {
	case http.StatusUnauthorized:
		f.Class, f.Message = fault.Unauthenticated, say(status)
	case http.StatusForbidden:
		f.Class, f.Message = fault.Forbidden, say(status)
	case http.StatusPaymentRequired:
		f.Class = fault.InvalidRequest
	case http.StatusServiceUnavailable, fault.StatusClientClosedRequest:
		// The codec reads a 503 that names its reason as a limit.
		f.Class, f.Scope = fault.Overloaded, fault.ScopeRequest
	}
	return f
}

func say(status int) string {
	return fmt.Sprintf("the loopback model answers %d, as it was asked to", status)
}

// Models implements provider.Provider.
func (*Provider) Models(context.Context, *http.Client, provider.Credential) ([]provider.Model, error) {
	about := map[string]string{
		Echo:  "Echoes the last message. Built in, for trying out clients.",
		Tools: "Calls the first tool it is offered, then reports its result.",
		Slow:  "Streams for ten seconds.",
		Error: "Answers the error whose status stands in the last message.",
	}
	var out []provider.Model
	for _, name := range names() {
		out = append(out, provider.Model{
			ID: name, DisplayName: name, Description: about[name], Version: "1",
			InputLimit: inputLimit, OutputLimit: outputLimit,
			Methods: []string{"generateContent", "countTokens"}, OwnedBy: "antigravity-tools", ProviderKind: Kind,
		})
	}
	return out, nil
}

// Fields implements provider.Provider: there is nothing to enter.
func (*Provider) Fields() []provider.Field { return nil }

// FinalURL implements provider.Provider.
func (*Provider) FinalURL(_, model string) (string, error) {
	return address(model, "streamGenerateContent") + "?alt=sse", nil
}

// RoundTripper implements provider.Provider.
func (p *Provider) RoundTripper() http.RoundTripper { return transport{tick: p.tick} }
