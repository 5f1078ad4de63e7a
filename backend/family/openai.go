package family

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
)

// openAIRow is what a range of OpenAI's models has of its own.
type openAIRow struct {
	pattern
	name      string
	reasoning ReasoningCaps
	sampling  Sampling
	maxOutput int64 // tokens, 0 if unknown
	noStops   bool
	modern    bool // freeform tools, verbosity, cache breakpoints: what gpt-5 brought
	chatTools bool // function tools only while reasoning is off
}

// Limits of OpenAI's models, in tokens.
const (
	openAIMaxOutput = 128_000
	oSeriesOutput   = 100_000
	gpt41Output     = 32_768
	gpt4oOutput     = 16_384
)

const (
	openAIMaxTools = 128
	openAIMaxStops = 4
)

// openAITable is openAIRows made once; it is never written.
//
//nolint:gochecknoglobals // a read-only table
var openAITable = openAIRows()

// openAIRows is the OpenAI part of the table of mapping.md section 11, the
// narrower pattern first. Chat Completions knows no effort "max".
func openAIRows() []openAIRow {
	low, medium, high, xhigh := llm.EffortLow, llm.EffortMedium, llm.EffortHigh, llm.EffortXHigh
	any0 := [2]int{}
	gpt := func(lo, hi [2]int, words ...string) pattern { return pattern{"gpt", lo, hi, words} }
	words := func(off bool, list ...llm.Effort) ReasoningCaps {
		return ReasoningCaps{Dialect: DialectLevel, Levels: list, ZeroOff: off}
	}
	v5, v51, v52, v55, v56, v6 := [2]int{5, 0}, [2]int{5, 1}, [2]int{5, 2}, [2]int{5, 5}, [2]int{5, 6}, [2]int{6, 0}
	last5, v61 := [2]int{5, 99}, [2]int{6, 1}
	reasons := func(p pattern, name string, rc ReasoningCaps, sampling Sampling) openAIRow {
		return openAIRow{pattern: p, name: name, reasoning: rc, sampling: sampling, maxOutput: openAIMaxOutput, modern: true}
	}
	plain := func(p pattern, name string, maxOutput int64) openAIRow {
		return openAIRow{pattern: p, name: name, maxOutput: maxOutput}
	}
	newest := reasons(gpt(v56, last5), "gpt-5.6", words(true, low, medium, high, xhigh), SamplingWhenOff)
	newest.chatTools = true
	return []openAIRow{
		plain(gpt(any0, any0, "4o"), "gpt-4o", gpt4oOutput),
		plain(gpt(any0, any0, "audio"), "gpt-audio", gpt4oOutput),
		plain(gpt(any0, any0, "oss"), "gpt-oss", 0).with(words(false, low, medium, high)),
		plain(gpt([2]int{4, 1}, [2]int{4, 1}), "gpt-4.1", gpt41Output),
		plain(gpt(any0, [2]int{4, 99}), "gpt-4", 0),
		plain(gpt(v5, v5, "chat"), "gpt-5-chat", gpt4oOutput),
		reasons(gpt(v5, v5, "pro"), "gpt-5-pro", words(false, high), SamplingNever),
		reasons(gpt(v5, v5), "gpt-5", words(false, llm.EffortMinimal, low, medium, high), SamplingNever),
		reasons(gpt(v51, v51), "gpt-5.1", words(true, low, medium, high), SamplingWhenOff),
		reasons(gpt(v52, v55), "gpt-5.2", words(true, low, medium, high, xhigh), SamplingWhenOff),
		newest,
		reasons(gpt(v6, any0, "sol"), "gpt-6-sol", words(true, low, medium, high, xhigh), SamplingWhenOff),
		reasons(gpt(v6, any0, "luna"), "gpt-6-luna", words(true, low, medium, high, xhigh), SamplingWhenOff),
		reasons(gpt(v61, any0, "terra"), "gpt-6.1-terra", words(true, low, medium, high, xhigh), SamplingWhenOff),
		reasons(gpt(v6, any0), "gpt-6", words(false, low, medium, high, xhigh), SamplingNever),
		plain(pattern{"chatgpt", any0, any0, nil}, "chatgpt", gpt4oOutput),
		{
			pattern: pattern{"o", any0, [2]int{2, 99}, nil}, name: "o1", maxOutput: oSeriesOutput,
			reasoning: words(false, low, medium, high), sampling: SamplingNever,
		},
		{
			pattern: pattern{"o", any0, any0, nil}, name: "o3", maxOutput: oSeriesOutput,
			reasoning: words(false, low, medium, high), sampling: SamplingNever, noStops: true,
		},
	}
}

