package family

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
)

// StripContext takes the mark of a large context window, "[1m]", off a model
// name, as Claude Code writes it.
func StripContext(model string) (bare string, had bool) {
	const mark = "[1m]"
	if len(model) > len(mark) && strings.EqualFold(model[len(model)-len(mark):], mark) {
		return model[:len(model)-len(mark)], true
	}
	return model, false
}

// maxSuffixBudget bounds the number in a suffix; no family takes more.
const maxSuffixBudget = 1 << 20

// ParseSuffix reads a reasoning suffix: "name(high)", "name(none)" or
// "name(8192)". ok is false, and the name unchanged, if there is none. An
// effort is never read from an ending such as "-high": real ids end so.
func ParseSuffix(model string) (bare string, r llm.Reasoning, ok bool) {
	open := strings.LastIndexByte(model, '(')
	if open <= 0 || !strings.HasSuffix(model, ")") {
		return model, r, false
	}
	word := strings.ToLower(model[open+1 : len(model)-1])
	r.FromSuffix = true
	switch e := llm.Effort(word); {
	case word == "none":
		r.Mode = llm.ReasoningOff
	case rank(e) >= 0:
		r.Mode, r.Effort = llm.ReasoningOn, e
	default:
		n, err := strconv.ParseUint(word, 10, 63)
		if err != nil || n > maxSuffixBudget {
			return model, llm.Reasoning{}, false
		}
		r.Mode = llm.ReasoningOff
		if n > 0 {
			r.Mode, r.Budget = llm.ReasoningOn, llm.Ptr(int64(n))
		}
	}
	return model[:open], r, true
}

// ApplySuffix strips the marks of a model name and lets its reasoning suffix
// win over what the body asked for; visibility stays the body's.
func ApplySuffix(req *llm.Request) {
	req.Model, _ = StripContext(req.Model)
	bare, r, ok := ParseSuffix(req.Model)
	if !ok {
		return
	}
	r.Visible = req.Reasoning.Visible
	req.Model, req.Reasoning = bare, r
	req.Model, _ = StripContext(req.Model)
}
