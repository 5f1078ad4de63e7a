package openai

import (
	"crypto/sha256"
	"sync"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/provider"
)

// What is learned of an account's server.
const (
	noResponses = "no responses"
	noSummary   = "no summary"
	noThoughts  = "no thoughts"
	newLimit    = "max_completion_tokens for " // and the model
)

// Bounds of what is remembered: a server may be brought up to date.
const (
	maxLearned = 1024
	learnedFor = 6 * time.Hour
)

// taught adds what a server's refusals taught to what its name promises.
func (p *Provider) taught(c family.Caps, cred provider.Credential, model string) family.Caps {
	c.CompletionTokens = c.CompletionTokens || p.learned.has(newLimit+model, cred)
	c.NoThoughts = p.learned.has(noThoughts, cred)
	return c
}

type fact [sha256.Size]byte

// learned is what refusals taught, by account. It is safe for concurrent use.
type learned struct {
	mu    sync.Mutex
	until map[fact]time.Time
	now   func() time.Time
}

func newLearned() *learned { return &learned{until: map[fact]time.Time{}, now: time.Now} }

// factOf holds no secret in the clear.
func factOf(what string, cred provider.Credential) fact {
	return sha256.Sum256([]byte(what + "\x00" + cred.BaseURL + "\x00" + cred.APIKey))
}

func (l *learned) has(what string, cred provider.Credential) bool {
	key := factOf(what, cred)
	l.mu.Lock()
	defer l.mu.Unlock()
	until, ok := l.until[key]
	if ok && l.now().After(until) {
		delete(l.until, key)
		return false
	}
	return ok
}

// add remembers a fact; it is false if that was known. Of too many the one that
// ends first is forgotten.
func (l *learned) add(what string, cred provider.Credential) bool {
	key := factOf(what, cred)
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.until[key]
	if !known && len(l.until) >= maxLearned {
		var oldest fact
		first := true
		for k, until := range l.until {
			if first || until.Before(l.until[oldest]) {
				oldest, first = k, false
			}
		}
		delete(l.until, oldest)
	}
	l.until[key] = l.now().Add(learnedFor)
	return !known
}
