// Package google is the provider of a person's Google account over the
// Code-Assist protocol: generateContent in an envelope that names the model and
// the account's project. It calls as itself: nothing of another program's
// identity is sent, and the OAuth client is the user's own.
package google

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/provider/baseurl"
	"antigravity-tools/backend/provider/googleauth"
)

// Kind is the word of this provider on the command line and in the database.
const Kind = "google"

// DefaultBaseURL is Google's own address (wire.md (a)).
const DefaultBaseURL = "https://cloudcode-pa.googleapis.com"

// version stands in every path.
const version = "v1internal"

// Options are the parts that a Provider is made of.
type Options struct {
	Version string
	// Client reaches Google for tokens and for the account's project.
	Client *http.Client
	// OAuth gives the user's own OAuth client; it is asked on every call, so
	// that a change applies at once.
	OAuth func() googleauth.OAuthClient
	// Poll is the pause between two looks at an account that is being set up,
	// 5 s if 0.
	Poll time.Duration
}

// Provider implements provider.Provider.
type Provider struct {
	opts      Options
	userAgent string
	tokens    *googleauth.Tokens
	projects  *projects
}

var (
	_ provider.Provider  = (*Provider)(nil)
	_ provider.Checker   = (*Provider)(nil)
	_ provider.Renewer   = (*Provider)(nil)
	_ provider.Unwrapper = (*Provider)(nil)
)

// New returns the provider.
func New(opts Options) *Provider {
	if opts.Poll == 0 {
		opts.Poll = pollEvery
	}
	agent := "antigravity-tools/" + opts.Version
	return &Provider{opts: opts, userAgent: agent, tokens: googleauth.NewTokens(opts.Client, agent, nil), projects: newProjects()}
}

// Kind implements provider.Provider.
func (*Provider) Kind() string { return Kind }

// Name implements provider.Provider.
func (*Provider) Name() string { return "Google account" }

// Describe tells the add-account dialog what this is.
func (*Provider) Describe() (description, keyURL string) {
	return "A Google account over the Code-Assist protocol. Google's terms decide whether you may use it with a program of your own; " +
		"an API key or Vertex AI is the safer way. It needs an OAuth client of yours in the settings.", ""
}

// Protocol implements provider.Provider.
func (*Provider) Protocol(string) protocol.Upstream { return codec.Upstream{} }

// Caps implements provider.Provider.
func (*Provider) Caps(model string) family.Caps { return family.CodeAssist(codec.BareModel(model)) }

// Serves implements provider.Provider.
func (*Provider) Serves(model string) bool {
	n := family.Parse(codec.BareModel(model))
	return n.Series == "gemini" && !n.Has("embedding")
}

// Prepare implements provider.Provider.
func (p *Provider) Prepare(ctx context.Context, cred provider.Credential, call provider.Call) (*http.Request, error) {
	if call.Operation != provider.Generate && call.Operation != provider.CountTokens {
		return nil, fault.New(fault.UpstreamInvalid, "this provider does not have the operation")
	}
	model := codec.BareModel(call.Model)
	if model == "" {
		return nil, fault.Invalid("model", "the request names no model")
	}
	src, err := p.source(cred)
	if err != nil {
		return nil, err
	}
	token, err := p.tokens.Get(ctx, src)
	if err != nil {
		return nil, err
	}
	project, err := p.project(ctx, cred, src)
	if err != nil {
		return nil, err
	}
	if call.Operation == provider.CountTokens {
		body, err := countBody(model, call.Body)
		if err != nil {
			return nil, err
		}
		return p.request(ctx, cred.BaseURL, "countTokens", body, token)
	}
	method := "generateContent"
	if call.Stream {
		method = "streamGenerateContent?alt=sse"
	}
	return p.request(ctx, cred.BaseURL, method, wrap(model, project, call.Body), token)
}

func rule() baseurl.Rule {
	return baseurl.Rule{Default: DefaultBaseURL, Version: version, Colon: true}
}

// request makes a call of a method of the service.
func (p *Provider) request(ctx context.Context, base, method string, body []byte, token string) (*http.Request, error) {
	address, err := rule().Join(base, method)
	if err != nil {
		return nil, err
	}
	return p.signed(ctx, http.MethodPost, address, bytes.NewReader(body), token)
}

func (p *Provider) signed(ctx context.Context, verb, address string, body io.Reader, token string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, verb, address, body)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("User-Agent", p.userAgent)
	return req, nil
}

// source is the account's consent, given to the user's own OAuth client.
func (p *Provider) source(cred provider.Credential) (googleauth.Refresh, error) {
	client := p.opts.OAuth()
	if client.ID == "" || client.Secret == "" {
		f := fault.New(fault.UpstreamAuth, "no OAuth client is set, which Google accounts need").WithCode("oauth_client_missing").
			WithHint("Make an OAuth client of type Desktop in your Google Cloud project and set google.oauth_client_id and google.oauth_client_secret; none is shipped.")
		f.Scope = fault.ScopeRequest // the settings' fault, no account's
		return googleauth.Refresh{}, f
	}
	return googleauth.Refresh{Client: client, Token: cred.APIKey}, nil
}

// Renew implements provider.Renewer.
func (p *Provider) Renew(cred provider.Credential, req *http.Request) bool {
	src, err := p.source(cred)
	token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	if err != nil || !ok {
		return false
	}
	p.tokens.Drop(src, token)
	return true
}

// Check implements provider.Checker.
func (p *Provider) Check(cred provider.Credential) error {
	if cred.APIKey == "" || strings.ContainsAny(cred.APIKey, " \t\r\n{}") {
		return fault.Invalid("api_key", "a refresh token is one word").
			WithHint("Give the refresh token that Google issued to your OAuth client for the scope " + googleauth.CloudPlatform + ".")
	}
	if err := checkProject(cred.Project); err != nil {
		return err
	}
	if _, err := p.source(cred); err != nil {
		f := fault.From(err)
		return fault.Invalid("provider", "%s", f.Message).WithCode(f.Code).WithHint(f.Hint)
	}
	return nil
}

// RoundTripper implements provider.Provider: the calls go over the network.
func (*Provider) RoundTripper() http.RoundTripper { return nil }

// Fields implements provider.Provider.
func (*Provider) Fields() []provider.Field {
	return []provider.Field{
		{
			Name: "api_key", Label: "Refresh token", Secret: true, Required: true,
			Help: "Issued to your own OAuth client (settings google.oauth_client_id and google.oauth_client_secret) for the scope cloud-platform.", Example: "1//0…",
		},
		{
			Name: "project", Label: "Project", Example: "my-project-123",
			Help: "Only for an account whose plan wants a Google Cloud project of its own; empty: the one that Google gives it.",
		},
		{
			Name: "base_url", Label: "Base URL", Default: DefaultBaseURL,
			Help: "Only for a proxy. A version at its end is kept, else /" + version + " is added.",
		},
	}
}

// FinalURL implements provider.Provider.
func (*Provider) FinalURL(baseURL, _ string) (string, error) {
	return rule().Join(baseURL, "streamGenerateContent?alt=sse")
}
