// Package gemini is the provider of Google's public Gemini API: an API key in
// a header, generateContent, countTokens and the list of models.
package gemini

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
)

// Kind is the word of this provider on the command line and in the database.
const Kind = "gemini"

// Provider implements provider.Provider.
type Provider struct{ userAgent string }

var _ provider.Provider = (*Provider)(nil)

// New returns the provider of a program of that version.
func New(version string) *Provider {
	return &Provider{userAgent: "antigravity-tools/" + version}
}

// Kind implements provider.Provider.
func (*Provider) Kind() string { return Kind }

// Name implements provider.Provider.
func (*Provider) Name() string { return "Gemini API" }

// Protocol implements provider.Provider.
func (*Provider) Protocol(string) protocol.Upstream { return codec.Upstream{} }

// Caps implements provider.Provider.
func (*Provider) Caps(model string) family.Caps { return family.Gemini(codec.BareModel(model)) }

// Serves implements provider.Provider: the families whose methods are relayed.
func (*Provider) Serves(model string) bool {
	return family.GeminiUse(codec.BareModel(model)) != family.UseOther
}

// Prepare implements provider.Provider. A streamed call always asks for
// events, never for the array form.
func (p *Provider) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	body := call.Body
	if call.Operation == provider.CountTokens {
		var err error
		if body, err = countBody(call.Model, call.Body); err != nil {
			return nil, err
		}
	}
	address, err := modelURL(cred.BaseURL, call.Model, verbOf(call))
	if err != nil {
		return nil, err
	}
	if address, err = withQuery(address, call); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	for name, values := range call.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	req.Header.Set("Content-Type", "application/json")
	p.sign(req, cred)
	return req, nil
}

// sign sets the headers that every call carries. The key never stands in the
// address, which proxies log.
func (p *Provider) sign(req *http.Request, cred provider.Credential) {
	req.Header.Set("X-Goog-Api-Key", cred.APIKey)
	req.Header.Set("User-Agent", p.userAgent)
}

func withQuery(address string, call provider.Call) (string, error) {
	q, err := url.ParseQuery(call.Query)
	if err != nil {
		return "", fault.Invalid("", "the query of the request is malformed")
	}
	q.Del("key")
	q.Del("alt")
	if call.Stream && call.Operation == provider.Generate {
		q.Set("alt", "sse")
	}
	if len(q) == 0 {
		return address, nil
	}
	return address + "?" + q.Encode(), nil
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
			Help: "A key of the Gemini API, made in Google AI Studio.", Example: "AIza…",
		},
		{
			Name: "base_url", Label: "Base URL", Default: DefaultBaseURL,
			Help:    "Only for a proxy or a regional address. A version at its end is kept, else /v1beta is added.",
			Example: DefaultBaseURL + "/v1beta",
		},
	}
}

// FinalURL implements provider.Provider.
func (*Provider) FinalURL(baseURL, model string) (string, error) {
	address, err := modelURL(baseURL, model, "streamGenerateContent")
	if err != nil {
		return "", err
	}
	return address + "?alt=sse", nil
}

// escapeModel escapes a model name for a path; slashes in it stay.
func escapeModel(model string) string {
	segments := strings.Split(model, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}
