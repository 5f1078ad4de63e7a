package account

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
)

func TestTryNowAndProbe(t *testing.T) {
	p := newPool(newClock(), nil)
	mustAdd(t, p, gemini("a"))
	refuse := Outcome{Err: &fault.Error{Class: fault.UpstreamAuth, Reason: "API_KEY_INVALID"}}
	mustAcquire(t, p, need("gemini-x")).Done(refuse)
	if v, _ := p.Find("a"); v.Status != Refused || !strings.Contains(v.Reason, "API_KEY_INVALID") {
		t.Errorf("%+v", v)
	}
	n := need("gemini-x")
	n.Probe, n.Account = true, "a"
	mustAcquire(t, p, n).Done(refuse)
	if _, err := p.Acquire(t.Context(), need("gemini-x")); err == nil {
		t.Fatal("a refused account was leased")
	}
	if v, err := p.TryNow("A"); err != nil || v.Status != Ready {
		t.Fatalf("%+v %v", v, err)
	}
	mustAcquire(t, p, need("gemini-x")).Done(Outcome{})
}

// Pitfall 36: disable while in use.
func TestDisableWhileInUse(t *testing.T) {
	p := newPool(newClock(), nil)
	mustAdd(t, p, gemini("a"))
	n := need("gemini-x")
	n.Affinity = "conv"
	l := mustAcquire(t, p, n)
	if _, err := p.Disable(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Acquire(t.Context(), n); err == nil {
		t.Fatal("leased after disabling")
	}
	if v, _ := p.Find("a"); v.Status != Disabled || v.InFlight != 1 {
		t.Errorf("%+v", v)
	}
	l.Done(Outcome{})
	l.Done(Outcome{})
	if v, _ := p.Find("a"); v.InFlight != 0 || v.Requests != 1 {
		t.Errorf("done twice: %+v", v)
	}
	if _, err := p.Acquire(t.Context(), n); err == nil {
		t.Fatal("a success enabled the account again")
	}
	if _, err := p.Enable(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	mustAcquire(t, p, n).Done(Outcome{})
}

func TestRemoveAndRestore(t *testing.T) {
	c, repo := newClock(), newMemRepo()
	p := newPool(c, func(cfg *Config) { cfg.Repository = repo })
	mustAdd(t, p, gemini("a"))
	l := mustAcquire(t, p, need("gemini-x"))
	gone, err := p.Remove(t.Context(), "a")
	if err != nil || gone.ID != "a" {
		t.Fatal(err)
	}
	l.Done(Outcome{Err: &fault.Error{Class: fault.UpstreamAuth}})
	if len(p.List()) != 0 || len(repo.accounts) != 0 {
		t.Fatal("still there")
	}
	if v, err := p.Restore(t.Context(), "a"); err != nil || v.Status != Ready || v.InFlight != 0 {
		t.Fatalf("%+v %v", v, err)
	}
	if len(repo.accounts) != 1 {
		t.Fatal("not written back")
	}
	if _, err := p.Remove(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	c.pass(undoFor)
	if _, err := p.Restore(t.Context(), "a"); !fault.Is(err, fault.NotFound) {
		t.Errorf("undo has no end: %v", err)
	}
}

func TestWritesComeFirst(t *testing.T) {
	repo := newMemRepo()
	p := newPool(newClock(), func(cfg *Config) { cfg.Repository = repo })
	mustAdd(t, p, gemini("a"))
	repo.setFail(errors.New("disk full"))
	if _, err := p.Add(t.Context(), gemini("b")); err == nil {
		t.Error("added though not written")
	}
	if _, err := p.Disable(t.Context(), "a"); err == nil {
		t.Error("disabled though not written")
	}
	if _, err := p.Remove(t.Context(), "a"); err == nil {
		t.Error("removed though not written")
	}
	if v := p.List(); len(v) != 1 || v[0].Status != Ready {
		t.Errorf("%+v", v)
	}
}

func TestAddValidates(t *testing.T) {
	p := newPool(newClock(), nil)
	mustAdd(t, p, gemini("a"))
	for name, acc := range map[string]Account{
		"same name":  {Name: "A", Provider: "gemini"},
		"no name":    {Name: "  ", Provider: "gemini"},
		"long name":  {Name: strings.Repeat("x", 101), Provider: "gemini"},
		"provider":   {Name: "b", Provider: "nope"},
		"loopback":   {Name: "b", Provider: LoopbackKind},
		"many names": {Name: "b", Provider: "gemini", Models: make([]string, 501)},
	} {
		if _, err := p.Add(t.Context(), acc); !fault.Is(err, fault.InvalidRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	v, err := p.Add(t.Context(), Account{Name: " c ", Provider: "gemini", Models: []string{" models/gemini-1 ", "gemini-1", ""}})
	if err != nil || v.Name != "c" || len(v.Models) != 1 || v.Models[0] != "gemini-1" || v.ID == "" || v.Enabled {
		t.Errorf("%+v %v", v, err)
	}
}

func TestSecretsStayOutOfText(t *testing.T) {
	a := gemini("someone@example.com")
	for _, s := range []string{fmt.Sprint(a), fmt.Sprintf("%v %+v %#v", a, &a, a), a.LogValue().String()} {
		if strings.Contains(s, "AIza") || strings.Contains(s, "APIKey") {
			t.Errorf("%s", s)
		}
	}
	if RealmOf([]byte("k"), "gemini", a.Credential) == RealmOf([]byte("k"), "gemini", gemini("b").Credential) ||
		len(RealmOf(nil, "gemini", a.Credential)) != 8 {
		t.Error("realm")
	}
}
