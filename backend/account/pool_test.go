package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
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

func TestModelsAndLists(t *testing.T) {
	c := newClock()
	p := newPool(c, nil)
	a, b := gemini("a"), gemini("b")
	b.Models = []string{"gemini-b"}
	mustAdd(t, p, a, b)
	p.mu.Lock()
	p.entries["a"].setOffers([]provider.Model{{ID: "gemini-a"}}, c.Now())
	p.reindex()
	p.mu.Unlock()
	who := func(model string) string {
		l, err := p.Acquire(t.Context(), need(model))
		if err != nil {
			return fault.From(err).CodeOrClass()
		}
		l.Done(Outcome{})
		return l.Account.ID
	}
	for model, want := range map[string]string{"gemini-a": "a", "gemini-b": "b", "gemini-new": "a", "llama": "model_not_found"} {
		for range 3 {
			if got := who(model); got != want {
				t.Errorf("%s: %s, want %s", model, got, want)
			}
		}
	}
	var ids []string
	for _, m := range p.Models() {
		ids = append(ids, m.ID+"/"+m.ProviderKind)
	}
	if s := strings.Join(ids, " "); s != "gemini-a/gemini gemini-b/gemini" {
		t.Error(s)
	}
	if got := fmt.Sprint(p.CandidatesFor("gemini-a"), p.CandidatesFor("gemini-new"), p.CandidatesFor("llama")); got != "[{gemini gemini-a}] [{gemini gemini-new}] []" {
		t.Error(got)
	}
}

func TestLoopback(t *testing.T) {
	mode := LoopbackAuto
	p := newPool(newClock(), func(cfg *Config) { cfg.Loopback = func() LoopbackMode { return mode } })
	n := Need{Candidates: p.CandidatesFor("loopback-echo"), Asked: "loopback-echo"}
	l := mustAcquire(t, p, n)
	l.Done(Outcome{})
	if l.Account.Provider != LoopbackKind || len(p.List()) != 0 || !p.Counts().Loopback {
		t.Errorf("%+v", l.Account)
	}
	if p.CandidatesFor("gemini-x") != nil {
		t.Error("without --demo loopback takes its own names only")
	}
	mustAdd(t, p, gemini("a"))
	if p.LoopbackOn() || p.CandidatesFor("loopback-echo") != nil {
		t.Error("auto: off while an account is enabled")
	}
	mode = LoopbackOn
	if !p.LoopbackOn() {
		t.Error("on")
	}
	mode = LoopbackOff
	if _, err := p.Disable(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if p.LoopbackOn() {
		t.Error("off")
	}

	demo := newPool(newClock(), func(cfg *Config) { cfg.Demo = true })
	if got := fmt.Sprint(demo.CandidatesFor("anything")); got != "[{loopback anything}]" || !demo.LoopbackTakesAll() {
		t.Error(got)
	}
	mustAcquire(t, demo, Need{Candidates: demo.CandidatesFor("anything")}).Done(Outcome{})
	mustAdd(t, demo, gemini("a"))
	if demo.LoopbackTakesAll() || !demo.LoopbackOn() {
		t.Error("with an account, names go to it; loopback stays on")
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

func TestAcquireWithinWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Config{Providers: providers(), Loopback: func() LoopbackMode { return LoopbackOff }})
		mustAdd(t, p, gemini("a"))
		mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(20*time.Second, fault.ScopeAccount)})
		start := time.Now()
		n := need("gemini-x")
		n.Exclude = map[string]bool{"a": true} // this very request met the limit
		l, err := p.AcquireWithin(t.Context(), n, 30*time.Second)
		if err != nil || time.Since(start) != 20*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		l.Done(Outcome{Err: limitedErr(50*time.Second, fault.ScopeAccount)})

		start = time.Now()
		_, err = p.AcquireWithin(t.Context(), need("gemini-x"), 30*time.Second)
		if e := fault.From(err); e == nil || e.RetryAfter != 50*time.Second || time.Since(start) != 0 {
			t.Fatalf("a wait in vain: %v after %v", err, time.Since(start))
		}

		// Someone presses Try now, or adds an account: waiters go on at once.
		done := make(chan error, 1)
		go func() {
			l, err := p.AcquireWithin(context.Background(), need("gemini-x"), time.Minute)
			if err == nil {
				l.Done(Outcome{})
			}
			done <- err
		}()
		synctest.Wait()
		time.Sleep(3 * time.Second)
		start = time.Now()
		if _, err := p.TryNow("a"); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil || time.Since(start) != 0 {
			t.Fatalf("%v after %v", err, time.Since(start))
		}

		// A client that leaves ends the wait.
		mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(20*time.Second, fault.ScopeAccount)})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.AcquireWithin(ctx, need("gemini-x"), time.Minute); !fault.Is(err, fault.Timeout) {
			t.Errorf("%v", err)
		}
	})
}

