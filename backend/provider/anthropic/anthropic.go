// Package anthropic is the provider of Anthropic's Messages and of the servers
// that speak its protocol, such as z.ai. The account's base URL tells them
// apart.
package anthropic

import (
	"bytes"
	"context"
	"net/http"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	codec "antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/baseurl"
)

// Kind is the word of this provider on the command line and in the database.
const Kind = "anthropic"

// DefaultBaseURL is Anthropic's own address.
const DefaultBaseURL = "https://api.anthropic.com"

// defaultVersion is the version of the protocol that this program writes.
const defaultVersion = "2023-06-01"

// Provider implements provider.Provider.
type Provider struct{ userAgent string }

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Sited    = (*Provider)(nil)
)

// New returns the provider of a program of that version.
func New(version string) *Provider {
	return &Provider{userAgent: "antigravity-tools/" + version}
}

func rule() baseurl.Rule {
	return baseurl.Rule{Default: DefaultBaseURL, Version: "v1", Tails: []string{"/messages", "/models"}}
}

// Kind implements provider.Provider.
func (*Provider) Kind() string { return Kind }

// Name implements provider.Provider.
func (*Provider) Name() string { return "Anthropic-compatible" }

// Describe tells the add-account dialog what this is and where a key is made.
func (*Provider) Describe() (description, keyURL string) {
	return "Anthropic, or any server that speaks its Messages protocol, such as z.ai.",
		"https://console.anthropic.com/settings/keys"
}

// Protocol implements provider.Provider.
func (*Provider) Protocol(string) protocol.Upstream { return codec.Upstream{} }

// Caps implements provider.Provider for Anthropic's own service.
func (*Provider) Caps(model string) family.Caps { return family.Anthropic(model) }

// Serves implements provider.Provider for Anthropic's own service.
func (*Provider) Serves(model string) bool { return family.IsClaude(model) }

// CapsAt implements provider.Sited.
func (*Provider) CapsAt(cred provider.Credential, model string) family.Caps {
	if rule().Own(cred.BaseURL) {
		return family.Anthropic(model)
	}
	return family.Messages(model)
}

// ServesAt implements provider.Sited: what another server has, only its list
// tells.
func (*Provider) ServesAt(cred provider.Credential, model string) bool {
	return rule().Own(cred.BaseURL) && family.IsClaude(model)
}

// Prepare implements provider.Provider.
func (p *Provider) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	path := "messages"
	if call.Operation == provider.CountTokens {
		path = "messages/count_tokens"
	}
	address, err := rule().Join(cred.BaseURL, path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(call.Body))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	p.sign(req, cred)
	// Features travel; the client's workspace and such are not the account's.
	for _, name := range []string{"Anthropic-Version", "Anthropic-Beta"} {
		if values := call.Header.Values(name); len(values) > 0 {
			req.Header[name] = values
		}
	}
	req.Header.Set("Content-Type", "application/json")
	if call.Stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	return req, nil
}

// sign sets the headers that every call carries. Compatible servers take the
// key in either of two places.
func (p *Provider) sign(req *http.Request, cred provider.Credential) {
	if cred.APIKey != "" {
		req.Header.Set("X-Api-Key", cred.APIKey)
		if !rule().Own(cred.BaseURL) {
			req.Header.Set("Authorization", "Bearer "+cred.APIKey)
		}
	}
	req.Header.Set("Anthropic-Version", defaultVersion)
	req.Header.Set("User-Agent", p.userAgent)
}

// Classify implements provider.Provider.
func (*Provider) Classify(status int, header http.Header, body []byte) *fault.Error {
	return codec.Upstream{}.DecodeError(status, header, body)
}

// RoundTripper implements provider.Provider: the calls go over the network.
func (*Provider) RoundTripper() http.RoundTripper { return nil }

// Fields implements provider.Provider.
func (*Provider) Fields() []provider.Field {
	return []provider.Field{
		{
			Name: "api_key", Label: "API key", Secret: true, Required: true,
			Help: "A key of the Anthropic Console, or of the server at the base URL.", Example: "sk-ant-…",
		},
		{
			Name: "base_url", Label: "Base URL", Default: DefaultBaseURL,
			Help:    "Only for a compatible server or a proxy. A version at its end is kept, else /v1 is added.",
			Example: "https://api.z.ai/api/anthropic",
		},
	}
}

// FinalURL implements provider.Provider.
func (*Provider) FinalURL(baseURL, _ string) (string, error) {
	return rule().Join(baseURL, "messages")
}
