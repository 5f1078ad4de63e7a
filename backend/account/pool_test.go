package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"antigravity-tools/backend/fault"
)

func newPool(c *clock, f func(*Config)) *Pool {
	cfg := Config{Providers: providers(), Now: c.Now, Loopback: func() LoopbackMode { return LoopbackOff }}
	if f != nil {
		f(&cfg)
	}
	return New(cfg)
}

func TestNoUsableAccountSaysWhatToDo(t *testing.T) {
	off := gemini("off")
	off.Enabled = false
	bad := gemini("bad")
	table := []struct {
		name  string
		accs  []Account
		need  Need
		prep  func(*Pool)
		code  string
		class fault.Class
		says  string
	}{
		{"none", nil, need("gemini-x"), nil, "no_usable_account", fault.Overloaded, "account add"},
		{"disabled", []Account{off}, need("gemini-x"), nil, "no_usable_account", fault.Overloaded, "Enable"},
		{"refused", []Account{bad}, need("gemini-x"), func(p *Pool) {
			mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: &fault.Error{Class: fault.UpstreamAuth}})
		}, "no_usable_account", fault.Overloaded, "keys"},
		{"other provider", []Account{bad}, Need{Candidates: []Candidate{{"other", "other-1"}}, Asked: "other-1"}, nil,
			"no_usable_account", fault.Overloaded, "/v1/models"},
		{"nobody knows it", []Account{bad}, Need{Asked: "zzz"}, nil, "model_not_found", fault.NotFound, "/v1/models"},
		{"tried", []Account{bad}, Need{Candidates: need("gemini-x").Candidates, Exclude: map[string]bool{"bad": true}}, nil,
			"no_usable_account", fault.Overloaded, "tried"},
	}
	for _, row := range table {
		p := newPool(newClock(), nil)
		mustAdd(t, p, row.accs...)
		if row.prep != nil {
			row.prep(p)
		}
		_, err := p.Acquire(t.Context(), row.need)
		e := fault.From(err)
		if e == nil || e.Code != row.code || e.Class != row.class || !strings.Contains(e.Message, row.says) {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		for _, a := range row.accs {
			if strings.Contains(e.Message, "\""+a.Name+"\"") {
				t.Errorf("%s: the message names an account: %s", row.name, e.Message)
			}
		}
	}
}

func TestBalanceTakesTurns(t *testing.T) {
	p := newPool(newClock(), func(c *Config) { c.Policy = func() Policy { return Balance } })
	mustAdd(t, p, gemini("a"), gemini("b"), gemini("c"))
	var got []string
	for range 6 {
		l := mustAcquire(t, p, need("gemini-x"))
		got = append(got, l.Account.ID)
		l.Done(Outcome{})
	}
	if s := strings.Join(got, ""); s != "abcabc" {
		t.Errorf("turns: %s", s)
	}
	// With one in flight, that account is the last to be taken.
	busy := mustAcquire(t, p, need("gemini-x"))
	for range 4 {
		l := mustAcquire(t, p, need("gemini-x"))
		if l.Account.ID == busy.Account.ID {
			t.Error("the busy account was taken while others rested")
		}
		l.Done(Outcome{})
	}
	busy.Done(Outcome{})
}

// C24: a conversation stays on its account, always yields to health, and moves nobody else.
func TestCacheFirst(t *testing.T) {
	c := newClock()
	p := newPool(c, nil)
	for i := range 5 {
		mustAdd(t, p, gemini(fmt.Sprint("acc", i)))
	}
	home, used := map[string]string{}, map[string]bool{}
	at := func(conv string) *Lease {
		n := need("gemini-x")
		n.Affinity = conv
		return mustAcquire(t, p, n)
	}
	for range 3 {
		for i := range 100 {
			conv := fmt.Sprint("conv", i)
			l := at(conv)
			if home[conv] == "" {
				home[conv] = l.Account.ID
				used[l.Account.ID] = true
			}
			if home[conv] != l.Account.ID {
				t.Fatalf("%s moved from %s to %s", conv, home[conv], l.Account.ID)
			}
			l.Done(Outcome{})
		}
	}
	if len(used) != 5 {
		t.Errorf("100 conversations use %d of 5 accounts", len(used))
	}
	l := at("conv0")
	sick := l.Account.ID
	l.Done(Outcome{Err: limitedErr(time.Minute, fault.ScopeAccount)})
	moved := at("conv0")
	moved.Done(Outcome{})
	if moved.Account.ID == sick {
		t.Fatal("pinned to a cooling account")
	}
	for conv, id := range home {
		if id == sick {
			continue
		}
		l := at(conv)
		if l.Account.ID != id {
			t.Errorf("%s moved though its account is healthy", conv)
		}
		l.Done(Outcome{})
	}
	// Back in health, the conversation stays where its cache now is.
	c.pass(2 * time.Minute)
	l = at("conv0")
	l.Done(Outcome{})
	if l.Account.ID != moved.Account.ID || !l.Sticky {
		t.Error("the conversation left the account that holds its cache")
	}
}

