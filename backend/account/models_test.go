package account

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

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
	if got := fmt.Sprint(p.Offers("gemini-a"), p.Offers("gemini-new"), p.Families("gemini-new"), p.Families("other-x"), p.Families("llama")); got != "[gemini] [] [gemini] [other] []" {
		t.Error(got)
	}
}

func TestLoopback(t *testing.T) {
	mode := LoopbackAuto
	p := newPool(newClock(), func(cfg *Config) { cfg.Loopback = func() LoopbackMode { return mode } })
	n := Need{Candidates: []Candidate{{p.Offers("loopback-echo")[0], "loopback-echo"}}, Asked: "loopback-echo"}
	l := mustAcquire(t, p, n)
	l.Done(Outcome{})
	if l.Account.Provider != LoopbackKind || len(p.List()) != 0 || !p.Counts().Loopback {
		t.Errorf("%+v", l.Account)
	}
	if p.Offers("gemini-x") != nil || p.TakesAll() != "" {
		t.Error("without --demo loopback takes its own names only")
	}
	mustAdd(t, p, gemini("a"))
	if p.LoopbackOn() || p.Offers("loopback-echo") != nil {
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
	if demo.TakesAll() != LoopbackKind || demo.Families("gemini-x") != nil {
		t.Error("demo: every name goes to loopback")
	}
	mustAcquire(t, demo, Need{Candidates: []Candidate{{LoopbackKind, "anything"}}}).Done(Outcome{})
	mustAdd(t, demo, gemini("a"))
	if demo.TakesAll() != "" || !demo.LoopbackOn() {
		t.Error("with an account, names go to it; loopback stays on")
	}
}

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

// TestBeforeTheList: in the moment after a start, when another server's list is
// still on its way, a name that fits its family is tried and not refused.
func TestBeforeTheList(t *testing.T) {
	e := &entry{acc: &Account{Provider: "sited"}}
	if why := e.refuses(Candidate{Provider: "sited", Model: "gemini-1"}, false, sited{}); why != "" {
		t.Error(why)
	}
	if why := e.refuses(Candidate{Provider: "sited", Model: "other"}, false, sited{}); why == "" {
		t.Error("a name of no family is taken")
	}
	e.offersAt = time.Now()
	if why := e.refuses(Candidate{Provider: "sited", Model: "gemini-1"}, false, sited{}); why == "" {
		t.Error("a list without the model is not heard")
	}
}

// sited is a provider whose pattern holds for its vendor's own server alone.
type sited struct{ provider.Provider }

func (sited) Serves(model string) bool                       { return strings.HasPrefix(model, "gemini-") }
func (sited) ServesAt(_ provider.Credential, _ string) bool  { return false }
func (sited) CapsAt(provider.Credential, string) family.Caps { return family.Caps{} }

// TestOneModel: what two accounts, here of two providers, say of one name is
// one model, whose fields come from both; the pool still knows who offers it.
func TestOneModel(t *testing.T) {
	c := newClock()
	p := newPool(c, nil)
	a, b, off := gemini("a"), gemini("b"), gemini("off")
	b.Provider, off.Enabled = "other", false
	mustAdd(t, p, a, b, off)
	p.mu.Lock()
	p.entries["b"].setOffers([]provider.Model{{ID: "m", DisplayName: "M of b", InputLimit: 500, OutputLimit: 9, Thinking: true}, {ID: "b-only"}}, c.Now())
	p.entries["a"].setOffers([]provider.Model{{ID: "m", InputLimit: 1000, CreatedUnix: 5}}, c.Now())
	p.entries["off"].setOffers([]provider.Model{{ID: "m", InputLimit: 1}}, c.Now())
	p.reindex()
	p.mu.Unlock()
	want := []provider.Model{
		{ID: "b-only", ProviderKind: "other"},
		{ID: "m", DisplayName: "M of b", InputLimit: 500, OutputLimit: 9, Thinking: true, CreatedUnix: 5, ProviderKind: "gemini"},
	}
	if got := p.Models(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := fmt.Sprint(p.Offers("m"), p.CountOffers("m"), p.Offers("b-only")); got != "[gemini other] 2 [other]" {
		t.Error(got)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.entries["a"]; e.offers[0].DisplayName != "" || e.announced("m").OutputLimit != 0 {
		t.Error("an account's own list was changed")
	}
}

// TestListsAreSpread: fifty lists that came at one moment are fetched again
// over more than an hour, never more than two at once.
func TestListsAreSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		var at []time.Time
		provs := providers()
		provs["gemini"].(*fakeProvider).list = func(context.Context) ([]provider.Model, error) {
			mu.Lock()
			running++
			most = max(most, running)
			at = append(at, time.Now())
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return []provider.Model{{ID: "gemini-live"}}, nil
		}
		p := New(Config{Providers: provs, Repository: newMemRepo()})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx) })
		synctest.Wait()
		for i := range 50 {
			mustAdd(t, p, gemini(fmt.Sprint("a", i)))
		}
		time.Sleep(5 * time.Minute)
		mu.Lock()
		if len(at) != 50 || most != 2 {
			t.Errorf("%d lists in five minutes, %d at once", len(at), most)
		}
		at, most = nil, 0
		mu.Unlock()
		time.Sleep(7*time.Hour - 5*time.Minute)
		mu.Lock()
		minutes := map[time.Time]int{}
		for _, when := range at {
			minutes[when.Truncate(time.Minute)]++
		}
		if len(at) != 50 || most > 2 || at[49].Sub(at[0]) < time.Hour || slices.Max(slices.Collect(maps.Values(minutes))) > 10 {
			t.Errorf("%d lists within %s, %d at once, per minute %v", len(at), at[len(at)-1].Sub(at[0]), most, minutes)
		}
		mu.Unlock()
		cancel()
		wg.Wait()
	})
}

// TestOldListsAfterAStart: a list that is there serves while newer ones come in
// their turn; an account without one is asked at once.
func TestOldListsAfterAStart(t *testing.T) {
	now := newClock().Now()
	f := fetches{began: now, tried: map[string]time.Time{}}
	soon := 0
	for i := range 100 {
		e := &entry{acc: &Account{ID: fmt.Sprint("a", i)}, offersAt: now.Add(-24 * time.Hour)}
		if f.due(e, now.Add(modelsSettle/2)) {
			soon++
		}
		if !f.due(e, now.Add(modelsSettle)) {
			t.Error("an old list is not fetched")
		}
		e.offersAt = time.Time{}
		if !f.due(e, now) {
			t.Error("a wanting list waits")
		}
		f.tried[e.acc.ID] = now
		if f.due(e, now.Add(modelsRetry/2)) || !f.due(e, now.Add(2*modelsRetry)) {
			t.Error("a failed fetch is repeated at another time")
		}
	}
	if soon < 30 || soon > 70 {
		t.Errorf("%d of 100 in the first half", soon)
	}
}
