package googleauth

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// counted mints numbered tokens, each only when it is let.
type counted struct {
	minted atomic.Int64
	gate   chan struct{}
}

func (c *counted) Key() string { return "one" }

func (c *counted) Mint(ctx context.Context, _ *http.Client) (*oauth2.Token, error) {
	if c.gate != nil {
		select {
		case <-c.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return &oauth2.Token{AccessToken: strconv.FormatInt(c.minted.Add(1), 10), Expiry: time.Now().Add(time.Hour)}, nil
}

func mustGet(t *testing.T, tokens *Tokens, src Source) string {
	t.Helper()
	token, err := tokens.Get(t.Context(), src)
	if err != nil {
		t.Error(err)
	}
	return token
}

// TestRefusedTogether: requests that were refused with the same token get one
// new one, those too that come when it is already there or on its way.
func TestRefusedTogether(t *testing.T) {
	src := &counted{}
	tokens := NewTokens(http.DefaultClient, "test/1", nil)
	old := mustGet(t, tokens, src)
	src.gate = make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		tokens.Drop(src, old)
		wg.Go(func() {
			if got := mustGet(t, tokens, src); got != "2" {
				t.Errorf("token %s", got)
			}
		})
	}
	close(src.gate)
	wg.Wait()
	tokens.Drop(src, old) // the last to hear of the refusal
	if got := mustGet(t, tokens, src); got != "2" || src.minted.Load() != 2 {
		t.Errorf("token %s of %d", got, src.minted.Load())
	}
}

// asks mints by a request, as the library for tokens makes it.
type asks struct{ url string }

func (a asks) Key() string { return a.url }

func (a asks) Mint(_ context.Context, client *http.Client) (*oauth2.Token, error) {
	res, err := client.Get(a.url)
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: res.Header.Get("Agent")}, res.Body.Close()
}

// TestTokensAreAskedForByName: the token endpoint sees the program's own name,
// not that of a library.
func TestTokensAreAskedForByName(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Agent", r.Header.Get("User-Agent"))
	}))
	defer s.Close()
	if got := mustGet(t, NewTokens(s.Client(), "antigravity-tools/1.2.3", nil), asks{s.URL}); got != "antigravity-tools/1.2.3" {
		t.Errorf("asked by %q", got)
	}
}

func TestTokensEnd(t *testing.T) {
	src := &counted{}
	now := time.Now()
	tokens := NewTokens(http.DefaultClient, "test/1", func() time.Time { return now })
	mustGet(t, tokens, src)
	now = now.Add(time.Hour - 2*earlier)
	if got := mustGet(t, tokens, src); got != "1" {
		t.Errorf("renewed too early: %s", got)
	}
	now = now.Add(earlier + time.Second)
	if got := mustGet(t, tokens, src); got != "2" {
		t.Errorf("not renewed ahead of its end: %s", got)
	}
}
