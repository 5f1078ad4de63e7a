package googleauth

import (
	"encoding/json"
	"errors"
	"net/http"

	"golang.org/x/oauth2"

	"antigravity-tools/backend/fault"
)

// CodeNeedsSignIn is the fault code of a consent that has ended.
const CodeNeedsSignIn = "needs_sign_in"

// errNoToken is an answer of the token endpoint without a token.
var errNoToken = errors.New("the answer holds no access token")

// mintFault words why no token was issued; what says so. The cause keeps the
// machine word alone: the rest of the answer may hold addresses and names.
func mintFault(err error, what string) *fault.Error {
	if err == nil {
		return nil
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		if f := fault.From(err); f.Class == fault.Timeout || f.Class == fault.Cancelled {
			return f
		}
		f := fault.New(fault.Overloaded, "Google's token service could not be reached").WithCode("upstream_unreachable")
		f.Scope = fault.ScopeRequest
		return f
	}
	word := refused.ErrorCode
	if word == "" {
		var body struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(refused.Body, &body)
		word = body.Error
	}
	status := 0
	if refused.Response != nil {
		status = refused.Response.StatusCode
	}
	if status == http.StatusTooManyRequests || status >= 500 {
		f := fault.New(fault.Overloaded, "Google's token service is overloaded")
		f.Scope = fault.ScopeRequest
		return f
	}
	f := fault.New(fault.UpstreamAuth, "Google refused "+what)
	f.Scope, f.Reason = fault.ScopeAccount, knownWord(word)
	return f
}

// knownWord keeps what a server wrote out of states and logs unless it is one
// of the protocol's words (RFC 6749 section 5.2).
func knownWord(word string) string {
	switch word {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return word
	}
	return ""
}

// refreshFault tells an ended consent, which a new sign-in mends, from a wrong
// OAuth client, which is the settings' fault and no account's.
func refreshFault(f *fault.Error) *fault.Error {
	if f == nil {
		return nil
	}
	switch f.Reason {
	case "invalid_grant":
		f.Message = "the sign-in of the account has ended"
		return f.WithCode(CodeNeedsSignIn).WithHint("Add the account again with a new refresh token.")
	case "invalid_client", "unauthorized_client":
		f.Message, f.Scope = "Google refused the OAuth client", fault.ScopeRequest
		return f.WithCode("oauth_client_refused").WithHint("Check the settings google.oauth_client_id and google.oauth_client_secret.")
	}
	return f
}

// checked makes one result of the two; a token without text is none.
func checked(token *oauth2.Token, f *fault.Error) (*oauth2.Token, error) {
	switch {
	case f != nil:
		return nil, f
	case token == nil || token.AccessToken == "":
		return nil, fault.Wrap(fault.UpstreamProtocol, "Google's token service sent no token", errNoToken)
	}
	return token, nil
}
