package googleauth

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/netip"
	"net/url"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"

	"antigravity-tools/backend/fault"
)

// ServiceAccount is the JSON key of a service account.
type ServiceAccount struct {
	ProjectID string
	// Email is the name that Google gives the account; it is no secret, but no
	// log has to know it.
	Email string

	keyID, key, tokenURL string
	scopes               []string
}

// ParseServiceAccount reads the JSON key that Google Cloud hands out.
func ParseServiceAccount(secret string, scopes ...string) (*ServiceAccount, error) {
	var file struct {
		Type         string `json:"type"`
		ProjectID    string `json:"project_id"`
		PrivateKeyID string `json:"private_key_id"`
		PrivateKey   string `json:"private_key"`
		ClientEmail  string `json:"client_email"`
		TokenURI     string `json:"token_uri"`
	}
	if json.Unmarshal([]byte(secret), &file) != nil {
		return nil, badKey("the service-account key is not JSON")
	}
	if file.Type != "service_account" {
		return nil, badKey("the JSON is not the key of a service account")
	}
	if file.ClientEmail == "" || !isRSAKey(file.PrivateKey) {
		return nil, badKey("the service-account key is not complete")
	}
	if file.TokenURI == "" {
		file.TokenURI = TokenURL
	}
	if !SafeTokenURL(file.TokenURI) {
		return nil, badKey("the token_uri of the service-account key must be an https address")
	}
	return &ServiceAccount{
		ProjectID: file.ProjectID, Email: file.ClientEmail,
		keyID: file.PrivateKeyID, key: file.PrivateKey, tokenURL: file.TokenURI, scopes: scopes,
	}, nil
}

func badKey(message string) *fault.Error {
	return fault.Invalid("api_key", "%s", message).
		WithHint("Give the whole JSON file that Google Cloud makes under IAM, Service Accounts, Keys.")
}

// isRSAKey tells a private key in PEM, in either of the forms that Google has
// used.
func isRSAKey(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return false
	}
	if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		_, ok := parsed.(*rsa.PrivateKey)
		return ok
	}
	_, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	return err == nil
}

// SafeTokenURL tells an address that credentials may be sent to: https, or this
// machine.
func SafeTokenURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && addr.IsLoopback())
}

// Key implements Source.
func (s *ServiceAccount) Key() string { return keyOf("service", s.Email, s.keyID, s.key, s.tokenURL) }

// Mint implements Source: a signed assertion is exchanged for a token. The
// library takes no context here; the client's own time limit ends the call.
func (s *ServiceAccount) Mint(_ context.Context, client *http.Client) (*oauth2.Token, error) {
	cfg := jwt.Config{Email: s.Email, PrivateKey: []byte(s.key), PrivateKeyID: s.keyID, Scopes: s.scopes, TokenURL: s.tokenURL}
	token, err := cfg.TokenSource(context.WithValue(context.Background(), oauth2.HTTPClient, client)).Token()
	return checked(token, mintFault(err, "the key of the service account"))
}
