package crossing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/protocoltest"
)

// The short forms: u(…) and m(…) are turns, c an r a call and its result.
func u(parts ...llm.Part) llm.Turn   { return llm.Turn{Role: llm.RoleUser, Parts: parts} }
func m(parts ...llm.Part) llm.Turn   { return llm.Turn{Role: llm.RoleModel, Parts: parts} }
func sys(parts ...llm.Part) llm.Turn { return llm.Turn{Role: llm.RoleSystem, Parts: parts} }
func tx(text string) llm.Part        { return llm.TextPart(text) }

func c(id, name string) llm.Part {
	return llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction, ID: id, Name: name}}
}

func r(id, text string) llm.Part {
	return llm.Part{Kind: llm.KindResult, Result: &llm.Result{CallID: id, Kind: llm.CallFunction, Parts: []llm.Part{tx(text)}}}
}

func named(name, text string) llm.Part {
	p := r("", text)
	p.Result.Name = name
	return p
}

// show writes turns on one line each: "model text, call x f, …".
func show(turns []llm.Turn) string {
	var b strings.Builder
	for _, t := range turns {
		b.WriteString(string(t.Role) + ":")
		for _, p := range t.Parts {
			switch p.Kind {
			case llm.KindCall:
				fmt.Fprintf(&b, " call(%s %s)", p.Call.ID, p.Call.Name)
			case llm.KindResult:
				word := "result"
				if p.Result.IsError {
					word = "error"
				}
				fmt.Fprintf(&b, " %s(%s %s %q)", word, p.Result.CallID, p.Result.Name, p.Result.Parts[0].Text)
			default:
				fmt.Fprintf(&b, " %q", p.Text)
			}
			if p.Seal != nil {
				fmt.Fprintf(&b, "!%s", p.Seal.Data)
			}
			if p.Cache != nil {
				b.WriteString("#")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestNormalize(t *testing.T) {
	lost := `"No result was returned for this call."`
	table := []struct {
		name   string
		turns  []llm.Turn
		want   string
		losses string
	}{
		{"in order", []llm.Turn{u(tx("q")), m(c("a", "f"), c("b", "g")), u(r("a", "1"), r("b", "2"))},
			"user: \"q\"\nmodel: call(a f) call(b g)\nuser: result(a f \"1\") result(b g \"2\")\n", ""},
		{"blanks alone", []llm.Turn{u(tx(" ")), m(tx(""))}, "user: \"Continue.\"\n", "loss adapted role.first turns\n"},
		{"out of order", []llm.Turn{m(c("a", "f"), c("b", "g")), u(r("b", "2"), r("a", "1"))},
			"model: call(a f) call(b g)\nuser: result(a f \"1\") result(b g \"2\")\n",
			"loss adapted result.order turns[1].parts[0]\nloss adapted result.order turns[1].parts[1]\n"},
		{"missing", []llm.Turn{m(c("a", "f"), c("b", "g")), u(r("b", "2")), m(tx("x"))},
			"model: call(a f) call(b g)\nuser: error(a f " + lost + ") result(b g \"2\")\nmodel: \"x\"\n",
			"loss adapted result.missing turns[0].calls[0]\nloss adapted result.order turns[1].parts[0]\n"},
		{"missing at the end", []llm.Turn{m(c("a", "f"))}, "model: call(a f)\nuser: error(a f " + lost + ")\n",
			"loss adapted result.missing turns[0].calls[0]\n"},
		{"orphan", []llm.Turn{u(tx("q")), m(tx("x")), u(r("zz", "late"), tx("y"))},
			"user: \"q\"\nmodel: \"x\"\nuser: \"Result of an earlier tool call (zz):\\nlate\" \"y\"\n", "loss adapted result.orphan turns[2].parts[0]\n"},
		{"before its call", []llm.Turn{u(r("a", "early")), m(c("a", "f")), u(tx("y"))},
			"user: \"Result of an earlier tool call (a):\\nearly\"\nmodel: call(a f)\nuser: error(a f " + lost + ") \"y\"\n",
			"loss adapted result.orphan turns[0].parts[0]\nloss adapted result.missing turns[1].calls[0]\n"},
		{"duplicate, the last one wins", []llm.Turn{m(c("a", "f")), u(r("a", "1"), r("a", "2"))},
			"model: call(a f)\nuser: result(a f \"2\")\n", "loss adapted result.duplicate turns[1].parts[1]\n"},
		{"late", []llm.Turn{m(c("a", "f")), u(tx("wait")), m(tx("x")), u(r("a", "1"), tx("y"))},
			"model: call(a f)\nuser: result(a f \"1\") \"wait\"\nmodel: \"x\"\nuser: \"y\"\n", "loss adapted result.order turns[3].parts[0]\n"},
		{"behind a system message", []llm.Turn{m(c("a", "f")), sys(tx("s")), u(r("a", "1"))},
			"model: call(a f)\nuser: result(a f \"1\")\nsystem: \"s\"\n", "loss adapted result.order turns[2].parts[0]\n"},
		{"text before its result", []llm.Turn{m(c("a", "f")), u(tx("y"), r("a", "1"))},
			"model: call(a f)\nuser: result(a f \"1\") \"y\"\n", ""},
		{"ids repeated in one step", []llm.Turn{m(c("a", "f"), c("a", "g")), u(r("a", "1"), r("a", "2"))},
			"model: call(a f) call(a_2 g)\nuser: result(a f \"1\") result(a_2 g \"2\")\n", ""},
		{"ids repeated from step to step", []llm.Turn{m(c("a", "f")), u(tx("no result")), m(c("a", "f")), u(r("a", "2"))},
			"model: call(a f)\nuser: error(a f " + lost + ") \"no result\"\nmodel: call(a_2 f)\nuser: result(a_2 f \"2\")\n",
			"loss adapted result.missing turns[0].calls[0]\n"},
		{"a repeated id meets its own new name", []llm.Turn{m(c("a", "f"), c("a", "f"), c("a_2", "g")), u(r("a", "1"), r("a", "2"), r("a_2", "3"))},
			"model: call(a f) call(a_2 f) call(a_2_2 g)\nuser: result(a f \"1\") result(a_2 f \"2\") result(a_2_2 g \"3\")\n", ""},
		{"no ids, by name", []llm.Turn{m(c("", "f"), c("", "g")), u(named("g", "2"), named("f", "1"))},
			"model: call( f) call( g)\nuser: result( f \"1\") result( g \"2\")\n",
			"loss adapted result.order turns[1].parts[0]\nloss adapted result.order turns[1].parts[1]\n"},
		{"no ids nor names", []llm.Turn{m(c("a", "f"), c("b", "g")), u(named("", "1"), named("", "2"))},
			"model: call(a f) call(b g)\nuser: result(a f \"1\") result(b g \"2\")\n", ""},
		{"blank parts and turns", []llm.Turn{u(tx(" \n")), u(tx("q"), tx("")), m(tx(" ")), u(tx("z"))}, "user: \"q\" \"z\"\n", ""},
		{"model turns of an SDK chat", []llm.Turn{u(tx("q")), m(tx("I")), m(c("a", "f")), m(c("b", "g")), u(r("a", "1")), u(r("b", "2"))},
			"user: \"q\"\nmodel: \"I\" call(a f) call(b g)\nuser: result(a f \"1\") result(b g \"2\")\n", ""},
		{"system messages stay apart", []llm.Turn{u(tx("q")), sys(tx("s")), sys(tx("t")), u(tx("z"))}, "user: \"q\"\nsystem: \"s\"\nsystem: \"t\"\nuser: \"z\"\n", ""},
	}
	for _, row := range table {
		req, losses := &llm.Request{Turns: row.turns}, &llm.Losses{}
		crossing.Normalize(req, losses)
		if d := cmp.Diff(row.want, show(req.Turns)); d != "" {
			t.Errorf("%s:\n%s", row.name, d)
		}
		if d := cmp.Diff(row.losses, protocoltest.DumpLosses(losses)); d != "" {
			t.Errorf("%s:\n%s", row.name, d)
		}
	}
}

// carrier is a reasoning part with an envelope for slot.
func carrier(text, slot, data string) llm.Part {
	return llm.Part{Kind: llm.KindReasoning, Text: text, Seal: &llm.Seal{Issuer: llm.IssuerGoogle, Data: data, Slot: slot}}
}

// carries is a call with an envelope for slot.
func carries(id, slot, data string) llm.Part {
	p := c(id, "f")
	p.Seal = &llm.Seal{Issuer: llm.IssuerAnthropic, Data: data, Slot: slot}
	return p
}

func thought(text string) llm.Part { return llm.Part{Kind: llm.KindReasoning, Text: text} }

func TestEnvelopesFindTheirPart(t *testing.T) {
	own := c("a", "f")
	own.Seal = &llm.Seal{Data: "own", Slot: "call:0"}
	table := []struct {
		name  string
		parts []llm.Part
		want  string
	}{
		{"call", []llm.Part{carrier("", "call:0", "S"), c("a", "f")}, "model: call(a f)!S\n"},
		{"call with the thought's text", []llm.Part{carrier("hm", "call:0", "S"), c("a", "f")}, "model: \"hm\" call(a f)!S\n"},
		{"on the call itself", []llm.Part{own}, "model: call(a f)!own\n"},
		{"two steps in one turn", []llm.Part{carrier("", "call:0", "S"), c("a", "f"), carrier("", "call:0", "T"), c("b", "g")},
			"model: call(a f)!S call(b g)!T\n"},
		{"both in front", []llm.Part{carrier("", "call:0", "S"), carrier("", "call:1", "T"), c("a", "f"), c("b", "g")},
			"model: call(a f)!S call(b g)!T\n"},
		{"the next call only", []llm.Part{c("a", "f"), carrier("", "call:1", "S"), c("b", "g"), c("d", "h")}, "model: call(a f) call(b g)!S call(d h)\n"},
		{"text behind", []llm.Part{carrier("", "text", "S"), tx("x")}, "model: \"x\"!S\n"},
		{"text before", []llm.Part{tx("x"), carrier("", "text", "S")}, "model: \"x\"!S\n"},
		{"reasoning", []llm.Part{carrier("hm", "reasoning", "S"), tx("x")}, "model: \"hm\"!S \"x\"\n"},
		{"redacted", []llm.Part{carrier("", "redacted", "S"), tx("x")}, "model: \"\"!S \"x\"\n"},
		{"reasoning, on the call behind", []llm.Part{thought("hm"), carries("a", "reasoning", "S")}, "model: \"hm\"!S call(a f)\n"},
		{"reasoning, whose part is gone", []llm.Part{carries("a", "reasoning", "S")}, "model: \"\"!S call(a f)\n"},
		{"reasoning of two steps, the first gone", []llm.Part{carries("a", "reasoning", "S"), thought("hm"), carries("b", "redacted", "T")},
			"model: \"\"!S call(a f) \"hm\"!T call(b f)\n"},
		{"its call is gone", []llm.Part{carrier("hm", "call:0", "S"), tx("x")}, "model: \"hm\" \"x\"\n"},
	}
	for _, row := range table {
		turns := []llm.Turn{m(row.parts...)}
		req := &llm.Request{Turns: turns}
		crossing.Normalize(req, nil)
		if d := cmp.Diff(row.want, show(req.Turns[:1])); d != "" {
			t.Errorf("%s:\n%s", row.name, d)
		}
		for _, p := range req.Turns[0].Parts {
			if p.Seal != nil && p.Seal.Slot != "" {
				t.Errorf("%s: a seal still has a slot", row.name)
			}
		}
	}
}

// Seals of a user's turn are nobody's, and the caller's parts stay as they are.
func TestEnvelopesLeaveTheInput(t *testing.T) {
	parts := []llm.Part{carrier("", "call:0", "S"), c("a", "f")}
	crossing.Normalize(&llm.Request{Turns: []llm.Turn{m(parts...)}}, nil)
	if parts[0].Seal == nil || parts[0].Seal.Slot != "call:0" || parts[1].Seal != nil || parts[1].Call.ID != "a" {
		t.Errorf("%+v", parts)
	}
}

func TestBreakpointsMove(t *testing.T) {
	blank := llm.Part{Kind: llm.KindText, Cache: &llm.Cache{}}
	req := &llm.Request{Turns: []llm.Turn{u(tx("a"), blank), m(tx("b")), u(blank), u(blank, tx("c"))}}
	crossing.Normalize(req, nil)
	if got, want := show(req.Turns), "user: \"a\"#\nmodel: \"b\"#\nuser: \"c\"\n"; got != want {
		t.Errorf("%s", got)
	}
}

func TestSystemParts(t *testing.T) {
	billing := tx("x-billing: 1")
	billing.DropAs = "system.billing"
	req, losses := &llm.Request{System: []llm.Part{billing, tx(" "), tx("s")}}, &llm.Losses{}
	crossing.Normalize(req, losses)
	if len(req.System) != 1 || req.System[0].Text != "s" || protocoltest.DumpLosses(losses) != "loss dropped system.billing system[0]\n" {
		t.Errorf("%+v %v", req.System, losses.List())
	}
}

// drawTurns draws a history with every fault that clients make.
func drawTurns(t *rapid.T) []llm.Turn {
	ids := rapid.SampledFrom([]string{"a", "a", "b", "a_2", "", "x"})
	names := rapid.SampledFrom([]string{"f", "g", ""})
	slots := rapid.SampledFrom([]string{"call:0", "call:1", "text", "reasoning"})
	part := func(role llm.Role) llm.Part {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		switch {
		case role == llm.RoleModel && kind <= 2:
			return c(ids.Draw(t, "id"), "f"+names.Draw(t, "name"))
		case role == llm.RoleModel && kind == 3:
			return carrier(rapid.SampledFrom([]string{"", "hm"}).Draw(t, "thought"), slots.Draw(t, "slot"), "S")
		case role == llm.RoleUser && kind <= 3:
			p := r(ids.Draw(t, "id"), rapid.StringN(1, 3, -1).Draw(t, "result"))
			p.Result.Name = names.Draw(t, "name")
			return p
		}
		return tx(rapid.SampledFrom([]string{"", " ", "text"}).Draw(t, "text"))
	}
	var turns []llm.Turn
	for range rapid.IntRange(0, 8).Draw(t, "turns") {
		turn := llm.Turn{Role: rapid.SampledFrom([]llm.Role{llm.RoleUser, llm.RoleModel, llm.RoleModel, llm.RoleSystem}).Draw(t, "role")}
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			turn.Parts = append(turn.Parts, part(turn.Role))
		}
		turns = append(turns, turn)
	}
	return turns
}

// checkPaired checks what an upstream counts: each call has one result, in the
// order of the calls, in the user turn behind them.
func checkPaired(t *rapid.T, turns []llm.Turn) {
	seen := map[string]bool{}
	var waiting []*llm.Call
	for i, turn := range turns {
		if len(turn.Parts) == 0 {
			t.Fatalf("turn %d is empty", i)
		}
		if i > 0 && turns[i-1].Role == turn.Role && turn.Role != llm.RoleSystem {
			t.Fatalf("turns %d and %d have one role", i-1, i)
		}
		if turn.Role != llm.RoleUser && len(waiting) > 0 {
			t.Fatalf("turn %d comes before the results", i)
		}
		for j, p := range turn.Parts {
			switch {
			case p.Kind == llm.KindCall:
				if p.Call.ID != "" && seen[p.Call.ID] {
					t.Fatalf("id %q twice", p.Call.ID)
				}
				seen[p.Call.ID] = true
				waiting = append(waiting, p.Call)
			case p.Kind == llm.KindResult:
				if len(waiting) == 0 || waiting[0].ID != p.Result.CallID || waiting[0].Name != p.Result.Name {
					t.Fatalf("turn %d part %d answers nothing that waits", i, j)
				}
				waiting = waiting[1:]
			case turn.Role == llm.RoleUser && len(waiting) > 0:
				t.Fatalf("turn %d part %d stands before results", i, j)
			}
		}
	}
	if len(waiting) > 0 {
		t.Fatalf("%d calls without a result", len(waiting))
	}
}

// Whatever the client sent, the result is well-formed, and doing it again
// changes and reports nothing.
func TestNormalizeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawTurns(t)
		texts := countTexts(drawn)
		req := &llm.Request{Turns: drawn}
		crossing.Normalize(req, &llm.Losses{})
		checkPaired(t, req.Turns)
		if got := countTexts(req.Turns); got < texts {
			t.Fatalf("%d texts became %d", texts, got)
		}
		once, again := show(req.Turns), &llm.Losses{}
		crossing.Normalize(req, again)
		if d := cmp.Diff(once, show(req.Turns)); d != "" {
			t.Fatalf("the second time changes:\n%s", d)
		}
		if again.Len() > 0 {
			t.Fatalf("the second time reports %v", again.List())
		}
	})
}

