package family

import (
	"slices"
	"strings"

	"antigravity-tools/backend/llm"
)

// claudeRow is what a range of Claude models has of its own. Line is haiku,
// sonnet, opus, fable or mythos; "" stands for all.
type claudeRow struct {
	line      string
	lo, hi    [2]int // versions, both included; hi of zero means no end
	name      string
	reasoning ReasoningCaps
	maxOutput int64 // tokens
	sampling  Sampling
	oneOfTwo  bool // temperature or top_p
	strict    bool // structured output and strict tools
	prefill   bool
	mid       bool // system messages in mid-conversation
	unforced  bool // refuses a forced tool call
}

// Output limits of Claude, in tokens.
const (
	claude3Output   = 4_096
	claude35Output  = 8_192
	claude4Output   = 32_000
	claude45Output  = 64_000
	claudeMaxOutput = 128_000

	claudeMinBudget = 1024
)

// claudeTable is claudeRows made once; it is never written.
//
//nolint:gochecknoglobals // a read-only table
var claudeTable = claudeRows()

// claudeRows is the Claude part of the table of mapping.md section 11, the
// narrower row first. The last one stands for all that is newer.
func claudeRows() []claudeRow {
	manual := func(maxOutput int64) ReasoningCaps {
		return ReasoningCaps{Dialect: DialectBudget, Min: claudeMinBudget, Max: maxOutput - 1, ZeroOff: true, NoDynamic: true}
	}
	low, medium, high, xhigh, most := llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh, llm.EffortMax
	adaptive := func(off bool, list ...llm.Effort) ReasoningCaps {
		return ReasoningCaps{Dialect: DialectAdaptive, ZeroOff: off, Levels: list}
	}
	five := []llm.Effort{low, medium, high, xhigh, most}
	between := adaptive(false, five...)
	between.Between = true
	any0, v3, v35, v37, v4, v41, v45 := [2]int{}, [2]int{3, 4}, [2]int{3, 6}, [2]int{3, 7}, [2]int{4, 0}, [2]int{4, 1}, [2]int{4, 5}
	v46, v47, v48, v5, v55 := [2]int{4, 6}, [2]int{4, 7}, [2]int{4, 99}, [2]int{5, 0}, [2]int{5, 5}
	return []claudeRow{
		{"", any0, v3, "claude-3", ReasoningCaps{}, claude3Output, SamplingAlways, false, false, true, false, false},
		{"", any0, v35, "claude-3.5", ReasoningCaps{}, claude35Output, SamplingAlways, false, false, true, false, false},
		{"", v37, v37, "claude-3.7", manual(claude45Output), claude45Output, SamplingAlways, false, false, true, false, false},
		{"opus", v4, v4, "claude-opus-4", manual(claude4Output), claude4Output, SamplingAlways, false, false, true, false, false},
		{"opus", v41, v41, "claude-opus-4.1", manual(claude4Output), claude4Output, SamplingAlways, true, true, true, false, false},
		{"", v4, v41, "claude-4", manual(claude45Output), claude45Output, SamplingAlways, false, false, true, false, false},
		{"", v41, v45, "claude-4.5", manual(claude45Output), claude45Output, SamplingAlways, true, true, true, false, false},
		{"opus", v46, v46, "claude-opus-4.6", adaptive(true, low, medium, high, most), claudeMaxOutput, SamplingAlways, true, true, false, false, false},
		{"", v46, v46, "claude-4.6", adaptive(true, low, medium, high, most), claude45Output, SamplingAlways, true, true, false, false, false},
		{"opus", v47, v47, "claude-opus-4.7", adaptive(true, five...), claudeMaxOutput, SamplingNever, false, true, false, false, false},
		{"", v47, v48, "claude-4.8", adaptive(true, five...), claudeMaxOutput, SamplingNever, false, true, false, true, false},
		{"sonnet", v5, [2]int{5, 4}, "claude-sonnet-5", adaptive(true, five...), claudeMaxOutput, SamplingNever, false, true, false, true, false},
		{"opus", v5, [2]int{5, 4}, "claude-opus-5", adaptive(true, five...), claudeMaxOutput, SamplingNever, false, true, false, true, false},
		{"haiku", v5, any0, "claude-haiku-5.5", adaptive(true, five...), claudeMaxOutput, SamplingNever, false, true, false, true, false},
		{"fable", v5, v5, "claude-fable-5", adaptive(false, five...), claudeMaxOutput, SamplingNever, false, true, false, true, false},
		{"sonnet", v55, v55, "claude-sonnet-5.5", between, claudeMaxOutput, SamplingNever, false, true, false, true, true},
		{"mythos", any0, any0, "claude-mythos", adaptive(false, five...), claudeMaxOutput, SamplingNever, false, true, false, true, false},
		{"", any0, any0, "claude-5.5", adaptive(false, five...), claudeMaxOutput, SamplingNever, false, true, false, true, true},
	}
}

