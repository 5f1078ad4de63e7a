package account

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"antigravity-tools/backend/fault"
)

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
		mustAcquire(t, p, need("gemini-x")).Done(Outcome{Err: limitedErr(time.Hour, fault.ScopeModel)})
		time.Sleep(5 * time.Second)
		if len(repo.state("a").Models) != 0 {
			t.Fatal("the disk was failing")
		}
		repo.setFail(nil)
		time.Sleep(time.Minute)
		if repo.state("a").Models["gemini-x"].Status != Cooling {
			t.Fatal("not saved after the disk came back")
		}
		if told == 0 {
			t.Error("nobody was told")
		}
		again := New(cfg)
		if err := again.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if v, _ := again.Find("a"); v.Status != Cooling {
			t.Errorf("after a restart it shows as %s", v.Status)
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