func (r openAIRow) with(rc ReasoningCaps) openAIRow {
	r.reasoning = rc
	return r
}

// openAIName takes a name of OpenAI's apart: "o3-mini" is series o, version 3;
// of a fine-tuned model ("ft:gpt-4o-mini:…") the base counts.
func openAIName(model string) Name {
	if rest, ok := strings.CutPrefix(strings.ToLower(model), "ft:"); ok {
		model = rest
	}
	n := Parse(model)
	if digits, ok := strings.CutPrefix(n.Series, "o"); ok {
		if major, err := strconv.Atoi(digits); err == nil && major >= 0 {
			n.Series, n.Major, n.Minor = "o", major, 0
		}
	}
	return n
}

// findOpenAI gives the row of a name; a name of no known pattern has none.
func findOpenAI(n Name) (openAIRow, bool) {
	for _, r := range openAITable {
		if r.fits(n) {
			return r, true
		}
	}
	return openAIRow{}, false
}

// IsOpenAI tells whether a name follows the patterns of OpenAI's chat models.
func IsOpenAI(model string) bool {
	n := openAIName(model)
	switch n.Series {
	case "gpt":
		return !n.Has("image") && !n.Has("realtime") && !n.Has("oss") && !n.Has("transcribe") && !n.Has("tts")
	case "o", "chatgpt":
		return n.Series != "o" || n.Major > 0
	}
	return false
}

// OpenAI gives what a model can do behind OpenAI's own Chat Completions. A
// name of no known pattern gets the abilities of a model that does not reason,
// which every model accepts.
func OpenAI(model string) Caps {
	n := openAIName(model)
	r, known := findOpenAI(n)
	if !known {
		r.name = "openai"
	}
	return Caps{
		Family: r.name, Issuer: llm.IssuerOpenAI, MaxOutput: r.maxOutput, Reasoning: r.reasoning,
		JSONSchema: true, CallIDs: true, SystemText: true, FormatTools: true, Structured: true, URLImages: true,
		AudioOut: n.Has("audio"), MaxTools: openAIMaxTools, MaxStops: openAIMaxStops,
		Sampling: r.sampling, NoStops: r.noStops,
		DeveloperRole: r.reasoning.Dialect != DialectNone, CompletionTokens: true,
		CustomTools: r.modern, StrictTools: true, ToolSubset: r.modern, WebSearch: n.Has("search"),
		VendorOptions: true, CacheBreakpoints: r.modern && n.From(5, 6), Files: true,
		ToolsWithoutReasoning: r.chatTools,
	}
}

// Compatible gives what a model can do behind a server that speaks OpenAI's
// chat protocol without being OpenAI: only what nearly all of them take, and
// the reasoning controls of the models' own vendors.
func Compatible(model string) Caps {
	n := openAIName(model)
	c := Caps{
		Family: "compatible", JSONSchema: true, CallIDs: true, SystemText: true, FormatTools: true, Structured: true,
	}
	switch n.Series {
	case "deepseek":
		c.Family, c.Reasoning.Dialect = "deepseek", DialectSwitch
		c.Structured = false
		if !n.older("v", 4) {
			c.Replay = ReplayAlways
		}
	case "glm":
		c.Family, c.Reasoning.Dialect = "glm", DialectSwitch
	case "kimi":
		c.Family, c.Reasoning.Dialect, c.Replay = "kimi", DialectSwitch, ReplayTools
	case "qwen", "qwen3", "qwq":
		c.Family, c.Reasoning.Dialect = "qwen", DialectFlag
	case "gemini":
		g := Gemini(model)
		c.Family, c.Issuer, c.MaxOutput = g.Family, g.Issuer, g.MaxOutput
		if c.Reasoning = g.Reasoning; c.Reasoning.Dialect == DialectBudget {
			c.Reasoning = levels(llm.EffortLow, llm.EffortMedium, llm.EffortHigh)
			c.Reasoning.ZeroOff = g.Reasoning.ZeroOff
		}
	default:
		if r, ok := findOpenAI(n); ok {
			c.Family, c.Reasoning, c.Sampling, c.NoStops = r.name, r.reasoning, r.sampling, r.noStops
			c.MaxOutput = r.maxOutput
		}
	}
	return c
}

// older tells whether a version that stands behind a letter ("v3.2") is below
// major; a name without one is the newest.
func (n Name) older(letter string, major int) bool {
	for _, w := range n.Words {
		digits, ok := strings.CutPrefix(w, letter)
		if !ok {
			continue
		}
		if have, _, ok := version(digits); ok {
			return have < major
		}
	}
	return false
}
