package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
)

type hasher struct{}

func (hasher) Hash(purpose, value string) []byte {
	m := hmac.New(sha256.New, []byte("test"))
	m.Write([]byte(purpose + "\x00" + value))
	return m.Sum(nil)
}

// memory is a repository in memory that can be made to fail.
type memory struct {
	mu      sync.Mutex
	keys    map[string]Key
	secrets map[string]string
	fail    error
}

func newMemory() *memory { return &memory{keys: map[string]Key{}, secrets: map[string]string{}} }

func (m *memory) do(f func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	f()
	return nil
}

func (m *memory) LoadKeys(context.Context) (out []Key, err error) {
	err = m.do(func() { out = slices.Collect(maps.Values(m.keys)) })
	return out, err
}
func (m *memory) CreateKey(_ context.Context, k Key, s string) error {
	return m.do(func() { m.keys[k.ID], m.secrets[k.ID] = k, s })
}
func (m *memory) UpdateKey(_ context.Context, k Key) error {
	return m.do(func() { m.keys[k.ID] = k })
}
func (m *memory) ReplaceKeySecret(_ context.Context, k Key, s string) error {
	return m.do(func() { m.keys[k.ID], m.secrets[k.ID] = k, s })
}
func (m *memory) DeleteKey(_ context.Context, id string) error {
	return m.do(func() { delete(m.keys, id); delete(m.secrets, id) })
}
func (m *memory) RevealKey(_ context.Context, id string) (s string, err error) {
	err = m.do(func() { s = m.secrets[id] })
	return s, err
}
func (m *memory) TouchKeys(context.Context, map[string]time.Time) error { return m.do(func() {}) }

// bench is a keyring with a clock that a test moves.
type bench struct {
	*Keyring
	repo  *memory
	clock *time.Time
}

