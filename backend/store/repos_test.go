package store

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/access"
	"antigravity-tools/backend/account"
	"antigravity-tools/backend/custody"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/secret"
)

var t0 = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestAccounts(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	a, b := testAccount("a"), testAccount("b")
	b.Models, b.CreatedAt = nil, b.CreatedAt.Add(time.Second)
	for _, acc := range []account.Account{a, b} {
		if err := s.SaveAccount(ctx, acc); err != nil {
			t.Fatal(err)
		}
	}
	state := account.State{Account: account.Hold{Status: account.Cooling, Since: t0, Until: t0.Add(time.Hour)}}
	if err := s.SaveStates(ctx, []account.StateRecord{{ID: "a", State: state, LastUsedAt: t0}, {ID: "gone", State: state}}); err != nil {
		t.Fatal(err)
	}
	models := []provider.Model{{ID: "gemini-2.5-pro", InputLimit: 7}}
	if err := s.SaveModels(ctx, "a", models, t0); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveModels(ctx, "gone", models, t0); err != nil {
		t.Fatal(err)
	}
	// Saving the record again keeps the state.
	a.Enabled = false
	if err := s.SaveAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	got, err := s.LoadAccounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b.Models = []string{}
	want := []account.Stored{{Account: a, State: state, LastUsedAt: t0, Models: models, ModelsAt: t0}, {Account: b}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	twin := testAccount("c")
	twin.Name = strings.ToUpper(a.Name)
	if err := s.SaveAccount(ctx, twin); err == nil {
		t.Error("two accounts of one name")
	}
	if err := s.DeleteAccount(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := s.read.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM account_states) + (SELECT count(*) FROM account_models)").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows are left behind, %v", n, err)
	}
}

func TestCredentialThatDoesNotOpen(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, id := range []string{"a", "b"} {
		if err := s.SaveAccount(t.Context(), testAccount(id)); err != nil {
			t.Fatal(err)
		}
	}
	// Moving a sealed secret to another row makes it useless.
	execute(t, rawDB(t, dir), "UPDATE accounts SET credential = (SELECT credential FROM accounts WHERE id = 'b') WHERE id = 'a'")
	list, err := s.LoadAccounts(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatal(err)
	}
	if a := list[0]; a.Account.Credential.APIKey != "" || a.State.Account.Status != account.NeedsSignIn || a.State.Account.Reason == "" {
		t.Errorf("%+v", a.State)
	}
	if b := list[1]; b.Account.Credential.APIKey == "" || b.State.Account.Status != "" {
		t.Error("one bad secret took the others along")
	}
}

// With the real box no secret can be read in the file.
func TestSecretsAreSealed(t *testing.T) {
	dir := t.TempDir()
	box, err := secret.Open(dir, secret.Options{NoKeyring: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir, Box: box})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SaveAccount(t.Context(), testAccount("a")); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateKey(t.Context(), access.Key{ID: "k", Name: "n", Hash: []byte{1}}, "sk-agt-fake-visible"); err != nil {
		t.Fatal(err)
	}
	entry := custody.Entry{Key: custody.Key{1}, Seal: llm.Seal{Data: "seal-visible"}, Text: "thought-visible", At: t0}
	if err := s.SaveSeals(t.Context(), []custody.Entry{entry}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"AIza-fake", "visible"} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("%q can be read in the file", word)
		}
	}
	again, err := Open(t.Context(), Options{Dir: dir, Box: box})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	if list, err := again.LoadAccounts(t.Context()); err != nil || list[0].Account.Credential.APIKey != "AIza-fake-a" {
		t.Errorf("%v", err)
	}
}