// C21: cooldowns are kept over restarts, and a failing disk is retried.
func TestStatesArePersisted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		repo := newMemRepo()
		told := 0
		cfg := Config{Providers: providers(), Repository: repo, Changed: func() { told++ }}
		p := New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx) })
		mustAdd(t, p, gemini("a"))
		repo.setFail(errors.New("database is locked"))
		mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(time.Hour, fault.ScopeAccount)})
		time.Sleep(5 * time.Second)
		if repo.state("a").Account.Status != "" {
			t.Fatal("the disk was failing")
		}
		repo.setFail(nil)
		time.Sleep(time.Minute)
		if repo.state("a").Account.Status != Cooling {
			t.Fatal("not saved after the disk came back")
		}
		if told == 0 {
			t.Error("nobody was told")
		}
		mustAcquire(t, p, need("gemini-y").probing()).Done(Outcome{Err: &fault.Error{Class: fault.UpstreamAuth}})
		cancel()
		wg.Wait()
		if repo.state("a").Account.Status != Refused {
			t.Error("the last change was not saved at the end")
		}

		q := New(cfg)
		if err := q.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, err := q.Find("a"); err != nil || v.Status != Refused || v.LastUsedAt.IsZero() {
			t.Errorf("%+v %v", v, err)
		}
	})
}

func (n Need) probing() Need { n.Probe = true; return n }

func TestModelListsAreFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		calls, fail := 0, error(nil)
		list := func(ctx context.Context) ([]provider.Model, error) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			if fail == nil {
				return []provider.Model{{ID: "gemini-live"}}, nil
			}
			return nil, fail
		}
		provs := providers()
		provs["gemini"].(*fakeProvider).list = list
		repo := newMemRepo()
		p := New(Config{Providers: provs, Repository: repo})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx) })
		mustAdd(t, p, gemini("a"))
		synctest.Wait()
		if m := p.Models(); len(m) != 1 || m[0].ID != "gemini-live" || calls != 1 {
			t.Fatalf("%v after %d calls", m, calls)
		}
		time.Sleep(5 * time.Hour)
		if calls != 1 {
			t.Errorf("%d calls in five hours", calls)
		}
		mu.Lock()
		fail = &fault.Error{Class: fault.UpstreamAuth, Message: "no"}
		mu.Unlock()
		time.Sleep(2 * time.Hour)
		if v, _ := p.Find("a"); v.Status != Refused {
			t.Errorf("%+v", v)
		}
		if len(p.Models()) != 1 {
			t.Error("a failed fetch lost the list")
		}
		was := calls
		time.Sleep(24 * time.Hour)
		if calls != was {
			t.Error("a refused account is asked again and again")
		}
		cancel()
		wg.Wait()
		if len(repo.accounts["a"].Models) != 1 {
			t.Error("list not saved")
		}
	})
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

