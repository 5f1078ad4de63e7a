package family

import "antigravity-tools/backend/llm"

// row is what a range of models of one series has of its own.
type row struct {
	pattern
	name      string
	reasoning ReasoningCaps
	imageOut  bool
	audioOut  bool
}

// geminiTable is geminiRows made once; it is never written.
//
//nolint:gochecknoglobals // a read-only table
var geminiTable = geminiRows()

// geminiRows is the Gemini part of the table of mapping.md section 11, the
// narrower pattern first. A version range without an end means that later
// models behave like the newest known ones.
func geminiRows() []row {
	low, medium, high := llm.EffortLow, llm.EffortMedium, llm.EffortHigh
	all := []llm.Effort{llm.EffortMinimal, low, medium, high}
	three := []llm.Effort{low, medium, high}
	gem := func(lo, hi [2]int, words ...string) pattern { return pattern{"gemini", lo, hi, words} }
	any0, v2, v25, v3, v31 := [2]int{}, [2]int{2, 0}, [2]int{2, 5}, [2]int{3, 0}, [2]int{3, 1}
	return []row{
		{pattern: gem(any0, any0, "tts"), name: "gemini-tts", audioOut: true},
		{pattern: gem(any0, v25, "image"), name: "gemini-2.5-image", imageOut: true},
		{pattern: gem(any0, v2), name: "gemini-2.0"},
		{pattern: gem(any0, v25, "pro"), name: "gemini-2.5-pro", reasoning: ReasoningCaps{Dialect: DialectBudget, Min: 128, Max: 32768}},
		{pattern: gem(any0, v25, "flash", "lite"), name: "gemini-2.5-flash-lite", reasoning: ReasoningCaps{Dialect: DialectBudget, Min: 512, Max: 24576, ZeroOff: true}},
		{pattern: gem(any0, v25), name: "gemini-2.5-flash", reasoning: ReasoningCaps{Dialect: DialectBudget, Min: 0, Max: 24576, ZeroOff: true}},
		{pattern: gem(v3, v3, "pro", "image"), name: "gemini-3-pro-image", reasoning: levels(low, high), imageOut: true},
		{pattern: gem(v3, v3, "pro"), name: "gemini-3-pro", reasoning: levels(low, high)},
		{pattern: gem(v3, any0, "flash", "image"), name: "gemini-3-flash-image", reasoning: levels(llm.EffortMinimal, high), imageOut: true},
		{pattern: gem(v3, any0, "image"), name: "gemini-3-image", reasoning: levels(three...), imageOut: true},
		{pattern: gem(v31, [2]int{3, 99}, "pro"), name: "gemini-3.1-pro", reasoning: levels(three...)},
		{pattern: gem(v3, [2]int{3, 6}, "flash"), name: "gemini-3-flash", reasoning: levels(all...)},
		{pattern: gem(v3, [2]int{3, 99}, "flash", "lite"), name: "gemini-3-flash-lite", reasoning: levels(all...)},
		{pattern: gem(v3, [2]int{3, 99}), name: "gemini-3.7-flash", reasoning: levels(three...)},
		{pattern: gem([2]int{4, 0}, any0, "hydrogen"), name: "gemini-4-hydrogen", reasoning: levels(low, medium, high, llm.EffortXHigh)},
		{pattern: gem([2]int{4, 0}, any0), name: "gemini-4", reasoning: levels(three...)},
		{pattern: pattern{"gemma", any0, any0, nil}, name: "gemma"},
		{pattern: pattern{"learnlm", any0, any0, nil}, name: "learnlm"},
	}
}

func levels(list ...llm.Effort) ReasoningCaps {
	return ReasoningCaps{Dialect: DialectLevel, Levels: list}
}

const (
	geminiMaxOutput = 65536 // tokens, every model from 2.5 on
	oldMaxOutput    = 8192  // gemini-2.0 and gemma
	geminiMaxTools  = 512
	geminiMaxStops  = 5
)

// Gemini gives what a model can do behind the public Gemini API. A name of no
// known pattern gets the newest generation's abilities.
func Gemini(model string) Caps {
	n := Parse(model)
	name, r := "gemini", row{reasoning: levels(llm.EffortLow, llm.EffortMedium, llm.EffortHigh)}
	for _, candidate := range geminiTable {
		if candidate.fits(n) {
			name, r = candidate.name, candidate
			break
		}
	}
	gemma := n.Series == "gemma"
	gen3 := n.From(3, 0) && !gemma && n.Series != "learnlm"
	c := Caps{
		Family: name, Issuer: llm.IssuerGoogle, MaxOutput: geminiMaxOutput, Reasoning: r.reasoning,
		JSONSchema: true, URLMedia: gen3, CallIDs: true, SealRequired: gen3, Placeholder: gen3,
		ResultMedia: gen3, PartDetail: gen3, MixTools: gen3, FormatTools: gen3, SystemText: !gemma, Public: true, Tiers: true,
		ImageOut: r.imageOut, ImageSize: r.imageOut && gen3, AudioOut: r.audioOut, MaxTools: geminiMaxTools, MaxStops: geminiMaxStops,
	}
	if n.imagen() { // 4 and later, but for the fast ones: Vertex AI, VisionGenerativeModelParams
		c.Family, c.Reasoning, c.ImageOut, c.ImageSize = "imagen", ReasoningCaps{}, true, n.From(4, 0) && !n.Has("fast")
	}
	if gemma || name == "gemini-2.0" || n.Series == "learnlm" {
		c.MaxOutput = oldMaxOutput
	}
	return c
}
