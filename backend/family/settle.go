package family

import (
	"fmt"

	"antigravity-tools/backend/llm"
)

// Settled is what max tokens and reasoning come to for one target.
type Settled struct {
	// MaxTokens is the limit to send, nil if the client set none.
	MaxTokens *int64
	// Off: reasoning was asked to be off and the target can do that. (Budget
	// is 0 then for budget dialects.)
	Off bool
	// On: reasoning was asked for, of a dialect that knows on and off, or that
	// leaves the amount to the model.
	On bool
	// Between: reasoning is kept to the time between tool calls.
	Between bool
	// Level is set for level dialects, Budget for budget dialects (0 off, -1
	// dynamic); neither if nothing was asked for.
	Level  llm.Effort
	Budget *int64
	// Show asks for the text of the reasoning.
	Show    bool
	dialect Dialect
}

// Sends reports whether there is anything to say about reasoning.
func (s Settled) Sends() bool {
	return s.dialect != DialectNone && (s.Level != "" || s.Budget != nil || s.Show)
}

// Fits reports whether a control written in dialect d suits the target.
// DialectNone stands for one that sets neither level nor budget.
func (s Settled) Fits(d Dialect) bool { return d == DialectNone || d == s.dialect }

// Settle is the one place where max tokens and reasoning are clamped, for all
// protocols (mapping.md section 11, steps a to g; pitfall 10): first the
// limit, then the budget within it. The limit is never raised.
func Settle(req *llm.Request, caps Caps, losses *llm.Losses) Settled {
	s := Settled{dialect: caps.Reasoning.Dialect}
	limit := s.limit(req, caps, losses)
	r := req.Reasoning
	if r.Mode == llm.ReasoningUnset && (r.Effort != "" || r.Budget != nil) {
		r.Mode = llm.ReasoningOn
	}
	if s.dialect == DialectNone {
		if r.Mode == llm.ReasoningOn && (r.Effort != "" || r.Budget != nil) {
			losses.Adapt("reasoning.effort", "reasoning", "the model does not reason")
		}
		return s
	}
	if s.Show = r.Visible == llm.VisibleText; r.Mode == llm.ReasoningUnset {
		return s
	}
	if r.Mode == llm.ReasoningOn {
		s.Show = r.Visible != llm.VisibleOmit
	}
	switch rc := caps.Reasoning; rc.Dialect {
	case DialectLevel:
		s.level(r, rc, losses)
	case DialectAdaptive:
		s.adaptive(r, rc, losses)
	case DialectSwitch, DialectFlag:
		s.flip(r, losses)
	default:
		s.budget(r, rc, limit, losses)
	}
	if limit > 0 && limit < tightLimit && !s.Off {
		losses.Adapt("reasoning.tight", "max_tokens", "reasoning shares the limit with the answer")
	}
	if s.Off {
		s.Show = false
	}
	return s
}

// Limits, in tokens: below tightLimit an answer may starve beside reasoning;
// answerRoom is what a budget leaves to it.
const (
	tightLimit = 2048
	answerRoom = 1024
)

// limit settles max tokens and returns the limit that holds, 0 if unknown.
func (s *Settled) limit(req *llm.Request, caps Caps, losses *llm.Losses) int64 {
	n := req.Sampling.MaxTokens
	if n == nil {
		return caps.MaxOutput
	}
	limit := *n
	if caps.MaxOutput > 0 && limit > caps.MaxOutput {
		losses.Adapt("max_tokens", "max_tokens", fmt.Sprintf("%d -> %d", limit, caps.MaxOutput))
		limit = caps.MaxOutput
	}
	s.MaxTokens = &limit
	return limit
}

// level settles dialects that take a word: never together with a budget.
func (s *Settled) level(r llm.Reasoning, rc ReasoningCaps, losses *llm.Losses) {
	if len(rc.Levels) == 0 {
		return
	}
	want := r.Effort
	switch {
	case r.Mode == llm.ReasoningOff && rc.ZeroOff:
		s.Off = true
		return
	case r.Mode == llm.ReasoningOff:
		s.Level = rc.Levels[0]
		losses.Adapt("reasoning.effort", "reasoning", "off -> "+string(s.Level))
		return
	case want == "" && r.Budget != nil:
		want = EffortOf(*r.Budget)
	}
	if want == "" {
		return
	}
	s.Level = Nearest(want, rc.Levels)
	if s.Level != want {
		losses.Adapt("reasoning.effort", "reasoning", string(want)+" -> "+string(s.Level))
	}
}

// adaptive settles dialects that are on or off, with a word beside.
func (s *Settled) adaptive(r llm.Reasoning, rc ReasoningCaps, losses *llm.Losses) {
	if r.Mode == llm.ReasoningOff {
		switch {
		case rc.ZeroOff:
			s.Off = true
		case rc.Between:
			s.Between = true
			losses.Adapt("reasoning.effort", "reasoning", "off -> between_tools")
		default:
			s.level(r, rc, losses)
		}
		return
	}
	s.On = true
	s.level(r, rc, losses)
}

// flip settles dialects that know on and off only.
func (s *Settled) flip(r llm.Reasoning, losses *llm.Losses) {
	s.Off = r.Mode == llm.ReasoningOff
	s.On = !s.Off
	if s.On && (r.Effort != "" || r.Budget != nil) {
		losses.Adapt("reasoning.effort", "reasoning", "the model reasons or does not")
	}
}

// budget settles dialects that take a number of tokens.
func (s *Settled) budget(r llm.Reasoning, rc ReasoningCaps, limit int64, losses *llm.Losses) {
	if r.Mode == llm.ReasoningOff {
		s.off(rc)
		if !s.Off {
			losses.Adapt("reasoning.effort", "reasoning", fmt.Sprintf("off -> %d", rc.Min))
		}
		return
	}
	if r.Budget == nil && r.Effort == "" && !rc.NoDynamic {
		s.Budget = llm.Ptr(int64(-1))
		return
	}
	if r.Budget == nil && r.Effort == "" {
		r.Effort = llm.EffortMedium
	}
	want := BudgetOf(r.Effort, rc.Max)
	if r.Budget != nil {
		want = *r.Budget
	}
	got := min(max(want, rc.Min), rc.Max)
	tooMuch := limit
	if r.Budget == nil { // a word asks for no number, so the answer keeps its room
		tooMuch = max(limit-answerRoom+1, 1)
	}
	if limit > 0 && got >= tooMuch {
		if got = limit - answerRoom; got < max(rc.Min, 1) {
			s.off(rc)
			losses.Adapt("reasoning.effort", "reasoning", fmt.Sprintf("%d -> %d", want, *s.Budget))
			return
		}
	}
	if got != want {
		losses.Adapt("reasoning.effort", "reasoning", fmt.Sprintf("%d -> %d", want, got))
	}
	s.Budget = &got
}

// off switches reasoning off, or as low as it goes.
func (s *Settled) off(rc ReasoningCaps) {
	if rc.ZeroOff {
		s.Off, s.Budget = true, llm.Ptr(int64(0))
		return
	}
	s.Budget = llm.Ptr(rc.Min)
}
