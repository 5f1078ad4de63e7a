package account

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
)

// Whatever happens: a removed or disabled account is never leased, an excluded
// one neither, and when every lease is done nothing is in flight.
func TestPoolLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newClock()
		p := newPool(c, nil)
		live := map[string]bool{}   // id → enabled
		missed := map[string]bool{} // models that an upstream did not have
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
					f := fault.From(err)
					gone := f.Code == "model_not_found" && missed[n.Candidates[0].Model] // an upstream said so
					if f.HTTPStatus() != 503 && f.HTTPStatus() != 429 && !gone {
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
					if o.Err != nil && o.Err.Class == fault.NotFound {
						missed[open[0].Model] = true
					}
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
