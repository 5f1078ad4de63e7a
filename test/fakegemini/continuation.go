package fakegemini

import (
	"crypto/rand"
	"encoding/json"
	"sync"
)

// A reply that is longer than one answer may be ends with CONTINUATION and a
// token; the request that brings the token gets the rest.

// tokens knows the tokens that were given out, and for which request.
type tokens struct {
	mu    sync.Mutex
	known map[string]tokenFor
}

type tokenFor struct {
	key, model string
	body       map[string]json.RawMessage // without its token
}

// issue makes a token: bytes, in base64 (types: Candidate.continuationToken).
func (t *tokens) issue(key, model string, body json.RawMessage) string {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	token := b64(raw)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[token] = tokenFor{key: key, model: model, body: withoutToken(body)}
	return token
}

func withoutToken(body json.RawMessage) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	_ = json.Unmarshal(body, &out) // has been read before
	delete(out, "continuationToken")
	return out
}

// continuationGenuine: a token goes with the request that it was given for and with
// no other. Source: types; models.go there says that the same request is sent
// again with the token. That another request is refused is a choice.
func continuationGenuine(c *check) *Error {
	if c.req.ContinuationToken == "" {
		return nil
	}
	c.srv.tokens.mu.Lock()
	given, ok := c.srv.tokens.known[c.req.ContinuationToken]
	c.srv.tokens.mu.Unlock()
	if !ok || given.key != c.key || given.model != c.model.Name {
		return Invalid("Invalid continuation token.")
	}
	now := withoutToken(c.body)
	same := len(now) == len(given.body)
	for name, v := range given.body {
		same = same && sameJSON(v, now[name])
	}
	if !same {
		return Invalid("The continuation token does not belong to this request.")
	}
	return nil
}
