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
	DialectLevel  Dialect = "level"  // a word: Gemini 3 and later, OpenAI
	DialectSwitch Dialect = "switch" // on or off, as {"thinking":{"type":…}}: DeepSeek, GLM, Kimi
	DialectFlag   Dialect = "flag"   // on or off, as enable_thinking: Qwen
	// DialectAdaptive leaves the amount to the model, which a word guides:
	// Claude 4.6 and later.
	DialectAdaptive Dialect = "adaptive"
)

// Replay says when reasoning that nobody signed goes back to an upstream that
// speaks OpenAI's chat protocol, in the member reasoning_content.
type Replay uint8

// Rules of replay (mapping.md section 12).
const (
	ReplayNever  Replay = iota
	ReplayTools         // with messages that call tools
	ReplayAlways        // with every message, even when there is none
)

// Sampling says when a model takes temperature, top_p, penalties and log
// probabilities.
type Sampling uint8

// Rules of sampling.
const (
	SamplingAlways  Sampling = iota
	SamplingWhenOff          // only while reasoning is switched off
	SamplingNever
)

// Caps says what one target model can do.
type Caps struct {
	// Refused are texts of the protocol that this endpoint does not take. A
	// client's own body that holds one is written anew instead of passed on.
	Refused []string
	// RefusedMembers are members of the request itself that it does not take.
	RefusedMembers []string

	Family string // for records: "gemini-3-pro"
	Issuer llm.Issuer
	// MaxOutput is the highest max-tokens value accepted, 0 if unknown.
	MaxOutput int64
	// MaxInput is how many tokens a request may have, 0 if unknown.
	MaxInput  int64
	Reasoning ReasoningCaps

	JSONSchema   bool // takes parametersJsonSchema and responseJsonSchema
	URLMedia     bool // fetches https media itself
	URLImages    bool // fetches https images itself, but no other media
	CallIDs      bool // takes ids on functionCall and functionResponse
	SealRequired bool // refuses first calls of a step without a signature
	Placeholder  bool // accepts the placeholder in place of a signature
	ResultMedia  bool // takes media inside a function response
	PartDetail   bool // takes a media resolution on each part
	MixTools     bool // functions beside built-in tools
	FormatTools  bool // structured output beside functions
	SystemText   bool // has a system instruction (Gemma has none)
	// Public: Google's public API, whose sister services lack some members:
	// includeServerSideToolInvocations, store.
	Public    bool
	Tiers     bool // has service tiers
	NoImages  bool // looks at no pictures
	NoPDF     bool // reads no PDF documents
	ImageOut  bool
	ImageSize bool // of the pictures it makes can be chosen
	AudioOut  bool
	MaxTools  int // functions in one request, 0 if unlimited
	MaxName   int // of a function's name, 0 for what the protocol allows
	MaxStops  int // stop sequences, 0 if unlimited

	Sampling   Sampling
	NoStops    bool // takes no stop sequences at all
	TopK       bool // takes top_k
	Structured bool // takes a JSON Schema as output format

	// What Anthropic's models differ in.
	MidSystem   bool // takes system messages in mid-conversation
	Prefill     bool // goes on with a last turn of its own
	ForcedTool  bool // can be made to call a tool
	ServerTools bool // runs web search, web fetch and code itself
	SearchOnly  bool // of those, web search alone
	// AnnouncedTools: those alone that the server announces, NoSearch and NoCode say which.
	AnnouncedTools bool
	NoSearch       bool // of those, no web search
	NoCode         bool // of those, no code
	CacheAuto      bool // takes automatic prompt caching
	OneOfTwo       bool // takes temperature or top_p, not both

	// What servers of OpenAI's chat protocol differ in.
	DeveloperRole    bool // system text goes up in the role "developer"
	NoThoughts       bool // refuses thinking in a history
	CompletionTokens bool // the limit is called max_completion_tokens
	CustomTools      bool // has freeform tools
	StrictTools      bool // takes strict on a function
	ToolSubset       bool // tool_choice may name several tools
	WebSearch        bool // takes web_search_options
	VendorOptions    bool // OpenAI's own options: metadata, verbosity, service_tier, …
	CacheBreakpoints bool // takes prompt-cache breakpoints on parts
	Files            bool // takes documents as file parts
	// NoSummary: the account may not have summaries of reasoning.
	NoSummary bool
	// ToolsWithoutReasoning: refuses function tools unless reasoning is off.
	ToolsWithoutReasoning bool
	Replay                Replay
}

// CannotReason tells a model of which it is known that it does not reason from
// one of which nothing is known.
func (c Caps) CannotReason() bool {
	switch c.Family {
	case "", "compatible", "openai":
		return false
	}
	return c.Reasoning.Dialect == DialectNone
}

// Restricted tells an endpoint that is known to refuse what its protocol has.
func (c Caps) Restricted() bool { return len(c.Refused) > 0 || len(c.RefusedMembers) > 0 }

// ReasoningCaps is how a family reasons.
type ReasoningCaps struct {
	Dialect  Dialect
	Min, Max int64 // budget range in tokens
	// ZeroOff: reasoning can be switched off, by a budget of 0 or the level
	// "none". Otherwise "off" becomes the lowest budget or level.
	ZeroOff bool
	Levels  []llm.Effort // accepted levels in rising order
	// NoDynamic: a budget dialect that wants a number.
	NoDynamic bool
	// Between: what cannot be switched off can be kept to the time between
	// tool calls.
	Between bool
}