func TestKeys(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	expires := t0.Add(time.Hour)
	k := access.Key{ID: "k1", Name: "laptop", Prefix: "sk-agt-fake", Hash: []byte{1, 2}, Enabled: true, CreatedAt: t0, ExpiresAt: &expires}
	if err := s.CreateKey(ctx, k, "sk-agt-fake-1"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateKey(ctx, access.Key{ID: "k2", Name: "laptop", Hash: []byte{3}}, "x"); err == nil {
		t.Error("two keys of one name")
	}
	k.Name, k.Enabled, k.ExpiresAt = "desk", false, nil
	if err := s.UpdateKey(ctx, k); err != nil {
		t.Fatal(err)
	}
	k.Hash, k.Prefix = []byte{9}, "sk-agt-new"
	if err := s.ReplaceKeySecret(ctx, k, "sk-agt-fake-2"); err != nil {
		t.Fatal(err)
	}
	if err := s.TouchKeys(ctx, map[string]time.Time{"k1": t0.Add(time.Minute), "gone": t0}); err != nil {
		t.Fatal(err)
	}
	used := t0.Add(time.Minute)
	k.LastUsedAt = &used
	got, err := s.LoadKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]access.Key{k}, got); diff != "" {
		t.Error(diff)
	}
	if secret, err := s.RevealKey(ctx, "k1"); err != nil || secret != "sk-agt-fake-2" {
		t.Errorf("%q %v", secret, err)
	}
	for _, err := range []error{s.UpdateKey(ctx, access.Key{ID: "no"}), s.ReplaceKeySecret(ctx, access.Key{ID: "no"}, "x")} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%v", err)
		}
	}
	if _, err := s.RevealKey(ctx, "no"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if err := s.DeleteKey(ctx, "k1"); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.LoadKeys(ctx); len(got) != 0 {
		t.Error("not removed")
	}
}

func TestSettingsAndPassword(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	v := func(s string) *string { return &s }
	for _, change := range []map[string]*string{
		{"a": v("1"), "b": v("2"), "c": v("3")},
		{"b": v("two"), "c": nil, "never": nil},
		{},
	} {
		if err := s.SaveSettings(ctx, change); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.LoadSettings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "two"}, got); diff != "" {
		t.Error(diff)
	}
	if hash, err := s.PasswordHash(ctx); hash != "" || err != nil {
		t.Errorf("%q %v", hash, err)
	}
	for _, want := range []string{"h1", "h2"} {
		if err := s.SetPasswordHash(ctx, want); err != nil {
			t.Fatal(err)
		}
		if hash, err := s.PasswordHash(ctx); hash != want || err != nil {
			t.Errorf("%q %v", hash, err)
		}
	}
}

func TestSeals(t *testing.T) {
	ctx, s := t.Context(), open(t, t.TempDir())
	var entries []custody.Entry
	var keys []custody.Key
	for i := range 1200 {
		k := custody.Key{byte(i), byte(i >> 8)}
		keys = append(keys, k)
		entries = append(entries, custody.Entry{Key: k, At: t0.Add(time.Duration(i) * time.Second), Text: "t", Reasoning: i%2 == 0,
			Args: fmt.Sprintf(`{"n":%d}`, i),
			Seal: llm.Seal{Issuer: llm.IssuerGoogle, Model: "m", Realm: "r", Data: fmt.Sprint("d", i), Redacted: i%3 == 0}})
	}
	for range 2 { // writing again replaces
		if err := s.SaveSeals(ctx, entries); err != nil {
			t.Fatal(err)
		}
	}
	load := func() map[custody.Key]custody.Entry {
		list, err := s.LoadSeals(ctx, append(keys, custody.Key{0xff, 0xff}))
		if err != nil {
			t.Fatal(err)
		}
		out := map[custody.Key]custody.Entry{}
		for _, e := range list {
			out[e.Key] = e
		}
		return out
	}
	got := load()
	for _, e := range entries {
		if diff := cmp.Diff(e, got[e.Key]); diff != "" {
			t.Fatal(diff)
		}
	}
	if err := s.DeleteSeals(ctx, keys[1190:]); err != nil {
		t.Fatal(err)
	}
	if err := s.PurgeSeals(ctx, t0.Add(100*time.Second), 1000, 1<<40); err != nil {
		t.Fatal(err)
	}
	got = load()
	if len(got) != 1000 || got[keys[189]].Seal.Data != "" || got[keys[190]].Seal.Data == "" {
		t.Errorf("%d left", len(got))
	}
	if err := s.PurgeSeals(ctx, t0, 1000, 20_000); err != nil {
		t.Fatal(err)
	}
	var size int
	if err := s.read.QueryRowContext(ctx, "SELECT sum(size) FROM seals").Scan(&size); err != nil || size > 20_000 || size < 19_000 {
		t.Errorf("%d bytes, %v", size, err)
	}
}
