package llm

import "encoding/json"

// Protocol names a wire protocol; Native data is tagged with it.
type Protocol string

// The protocols that clients and upstreams speak.
const (
	OpenAIChat Protocol = "openai-chat"
	Responses  Protocol = "openai-responses"
	Anthropic  Protocol = "anthropic"
	Gemini     Protocol = "gemini"
)

// Native holds members of an object that the model does not know, as one raw
// JSON object in their original order. Only an encoder of the same Protocol
// writes them out again.
type Native struct {
	Protocol Protocol
	Rest     json.RawMessage
}

// For returns the raw members when they belong to protocol p, else nil.
func (n Native) For(p Protocol) json.RawMessage {
	if n.Protocol != p {
		return nil
	}
	return n.Rest
}

// Request is one call to a model.
type Request struct {
	Model      string // as asked for, without the protocol's path prefix
	System     []Part // leading system and developer text, one Part per block
	Turns      []Turn
	Tools      []Tool
	ToolChoice ToolChoice
	Sampling   Sampling
	Reasoning  Reasoning
	Format     Format
	Modalities []string // output kinds asked for: "text", "image", "audio"
	Audio      *AudioOut
	Image      *ImageOut // with the modality image
	Stream     bool
	// StreamUsage reports that an OpenAI chat client asked for the usage chunk
	// (stream_options.include_usage); other protocols always send usage.
	StreamUsage bool
	// Affinity identifies the conversation, for scheduling and prompt caches:
	// what the client sent for it, "" if nothing.
	Affinity string
	// EndUser is the caller's own identifier of its user.
	EndUser     string
	ServiceTier string          // auto, default, flex, priority, …; "" if not asked for
	Metadata    json.RawMessage // a flat object of strings, nil if absent
	CacheAuto   *Cache          // automatic prompt caching of the whole prefix
	// SealsInBand reports that the client asked for reasoning in a form that
	// can carry sealed state (Anthropic thinking, Responses include).
	SealsInBand bool
	// SearchSources: all that a search of the web found is wanted in the reply,
	// not what the answer cites alone (Responses include).
	SearchSources bool
	// Truncate: the oldest of a conversation that is too long may be left out.
	Truncate bool
	// Echo holds members of the request that the reply of the client's own
	// protocol repeats (Responses), as one raw JSON object; nil if none are.
	Echo   json.RawMessage
	Native Native
}

// Role of a Turn.
type Role string

// Roles. A tool result is a Part of a user turn; RoleSystem is a system
// message in mid-conversation.
const (
	RoleUser   Role = "user"
	RoleModel  Role = "model"
	RoleSystem Role = "system"
)

// Turn is one message of the conversation.
type Turn struct {
	Role   Role
	Parts  []Part
	Native Native
}

// ToolKind tells who runs a tool and how it is called.
type ToolKind string

// Kinds of tools. A server tool is run by the upstream (web search, code
// execution); its Builtin says which.
const (
	ToolFunction ToolKind = "function"
	ToolCustom   ToolKind = "custom" // freeform text input
	ToolServer   ToolKind = "server"
)

// Builtin names a tool that an upstream runs itself.
type Builtin string

// Built-in tools that more than one protocol knows.
const (
	BuiltinWebSearch     Builtin = "web_search"
	BuiltinURLContext    Builtin = "url_context"
	BuiltinCodeExecution Builtin = "code_execution"
	BuiltinImage         Builtin = "image_generation"
	BuiltinToolSearch    Builtin = "tool_search" // finds the tools that are loaded late
	BuiltinOther         Builtin = "other"       // its own vendor's only; see Native
)

// Tool is one tool that the model may call.
type Tool struct {
	Kind        ToolKind
	Builtin     Builtin // for ToolServer
	Namespace   string  // group the tool was declared in, "" if none
	GroupText   string  // description of that group
	Name        string
	Description string
	Schema      json.RawMessage // JSON Schema of the arguments, nil if absent
	Grammar     string          // for ToolCustom: the grammar's text, "" for free text
	Strict      *bool           // absent is not false: protocols differ in their default
	Deferred    bool            // not loaded until searched for
	Trained     string          // client-run tool type the model was trained on (bash, apply_patch, …), "" if none
	Cache       *Cache
	Native      Native
}

// ChoiceMode says how free the model is in calling tools.
type ChoiceMode string

// Modes of ToolChoice. The zero value means that nothing was asked for.
const (
	ChoiceUnset ChoiceMode = ""
	ChoiceAuto  ChoiceMode = "auto"
	ChoiceNone  ChoiceMode = "none"
	ChoiceAny   ChoiceMode = "any" // must call a tool
)

// ToolChoice restricts which tools may or must be called.
type ToolChoice struct {
	Mode     ChoiceMode
	Names    []string // with auto or any: only these; empty: all
	Parallel *bool    // nil: not asked for
	Native   Native
}

// Number is a JSON number literal, kept as written so that no bit of it
// changes between client and upstream. "" means absent.
type Number string

// Sampling holds the knobs of token selection. Absent is not zero.
type Sampling struct {
	MaxTokens        *int64
	Temperature      Number
	TopP             Number
	TopK             Number
	Seed             Number
	PresencePenalty  Number
	FrequencyPenalty Number
	Stop             []string
	N                *int64 // number of choices
	Logprobs         *bool
	TopLogprobs      *int64
	LogitBias        json.RawMessage
	Verbosity        string
}

// ReasoningMode says whether the model should reason.
type ReasoningMode string

// Reasoning modes. The zero value means that nothing was asked for.
const (
	ReasoningUnset ReasoningMode = ""
	ReasoningOff   ReasoningMode = "off"
	ReasoningOn    ReasoningMode = "on"
)

// Effort is a word for how much to reason.
type Effort string

// Efforts in rising order.
const (
	EffortUnset   Effort = ""
	EffortMinimal Effort = "minimal"
	EffortLow     Effort = "low"
	EffortMedium  Effort = "medium"
	EffortHigh    Effort = "high"
	EffortXHigh   Effort = "xhigh"
	EffortMax     Effort = "max"
)

// Visibility says whether reasoning text is wanted in the reply.
type Visibility string

// Visibilities. The zero value means that nothing was asked for.
const (
	VisibleUnset Visibility = ""
	VisibleText  Visibility = "text"
	VisibleOmit  Visibility = "omit"
)

// Reasoning controls how much the model thinks and whether it shows it.
type Reasoning struct {
	Mode    ReasoningMode
	Effort  Effort
	Budget  *int64 // tokens
	Visible Visibility
	// FromSuffix records that a suffix of the model name set it; such a
	// setting wins over the body.
	FromSuffix bool
}

// FormatKind is the kind of structured output.
type FormatKind string

// Kinds of output format. The zero value means that nothing was asked for.
const (
	FormatUnset  FormatKind = ""
	FormatText   FormatKind = "text"
	FormatJSON   FormatKind = "json"
	FormatSchema FormatKind = "schema"
	FormatEnum   FormatKind = "enum" // Gemini's text/x.enum; Schema holds the enum
)

// Format asks for structured output.
type Format struct {
	Kind        FormatKind
	Name        string
	Description string
	Strict      *bool
	Schema      json.RawMessage
}

// AudioOut asks for spoken output.
type AudioOut struct {
	Voice  string
	Format string // wav, pcm16, mp3, …
}

// Ptr returns a pointer to v; for the optional fields of this package.
func Ptr[T any](v T) *T { return &v }