func countTexts(turns []llm.Turn) (n int) {
	for _, t := range turns {
		for _, p := range t.Parts {
			if p.Kind == llm.KindText && strings.TrimSpace(p.Text) != "" {
				n++
			}
		}
	}
	return n
}

// A history that grows keeps what it had (prompt caches, mapping rules L2):
// repairs of complete steps do not depend on what follows.
func TestNormalizeKeepsPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var turns []llm.Turn
		for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
			ids := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "a_2", "a_2_2"}), 1, 3).Draw(t, "ids")
			model, user := m(tx(fmt.Sprint("step ", i))), u()
			for k, id := range ids {
				model.Parts = append(model.Parts, c(id, "f"))
				user.Parts = append(user.Parts, r(id, fmt.Sprint(i, " ", k)))
			}
			turns = append(turns, model, user)
		}
		cut := 2 * rapid.IntRange(1, len(turns)/2).Draw(t, "cut")
		short, long := &llm.Request{Turns: turns[:cut]}, &llm.Request{Turns: turns}
		crossing.Normalize(short, nil)
		crossing.Normalize(long, nil)
		if !strings.HasPrefix(show(long.Turns), show(short.Turns)) {
			t.Fatalf("%s\nis no prefix of\n%s", show(short.Turns), show(long.Turns))
		}
	})
}

