package llm

import "encoding/json"

// PartKind tells which payload of a Part is set.
type PartKind string

// Kinds of parts.
const (
	KindText      PartKind = "text"
	KindReasoning PartKind = "reasoning"
	KindMedia     PartKind = "media"
	KindCall      PartKind = "call"
	KindResult    PartKind = "result"
	// KindOpaque is something that only its own protocol understands (a
	// server tool's call or result, a compaction); Native holds all of it.
	KindOpaque PartKind = "opaque"
	// KindCode is code that the upstream ran, or the output of it.
	KindCode PartKind = "code"
)

// Part is one piece of a message. Kind tells which of the payloads counts.
type Part struct {
	Kind    PartKind
	Text    string // KindText, KindReasoning
	Refusal bool   // KindText: the text is a refusal
	Media   *Media
	Call    *Call
	Result  *Result
	Code    *Code
	// Search, of a KindOpaque, tells the part of it that other protocols have a
	// form for: a search of the web that began (Queries), or what it found.
	Search *Search
	// Loading, of a KindOpaque, tells likewise of a search for tools that are
	// loaded late.
	Loading *Loading

	Citations []Citation // KindText: what backs the text
	Seal      *Seal      // signature or encrypted state that belongs to this part
	Cache     *Cache     // a prompt-cache breakpoint behind this part
	// DropAs marks a part that means something to the client's own vendor only:
	// crossing to another protocol leaves it out and records this loss code.
	DropAs string
	Native Native
}

// TextPart returns a text part.
func TextPart(text string) Part { return Part{Kind: KindText, Text: text} }

// Media is an image, a document, audio or video. Exactly one of Data, URL and
// FileID is set.
type Media struct {
	MIME   string // "image/png"; "" if unknown
	Data   string // standard base64, exactly as received; never decoded on the way
	URL    string // http(s) or a vendor's URI
	FileID string // id in the vendor's file store
	Name   string // file name or title
	Detail string // low, high, auto, original; "" if not asked for
	// Plain is the text of a text document that arrived as text, not base64.
	Plain    string
	IsPlain  bool
	Context  string // Anthropic document context
	Document bool   // declared as a document or file, rather than as an image
}

// CallKind tells how a call's arguments are written.
type CallKind string

// Kinds of calls.
const (
	CallFunction CallKind = "function"
	CallCustom   CallKind = "custom" // Args is free text, not JSON
)

// Call is the model's wish to run a tool.
type Call struct {
	Kind      CallKind
	ID        string // what the client sees; "" if the upstream gave none
	Namespace string
	Name      string
	// Args is a raw JSON object for CallFunction ("" and "{}" both mean no
	// arguments) and free text for CallCustom.
	Args string
	// Trained repeats Tool.Trained of the tool that is called.
	Trained string
}

// Result is what a tool answered.
type Result struct {
	CallID  string
	Name    string // of the tool, when the protocol repeats it
	Parts   []Part // text and media
	IsError bool
	Kind    CallKind
}

// Code is code that the upstream ran (Output false) or its output.
type Code struct {
	Output   bool
	Language string // of the code, lower case
	Text     string
	Outcome  string // of the run, as the upstream words it
	ID       string
}

// Loading is a search for tools, or what it found (Output).
type Loading struct {
	ID     string // which a search and what it found share
	Output bool
	Args   string       // of the search: a raw JSON object
	Tools  []ToolOrigin // found; of each Namespace and Name count
	Failed bool
}

// Citation backs the span [Start, End) of a text, counted in runes. End 0
// means that the whole text is meant.
type Citation struct {
	Start, End int
	URL        string
	Title      string
	Cited      string // the quoted source text
	Native     Native
}

// Cache marks the end of a prefix worth caching. TTL is the vendor's word
// ("5m", "1h", "30m", "12h"), "" for its default.
type Cache struct{ TTL string }

// Issuer is the model family that signed something, whatever transport
// delivered it.
type Issuer string

// Issuers of seals.
const (
	IssuerGoogle    Issuer = "google"
	IssuerAnthropic Issuer = "anthropic"
	IssuerOpenAI    Issuer = "openai"
)

// Seal is a signature or encrypted reasoning. Data is opaque: it is never
// changed, re-encoded or attached to other content.
type Seal struct {
	Issuer   Issuer
	Model    string // that issued it, "" if unknown
	Realm    string // organisation of the account, hashed; "" if unknown
	Data     string // the original text on the wire
	Redacted bool   // Anthropic redacted_thinking, whose data is the whole content
	// Slot tells where a seal that travelled in an envelope belongs:
	// "call:N", "text" or "reasoning"; "" means the part that carries it.
	Slot string
}

// Clone returns a Seal that shares no memory with a request body.
func (s *Seal) Clone() *Seal {
	if s == nil {
		return nil
	}
	c := *s
	c.Issuer, c.Model = Issuer(clone(string(s.Issuer))), clone(s.Model)
	c.Realm, c.Data, c.Slot = clone(s.Realm), clone(s.Data), clone(s.Slot)
	return &c
}

// RawArgs returns the arguments of a function call as a JSON object; empty
// arguments are "{}".
func (c *Call) RawArgs() json.RawMessage {
	if c.Args == "" {
		return json.RawMessage("{}")
	}
	return json.RawMessage(c.Args)
}