func (r claudeRow) fits(line string, n Name) bool {
	if r.line != "" && r.line != line {
		return false
	}
	return pattern{series: n.Series, lo: r.lo, hi: r.hi}.fits(n)
}

// claudeName takes a name of Claude's apart: the line, and the version, whose
// two numbers are words of their own ("claude-opus-4-7-20260115").
func claudeName(model string) (line string, n Name) {
	model = strings.ReplaceAll(model, "@", "-")
	n = Parse(model)
	words := n.Words
	for i, w := range words {
		if slices.Contains([]string{"haiku", "sonnet", "opus", "fable", "mythos"}, w) {
			line = w
			continue
		}
		if minor, _, ok := version(w); ok && len(w) <= 2 && n.Minor == 0 && n.Major >= 0 && (i == 0 || line != "" || len(words) == 1) {
			n.Minor = minor
			break
		}
	}
	return line, n
}

// IsClaude tells whether a name follows the pattern of Anthropic's models.
func IsClaude(model string) bool { return Parse(model).Series == "claude" }

// Anthropic gives what a model can do behind Anthropic's own Messages. A name
// of no known pattern gets the newest generation's abilities.
func Anthropic(model string) Caps {
	line, n := claudeName(model)
	r := claudeTable[len(claudeTable)-1]
	for _, candidate := range claudeTable {
		if candidate.fits(line, n) {
			r = candidate
			break
		}
	}
	return Caps{
		Family: r.name, Issuer: llm.IssuerAnthropic, MaxOutput: r.maxOutput, Reasoning: r.reasoning,
		JSONSchema: true, URLMedia: true, CallIDs: true, ResultMedia: true, FormatTools: true, SystemText: true, MixTools: true,
		Sampling: r.sampling, OneOfTwo: r.oneOfTwo, TopK: true, Structured: r.strict, StrictTools: r.strict, Files: true,
		MidSystem: r.mid, Prefill: r.prefill, ForcedTool: !r.unforced, ServerTools: true, CacheAuto: true, CacheBreakpoints: true,
	}
}

// Messages gives what a model can do behind a server that speaks Anthropic's
// protocol without being Anthropic: only what nearly all of them take.
func Messages(model string) Caps {
	c := Anthropic(model)
	if !IsClaude(model) {
		c = Caps{
			Family: "messages", Issuer: llm.IssuerAnthropic,
			Reasoning: ReasoningCaps{
				Dialect: DialectBudget, Min: claudeMinBudget, Max: claudeMaxOutput - 1, ZeroOff: true, NoDynamic: true,
			},
			JSONSchema: true, CallIDs: true, ResultMedia: true, FormatTools: true, SystemText: true, TopK: true,
			ForcedTool: true, Prefill: true, CacheBreakpoints: true,
		}
	}
	c.URLMedia, c.URLImages, c.ServerTools, c.CacheAuto, c.MidSystem = false, false, false, false, false
	return c
}
