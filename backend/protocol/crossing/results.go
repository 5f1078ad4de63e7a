package crossing

import (
	"fmt"
	"strconv"

	"antigravity-tools/backend/llm"
)

// callSlot is one call of the history and the result found for it.
type callSlot struct {
	call   *llm.Call
	result *llm.Part
	turn   int // of the call
}

// repairResults pairs results with calls: every call gets exactly one result,
// in a user turn directly behind it, in the order of the calls. Upstreams
// count them (google-gemini/gemini-cli #13292).
func repairResults(turns []llm.Turn, losses *llm.Losses) []llm.Turn {
	p := &pairing{turns: turns, losses: losses, byTurn: map[int][]*callSlot{}, byID: map[string][]*callSlot{}}
	if !p.indexCalls() && !p.hasResults() {
		return turns
	}
	rest := p.takeResults()
	return p.rebuild(rest)
}

type pairing struct {
	turns  []llm.Turn
	losses *llm.Losses
	slots  []*callSlot
	byTurn map[int][]*callSlot
	byID   map[string][]*callSlot
}

// indexCalls lists the calls in order and reports whether there are any.
func (p *pairing) indexCalls() bool {
	for i := range p.turns {
		parts := p.turns[i].Parts
		for j := range parts {
			if parts[j].Kind != llm.KindCall {
				continue
			}
			call := *parts[j].Call
			slot := &callSlot{call: &call, turn: i}
			p.slots = append(p.slots, slot)
			p.byTurn[i] = append(p.byTurn[i], slot)
			p.byID[call.ID] = append(p.byID[call.ID], slot)
		}
	}
	return len(p.slots) > 0
}

func (p *pairing) hasResults() bool {
	for _, t := range p.turns {
		for _, part := range t.Parts {
			if part.Kind == llm.KindResult {
				return true
			}
		}
	}
	return false
}

// takeResults gives every result to its call and returns the other parts of
// each turn; a result without a call becomes text where it stood.
func (p *pairing) takeResults() [][]llm.Part {
	rest := make([][]llm.Part, len(p.turns))
	for i, turn := range p.turns {
		order := 0
		for j := range turn.Parts {
			part := turn.Parts[j]
			if part.Kind != llm.KindResult {
				rest[i] = append(rest[i], part)
				continue
			}
			slot := p.match(part.Result, i)
			path := fmt.Sprintf("turns[%d].parts[%d]", i, j)
			switch {
			case slot == nil:
				p.losses.Adapt("result.orphan", path, "")
				rest[i] = append(rest[i], orphanText(part.Result)...)
			case slot.result != nil:
				p.losses.Adapt("result.duplicate", path, "")
				slot.result = &part
			default:
				if slot.turn != i-1 || p.position(slot) != order {
					p.losses.Adapt("result.order", path, "")
				}
				order++
				slot.result = &part
			}
		}
	}
	return rest
}

func (p *pairing) position(slot *callSlot) int {
	for i, s := range p.byTurn[slot.turn] {
		if s == slot {
			return i
		}
	}
	return -1
}

// match finds the call that a result in turn i answers. With an id it is an
// unanswered call of that id in the nearest earlier turn that has one, there
// the first, since clients repeat ids from step to step; else the latest
// answered one (a duplicate). Without an id it goes by the name.
func (p *pairing) match(r *llm.Result, turn int) *callSlot {
	if r.CallID == "" {
		return p.matchByName(r, turn)
	}
	var open, answered *callSlot
	same := p.byID[r.CallID]
	for i := len(same) - 1; i >= 0; i-- {
		s := same[i]
		switch {
		case s.turn >= turn:
		case s.result != nil:
			if answered == nil {
				answered = s
			}
		case open == nil || open.turn == s.turn:
			open = s
		}
		if open != nil && s.turn < open.turn {
			break
		}
	}
	switch {
	case open != nil:
		return open
	case answered != nil:
		return answered
	}
	return p.matchByName(r, turn)
}

// matchByName finds an unanswered call of that name in the nearest earlier
// turn with calls, if call or result came without an id.
func (p *pairing) matchByName(r *llm.Result, turn int) *callSlot {
	if r.Name == "" && r.CallID != "" {
		return nil
	}
	for i := turn - 1; i >= 0; i-- {
		for _, s := range p.byTurn[i] {
			idless := r.CallID == "" || s.call.ID == ""
			if s.result == nil && idless && (r.Name == "" || s.call.Name == r.Name) {
				return s
			}
		}
		if len(p.byTurn[i]) > 0 {
			return nil // only the nearest step with calls
		}
	}
	return nil
}

func orphanText(r *llm.Result) []llm.Part {
	parts := []llm.Part{llm.TextPart(fmt.Sprintf(orphanPrefix, r.CallID))}
	for _, part := range r.Parts {
		if part.Kind == llm.KindText && parts[0].Kind == llm.KindText {
			parts[0].Text += part.Text
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

// rebuild writes the turns again with the results in their places.
func (p *pairing) rebuild(rest [][]llm.Part) []llm.Turn {
	p.uniqueIDs()
	out := make([]llm.Turn, 0, len(p.turns)+1)
	for i, turn := range p.turns {
		calls := p.byTurn[i]
		turn.Parts = withCalls(rest[i], calls)
		if len(turn.Parts) > 0 {
			out = append(out, turn)
		}
		if len(calls) == 0 {
			continue
		}
		results := llm.Turn{Role: llm.RoleUser}
		for j, s := range calls {
			if s.result == nil {
				p.losses.Adapt("result.missing", fmt.Sprintf("turns[%d].calls[%d]", i, j), "")
			}
			results.Parts = append(results.Parts, s.resultPart())
		}
		out = append(out, results)
	}
	return out
}

// uniqueIDs renames repeated ids on call and result alike: the second "x"
// becomes "x_2", or the next that is free. A name depends on the calls before
// it only, so that a history which grows keeps its names.
func (p *pairing) uniqueIDs() {
	taken, next := map[string]bool{}, map[string]int{}
	for _, s := range p.slots {
		id := s.call.ID
		if id == "" {
			continue
		}
		for taken[s.call.ID] {
			next[id] = max(next[id]+1, 2)
			s.call.ID = id + "_" + strconv.Itoa(next[id])
		}
		taken[s.call.ID] = true
	}
}

// withCalls puts the (possibly renamed) calls back into the parts of a turn.
func withCalls(parts []llm.Part, calls []*callSlot) []llm.Part {
	next := 0
	for i := range parts {
		if parts[i].Kind == llm.KindCall {
			parts[i].Call = calls[next].call
			next++
		}
	}
	return parts
}

func (s *callSlot) resultPart() llm.Part {
	if s.result == nil {
		return llm.Part{Kind: llm.KindResult, Result: &llm.Result{
			CallID: s.call.ID, Name: s.call.Name, Kind: s.call.Kind, IsError: true,
			Parts: []llm.Part{llm.TextPart(missingResultText)},
		}}
	}
	part, result := *s.result, *s.result.Result
	result.CallID = s.call.ID
	result.Name = s.call.Name
	result.Kind = s.call.Kind
	part.Result = &result
	return part
}
