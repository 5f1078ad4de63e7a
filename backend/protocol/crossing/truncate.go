package crossing

import (
	"strconv"

	"antigravity-tools/backend/llm"
)

// Truncate leaves the oldest steps of a conversation out until it fits into
// limit tokens, as a client asks for with truncation: auto (mapping.md section
// 22). A step is what a user says and all that follows until the user speaks
// again; the last one stays, but for its oldest rounds of calls and results.
// size estimates the tokens of a turn, rest is what the request needs beside its
// turns. req is not changed.
func Truncate(req *llm.Request, limit, rest int64, size func(*llm.Turn) int64, losses *llm.Losses) *llm.Request {
	sizes, total := make([]int64, len(req.Turns)), rest
	for i := range req.Turns {
		sizes[i] = size(&req.Turns[i])
		total += sizes[i]
	}
	if limit <= 0 || total <= limit {
		return req
	}
	last := len(req.Turns)
	for last > 0 && !speaks(&req.Turns[last-1]) {
		last--
	}
	if last == 0 {
		return req // nobody has asked for anything
	}
	last-- // where the last step begins
	from := 0
	for from < last && total > limit {
		total -= sizes[from]
		from++
		for from < last && !speaks(&req.Turns[from]) {
			total -= sizes[from]
			from++
		}
	}
	dropped := from
	turns := append([]llm.Turn(nil), req.Turns[from:]...)
	for i := last + 1; from == last && total > limit; {
		end := i + 1
		for end < len(req.Turns) && req.Turns[end].Role != llm.RoleModel {
			end++
		}
		if end >= len(req.Turns) {
			break // the last round
		}
		for ; i < end; i++ {
			total -= sizes[i]
			dropped++
		}
		turns = append(append([]llm.Turn(nil), req.Turns[last]), req.Turns[end:]...)
	}
	if dropped == 0 {
		return req
	}
	losses.Adapt("truncation", "input", strconv.Itoa(dropped))
	out := *req
	out.Turns = turns
	return &out
}

// speaks tells a turn in which the user says something.
func speaks(turn *llm.Turn) bool {
	if turn.Role != llm.RoleUser {
		return false
	}
	for i := range turn.Parts {
		if turn.Parts[i].Kind != llm.KindResult {
			return true
		}
	}
	return false
}
