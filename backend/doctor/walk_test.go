package doctor

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// facts are probes that find what stands in them; slow ones wait for their end.
type facts struct {
	program  ProgramFacts
	port     PortFacts
	address  []Reach
	lan      LANFacts
	clients  []WrongBase
	key      KeyFacts
	accounts AccountFacts
	model    ModelFacts
	loopback Answer
	account  Answer
	slow     bool
	asked    []string
}

func (f *facts) note(ctx context.Context, what string) {
	f.asked = append(f.asked, what)
	if f.slow {
		<-ctx.Done()
	}
}

func (f *facts) Program(ctx context.Context) ProgramFacts { f.note(ctx, "program"); return f.program }
func (f *facts) Port(ctx context.Context) PortFacts       { f.note(ctx, "port"); return f.port }
func (f *facts) Address(ctx context.Context) []Reach      { f.note(ctx, "address"); return f.address }
func (f *facts) LAN(ctx context.Context) LANFacts         { f.note(ctx, "lan"); return f.lan }
func (f *facts) Clients(ctx context.Context) []WrongBase {
	f.note(ctx, "clients")
	return f.clients
}
func (f *facts) Key(ctx context.Context) KeyFacts { f.note(ctx, "key"); return f.key }
func (f *facts) Accounts(ctx context.Context) AccountFacts {
	f.note(ctx, "accounts")
	return f.accounts
}
func (f *facts) Model(ctx context.Context) ModelFacts { f.note(ctx, "model"); return f.model }
func (f *facts) Loopback(ctx context.Context, p Protocol) Answer {
	f.note(ctx, "loopback "+string(p))
	return f.loopback
}
func (f *facts) Account(ctx context.Context, model string) Answer {
	f.note(ctx, "account "+model)
	return f.account
}

// healthy is a chain without a fault.
func healthy() *facts {
	return &facts{
		program:  ProgramFacts{Running: true, PID: 7},
		port:     PortFacts{Port: 8045, Listening: true, Addresses: []string{"127.0.0.1:8045"}},
		address:  []Reach{{URL: origin, OK: true}},
		key:      KeyFacts{Mode: "off"},
		accounts: AccountFacts{Ready: 1},
		model:    ModelFacts{Asked: "gemini-2.5-flash", Provider: "gemini"},
		loopback: Answer{OK: true},
		account:  Answer{OK: true, Text: "ready"},
	}
}

