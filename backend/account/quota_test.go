package account

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/provider"
)

func TestQuotas(t *testing.T) {
	now := newClock().Now()
	reset := now.Add(3 * time.Hour)
	e := &entry{acc: &Account{}}
	e.setOffers([]provider.Model{
		{ID: "gemini-2.5-pro", Quota: &provider.Quota{Remaining: 0.5, ResetAt: reset}},
		{ID: "gemini-3-pro-preview", Quota: &provider.Quota{Remaining: 0.25, ResetAt: now.Add(time.Hour)}},
		{ID: "gemini-2.5-flash", Quota: &provider.Quota{Remaining: 1}}, {ID: "gemini-2.0-flash"}, {ID: "special", Quota: &provider.Quota{}},
	}, now)
	e.state.Models = map[string]Hold{"gemini-2.5-flash": {Status: OutOfQuota, Until: reset}, "gemini-2.5-pro": {Status: Cooling, Until: reset}}
	got := e.quotas(now)
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	flash, pro, other := got[0], got[1], got[2]
	if flash.Group != "Gemini Flash" || len(flash.Models) != 1 || flash.Remaining != 0 || !flash.ResetAt.Equal(reset) {
		t.Errorf("a live limit counts more than the list: %+v", flash)
	}
	if pro.Group != "Gemini Pro" || len(pro.Models) != 2 || pro.Remaining != 0.25 || !pro.ResetAt.Equal(now.Add(time.Hour)) {
		t.Errorf("the least counts: %+v", pro)
	}
	if other.Group != "special" || other.Remaining != 0 {
		t.Errorf("%+v", other)
	}
	if got := (&entry{acc: &Account{}}).quotas(now); got != nil {
		t.Errorf("nothing told is nothing shown: %+v", got)
	}
}

func TestRoomAgain(t *testing.T) {
	now := newClock().Now()
	old := Hold{Status: OutOfQuota, Since: now.Add(-time.Minute), Until: now.Add(time.Hour)}
	late, cooling := old, old
	late.Since, cooling.Status = now, Cooling
	s := State{Account: old, Models: map[string]Hold{"room": old, "none": old, "late": late, "cooling": cooling, "untold": old}}
	list := []provider.Model{{ID: "untold"}, {ID: "none", Quota: &provider.Quota{}}}
	for _, id := range []string{"room", "late", "cooling"} {
		list = append(list, provider.Model{ID: id, Quota: &provider.Quota{Remaining: 0.1}})
	}
	got := roomAgain(s, list, now)
	if _, held := got.Models["room"]; held || len(got.Models) != 4 || got.Account != old {
		t.Errorf("%+v", got)
	}
	if len(s.Models) != 5 {
		t.Error("the state that was given has changed")
	}
}

// TestQuotaComesBack: a model that is out of quota is looked at every quarter of
// an hour, and serves again as soon as the list shows room.
func TestQuotaComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		left, calls := 0.0, 0
		provs := providers()
		provs["gemini"].(*fakeProvider).list = func(context.Context) ([]provider.Model, error) {
			mu.Lock()
			defer mu.Unlock()
			calls++
			return []provider.Model{{ID: "gemini-a", Quota: &provider.Quota{Remaining: left}}}, nil
		}
		p := New(Config{Providers: provs, Repository: newMemRepo()})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx) })
		mustAdd(t, p, gemini("a"))
		synctest.Wait()
		time.Sleep(5 * time.Hour)
		mu.Lock()
		if calls != 1 {
			t.Errorf("%d calls for an account at rest", calls)
		}
		mu.Unlock()
		l := mustAcquire(t, p, need("gemini-a"))
		l.Done(Outcome{Err: &fault.Error{Class: fault.QuotaExhausted, Scope: fault.ScopeModel, RetryAfter: 5 * time.Hour, Provider: "gemini"}})
		time.Sleep(20 * time.Minute)
		if v, _ := p.Find("a"); v.Status != OutOfQuota || v.Quotas[0].Remaining != 0 {
			t.Errorf("%+v", v)
		}
		mu.Lock()
		left = 0.5
		mu.Unlock()
		time.Sleep(20 * time.Minute)
		if v, _ := p.Find("a"); v.Status != Ready || len(v.Cooldowns) != 0 || v.Quotas[0].Remaining != 0.5 {
			t.Errorf("%+v", v)
		}
		mustAcquire(t, p, need("gemini-a")).Done(Outcome{})
		cancel()
		wg.Wait()
	})
}
