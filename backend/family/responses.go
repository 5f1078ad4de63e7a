package family

import (
	"slices"

	"antigravity-tools/backend/llm"
)

// OpenAIResponses gives what a model can do behind OpenAI's own Responses: what
// it can behind Chat Completions, without what only that protocol has, and with
// the tools that OpenAI runs.
func OpenAIResponses(model string) Caps {
	n := openAIName(model)
	c := OpenAI(model)
	r, known := findOpenAI(n)
	c.ToolsWithoutReasoning, c.NoStops, c.MaxStops, c.AudioOut = false, true, 0, false
	old := r.name == "gpt-4" || r.name == "o1" || r.name == "gpt-audio" || r.name == "gpt-oss"
	c.WebSearch = known && !old
	c.ServerTools = known && !old
	if r.modern && n.From(5, 6) { // Chat Completions does not know this effort
		c.Reasoning.Levels = append(slices.Clone(c.Reasoning.Levels), llm.EffortMax)
	}
	return c
}

// CompatibleResponses gives what a model can do behind a server that speaks
// Responses without being OpenAI: it knows one control of reasoning, the word.
func CompatibleResponses(model string) Caps {
	c := Compatible(model)
	c.Issuer, c.NoStops, c.MaxStops, c.Replay = llm.IssuerOpenAI, true, 0, ReplayNever
	c.Structured = true
	if c.Reasoning.Dialect == DialectSwitch || c.Reasoning.Dialect == DialectFlag {
		c.Reasoning = levels(llm.EffortLow, llm.EffortMedium, llm.EffortHigh)
	}
	return c
}

// ResponsesOnly tells a model of OpenAI's that Chat Completions does not have.
func ResponsesOnly(model string) bool {
	n := openAIName(model)
	if n.Series != "gpt" && n.Series != "o" {
		return false
	}
	return n.Has("pro") || n.Has("codex") || n.Has("deep", "research")
}
