// Package listing fetches the pages of a provider's model list.
package listing

import (
	"context"
	"errors"
	"io"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// Bounds of a list: a page is some hundred kilobytes at most.
const (
	MaxPages = 20
	maxBytes = 8 << 20
	maxDepth = 100
)

// Source is where a list comes from.
type Source struct {
	Kind   string // of the provider, for faults
	Client *http.Client
	// Sign sets the headers that every call carries.
	Sign     func(*http.Request)
	Classify func(status int, header http.Header, body []byte) *fault.Error
}

// Page fetches one page, which is JSON. The causes of its errors may hold the
// address; their messages do not.
func (s Source) Page(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "the upstream's address could not be used", err)
	}
	req.Header.Set("Accept", "application/json")
	s.Sign(req)
	resp, err := s.Client.Do(req)
	if err != nil {
		return nil, s.Unreachable(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes+1))
	switch {
	case err != nil:
		return nil, s.Unreachable(ctx, err)
	case resp.StatusCode/100 != 2:
		return nil, s.Classify(resp.StatusCode, resp.Header, body)
	case len(body) > maxBytes:
		return nil, s.Bad(errors.New("a page of the model list is too large"))
	}
	if err := rawjson.Check(body, maxDepth); err != nil {
		return nil, s.Bad(err)
	}
	return body, nil
}

// Unreachable is the fault of a call that got no answer.
func (s Source) Unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fault.From(ctx.Err())
	}
	if f := fault.From(err); f.Class != fault.Internal {
		return f
	}
	f := fault.Wrap(fault.Overloaded, "the upstream could not be reached", err).WithCode("upstream_unreachable")
	f.Provider, f.Scope = s.Kind, fault.ScopeRequest
	return f
}

// Bad is the fault of a list that cannot be read.
func (s Source) Bad(cause error) error {
	f := fault.Wrap(fault.UpstreamProtocol, "the upstream's model list cannot be read", cause).
		WithHint("Check the base URL: it may lead to something that is not this provider's API.")
	f.Provider = s.Kind
	return f
}

// Str is a member that is a string, "" otherwise.
func Str(obj []byte, key string) string {
	v, _ := rawjson.Get(obj, key)
	s, err := rawjson.String(v)
	if err != nil {
		return ""
	}
	return s
}

// Int is a member that is an integer, 0 otherwise.
func Int(obj []byte, keys ...string) int64 {
	for _, key := range keys {
		v, _ := rawjson.Get(obj, key)
		if n, err := rawjson.Int(v); err == nil && n > 0 {
			return n
		}
	}
	return 0
}