func TestLimitScopes(t *testing.T) {
	c := newClock()
	p := newPool(c, nil)
	mustAdd(t, p, gemini("a"))
	mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(30*time.Second, fault.ScopeModel)})
	// C22: its other models are free.
	mustAcquire(t, p, need("gemini-y")).Done(Outcome{})
	_, err := p.Acquire(t.Context(), need("gemini-x"))
	e := fault.From(err)
	if e == nil || e.Class != fault.RateLimited || e.RetryAfter != 30*time.Second || e.HTTPStatus() != 429 {
		t.Fatalf("%+v", e)
	}
	if v, _ := p.Find("a"); v.Status != Ready || len(v.Cooldowns) != 1 || v.Cooldowns[0].Model != "gemini-x" {
		t.Errorf("%+v", v)
	}
	c.pass(31 * time.Second)
	mustAcquire(t, p, need("gemini-x")).Done(Outcome{})
}

func TestOnlyModelCoolingShowsAsCooling(t *testing.T) {
	p := newPool(newClock(), nil)
	mustAdd(t, p, gemini("a"))
	mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(30*time.Second, fault.ScopeModel)})
	v, _ := p.Find("a")
	if v.Status != Cooling || v.Until.IsZero() || !strings.Contains(v.Reason, "gemini-x") {
		t.Errorf("%+v", v)
	}
	if c := p.Counts(); c.Cooling != 1 || c.Ready != 0 {
		t.Errorf("%+v", c)
	}
}

func TestEarliestOfSeveral(t *testing.T) {
	p := newPool(newClock(), nil)
	mustAdd(t, p, gemini("a"), gemini("b"))
	for _, d := range []time.Duration{40 * time.Second, 25 * time.Second} {
		mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(d, fault.ScopeAccount)})
	}
	_, err := p.Acquire(t.Context(), need("gemini-x"))
	if e := fault.From(err); e.RetryAfter != 25*time.Second {
		t.Errorf("%v", e.RetryAfter)
	}
}

func TestHalfOpenLetsOneThrough(t *testing.T) {
	c := newClock()
	p := newPool(c, nil)
	mustAdd(t, p, gemini("a"))
	mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(5*time.Hour, fault.ScopeAccount)})
	c.pass(probeEvery)
	probe := mustAcquire(t, p, need("gemini-x"))
	if _, err := p.Acquire(t.Context(), need("gemini-x")); err == nil {
		t.Fatal("a second probe beside the first")
	}
	probe.Done(Outcome{})
	mustAcquire(t, p, need("gemini-x")).Done(Outcome{})
	if v, _ := p.Find("a"); v.Status != Ready {
		t.Errorf("%+v", v)
	}
}

// C19: the same refusal from two accounts is the request's.
func TestRefusals(t *testing.T) {
	c := newClock()
	p := newPool(c, func(cfg *Config) { cfg.Policy = func() Policy { return Balance } })
	mustAdd(t, p, gemini("a"), gemini("b"), gemini("c"))
	var r Refusals
	same := Outcome{Err: limitedErr(0, fault.ScopeNone)}
	if r.Add(mustAcquire(t, p, need("gemini-x")), same) {
		t.Fatal("one refusal proves nothing")
	}
	if v, _ := p.Find("a"); v.Status != Cooling {
		t.Fatal("the first refusal marks at once")
	}
	if !r.Add(mustAcquire(t, p, need("gemini-x")), same) {
		t.Fatal("two accounts, the same refusal")
	}
	for _, v := range p.List() {
		if v.Status != Ready || len(v.Cooldowns) > 0 || v.InFlight != 0 {
			t.Errorf("marked: %+v", v)
		}
	}
	// Delays and credentials are the accounts' own.
	for _, o := range []Outcome{{Err: limitedErr(time.Minute, fault.ScopeNone)}, {Err: &fault.Error{Class: fault.UpstreamAuth}}} {
		var r Refusals
		q := newPool(c, nil)
		mustAdd(t, q, gemini("a"), gemini("b"))
		for range 2 {
			if r.Add(mustAcquire(t, q, need("gemini-x")), o) {
				t.Errorf("%v taken for the request's", o.Err)
			}
		}
		if _, err := q.Acquire(t.Context(), need("gemini-x")); err == nil {
			t.Errorf("%v marked nobody", o.Err)
		}
	}
}

func TestDecisionRecord(t *testing.T) {
	p := newPool(newClock(), nil)
	off := gemini("off")
	off.Enabled = false
	only := gemini("only")
	only.Models = []string{"gemini-z"}
	mustAdd(t, p, off, only, gemini("ok1"), gemini("ok2"), gemini("hot"))
	n := need("gemini-x")
	n.Account = "hot"
	mustAcquire(t, p, n).Done(Outcome{Err: limitedErr(time.Minute, fault.ScopeAccount)})
	n = need("gemini-x")
	n.Exclude = map[string]bool{"ok1": true}
	var lines []Considered
	n.Record = &lines
	l := mustAcquire(t, p, n)
	l.Done(Outcome{})
	var got []string
	for _, c := range lines {
		got = append(got, c.AccountID+":"+string(c.Verdict)+":"+c.Reason)
	}
	want := "hot:skipped:the provider's rate limit is reached|off:skipped:disabled|ok1:skipped:already tried by this request|ok2:chosen:|only:skipped:limited to other models"
	slices.Sort(got)
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("\n%s\n%s", s, want)
	}
}