func TestWalk(t *testing.T) {
	table := []struct {
		name    string
		spoil   func(*facts)
		verdict string
		code    string
		step    string // its state and words, if not the decisive one
		state   StepState
		says    string // in the step's words
		asks    bool   // a real account is asked
	}{
		{"all well", func(*facts) {}, VerdictOK, "", StepAccount, StepOK, `"ready"`, true},
		{"not running", func(f *facts) { f.program, f.port = ProgramFacts{}, PortFacts{Port: 8045} }, VerdictUnreachable, "not_running", StepPort, StepOK, "8045 is free", false},
		{"stopped", func(f *facts) { f.program.Stopped = true }, VerdictUnreachable, "service_stopped", StepAccount, StepSkipped, "no gateway", false},
		{"port taken", func(f *facts) { f.port = PortFacts{Port: 8045, Taken: true, Holder: "nginx (pid 3)", NextFree: 8046} }, VerdictUnreachable, "port_taken", StepPort, StepBad, "proxy.port 8046", false},
		{"port taken by whom", func(f *facts) { f.port = PortFacts{Port: 8045, Taken: true} }, VerdictUnreachable, "port_taken", StepAddress, StepSkipped, "nothing listens", false},
		{"no such address", func(f *facts) { f.port = PortFacts{Port: 8045, Problem: "The address cannot be listened on."} }, VerdictUnreachable, "address_unavailable", StepPort, StepBad, "cannot be listened on", false},
		{"firewall", func(f *facts) { f.address = []Reach{{URL: origin, Problem: "no answer"}} }, VerdictUnreachable, "no_answer", StepAddress, StepBad, "firewall", true},
		{"somebody else on localhost", func(f *facts) {
			f.address = append(f.address, Reach{URL: "http://localhost:8045 as [::1]", Name: true, Other: true, Problem: "something else answers there"})
		}, VerdictUnreachable, "other_program", StepAddress, StepBad, "[::1]", true},
		{"localhost on IPv4 only", func(f *facts) {
			f.address = append(f.address, Reach{URL: "http://localhost:8045 as [::1]", Name: true, Problem: "refused"})
		}, VerdictOK, "", StepAddress, StepWarn, "127.0.0.1 instead of localhost", true},
		{"a wrong base URL", func(f *facts) {
			f.clients = []WrongBase{{Client: "Codex", Asked: "POST /responses", Use: origin + "/v1", Count: 3}, {Asked: "POST /V1/messages", Use: origin, Count: 1}}
		}, VerdictOK, "", StepClients, StepWarn, "Codex asked for POST /responses (3×): enter " + origin + "/v1", true},
		{"LAN open", func(f *facts) {
			f.lan = LANFacts{On: true, Addresses: []Reach{{URL: "http://192.168.1.2:8045", Interface: "eth0", OK: true}}}
		}, VerdictOK, "", StepLAN, StepWarn, "no key is needed", true},
		{"LAN well", func(f *facts) {
			f.lan = LANFacts{On: true, KeyNeeded: true, Addresses: []Reach{{URL: "http://192.168.1.2:8045", Interface: "eth0", OK: true}}}
		}, VerdictOK, "", StepLAN, StepOK, "http://192.168.1.2:8045 (eth0): answers", true},
		{"LAN firewall", func(f *facts) {
			f.lan = LANFacts{On: true, KeyNeeded: true, Addresses: []Reach{{URL: "http://192.168.1.2:8045", Problem: "no answer in time"}}}
		}, VerdictUnreachable, "lan_unreachable", StepLAN, StepBad, "firewall", true},
		{"no network", func(f *facts) { f.lan = LANFacts{On: true, KeyNeeded: true} }, VerdictOK, "", StepLAN, StepWarn, "no network", true},
		{"no key", func(f *facts) { f.key = KeyFacts{Needed: true, Mode: "strict"} }, VerdictUnauthorized, "no_key", StepAccount, StepSkipped, "key", false},
		{"key works", func(f *facts) { f.key = KeyFacts{Needed: true, Mode: "strict", Usable: true, Tried: true, Status: 200} }, VerdictOK, "", StepKey, StepOK, "works", true},
		{"key refused", func(f *facts) {
			f.key = KeyFacts{Needed: true, Mode: "strict", Usable: true, Tried: true, Status: 401, Problem: "no"}
		}, VerdictUnauthorized, "key_refused", StepKey, StepBad, "401", true},
		{"no account", func(f *facts) { f.accounts, f.model = AccountFacts{}, ModelFacts{} }, VerdictNoAccount, "no_usable_account", StepModel, StepWarn, "no model", false},
		{"loopback only", func(f *facts) {
			f.accounts = AccountFacts{Loopback: true}
			f.model = ModelFacts{Asked: "loopback", Provider: "loopback", Loopback: true}
		}, VerdictOK, "", StepAccount, StepSkipped, "built-in", false},
		{"all blocked", func(f *facts) { f.accounts = AccountFacts{Blocked: 2, Lines: []string{"gemini: refused"}} }, VerdictNoAccount, "no_usable_account", StepAccounts, StepBad, "gemini: refused", true},
		{"all cooling", func(f *facts) { f.accounts = AccountFacts{Cooling: 2} }, VerdictOK, "", StepAccounts, StepWarn, "Wait", true},
		{"unknown model", func(f *facts) { f.model = ModelFacts{Asked: "gpt-9", Problem: "nobody has it"} }, VerdictMistake, "model_not_found", StepModel, StepBad, "gpt-9", false},
		{"broken inside", func(f *facts) { f.loopback = Answer{Status: 500, Problem: "boom"} }, VerdictMistake, "loopback_failed", StepLoopback + "gemini", StepBad, "500, boom", true},
		{"account fails", func(f *facts) { f.account = Answer{Status: 503, Problem: "refused"} }, VerdictNoAccount, "account_failed", StepAccount, StepBad, "503, refused", true},
	}
	for _, row := range table {
		f := healthy()
		row.spoil(f)
		var told []Step
		steps := Walk(t.Context(), f, WalkOptions{}, func(s Step) { told = append(told, s) })
		checkSteps(t, steps, told)
		if verdict, s := Conclude(steps); verdict != row.verdict || s.Code != row.code {
			t.Errorf("%s: %s %s, want %s %s", row.name, verdict, s.Code, row.verdict, row.code)
		}
		i := slices.IndexFunc(steps, func(s Step) bool { return s.ID == row.step })
		words := steps[i].Summary + steps[i].Cure + strings.Join(steps[i].Details, "\n")
		if steps[i].State != row.state || !strings.Contains(words, row.says) {
			t.Errorf("%s: %+v", row.name, steps[i])
		}
		if asks := slices.Contains(f.asked, "account "+f.model.Asked); asks != row.asks {
			t.Errorf("%s: account asked: %v", row.name, asks)
		}
	}
	f := healthy()
	steps := Walk(t.Context(), f, WalkOptions{SkipUpstream: true}, nil)
	if last := steps[len(steps)-1]; last.State != StepSkipped || slices.Contains(f.asked, "account gemini-2.5-flash") {
		t.Errorf("skipped: %+v", last)
	}
}

