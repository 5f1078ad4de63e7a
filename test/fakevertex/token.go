package fakevertex

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"antigravity-tools/test/fakegemini"
	"antigravity-tools/test/fakeoauth"
)

// ServiceAccount is an account of the service with its key.
type ServiceAccount struct {
	Name, Email, KeyID string
	key                *rsa.PrivateKey
	deleted            atomic.Bool
}

func newServiceAccount(name string) (*ServiceAccount, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return &ServiceAccount{Name: name, Email: "gateway@" + name + ".iam.gserviceaccount.com", KeyID: "key-" + name, key: key}, nil
}

// Key is the JSON file that Google Cloud hands out for the account, without
// line breaks between its members.
func (s *Server) Key(name string) string {
	a := s.account(func(a *ServiceAccount) bool { return a.Name == name })
	if a == nil {
		return ""
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return ""
	}
	out, _ := json.Marshal(map[string]string{
		"type": "service_account", "project_id": a.Name, "private_key_id": a.KeyID, "client_email": a.Email, "client_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "token_uri": s.TokenURL()})
	return string(out)
}

// Delete deletes an account's key.
func (s *Server) Delete(name string) {
	if a := s.account(func(a *ServiceAccount) bool { return a.Name == name }); a != nil {
		a.deleted.Store(true)
	}
}

func (s *Server) account(fits func(*ServiceAccount) bool) *ServiceAccount {
	for _, a := range s.accounts {
		if fits(a) {
			return a
		}
	}
	return nil
}

const bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// token exchanges a signed assertion (rfc 7523, section 2.1).
func (s *Server) token(x *fakegemini.Exchange) {
	x.Note("", "", "token")
	if x.R.Method != http.MethodPost {
		x.NotFound()
		return
	}
	refuse := func(rule string, r fakeoauth.Refusal) {
		x.Refuse(rule, &fakegemini.Error{Code: http.StatusBadRequest, Status: r.Error, Message: r.Description})
	}
	form, bad := fakeoauth.Form(x.R, x.Body, "grant_type", "assertion")
	switch {
	case bad != nil:
		refuse("token request", *bad)
		return
	case form["grant_type"] != bearer:
		refuse("token request", fakeoauth.Refusal{Error: "unsupported_grant_type", Description: "Invalid grant_type: " + form["grant_type"]})
		return
	}
	a, why := s.assertion(form["assertion"], time.Now())
	if why != "" {
		refuse("assertion", fakeoauth.Refusal{Error: "invalid_grant", Description: why})
		return
	}
	x.Note(a.Name, "", "token")
	if a.deleted.Load() {
		// Source: google, "Invalid JWT Signature" for a key that is no more.
		x.JSON(http.StatusBadRequest, fakeoauth.Refusal{Error: "invalid_grant", Description: "Invalid JWT Signature."})
		return
	}
	if !x.Scripted(a.Name, "token") {
		x.JSON(http.StatusOK, s.Tokens.Grant(a.Name))
	}
}

// assertion checks a JWT: its header and signature (rfc 7519), and the claims
// that Google names: iss is the account, aud this endpoint, the scope that of
// Google Cloud, a life of one hour at most (google).
func (s *Server) assertion(text string, now time.Time) (*ServiceAccount, string) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, "Invalid JWT: three parts are needed."
	}
	var header struct{ Alg, Typ, Kid string }
	var claims struct {
		Iss, Scope, Aud, Sub string
		Iat, Exp             int64
	}
	if !decoded(parts[0], &header) || !decoded(parts[1], &claims) {
		return nil, "Invalid JWT: it cannot be read."
	}
	a := s.account(func(a *ServiceAccount) bool { return a.Email == claims.Iss })
	sign, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	const skew = 60 // seconds
	switch {
	case header.Alg != "RS256" || header.Typ != "JWT":
		return nil, "Invalid JWT header."
	case a == nil:
		return nil, "Invalid grant: account not found"
	case a.deleted.Load():
		return a, ""
	case header.Kid != "" && header.Kid != a.KeyID:
		return nil, "Invalid JWT: unknown key id."
	case err != nil || rsa.VerifyPKCS1v15(&a.key.PublicKey, crypto.SHA256, sum[:], sign) != nil:
		return nil, "Invalid JWT Signature."
	case claims.Aud != s.TokenURL():
		return nil, "Invalid JWT: aud is not this endpoint."
	case claims.Scope != fakeoauth.Scope:
		return nil, "Invalid scope: " + claims.Scope
	case claims.Sub != "":
		return nil, "unauthorized: no delegation" // nobody lent the account a user
	case claims.Iat > now.Unix()+skew || claims.Exp < now.Unix()-skew || claims.Exp-claims.Iat > 3600+skew:
		return nil, "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
	}
	return a, ""
}

func decoded(part string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(raw, into) == nil
}