func open(t *testing.T, environment string) bench {
	t.Helper()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	repo := newMemory()
	k, err := NewKeyring(t.Context(), repo, hasher{}, Options{EnvironmentKey: environment, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return bench{k, repo, &now}
}

func (b bench) create(t *testing.T, name string, expires *time.Time) string {
	t.Helper()
	_, secret, err := b.Create(t.Context(), name, expires)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func ptr[T any](v T) *T { return &v }

func TestEffectiveMode(t *testing.T) {
	table := []struct {
		mode          Mode
		lan, loopback bool
		want          Mode
	}{
		{Auto, false, true, Off}, {Auto, true, true, AllExceptHealth}, {Auto, false, false, AllExceptHealth}, {Auto, true, false, AllExceptHealth},
		{Off, true, false, Off}, {Strict, false, true, Strict}, {AllExceptHealth, false, true, AllExceptHealth},
		{"nonsense", false, true, Strict}, {"", false, true, Strict},
	}
	for _, row := range table {
		if got := EffectiveMode(row.mode, row.lan, row.loopback); got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
}

// TestAuthenticate holds the contract's table of modes and its sentences on keys.
func TestAuthenticate(t *testing.T) {
	b := open(t, "my-own-key")
	good := b.create(t, "good", nil)
	disabled := b.create(t, "disabled", nil)
	if _, err := b.Update(t.Context(), "disabled", Patch{Enabled: ptr(false)}); err != nil {
		t.Fatal(err)
	}
	expired := b.create(t, "expired", ptr(b.clock.Add(time.Hour)))
	*b.clock = b.clock.Add(time.Hour)
	table := []struct {
		name   string
		mode   Mode
		health bool
		secret string
		who    string // name of the key; empty: nobody known
		code   string // empty: may pass
	}{
		{"off, none", Off, false, "", "", ""},
		{"off, health", Off, true, "", "", ""},
		{"off, unknown is ignored", Off, false, "sk-agt-fake", "", ""},
		{"off, known is attributed", Off, false, good, "good", ""},
		{"off, disabled is refused", Off, false, disabled, "", "key_disabled"},
		{"off, expired is refused", Off, false, expired, "", "key_expired"},
		{"off, disabled on health", Off, true, disabled, "", ""},
		{"except health, health", AllExceptHealth, true, "", "", ""},
		{"except health, health with a wrong key", AllExceptHealth, true, "sk-agt-fake", "", ""},
		{"except health, none", AllExceptHealth, false, "", "", "invalid_api_key"},
		{"except health, wrong", AllExceptHealth, false, "sk-agt-fake", "", "invalid_api_key"},
		{"except health, good", AllExceptHealth, false, good, "good", ""},
		{"except health, environment", AllExceptHealth, false, "my-own-key", "environment", ""},
		{"except health, disabled", AllExceptHealth, false, disabled, "", "key_disabled"},
		{"strict, health, none", Strict, true, "", "", "invalid_api_key"},
		{"strict, health, good", Strict, true, good, "good", ""},
		{"strict, expired", Strict, false, expired, "", "key_expired"},
		{"unknown mode is strict", "nonsense", true, "", "", "invalid_api_key"},
	}
	guard := NewGuard(b.Keyring)
	for _, row := range table {
		r := httptest.NewRequest("POST", "/v1/messages", nil)
		if row.secret != "" {
			r.Header.Set("Authorization", "Bearer "+row.secret)
		}
		who, err := guard.Authenticate(r, row.mode, row.health)
		if who.KeyName != row.who || (err == nil) != (row.code == "") {
			t.Errorf("%s: %+v %v", row.name, who, err)
		}
		if err == nil {
			continue
		}
		if err.Code != row.code || err.HTTPStatus() != 401 {
			t.Errorf("%s: %s %d", row.name, err.Code, err.HTTPStatus())
		}
		for _, place := range []string{"Authorization: Bearer", "x-api-key", "x-goog-api-key", "?key="} {
			if !strings.Contains(err.Message, place) {
				t.Errorf("%s: %q does not name %s", row.name, err.Message, place)
			}
		}
		if row.secret != "" && strings.Contains(err.Error()+err.Hint, row.secret) {
			t.Errorf("%s: the key is shown", row.name)
		}
	}
}

func TestCredentialPlaces(t *testing.T) {
	b := open(t, "")
	good := b.create(t, "good", nil)
	table := []struct {
		name, query string
		header      http.Header
		ok          bool
	}{
		{"bearer", "", http.Header{"Authorization": {"Bearer " + good}}, true},
		{"bearer, lower case, blanks", "", http.Header{"Authorization": {" bearer   " + good + " "}}, true},
		{"x-api-key", "", http.Header{"X-Api-Key": {good}}, true},
		{"x-goog-api-key", "", http.Header{"X-Goog-Api-Key": {good}}, true},
		{"query", "alt=sse&key=" + good, nil, true},
		{"query, escaped name", "k%65y=" + good, nil, true},
		{"a wrong one beside the right one", "", http.Header{"Authorization": {"Bearer dummy"}, "X-Api-Key": {good}}, true},
		{"basic", "", http.Header{"Authorization": {"Basic " + good}}, false},
		{"bare", "", http.Header{"Authorization": {good}}, false},
		{"other parameter", "monkey=" + good, nil, false},
		{"cookie", "", http.Header{"Cookie": {"key=" + good}}, false},
		{"cut", "", http.Header{"X-Api-Key": {good[:len(good)-1]}}, false},
		{"huge", "", http.Header{"X-Api-Key": {strings.Repeat("x", 1<<20)}}, false},
	}
	for _, row := range table {
		r := httptest.NewRequest("GET", "/v1/models?"+row.query, nil)
		for k, v := range row.header {
			r.Header[k] = v
		}
		who, err := NewGuard(b.Keyring).Authenticate(r, Strict, false)
		if (err == nil) != row.ok || who.Known() != row.ok {
			t.Errorf("%s: %+v %v", row.name, who, err)
		}
	}
	if got := WithoutKey("alt=sse&key=sk-agt-fake&k%65y=x&monkey=1"); got != "alt=sse&monkey=1" {
		t.Errorf("%q", got)
	}
	if got := WithoutKey("alt=sse"); got != "alt=sse" {
		t.Errorf("%q", got)
	}
}

func TestSecrets(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		s := NewSecret()
		if seen[s] || len(s) != 50 || !strings.HasPrefix(s, "sk-agt-") || strings.Trim(s[7:], base62) != "" {
			t.Fatalf("%q", s)
		}
		seen[s] = true
	}
	for _, alphabet := range []string{"ab", base62, strings.Repeat("a", 100) + "b", base62 + "-_"} {
		counts := map[byte]int{}
		for _, c := range []byte(randomText(alphabet, 20000)) {
			counts[c]++
		}
		if want := 20000 / len(alphabet); counts['b'] < want/2 || counts['b'] > want*2 {
			t.Errorf("%d characters: b drawn %d times, expected about %d", len(alphabet), counts['b'], want)
		}
	}
}

func TestLifeOfAKey(t *testing.T) {
	b := open(t, "my-own-key")
	secret := b.create(t, " laptop ", nil)
	guard := NewGuard(b.Keyring)
	works := func(s string) bool {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Api-Key", s)
		_, err := guard.Authenticate(r, Strict, false)
		return err == nil
	}
	list := b.List()
	if len(list) != 2 || list[0].Name != "environment" || list[1].Name != "laptop" || list[1].Prefix != secret[:11] {
		t.Fatalf("%+v", list)
	}
	if _, _, err := b.Create(t.Context(), "laptop", nil); fault.Public(err).Code != "name_taken" {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", "Environment", "a\nb", strings.Repeat("x", 65), "\xff"} {
		if _, _, err := b.Create(t.Context(), bad, nil); !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, _, err := b.Create(t.Context(), "late", b.clock); !fault.Is(err, fault.InvalidRequest) {
		t.Errorf("expiry now: %v", err)
	}
	if got, err := b.Reveal(t.Context(), list[1].ID); err != nil || got != secret {
		t.Errorf("reveal: %v", err)
	}
	_, fresh, err := b.Rotate(t.Context(), "laptop")
	if err != nil || works(secret) || !works(fresh) {
		t.Errorf("rotate: %v", err)
	}
	b.repo.secrets[list[1].ID] = "sk-agt-fake-damaged"
	if _, err := b.Reveal(t.Context(), "laptop"); fault.Public(err).Code != "key_sealed" {
		t.Errorf("damaged: %v", err)
	}
	b.repo.fail = errors.New("disk full")
	if _, err := b.Revoke(t.Context(), "laptop"); !fault.Is(err, fault.Internal) || !works(fresh) {
		t.Errorf("a failed revoke counts: %v", err)
	}
	if _, _, err := b.Create(t.Context(), "x", nil); !fault.Is(err, fault.Internal) || len(b.List()) != 2 {
		t.Errorf("a failed create counts: %v", err)
	}
	b.repo.fail = nil
	if _, err := b.Update(t.Context(), "laptop", Patch{Name: ptr("desk"), ExpiresAt: ptr(ptr(b.clock.Add(time.Minute)))}); err != nil || !works(fresh) {
		t.Error(err)
	}
	*b.clock = b.clock.Add(time.Minute)
	if works(fresh) {
		t.Error("works after its expiry")
	}
	if _, err := b.Update(t.Context(), "desk", Patch{ExpiresAt: ptr[*time.Time](nil)}); err != nil || !works(fresh) {
		t.Error("expiry not taken away")
	}
	if _, err := b.Revoke(t.Context(), "desk"); err != nil || works(fresh) || len(b.repo.keys) != 0 {
		t.Errorf("revoke: %v", err)
	}
	if _, err := b.Revoke(t.Context(), "desk"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if _, err := b.Revoke(t.Context(), "environment"); fault.Public(err).Code != "key_locked" {
		t.Errorf("%v", err)
	}
	if k, err := b.Find("environment"); err != nil || k.ID != "environment" || !b.Usable() {
		t.Errorf("%v", err)
	}
	if open(t, "").Usable() {
		t.Error("no key is usable")
	}
}

func TestTouched(t *testing.T) {
	b := open(t, "my-own-key")
	secret := b.create(t, "a", nil)
	b.create(t, "never used", nil)
	key, err := b.Find("a")
	if err != nil {
		t.Fatal(err)
	}
	id := key.ID
	use := func(s string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("X-Api-Key", s)
		if _, err := NewGuard(b.Keyring).Authenticate(r, Off, false); err != nil {
			t.Error(err)
		}
	}
	use(secret)
	use("my-own-key")
	if err := b.Reload(t.Context()); err != nil { // a reload in between loses nothing
		t.Fatal(err)
	}
	if got := b.TakeTouched(); len(got) != 1 || !got[id].Equal(*b.clock) {
		t.Errorf("%v", got)
	}
	if got := b.TakeTouched(); len(got) != 0 {
		t.Errorf("twice: %v", got)
	}
	for _, k := range b.List() {
		if used := k.LastUsedAt != nil; used == (k.Name == "never used") {
			t.Errorf("%s: last used %v", k.Name, k.LastUsedAt)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	b := open(t, "")
	secret := b.create(t, "a", nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("X-Api-Key", secret)
				if _, err := NewGuard(b.Keyring).Authenticate(r, Strict, false); err != nil {
					t.Error(err)
				}
				b.TakeTouched()
			}
		})
	}
	for i := range 50 {
		name := "k" + strings.Repeat("x", i)
		b.create(t, name, nil)
		if _, err := b.Update(t.Context(), name, Patch{Enabled: ptr(false)}); err != nil {
			t.Error(err)
		}
		b.List()
	}
	wg.Wait()
}