// Whatever happens: a removed or disabled account is never leased, an excluded
// one neither, and when every lease is done nothing is in flight.
func TestPoolLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newClock()
		p := newPool(c, nil)
		live := map[string]bool{} // id → enabled
		var open []*Lease
		ctx := context.Background()
		ids := []string{"a", "b", "c"}
		models := []string{"gemini-1", "gemini-2"}
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			_, known := live[id]
			switch rapid.SampledFrom([]string{"add", "remove", "restore", "disable", "enable", "try", "lease", "lease", "lease", "done", "done", "pass"}).Draw(rt, "op") {
			case "add":
				if _, err := p.Add(ctx, gemini(id)); (err == nil) == known {
					rt.Fatalf("add %s: %v", id, err)
				}
				live[id] = live[id] || !known
			case "remove":
				if _, err := p.Remove(ctx, id); (err == nil) != known {
					rt.Fatalf("remove %s: %v", id, err)
				}
				delete(live, id)
			case "restore":
				if v, err := p.Restore(ctx, id); err == nil {
					live[id] = v.Enabled
				}
			case "disable":
				if _, err := p.Disable(ctx, id); err == nil {
					live[id] = false
				}
			case "enable":
				if _, err := p.Enable(ctx, id); err == nil {
					live[id] = true
				}
			case "try":
				_, _ = p.TryNow(id)
			case "pass":
				c.pass(time.Duration(rapid.IntRange(0, 3600).Draw(rt, "s")) * time.Second)
			case "lease":
				n := need(rapid.SampledFrom(models).Draw(rt, "model"))
				n.Affinity = rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "affinity")
				n.Exclude = map[string]bool{id: true}
				n.Probe = rapid.Bool().Draw(rt, "probe")
				l, err := p.Acquire(ctx, n)
				if err != nil {
					if f := fault.From(err); f.HTTPStatus() != 503 && f.HTTPStatus() != 429 {
						rt.Fatalf("%v", err)
					}
					break
				}
				if !live[l.Account.ID] || l.Account.ID == id {
					rt.Fatalf("leased %s, live %v, excluded %s", l.Account.ID, live, id)
				}
				open = append(open, l)
			case "done":
				if len(open) > 0 {
					o := outcomes.Draw(rt, "outcome")
					open[0].Done(o)
					if rapid.Bool().Draw(rt, "retract") {
						open[0].Retract()
					}
					open[0].Done(o)
					open = open[1:]
				}
			}
		}
		for _, l := range open {
			l.Done(Outcome{})
		}
		for _, v := range p.List() {
			if v.InFlight != 0 {
				rt.Fatalf("%s: %d in flight", v.ID, v.InFlight)
			}
		}
		for _, e := range p.entries {
			if e.probing != nil {
				rt.Fatalf("%s: a probe without end", e.acc.ID)
			}
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	p := New(Config{Providers: providers(), Repository: newMemRepo()})
	ctx, cancel := context.WithCancel(t.Context())
	var run, wg sync.WaitGroup
	run.Go(func() { p.Run(ctx) })
	mustAdd(t, p, gemini("a"), gemini("b"), gemini("c"))
	for w := range 8 {
		wg.Go(func() {
			for i := range 200 {
				n := need("gemini-x")
				n.Affinity = fmt.Sprint(w, i%7)
				l, err := p.Acquire(ctx, n)
				if err != nil {
					continue
				}
				var o Outcome
				if i%5 == 0 {
					o.Err = limitedErr(time.Millisecond, fault.ScopeModel)
				}
				l.Done(o)
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			_, _ = p.Disable(ctx, "a")
			_, _ = p.Enable(ctx, "a")
			_, _ = p.Remove(ctx, "b")
			_, _ = p.Restore(ctx, "b")
			p.List()
			p.Counts()
			p.Models()
		}
	})
	wg.Wait()
	cancel()
	run.Wait()
	for _, v := range p.List() {
		if v.InFlight != 0 {
			t.Errorf("%s: %d in flight", v.ID, v.InFlight)
		}
	}
}

func BenchmarkAcquire(b *testing.B) {
	p := newPool(newClock(), nil)
	for i := range 10 {
		mustAdd(b, p, gemini(fmt.Sprint("acc", i)))
	}
	n := need("gemini-x")
	n.Affinity = "conversation"
	b.ReportAllocs()
	for b.Loop() {
		l, _ := p.Acquire(context.Background(), n)
		l.Done(Outcome{})
	}
}
