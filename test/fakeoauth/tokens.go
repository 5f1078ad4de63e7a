// Package fakeoauth keeps the access tokens of fakes of Google's services: who
// was given which, and until when they are good.
package fakeoauth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"antigravity-tools/test/fakegemini"
)

// Tokens are the access tokens that a fake has issued. The zero value is ready;
// it is safe for concurrent use.
type Tokens struct {
	mu     sync.Mutex
	known  map[string]string // token → account
	issued map[string]int    // account → how many
}

// Lifetime of a token as its reply names it, in seconds (wire notes, "OAuth").
const Lifetime = 3599

// Issue makes a token for an account.
func (t *Tokens) Issue(account string) string {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	token := "ya29.fake-" + base64.RawURLEncoding.EncodeToString(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known, t.issued = map[string]string{}, map[string]int{}
	}
	t.known[token] = account
	t.issued[account]++
	return token
}

// Issued is how many tokens an account was given.
func (t *Tokens) Issued(account string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issued[account]
}

// Expire ends every token that was issued so far.
func (t *Tokens) Expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.known)
}

// Bearer gives the account whose token the request carries.
//
// Source of the refusal: seen, a 401 with reason ACCESS_TOKEN_EXPIRED in public
// bug reports; the words are those of every Google service.
func (t *Tokens) Bearer(r *http.Request) (account string, refused *fakegemini.Error) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t.mu.Lock()
	account, known := t.known[token]
	t.mu.Unlock()
	if bearer && known {
		return account, nil
	}
	info, _ := json.Marshal(map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_EXPIRED", "domain": "googleapis.com"})
	return "", &fakegemini.Error{Code: http.StatusUnauthorized, Status: "UNAUTHENTICATED", Details: []json.RawMessage{info},
		Message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential."}
}

// Grant is the answer of a token endpoint with a token (RFC 6749 section 5.1).
func (t *Tokens) Grant(account string) any {
	return map[string]any{"access_token": t.Issue(account), "expires_in": Lifetime, "token_type": "Bearer", "scope": Scope}
}

// Scope is what the services ask for.
const Scope = "https://www.googleapis.com/auth/cloud-platform"

// Refusal is the answer of a token endpoint without one (RFC 6749 section 5.2).
type Refusal struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// Form reads the form of a token request, and refuses members that the grant
// does not have (RFC 6749 sections 4 and 6) and any that stands twice (3.2).
func Form(r *http.Request, body []byte, members ...string) (map[string]string, *Refusal) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, &Refusal{"invalid_request", "The request must be a form."}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, &Refusal{"invalid_request", "The form cannot be read."}
	}
	out := map[string]string{}
	for _, name := range members {
		if len(values[name]) != 1 || values[name][0] == "" {
			return nil, &Refusal{"invalid_request", "Missing required parameter: " + name}
		}
		out[name] = values[name][0]
	}
	for name := range values {
		if _, ok := out[name]; !ok {
			return nil, &Refusal{"invalid_request", "Unknown parameter: " + name}
		}
	}
	return out, nil
}
