// Package vertex is the provider of Google's Vertex AI: Gemini models in
// Google's own protocol and Claude models in Anthropic's, paid by a Google
// Cloud project.
package vertex

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/googleauth"
	"antigravity-tools/backend/rawjson"
)

// Kind is the word of this provider on the command line and in the database.
const Kind = "vertex"

// Provider implements provider.Provider.
type Provider struct {
	userAgent string
	tokens    *googleauth.Tokens
	getenv    func(string) string
}

var (
	_ provider.Provider  = (*Provider)(nil)
	_ provider.Addressed = (*Provider)(nil)
	_ provider.Checker   = (*Provider)(nil)
	_ provider.Renewer   = (*Provider)(nil)
)

// New returns the provider of a program of that version. Tokens are got
// through client; getenv names the application-default credentials.
func New(version string, client *http.Client, getenv func(string) string) *Provider {
	agent := "antigravity-tools/" + version
	return &Provider{userAgent: agent, tokens: googleauth.NewTokens(client, agent, nil), getenv: getenv}
}

// Kind implements provider.Provider.
func (*Provider) Kind() string { return Kind }

// Name implements provider.Provider.
func (*Provider) Name() string { return "Vertex AI" }

// Describe tells the add-account dialog what this is and where a key is made.
func (*Provider) Describe() (description, keyURL string) {
	return "Gemini and Claude models through a Google Cloud project.",
		"https://console.cloud.google.com/iam-admin/serviceaccounts"
}

// Protocol implements provider.Provider.
func (*Provider) Protocol(model string) protocol.Upstream {
	if family.IsClaude(bare(model)) {
		return anthropic.Upstream{}
	}
	return gemini.Upstream{}
}

// Caps implements provider.Provider.
func (*Provider) Caps(model string) family.Caps { return family.Vertex(bare(model)) }

// Serves implements provider.Provider.
func (*Provider) Serves(model string) bool {
	return relayed(bare(model)) || family.IsClaude(bare(model))
}

// Prepare implements provider.Provider.
func (p *Provider) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	switch call.Operation {
	case provider.Generate, provider.CountTokens, provider.EmbedBatch, provider.MakeImage:
	default:
		return nil, fault.New(fault.UpstreamInvalid, "this provider does not have the operation")
	}
	if bare(call.Model) == "" {
		return nil, fault.Invalid("model", "the request names no model")
	}
	src, at, err := p.account(cred)
	if err != nil {
		return nil, asAuth(err)
	}
	address, body, err := at.call(call)
	if err != nil {
		return nil, err
	}
	token, err := p.tokens.Get(ctx, src)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	if family.IsClaude(bare(call.Model)) {
		if betas := knownBetas(call.Header.Values("Anthropic-Beta")); betas != "" {
			req.Header.Set("Anthropic-Beta", betas)
		}
	}
	req.Header.Set("Content-Type", "application/json")
	p.sign(req, token)
	return req, nil
}

func (p *Provider) sign(req *http.Request, token string) {
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("User-Agent", p.userAgent)
}

// account reads a credential: who signs, and where its calls go.
func (p *Provider) account(cred provider.Credential) (googleauth.Source, place, error) {
	at := place{base: cred.BaseURL, project: strings.TrimSpace(cred.Project), location: strings.TrimSpace(cred.Location)}
	var src googleauth.Source
	if cred.Auth == provider.AuthADC {
		src = googleauth.Default{Getenv: p.getenv, Scopes: []string{googleauth.CloudPlatform}}
	} else {
		key, err := googleauth.ParseServiceAccount(cred.APIKey, googleauth.CloudPlatform)
		if err != nil {
			return nil, at, err
		}
		if at.project == "" {
			at.project = key.ProjectID
		}
		src = key
	}
	return src, at, at.check()
}

// asAuth words a stored credential that cannot be used: no fault of the request.
func asAuth(err error) *fault.Error {
	f := fault.Wrap(fault.UpstreamAuth, "the account's credential cannot be used", err)
	f.Scope = fault.ScopeAccount
	return f
}

// Renew implements provider.Renewer.
func (p *Provider) Renew(cred provider.Credential, req *http.Request) bool {
	src, _, err := p.account(cred)
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if err != nil || !ok {
		return false
	}
	p.tokens.Drop(src, token)
	return true
}

// Check implements provider.Checker.
func (p *Provider) Check(cred provider.Credential) error {
	switch cred.Auth {
	case "", provider.AuthADC:
	default:
		return fault.Invalid("auth", "there is no way %q to prove an account", cred.Auth).WithHint("Leave it empty, or use: " + provider.AuthADC)
	}
	if cred.Auth == provider.AuthADC && cred.APIKey != "" {
		return fault.Invalid("api_key", "application-default credentials need no key")
	}
	_, _, err := p.account(cred)
	return err
}

// Classify implements provider.Provider. Anthropic's part answers in its own
// form, Google's front in Google's.
func (*Provider) Classify(status int, header http.Header, body []byte) *fault.Error {
	if kind, ok := rawjson.Get(body, "type"); ok && string(kind) == `"error"` {
		return anthropic.Upstream{}.DecodeError(status, header, body)
	}
	return gemini.Upstream{}.DecodeError(status, header, body)
}

// RoundTripper implements provider.Provider: the calls go over the network.
func (*Provider) RoundTripper() http.RoundTripper { return nil }

// Fields implements provider.Provider.
func (*Provider) Fields() []provider.Field {
	return []provider.Field{
		{
			Name: "auth", Label: "Credentials", Default: "",
			Help: "Application-default credentials are those that GOOGLE_APPLICATION_CREDENTIALS names, or of this machine in Google Cloud.",
			Options: []provider.Option{
				{Value: "", Label: "Service-account key"},
				{Value: provider.AuthADC, Label: "Application-default credentials"},
			},
		},
		{
			Name: "api_key", Label: "Service-account key", Secret: true,
			Help: "The whole JSON file of the key. Empty with application-default credentials.", Example: `{"type":"service_account", …}`, Lines: true,
		},
		{Name: "project", Label: "Project", Help: "Empty: the key's own project.", Example: "my-project-123"},
		{
			Name: "location", Label: "Location", Default: defaultLocation,
			Help: "global, us, eu, or a region that has the models.", Example: "us-east5",
		},
		{Name: "base_url", Label: "Base URL", Help: "Only for a proxy or a private endpoint. A version at its end is kept, else it is added."},
	}
}

// FinalURL implements provider.Provider for a project that is not known yet.
func (p *Provider) FinalURL(baseURL, model string) (string, error) {
	return p.FinalURLAt(provider.Credential{BaseURL: baseURL}, model)
}

// FinalURLAt implements provider.Addressed.
func (p *Provider) FinalURLAt(cred provider.Credential, model string) (string, error) {
	at := place{base: cred.BaseURL, project: strings.TrimSpace(cred.Project), location: strings.TrimSpace(cred.Location)}
	if at.project == "" {
		at.project = "PROJECT"
		if key, err := googleauth.ParseServiceAccount(cred.APIKey); err == nil && key.ProjectID != "" {
			at.project = key.ProjectID
		}
	}
	if err := at.check(); err != nil {
		return "", err
	}
	address, _, err := at.call(provider.Call{Operation: provider.Generate, Model: model, Stream: true, Body: []byte("{}")})
	return address, err
}
