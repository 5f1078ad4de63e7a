package account

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/fault"
)

var t0 = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestTransition(t *testing.T) {
	now := t0.Add(time.Second)
	up := func(c fault.Class, f func(*fault.Error)) Outcome {
		e := &fault.Error{Class: c, Provider: "gemini", Message: "m"}
		if f != nil {
			f(e)
		}
		return Outcome{Err: e, Model: "m1", Started: t0}
	}
	table := []struct {
		name           string
		o              Outcome
		account, model Status
		lasts          time.Duration // of whichever hold was set; 0: none or for ever
	}{
		{"success", Outcome{Model: "m1", Started: t0}, "", "", 0},
		{"limit with delay", up(fault.RateLimited, func(e *fault.Error) { e.RetryAfter = 42 * time.Second }), "", Cooling, 42 * time.Second},
		{"limit without delay", up(fault.RateLimited, nil), "", Cooling, 10 * time.Second},
		{"limit of the account", up(fault.RateLimited, func(e *fault.Error) { e.Scope = fault.ScopeAccount }), Cooling, "", 10 * time.Second},
		{"limit of the request", up(fault.RateLimited, func(e *fault.Error) { e.Scope = fault.ScopeRequest }), "", "", 0},
		{"limit of days is capped", up(fault.RateLimited, func(e *fault.Error) { e.RetryAfter = 100 * time.Hour }), "", Cooling, 24 * time.Hour},
		{"quota", up(fault.QuotaExhausted, func(e *fault.Error) { e.Scope = fault.ScopeAccount }), OutOfQuota, "", time.Hour},
		{"quota with delay", up(fault.QuotaExhausted, func(e *fault.Error) { e.RetryAfter = 5 * time.Hour }), "", OutOfQuota, 5 * time.Hour},
		{"credential", up(fault.UpstreamAuth, nil), Refused, "", 0},
		{"sign-in", up(fault.UpstreamAuth, func(e *fault.Error) { e.Code = "needs_sign_in" }), NeedsSignIn, "", 0},
		{"credential for one model", up(fault.UpstreamAuth, func(e *fault.Error) { e.Scope = fault.ScopeModel }), "", Refused, time.Hour},
		{"model missing", up(fault.NotFound, func(e *fault.Error) { e.Scope = fault.ScopeModel }), "", Refused, time.Hour},
		{"our own not found", Outcome{Err: fault.New(fault.NotFound, "x"), Model: "m1", Started: t0}, "", "", 0},
		{"one server error", up(fault.Overloaded, nil), "", "", 0},
		{"bad request", up(fault.InvalidRequest, nil), "", "", 0},
		{"client left", up(fault.Cancelled, nil), "", "", 0},
		{"our bug", Outcome{Err: fault.New(fault.Internal, "x"), Model: "m1", Started: t0}, "", "", 0},
	}
	for _, row := range table {
		s := Transition(State{}, row.o, now)
		if s.Account.Status != row.account || s.Models["m1"].Status != row.model {
			t.Errorf("%s: account %q model %q", row.name, s.Account.Status, s.Models["m1"].Status)
		}
		h := s.Account
		if row.account == "" {
			h = s.Models["m1"]
		}
		got := time.Duration(0)
		if !h.Until.IsZero() {
			got = h.Until.Sub(now)
		}
		if got != row.lasts {
			t.Errorf("%s: lasts %v, want %v", row.name, got, row.lasts)
		}
	}
}

// Pitfall 35: a burst of server errors is no quota matter and locks nothing for long.
func TestServerErrorsAreNotTheAccountsFault(t *testing.T) {
	s, now := State{}, t0
	for i := range 50 {
		now = now.Add(time.Second)
		s = Transition(s, Outcome{Err: &fault.Error{Class: fault.Overloaded, Provider: "gemini"}, Model: "m", Started: now}, now)
		if i < serverErrorRun-1 && s.Account.Status != "" {
			t.Fatalf("held after %d errors", i+1)
		}
		if d := s.Account.Until.Sub(now); d > maxServerPause {
			t.Fatalf("paused for %v", d)
		}
		if len(s.Models) != 0 || s.Account.Strikes != 0 {
			t.Fatal("server errors reached the quota ladder")
		}
	}
	s = Transition(s, Outcome{Model: "m", Started: now.Add(time.Second)}, now.Add(2*time.Second))
	if diff := cmp.Diff(State{}, s); diff != "" {
		t.Error(diff)
	}
}

func TestStrikes(t *testing.T) {
	s, now := State{}, t0
	fail := func(started time.Time) time.Duration {
		s = Transition(s, Outcome{Err: limitedErr(0, fault.ScopeNone), Model: "m", Started: started}, now)
		return s.Models["m"].Until.Sub(now)
	}
	// Ten requests side by side are one strike.
	for range 10 {
		if d := fail(t0); d != 10*time.Second {
			t.Fatalf("side by side: %v", d)
		}
	}
	for _, want := range []time.Duration{20, 40, 80, 160, 300, 300} {
		now = s.Models["m"].Until.Add(time.Second)
		if d := fail(now); d != want*time.Second {
			t.Errorf("next strike lasts %v, want %v s", d, want)
		}
	}
}

