// Package provider declares what a provider is to the gateway: where a call
// goes, how it is signed, what its errors mean and which models it offers.
// One folder below implements one provider.
package provider

import (
	"context"
	"io"
	"net/http"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// Operation is what a client asks of a model.
type Operation string

// Operations that reach an upstream.
const (
	Generate    Operation = "generate"
	CountTokens Operation = "count_tokens"
)

// Credential is what an account authenticates with. It is handed to a
// provider by value for one call and is never logged.
type Credential struct {
	BaseURL string // "" means the provider's own
	// APIKey is the secret, of whatever kind: an API key, the JSON key of a
	// service account, a refresh token. "" where the account needs none.
	APIKey string
	// Auth says how an account without a secret proves itself: AuthADC.
	Auth string `json:",omitempty"`
	// Project and Location are the Google Cloud project and region that calls
	// go to and that pay for them.
	Project  string `json:",omitempty"`
	Location string `json:",omitempty"`
	// API is which protocol to speak, of a provider that knows several; "" or
	// APIAuto leaves the choice to it.
	API string `json:",omitempty"`
}

// APIAuto leaves to the provider which of its protocols an account speaks.
const APIAuto = "auto"

// AuthADC as Credential.Auth: Google's application-default credentials, which
// a person asked for in so many words.
const AuthADC = "adc"

// Call is one request on its way up.
type Call struct {
	Operation Operation
	Model     string // the provider's name of the model, without "models/"
	Stream    bool
	// Query is the client's query for a call that passes through unchanged,
	// already reduced to what may travel.
	Query string
	// Header holds the client's vendor headers that may travel (an
	// allow-list has been applied).
	Header http.Header
	Body   []byte
	// Protocol is that of Body, for a provider that speaks several.
	Protocol llm.Protocol
	// ContentType of the body, "" for JSON.
	ContentType string
}

// Model is one model that an account offers.
type Model struct {
	ID           string   `json:"id"` // without "models/"
	DisplayName  string   `json:"display_name,omitempty"`
	Description  string   `json:"description,omitempty"`
	Version      string   `json:"version,omitempty"`
	InputLimit   int64    `json:"input_limit,omitempty"`  // tokens, 0 if unknown
	OutputLimit  int64    `json:"output_limit,omitempty"` // tokens, 0 if unknown
	Methods      []string `json:"methods,omitempty"`      // the provider's own words
	Thinking     bool     `json:"thinking,omitempty"`
	Temperature  float64  `json:"temperature,omitempty"`
	MaxTemp      float64  `json:"max_temperature,omitempty"`
	TopP         float64  `json:"top_p,omitempty"`
	TopK         int64    `json:"top_k,omitempty"`
	OwnedBy      string   `json:"owned_by,omitempty"`
	CreatedUnix  int64    `json:"created,omitempty"`
	ProviderKind string   `json:"provider,omitempty"`
	// Abilities is what else the provider announces; the limits of it are
	// unused.
	Abilities family.Announced `json:"abilities,omitzero"`
	// Quota is what is left of the account's quota for the model; nil: the
	// provider does not tell.
	Quota *Quota `json:"quota,omitempty"`
}

// Quota is how much of a quota is left.
type Quota struct {
	Remaining float64   `json:"remaining"` // 0 to 1
	ResetAt   time.Time `json:"reset_at,omitzero"`
}

// Announced is what the list says of the model beside its name.
func (m Model) Announced() family.Announced {
	a := m.Abilities
	a.InputLimit, a.OutputLimit = m.InputLimit, m.OutputLimit
	return a
}

// Field describes one input of the add-account dialog.
type Field struct {
	Name   string `json:"name"` // "api_key", "base_url", "project", "location", "auth"
	Label  string `json:"label"`
	Help   string `json:"help"`
	Secret bool   `json:"secret"`
	// Lines is set where the value has several, such as a service account's JSON.
	Lines    bool   `json:"lines"`
	Required bool   `json:"required"`
	Default  string `json:"default"`
	Example  string `json:"example"`
	// Options are the values of a choice; empty: free text.
	Options []Option `json:"options,omitempty"`
}

// Option is one value of a Field that is a choice.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Provider is one kind of upstream. Implementations are stateless and safe
// for concurrent use.
type Provider interface {
	// Kind is the word used on the command line and in the database.
	Kind() string
	// Name is what a person reads.
	Name() string
	// Protocol is the one that the provider speaks for model.
	Protocol(model string) protocol.Upstream
	Caps(model string) family.Caps
	// Serves tells whether a model name that no list has may be tried here
	// (contract.md section 5: a family pattern fits).
	Serves(model string) bool
	Prepare(ctx context.Context, cred Credential, call Call) (*http.Request, error)
	// Classify turns an answer that is not 2xx into a fault.
	Classify(status int, header http.Header, body []byte) *fault.Error
	// Models lists what the credential may use, all pages.
	Models(ctx context.Context, client *http.Client, cred Credential) ([]Model, error)
	Fields() []Field
	// FinalURL shows the address that a generation call would go to.
	FinalURL(baseURL, model string) (string, error)
	// RoundTripper is an in-process transport for a provider without a
	// network address, nil for all others.
	RoundTripper() http.RoundTripper
}

// Sited is implemented by a Provider whose models and abilities depend on the
// account: on where its base URL leads.
type Sited interface {
	CapsAt(cred Credential, model string) family.Caps
	ServesAt(cred Credential, model string) bool
}

// Addressed is implemented by a Provider whose addresses depend on more of the
// account than its base URL.
type Addressed interface {
	FinalURLAt(cred Credential, model string) (string, error)
}

// FinalURLOf shows the address that a generation call of the account goes to.
func FinalURLOf(p Provider, cred Credential, model string) (string, error) {
	if a, ok := p.(Addressed); ok {
		return a.FinalURLAt(cred, model)
	}
	return p.FinalURL(cred.BaseURL, model)
}

// Checker is implemented by a Provider that can tell a credential that could
// never work from one that may, without a call.
type Checker interface {
	Check(cred Credential) error
}

// CheckOf checks a credential before it is saved: its address and its form.
func CheckOf(p Provider, cred Credential, model string) error {
	if err := checkAPI(p, cred.API); err != nil {
		return err
	}
	if c, ok := p.(Checker); ok {
		if err := c.Check(cred); err != nil {
			return err
		}
	}
	_, err := FinalURLOf(p, cred, model)
	return err
}

// Unwrapper is implemented by a Provider whose answers are its protocol's in an
// envelope. Unwrap gives the protocol's own form; the stream it returns passes
// each event on before it reads the next, and closes body when it is closed.
type Unwrapper interface {
	Unwrap(call Call, body io.ReadCloser) io.ReadCloser
}

// Renewer is implemented by a Provider that signs with tokens that expire.
// Renew forgets the token that req was signed with, for an upstream refused
// it, and reports whether the same call may succeed with a new one.
type Renewer interface {
	Renew(cred Credential, req *http.Request) bool
}

// CapsOf gives what the model can do behind the account.
func CapsOf(p Provider, cred Credential, model string) family.Caps {
	if s, ok := p.(Sited); ok {
		return s.CapsAt(cred, model)
	}
	return p.Caps(model)
}

// ServesOf tells whether the account may be tried for a model that is not on
// its list.
func ServesOf(p Provider, cred Credential, model string) bool {
	if s, ok := p.(Sited); ok {
		return s.ServesAt(cred, model)
	}
	return p.Serves(model)
}
