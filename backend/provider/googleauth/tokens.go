// Package googleauth gets the access tokens that Google's services are called
// with: for a service account from its key, for a Google account from its
// refresh token, and from the application-default credentials that a person
// asked for. It reads no other program's store of credentials: gcloud's file is
// one (docs/adr/0009-google-credentials.md).
package googleauth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// TokenURL is where Google issues access tokens.
const TokenURL = "https://oauth2.googleapis.com/token"

// CloudPlatform is the scope of Google Cloud's services.
const CloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

const (
	maxTokens    = 2048             // as many as there can be accounts, twice
	earlier      = 90 * time.Second // before its end a token is renewed
	mintDeadline = 20 * time.Second
	// blindLife is how long a token is used that names no end.
	blindLife = 5 * time.Minute
)

// Source issues tokens for one credential. Its errors are *fault.Error.
type Source interface {
	// Key tells credentials apart, without giving them away.
	Key() string
	Mint(ctx context.Context, client *http.Client) (*oauth2.Token, error)
}

// Tokens keeps access tokens until they end. Requests that need the same new
// one wait for one call; no lock is held meanwhile. It is safe for concurrent
// use.
type Tokens struct {
	client *http.Client
	now    func() time.Time
	flight singleflight.Group
	mu     sync.Mutex // no I/O under it
	kept   *simplelru.LRU[string, *oauth2.Token]
}

// NewTokens returns an empty cache whose calls go through client, under the
// program's own name.
func NewTokens(client *http.Client, userAgent string, now func() time.Time) *Tokens {
	if now == nil {
		now = time.Now
	}
	limited := *client
	limited.Timeout = mintDeadline
	limited.Transport = named{userAgent: userAgent, next: cmp.Or[http.RoundTripper](client.Transport, http.DefaultTransport)}
	kept, _ := simplelru.NewLRU[string, *oauth2.Token](maxTokens, nil) // fails for a size < 1 only
	return &Tokens{client: &limited, now: now, kept: kept}
}

// named sends requests under a name: the library that writes those for tokens
// takes none.
type named struct {
	userAgent string
	next      http.RoundTripper
}

func (n named) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context()) // a RoundTripper must not change what it is given
	req.Header.Set("User-Agent", n.userAgent)
	return n.next.RoundTrip(req)
}

// Get gives a token that is good for a while yet.
func (t *Tokens) Get(ctx context.Context, src Source) (string, error) {
	key := src.Key()
	if token := t.have(key); token != "" {
		return token, nil
	}
	// The one who asked first may leave: the others still want the token.
	done := t.flight.DoChan(key, func() (any, error) {
		if token := t.have(key); token != "" {
			return token, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mintDeadline)
		defer cancel()
		token, err := src.Mint(ctx, t.client)
		if err != nil {
			return "", err
		}
		t.keep(key, token)
		return token.AccessToken, nil
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		if r.Err != nil {
			return "", r.Err
		}
		return r.Val.(string), nil
	}
}

func (t *Tokens) have(key string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	token, ok := t.kept.Get(key)
	if !ok || !t.now().Before(token.Expiry.Add(-earlier)) {
		return ""
	}
	return token.AccessToken
}

func (t *Tokens) keep(key string, token *oauth2.Token) {
	if token.Expiry.IsZero() {
		token.Expiry = t.now().Add(blindLife)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept.Add(key, token)
}

// Drop forgets a token that a service refused. The next Get gives another one:
// that which a request beside this one has got already, or waits for.
func (t *Tokens) Drop(src Source, access string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token, ok := t.kept.Peek(src.Key()); ok && token.AccessToken == access {
		t.kept.Remove(src.Key())
	}
}

// keyOf hashes what makes a credential.
func keyOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