// A success that had started before the limit was met says nothing about it.
func TestLateSuccessDoesNotEndAHold(t *testing.T) {
	s := Transition(State{}, Outcome{Err: limitedErr(time.Minute, fault.ScopeAccount), Model: "m", Started: t0}, t0.Add(5*time.Second))
	s = Transition(s, Outcome{Model: "m", Started: t0.Add(time.Second)}, t0.Add(6*time.Second))
	if !s.Account.Active(t0.Add(6 * time.Second)) {
		t.Fatal("ended by an older request")
	}
	s = Transition(s, Outcome{Model: "m", Started: t0.Add(30 * time.Second)}, t0.Add(31*time.Second))
	if s.Account.Status != "" {
		t.Fatal("a probe's success must end it")
	}
}

func TestProbeLearnsTheNewDelay(t *testing.T) {
	s := Transition(State{}, Outcome{Err: limitedErr(10*time.Hour, fault.ScopeAccount), Model: "m", Started: t0}, t0)
	probe := s.Account.ProbeAt
	if d := probe.Sub(t0); d != probeEvery {
		t.Fatalf("first probe after %v", d)
	}
	again := Transition(s, Outcome{Err: limitedErr(0, fault.ScopeAccount), Model: "m", Started: probe}, probe)
	if !again.Account.Until.Equal(s.Account.Until) || !again.Account.ProbeAt.Equal(probe.Add(probeEvery)) {
		t.Errorf("a probe without a new delay: until %v, probe %v", again.Account.Until, again.Account.ProbeAt)
	}
	short := Transition(s, Outcome{Err: limitedErr(30*time.Second, fault.ScopeAccount), Model: "m", Started: probe}, probe)
	if d := short.Account.Until.Sub(probe); d != 30*time.Second {
		t.Errorf("the fresh delay is %v", d)
	}
}

func TestStateJSON(t *testing.T) {
	s := Transition(State{}, Outcome{Err: limitedErr(time.Hour, fault.ScopeModel), Model: "m", Started: t0}, t0)
	s = Transition(s, Outcome{Err: &fault.Error{Class: fault.UpstreamAuth}, Model: "m", Started: t0}, t0)
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back State
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Error(diff)
	}
	if raw, _ := json.Marshal(State{}); string(raw) != "{}" {
		t.Errorf("a ready state is %s", raw)
	}
}

var outcomes = rapid.Custom(func(t *rapid.T) Outcome {
	o := Outcome{Model: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "model")}
	class := rapid.SampledFrom([]fault.Class{"", fault.RateLimited, fault.QuotaExhausted, fault.UpstreamAuth,
		fault.Overloaded, fault.Timeout, fault.InvalidRequest, fault.Cancelled, fault.NotFound, fault.Internal}).Draw(t, "class")
	if class != "" {
		o.Err = &fault.Error{Class: class, Provider: "gemini",
			Scope:      rapid.SampledFrom([]fault.Scope{fault.ScopeNone, fault.ScopeRequest, fault.ScopeModel, fault.ScopeAccount}).Draw(t, "scope"),
			RetryAfter: time.Duration(rapid.IntRange(0, 200_000).Draw(t, "delay")) * time.Second}
	}
	return o
})

// The law of Transition: a failure never ends or shortens a hold that is newer
// than its request, a success ends only older ones, no learned delay is above
// the cap, and the given state is left as it was.
func TestTransitionIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, now := State{}, t0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "pass")) * time.Second)
			o := outcomes.Draw(t, "outcome")
			o.Started = now.Add(-time.Duration(rapid.IntRange(0, 600).Draw(t, "age")) * time.Second)
			before, _ := json.Marshal(s)
			next := Transition(s, o, now)
			if after, _ := json.Marshal(s); string(before) != string(after) {
				t.Fatalf("the given state was changed: %s to %s", before, after)
			}
			check := func(where string, old, h Hold) {
				if h.Active(now) && !h.Until.IsZero() && h.Until.Sub(now) > maxDelay {
					t.Fatalf("%s held for %v", where, h.Until.Sub(now))
				}
				if !old.Active(now) || old.soft() || !old.Since.After(o.Started) {
					return
				}
				if !h.Active(now) || (old.Until.IsZero() && !h.Until.IsZero()) || (!h.Until.IsZero() && h.Until.Before(old.Until)) {
					t.Fatalf("%s: %+v became %+v by %+v", where, old, h, o)
				}
			}
			check("account", s.Account, next.Account)
			check("a", s.Models["a"], next.Models["a"])
			check("b", s.Models["b"], next.Models["b"])
			s = next
		}
	})
}
