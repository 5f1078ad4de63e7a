// Package crossing holds the passes over a canonical request that several
// target protocols need when client and upstream speak different ones: roles,
// results, tool names, call ids, schemas. A pass never changes the request it
// is given, except Normalize, which the relay runs once; all are pure, since
// prompt caches need the same history to give the same bytes (mapping.md L2).
package crossing

import (
	"fmt"
	"slices"
	"strings"

	"antigravity-tools/backend/llm"
)

// Texts that a repair has to insert. Each use is recorded as a loss.
const (
	continueText      = "Continue."
	missingResultText = "No result was returned for this call."
	orphanPrefix      = "Result of an earlier tool call (%s):\n"
)

// Normalize repairs what clients send, for every target alike: seals that
// travelled in envelopes go back to their parts, blank parts and empty turns
// go away, neighbours of one role are merged, and tool results stand directly
// behind their calls, in the order of the calls, one each.
//
// Neighbours are merged before the results are paired (Google's SDK chats
// store every stream event as a model turn of its own), and once more after.
func Normalize(req *llm.Request, losses *llm.Losses) {
	said := len(req.Turns) > 0
	turns := make([]llm.Turn, 0, len(req.Turns))
	for _, turn := range req.Turns {
		turns = appendUnblank(turns, turn)
	}
	turns = placeAllEnvelopes(mergeTurns(turns), losses)
	req.Turns = mergeTurns(repairResults(turns, losses))
	var system []llm.Part
	for i, part := range req.System {
		switch {
		case part.DropAs != "":
			losses.Drop(part.DropAs, fmt.Sprintf("system[%d]", i), "")
		case !blank(part):
			system = append(system, part)
		}
	}
	req.System = system
	if len(req.Turns)+len(req.System) == 0 && said {
		// Nothing but blanks, which the clients' own vendors take.
		losses.Adapt("role.first", "turns", "")
		req.Turns = []llm.Turn{{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(continueText)}}}
	}
}

// appendUnblank appends a turn without its blank parts, if anything is left of
// it. The cache breakpoint of a part that goes moves to the part before.
func appendUnblank(turns []llm.Turn, turn llm.Turn) []llm.Turn {
	parts := make([]llm.Part, 0, len(turn.Parts))
	for _, part := range turn.Parts {
		if !blank(part) {
			parts = append(parts, part)
			continue
		}
		if part.Cache == nil {
			continue
		}
		if len(parts) == 0 && len(turns) > 0 {
			last := &turns[len(turns)-1]
			last.Parts = slices.Clone(last.Parts)
			moveCache(last.Parts, part.Cache)
		}
		moveCache(parts, part.Cache)
	}
	if len(parts) == 0 {
		return turns
	}
	turn.Parts = parts
	return append(turns, turn)
}

func moveCache(parts []llm.Part, cache *llm.Cache) {
	if n := len(parts); n > 0 && parts[n-1].Cache == nil {
		parts[n-1].Cache = cache
	}
}

func blank(p llm.Part) bool {
	switch p.Kind {
	case llm.KindText, llm.KindReasoning:
		return p.Seal == nil && strings.TrimSpace(p.Text) == ""
	}
	return false
}

// mergeTurns joins neighbouring turns of one role by appending their parts;
// texts are not glued. System turns stay apart: each is its own message.
func mergeTurns(turns []llm.Turn) []llm.Turn {
	out := turns[:0:0]
	for _, turn := range turns {
		if n := len(out); n > 0 && out[n-1].Role == turn.Role && turn.Role != llm.RoleSystem {
			out[n-1].Parts = append(slices.Clip(out[n-1].Parts), turn.Parts...)
			continue
		}
		out = append(out, turn)
	}
	return out
}

// placeAllEnvelopes does so in whole turns: a thought and the call that carries
// its seal may have come apart. What carried a seal and nothing else goes.
func placeAllEnvelopes(turns []llm.Turn, losses *llm.Losses) []llm.Turn {
	carries := func(t llm.Turn) bool {
		return t.Role == llm.RoleModel && slices.ContainsFunc(t.Parts, hasSlot)
	}
	if !slices.ContainsFunc(turns, carries) {
		return turns
	}
	out := make([]llm.Turn, 0, len(turns))
	for i, turn := range turns {
		if carries(turn) {
			turn.Parts = placeEnvelopes(turn.Parts, i, losses)
		}
		out = appendUnblank(out, turn)
	}
	return mergeTurns(out)
}

// placeEnvelopes moves seals that came in an envelope from the part
// that carried them to the part of the same turn that they were issued for.
// A seal whose part is gone goes too: on any other it would be a forgery.
func placeEnvelopes(turn []llm.Part, index int, losses *llm.Losses) []llm.Part {
	parts := roomForThoughts(turn)
	for i := range parts {
		if !hasSlot(parts[i]) {
			continue
		}
		seal := *parts[i].Seal
		target := slotTarget(parts, i, seal.Slot)
		if target < 0 {
			losses.Drop("reasoning.foreign", fmt.Sprintf("turns[%d].parts[%d]", index, i), "what it signed is gone")
			parts[i].Seal = nil
			continue
		}
		seal.Slot = ""
		if target != i {
			parts[i].Seal = nil
		}
		parts[target].Seal = &seal
	}
	return parts
}

