package googleauth

import (
	"context"
	"net/http"

	"golang.org/x/oauth2"
)

// OAuthClient is the program that a person's consent was given to: the user's
// own, none is shipped.
type OAuthClient struct {
	ID, Secret string
	TokenURL   string // "" means Google's
}

// Refresh is a Google account's lasting consent.
type Refresh struct {
	Client OAuthClient
	Token  string
}

func (r Refresh) tokenURL() string {
	if r.Client.TokenURL == "" {
		return TokenURL
	}
	return r.Client.TokenURL
}

// Key implements Source.
func (r Refresh) Key() string { return keyOf("refresh", r.Client.ID, r.Token, r.tokenURL()) }

// Mint implements Source.
func (r Refresh) Mint(ctx context.Context, client *http.Client) (*oauth2.Token, error) {
	cfg := oauth2.Config{
		ClientID: r.Client.ID, ClientSecret: r.Client.Secret,
		Endpoint: oauth2.Endpoint{TokenURL: r.tokenURL(), AuthStyle: oauth2.AuthStyleInParams},
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	token, err := cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: r.Token}).Token()
	return checked(token, refreshFault(mintFault(err, "the sign-in of the account")))
}