func checkSteps(t failer, steps, told []Step) {
	want := Steps()
	if len(steps) != len(want) || len(told) != len(want) {
		t.Errorf("%d steps, %d told, want %d", len(steps), len(told), len(want))
		return
	}
	for i, s := range steps {
		if s.ID != want[i].ID || s.Title == "" || s.Summary == "" || told[i].ID != s.ID || told[i].Summary != s.Summary {
			t.Errorf("step %d: %+v", i, s)
		}
		switch s.State {
		case StepBad:
			if s.Code == "" || s.Verdict == "" || s.Verdict == VerdictOK || s.Cure == "" {
				t.Errorf("a bad step without code, verdict or cure: %+v", s)
			}
		case StepWarn:
			if s.Cure == "" || s.Code != "" {
				t.Errorf("a warning without a cure: %+v", s)
			}
		case StepOK, StepSkipped:
			if s.Cure != "" || s.Code != "" {
				t.Errorf("a cure for nothing: %+v", s)
			}
		default:
			t.Errorf("no state: %+v", s)
		}
	}
}

// TestWalkOfAnything: whatever the probes find, every step is told, and what is
// bad has a cure.
func TestWalkOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
		n := func(name string) int { return rapid.IntRange(0, 2).Draw(t, name) }
		reaches := func(name string) []Reach {
			return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Reach {
				r := Reach{URL: "http://a:1", Name: rapid.Bool().Draw(t, "name"), OK: rapid.Bool().Draw(t, "ok")}
				if !r.OK {
					r.Problem, r.Other = "no", rapid.Bool().Draw(t, "other")
				}
				return r
			}), 0, 3).Draw(t, name)
		}
		f := &facts{
			program:  ProgramFacts{Running: yes("running"), Stopped: yes("stopped")},
			port:     PortFacts{Port: 1, Listening: yes("listening"), Taken: yes("taken"), NextFree: n("next")},
			address:  reaches("address"),
			lan:      LANFacts{On: yes("lan"), KeyNeeded: yes("lan key"), Addresses: reaches("lan addresses")},
			clients:  make([]WrongBase, n("wrong base URLs")*4),
			key:      KeyFacts{Needed: yes("needed"), Usable: yes("usable"), Tried: yes("tried"), Status: n("status") * 200},
			accounts: AccountFacts{n("ready"), n("cooling"), n("blocked"), n("disabled"), yes("loopback"), nil},
			model:    ModelFacts{Asked: rapid.SampledFrom([]string{"", "m"}).Draw(t, "model"), Provider: "p"},
			loopback: Answer{OK: yes("loopback answers"), Problem: "no"},
			account:  Answer{OK: yes("account answers"), Problem: "no"},
		}
		var told []Step
		checkSteps(t, Walk(t.Context(), f, WalkOptions{SkipUpstream: yes("skip")}, func(s Step) { told = append(told, s) }), told)
	})
}

// TestWalkEnds: no probe can hold it up longer than its own limit.
func TestWalkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := healthy()
		f.slow = true
		start := time.Now()
		if steps := Walk(t.Context(), f, WalkOptions{}, nil); len(steps) != len(Steps()) || time.Since(start) > WalkLimit {
			t.Errorf("%d steps after %s", len(steps), time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		if steps := Walk(ctx, f, WalkOptions{}, nil); len(steps) != 2 {
			t.Errorf("%d steps, cut after the second", len(steps))
		}
	})
}