func hasSlot(p llm.Part) bool { return p.Seal != nil && p.Seal.Slot != "" }

// slotTarget finds the part behind the carrier that slot names; -1 if there is
// none any more (the client edited its history).
func slotTarget(parts []llm.Part, carrier int, slot string) int {
	// A carrier stands directly before the call whose seal it brings, so the
	// number in "call:N" is for people who read a history.
	if strings.HasPrefix(slot, "call:") {
		if parts[carrier].Kind == llm.KindCall {
			return carrier
		}
		return nextOf(parts, carrier, llm.KindCall)
	}
	switch slot {
	case "text":
		if parts[carrier].Kind == llm.KindText {
			return carrier
		}
		if i := nextOf(parts, carrier, llm.KindText); i >= 0 {
			return i
		}
		return prevOf(parts, carrier, llm.KindText)
	default: // reasoning, redacted
		if parts[carrier].Kind == llm.KindReasoning {
			return carrier
		}
		return prevOf(parts, carrier, llm.KindReasoning)
	}
}

// roomForThoughts returns a copy of the parts in which every seal of reasoning
// has a reasoning part to go to. A Gemini client carries that seal on the call
// behind the thought and may leave the thought itself out: then an empty part
// stands for it, whose text custody may know.
func roomForThoughts(parts []llm.Part) []llm.Part {
	out := make([]llm.Part, 0, len(parts)+1)
	open := false // an unsigned thought waits for its seal
	for _, p := range parts {
		switch {
		case p.Kind == llm.KindReasoning:
			open = p.Seal == nil
		case hasSlot(p) && (p.Seal.Slot == "reasoning" || p.Seal.Slot == "redacted"):
			if !open {
				out = append(out, llm.Part{Kind: llm.KindReasoning})
			}
			open = false
		case p.Kind == llm.KindCall:
			open = false
		}
		out = append(out, p)
	}
	return out
}

func nextOf(parts []llm.Part, from int, kind llm.PartKind) int {
	for i := from + 1; i < len(parts); i++ {
		if parts[i].Kind == kind && parts[i].Seal == nil {
			return i
		}
	}
	return -1
}

func prevOf(parts []llm.Part, from int, kind llm.PartKind) int {
	for i := from - 1; i >= 0; i-- {
		if parts[i].Kind == kind && parts[i].Seal == nil {
			return i
		}
	}
	return -1
}

// Rules says what a target demands of the order of turns.
type Rules struct {
	UserFirst  bool // the first turn must be the user's
	WrapSystem bool // no system role in mid-conversation
	// SystemAfterUser: a system role may stand behind the user's turn, and
	// nowhere else.
	SystemAfterUser bool
}

// Turns returns the conversation as a target with these rules takes it. A
// request with system text alone becomes a user turn.
func Turns(req *llm.Request, rules Rules, losses *llm.Losses) (system []llm.Part, turns []llm.Turn) {
	system, turns = req.System, req.Turns
	if rules.WrapSystem || rules.SystemAfterUser {
		turns = wrapSystem(turns, rules.SystemAfterUser, losses)
	}
	if rules.UserFirst && len(turns) == 0 && len(system) > 0 {
		losses.Adapt("system.only", "system", "")
		return nil, []llm.Turn{{Role: llm.RoleUser, Parts: system}}
	}
	if rules.UserFirst && len(turns) > 0 && turns[0].Role != llm.RoleUser {
		losses.Adapt("role.first", "turns[0]", "")
		first := llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(continueText)}}
		turns = append([]llm.Turn{first}, turns...)
	}
	return system, turns
}

// wrapSystem turns system messages in mid-conversation into marked text of
// the user's, where they stand: moved to the front they would break the
// prompt cache. Those behind the user's turn stay if keep is set.
func wrapSystem(turns []llm.Turn, keep bool, losses *llm.Losses) []llm.Turn {
	if !slices.ContainsFunc(turns, func(t llm.Turn) bool { return t.Role == llm.RoleSystem }) {
		return turns
	}
	out := make([]llm.Turn, 0, len(turns))
	for i, turn := range turns {
		kept := keep && len(out) > 0 && out[len(out)-1].Role == llm.RoleUser
		if turn.Role == llm.RoleSystem && !kept {
			losses.Adapt("system.position", fmt.Sprintf("turns[%d]", i), "")
			turn = llm.Turn{Role: llm.RoleUser, Parts: wrapParts(turn.Parts)}
		}
		out = append(out, turn)
	}
	return mergeTurns(out)
}

func wrapParts(parts []llm.Part) []llm.Part {
	out := make([]llm.Part, 0, len(parts))
	for _, p := range parts {
		if p.Kind == llm.KindText {
			p.Text = "<system>\n" + p.Text + "\n</system>"
			p.Native = llm.Native{}
		}
		out = append(out, p)
	}
	return out
}
