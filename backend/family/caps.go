// Package family knows what a model family can do and how its knobs are
// turned: pure data, looked up by a pattern of the model's name, overridden by
// what an upstream announces. A model that is unknown gets its family's newest
// behaviour; nothing here is a list of exact names (mapping.md, pitfalls 1 and
// C17).
package family

import "antigravity-tools/backend/llm"

// Dialect is the way in which a family takes its reasoning control.
type Dialect string

// Dialects of reasoning control.
const (
	DialectNone   Dialect = ""       // no reasoning
	DialectBudget Dialect = "budget" // tokens: Gemini 2.5
	DialectLevel  Dialect = "level"  // a word: Gemini 3 and later
)

// Caps says what one target model can do.
type Caps struct {
	Family string // for records: "gemini-3-pro"
	Issuer llm.Issuer
	// MaxOutput is the highest max-tokens value accepted, 0 if unknown.
	MaxOutput int64
	Reasoning ReasoningCaps

	JSONSchema   bool // takes parametersJsonSchema and responseJsonSchema
	URLMedia     bool // fetches https media itself
	CallIDs      bool // takes ids on functionCall and functionResponse
	SealRequired bool // refuses first calls of a step without a signature
	Placeholder  bool // accepts the placeholder in place of a signature
	ResultMedia  bool // takes media inside a function response
	PartDetail   bool // takes a media resolution on each part
	MixTools     bool // functions beside built-in tools
	FormatTools  bool // structured output beside functions
	SystemText   bool // has a system instruction (Gemma has none)
	ImageOut     bool
	AudioOut     bool
	MaxTools     int // functions in one request, 0 if unlimited
	MaxStops     int
}

// ReasoningCaps is how a family reasons.
type ReasoningCaps struct {
	Dialect  Dialect
	Min, Max int64 // budget range in tokens
	// ZeroOff: a budget of 0 switches reasoning off. Otherwise "off" becomes
	// the lowest budget or level.
	ZeroOff bool
	Levels  []llm.Effort // accepted levels in rising order
}