func TestTurns(t *testing.T) {
	table := []struct {
		name   string
		req    llm.Request
		rules  crossing.Rules
		system int
		want   string
		losses string
	}{
		{"nothing to do", llm.Request{Turns: []llm.Turn{u(tx("q"))}}, crossing.Rules{UserFirst: true, WrapSystem: true}, 0, "user: \"q\"\n", ""},
		{"model first", llm.Request{Turns: []llm.Turn{m(tx("x"))}}, crossing.Rules{UserFirst: true}, 0,
			"user: \"Continue.\"\nmodel: \"x\"\n", "loss adapted role.first turns[0]\n"},
		{"model first is allowed", llm.Request{Turns: []llm.Turn{m(tx("x"))}}, crossing.Rules{}, 0, "model: \"x\"\n", ""},
		{"system alone", llm.Request{System: []llm.Part{tx("s")}}, crossing.Rules{UserFirst: true}, 0, "user: \"s\"\n", "loss adapted system.only system\n"},
		{"wrapped in place", llm.Request{System: []llm.Part{tx("s")}, Turns: []llm.Turn{u(tx("q")), sys(tx("t")), m(tx("x"))}},
			crossing.Rules{WrapSystem: true}, 1, "user: \"q\" \"<system>\\nt\\n</system>\"\nmodel: \"x\"\n", "loss adapted system.position turns[1]\n"},
		{"left in place", llm.Request{Turns: []llm.Turn{u(tx("q")), sys(tx("t"))}}, crossing.Rules{}, 0, "user: \"q\"\nsystem: \"t\"\n", ""},
	}
	for _, row := range table {
		losses := &llm.Losses{}
		system, turns := crossing.Turns(&row.req, row.rules, losses)
		if d := cmp.Diff(row.want, show(turns)); d != "" || len(system) != row.system {
			t.Errorf("%s: %d system parts\n%s", row.name, len(system), d)
		}
		if d := cmp.Diff(row.losses, protocoltest.DumpLosses(losses)); d != "" {
			t.Errorf("%s:\n%s", row.name, d)
		}
	}
}
