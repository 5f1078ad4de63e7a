package secret_test

import (
	"bytes"
	"errors"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"antigravity-tools/backend/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string, o secret.Options) *secret.Box {
	t.Helper()
	box, err := secret.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func fileBox(t *testing.T) *secret.Box {
	t.Helper()
	return open(t, t.TempDir(), secret.Options{NoKeyring: true})
}

func TestSeal(t *testing.T) {
	box, other := fileBox(t), fileBox(t)
	plain := []byte("AIza-fake-key")
	sealed := box.Seal("account.key", plain)
	if bytes.Contains(sealed, plain) || bytes.Equal(sealed, box.Seal("account.key", plain)) {
		t.Fatal("the value shows, or sealing is not random")
	}
	if got, err := box.Unseal("account.key", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := box.Unseal("account.refresh", sealed); !errors.Is(err, secret.ErrUnseal) {
		t.Errorf("moved to another column: %v", err)
	}
	if _, err := other.Unseal("account.key", sealed); !errors.Is(err, secret.ErrUnseal) {
		t.Errorf("another key: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := box.Unseal("account.key", bad); err == nil {
			t.Errorf("byte %d may be changed", i)
		}
		if _, err := box.Unseal("account.key", sealed[:i]); err == nil {
			t.Errorf("may be cut to %d bytes", i)
		}
	}
	for _, bad := range [][]byte{nil, plain, append([]byte{2}, sealed[1:]...)} {
		if _, err := box.Unseal("account.key", bad); !errors.Is(err, secret.ErrFormat) {
			t.Errorf("Unseal(%q): %v", bad, err)
		}
	}
}

func TestSealRoundTrip(t *testing.T) {
	box := fileBox(t)
	rapid.Check(t, func(t *rapid.T) {
		purpose := rapid.String().Draw(t, "purpose")
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		got, err := box.Unseal(purpose, box.Seal(purpose, plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestHash(t *testing.T) {
	dir := t.TempDir()
	box, other := open(t, dir, secret.Options{NoKeyring: true}), fileBox(t)
	again := open(t, dir, secret.Options{NoKeyring: true})
	h := box.Hash("client.key", []byte("sk-agt-fake"))
	if len(h) != 32 || !bytes.Equal(h, again.Hash("client.key", []byte("sk-agt-fake"))) {
		t.Error("the hash does not last")
	}
	for name, different := range map[string][]byte{
		"value": box.Hash("client.key", []byte("sk-agt-fakf")), "purpose": box.Hash("client.kex", []byte("sk-agt-fake")),
		"boundary": box.Hash("client.keys", []byte("k-agt-fake")), "key": other.Hash("client.key", []byte("sk-agt-fake")),
	} {
		if bytes.Equal(h, different) {
			t.Errorf("the hash does not depend on the %s", name)
		}
	}
}

func FuzzUnseal(f *testing.F) {
	box, err := secret.Open(f.TempDir(), secret.Options{NoKeyring: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Add(append([]byte{1}, make([]byte, 40)...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if plain, err := box.Unseal("p", sealed); err == nil {
			t.Fatalf("forged: %q", plain)
		}
	})
}
