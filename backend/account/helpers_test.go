package account

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeProvider serves names with a prefix and lists what it is told to.
type fakeProvider struct {
	kind   string
	prefix string
	list   func(ctx context.Context) ([]provider.Model, error)
}

func (f *fakeProvider) Kind() string                      { return f.kind }
func (f *fakeProvider) Name() string                      { return f.kind }
func (f *fakeProvider) Protocol(string) protocol.Upstream { return nil }
func (f *fakeProvider) Caps(string) family.Caps           { return family.Caps{} }
func (f *fakeProvider) Serves(model string) bool          { return strings.HasPrefix(model, f.prefix) }
func (f *fakeProvider) Prepare(context.Context, provider.Credential, provider.Call) (*http.Request, error) {
	return nil, errors.ErrUnsupported
}
func (f *fakeProvider) Classify(int, http.Header, []byte) *fault.Error { return nil }
func (f *fakeProvider) ParseCount([]byte) (llm.Usage, error)           { return llm.Usage{}, nil }
func (f *fakeProvider) Models(ctx context.Context, _ *http.Client, _ provider.Credential) ([]provider.Model, error) {
	if f.list == nil {
		return nil, errors.ErrUnsupported
	}
	return f.list(ctx)
}
func (f *fakeProvider) Fields() []provider.Field                { return nil }
func (f *fakeProvider) FinalURL(string, string) (string, error) { return "", nil }
func (f *fakeProvider) RoundTripper() http.RoundTripper         { return nil }

func providers() map[string]provider.Provider {
	return map[string]provider.Provider{
		"gemini":     &fakeProvider{kind: "gemini", prefix: "gemini-"},
		"other":      &fakeProvider{kind: "other", prefix: "other-"},
		LoopbackKind: &fakeProvider{kind: LoopbackKind, prefix: "loopback"},
	}
}

// memRepo is a repository in memory.
type memRepo struct {
	mu       sync.Mutex
	accounts map[string]Stored
	fail     error
	saves    int
}

func newMemRepo() *memRepo { return &memRepo{accounts: map[string]Stored{}} }

func (r *memRepo) LoadAccounts(context.Context) ([]Stored, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Values(r.accounts)), nil
}

func (r *memRepo) SaveAccount(_ context.Context, acc Account) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	s := r.accounts[acc.ID]
	s.Account = acc
	r.accounts[acc.ID] = s
	return nil
}

func (r *memRepo) DeleteAccount(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		return r.fail
	}
	delete(r.accounts, id)
	return nil
}

func (r *memRepo) SaveStates(_ context.Context, records []StateRecord) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.saves++
	if r.fail != nil {
		return r.fail
	}
	for _, rec := range records {
		if s, ok := r.accounts[rec.ID]; ok {
			s.State, s.LastUsedAt = rec.State, rec.LastUsedAt
			r.accounts[rec.ID] = s
		}
	}
	return nil
}

func (r *memRepo) SaveModels(_ context.Context, id string, models []provider.Model, at time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.accounts[id]
	s.Models, s.ModelsAt = models, at
	r.accounts[id] = s
	return nil
}

func (r *memRepo) setFail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

func (r *memRepo) state(id string) State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accounts[id].State
}

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func gemini(name string) Account {
	return Account{ID: name, Name: name, Provider: "gemini", Enabled: true,
		Credential: provider.Credential{APIKey: "AIza-fake-" + name}}
}

func mustAdd(t testing.TB, p *Pool, accs ...Account) {
	t.Helper()
	for _, a := range accs {
		if _, err := p.Add(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
}

func need(model string) Need {
	return Need{Candidates: []Candidate{{"gemini", model}}, Asked: model}
}

func mustAcquire(t testing.TB, p *Pool, n Need) *Lease {
	t.Helper()
	l, err := p.Acquire(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func limitedErr(delay time.Duration, scope fault.Scope) *fault.Error {
	return &fault.Error{Class: fault.RateLimited, RetryAfter: delay, Scope: scope, Provider: "gemini", Message: "slow down"}
}
