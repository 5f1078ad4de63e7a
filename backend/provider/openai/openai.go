// Package openai is the provider of OpenAI's Chat Completions and of the many
// servers that speak its protocol: OpenRouter, DeepSeek, Ollama, LM Studio,
// vLLM and others. The account's base URL tells them apart.
package openai

import (
	"bytes"
	"cmp"
	"context"
	"net/http"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	codec "antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/baseurl"
)

// Kind is the word of this provider on the command line and in the database.
const Kind = "openai"

// DefaultBaseURL is OpenAI's own address.
const DefaultBaseURL = "https://api.openai.com/v1"

// Provider implements provider.Provider.
type Provider struct {
	userAgent string
	learned   *learned
}

var (
	_ provider.Provider = (*Provider)(nil)
	_ provider.Sited    = (*Provider)(nil)
	_ provider.Polyglot = (*Provider)(nil)
)

// New returns the provider of a program of that version.
func New(version string) *Provider {
	return &Provider{userAgent: "antigravity-tools/" + version, learned: newLearned()}
}

func rule() baseurl.Rule {
	return baseurl.Rule{
		Default: DefaultBaseURL, Version: "v1", Behind: "openai",
		Tails: []string{"/chat/completions", "/responses", "/models", "/embeddings"},
	}
}

// Kind implements provider.Provider.
func (*Provider) Kind() string { return Kind }

// Name implements provider.Provider.
func (*Provider) Name() string { return "OpenAI-compatible" }

// Describe tells the add-account dialog what this is and where a key is made.
func (*Provider) Describe() (description, keyURL string) {
	return "OpenAI, or any server that speaks its Chat Completions protocol: OpenRouter, DeepSeek, Ollama, LM Studio, vLLM.",
		"https://platform.openai.com/api-keys"
}

// Protocol implements provider.Provider.
func (*Provider) Protocol(string) protocol.Upstream { return codec.Upstream{} }

// Caps implements provider.Provider for OpenAI's own service.
func (*Provider) Caps(model string) family.Caps { return family.OpenAI(model) }

// Serves implements provider.Provider for OpenAI's own service.
func (*Provider) Serves(model string) bool { return family.OpenAIUse(model) != family.UseOther }

// CapsAt implements provider.Sited.
func (p *Provider) CapsAt(cred provider.Credential, model string) family.Caps {
	if rule().Own(cred.BaseURL) {
		return p.taught(family.OpenAI(model), cred, model)
	}
	c := family.Compatible(model)
	if baseurl.Host(cred.BaseURL) == "openrouter.ai" {
		routed(&c)
	}
	return p.taught(c, cred, model)
}

// routed adds what OpenRouter does for all models: one control of reasoning,
// and PDF files.
func routed(c *family.Caps) {
	c.Files, c.URLImages = true, true
	if c.Reasoning.Dialect == family.DialectSwitch || c.Reasoning.Dialect == family.DialectFlag || c.Reasoning.Dialect == family.DialectNone {
		c.Reasoning = family.ReasoningCaps{
			Dialect: family.DialectLevel, ZeroOff: true,
			Levels: []llm.Effort{llm.EffortMinimal, llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh},
		}
	}
}

// ServesAt implements provider.Sited: what another server has, only its list
// tells.
func (p *Provider) ServesAt(cred provider.Credential, model string) bool {
	return rule().Own(cred.BaseURL) && p.Serves(model)
}

// Prepare implements provider.Provider.
func (p *Provider) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	path, err := resource(call.Operation, call.Protocol)
	if err != nil {
		return nil, err
	}
	address, err := rule().Join(cred.BaseURL, path)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(call.Body))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	// The client's organisation and project are not the account's.
	if beta := call.Header.Values("Openai-Beta"); len(beta) > 0 && rule().Own(cred.BaseURL) {
		req.Header["Openai-Beta"] = beta
	}
	req.Header.Set("Content-Type", cmp.Or(call.ContentType, "application/json"))
	if call.Stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	p.sign(req, cred)
	return req, nil
}

// sign sets the headers that every call carries. Servers on one's own machine
// often want no key.
func (p *Provider) sign(req *http.Request, cred provider.Credential) {
	if cred.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+cred.APIKey)
	}
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
			Name: "api_key", Label: "API key", Secret: true,
			Help: "Leave empty for a server that wants none, such as Ollama or LM Studio.", Example: "sk-…",
		},
		{
			Name: "base_url", Label: "Base URL", Default: DefaultBaseURL,
			Help:    "The server's address. A version at its end is kept, else /v1 is added.",
			Example: "http://127.0.0.1:11434/v1",
		},
		{
			Name: "api", Label: "API", Default: provider.APIAuto, Options: []provider.Option{
				{Value: provider.APIAuto, Label: "Find out"}, {Value: apiChat, Label: "Chat Completions"}, {Value: apiResponses, Label: "Responses"},
			},
			Help: "Which of its two protocols the server is spoken to in.",
		},
	}
}

// FinalURL implements provider.Provider.
func (*Provider) FinalURL(baseURL, _ string) (string, error) {
	return rule().Join(baseURL, "chat/completions")
}
