package admin

// Route is one line of the route table.
type Route struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	URL       string `json:"url"`      // with the live base
	Protocol  string `json:"protocol"` // openai | responses | anthropic | gemini | none
	Summary   string `json:"summary"`
	NeedsKey  bool   `json:"needs_key"` // under the effective auth mode
	Available bool   `json:"available"` // false: answers 501 for now
	Curl      string `json:"curl"`      // a call to try; empty when there is none
}

// ConnectGuidesRequest chooses what the guides are filled with.
type ConnectGuidesRequest struct {
	KeyID string `json:"key_id"` // empty: a placeholder stands for the key
	Model string `json:"model"`  // empty: a fitting one
	// Host is an address of this machine to write instead of 127.0.0.1 (for guides for another machine).
	Host string `json:"host"`
}

// ConnectGuide tells what to enter in one client.
type ConnectGuide struct {
	ID       string        `json:"id"` // kilo-code | claude-code | codex | gemini-cli | openai-sdk | …
	Name     string        `json:"name"`
	Kind     string        `json:"kind"` // client | sdk
	Protocol string        `json:"protocol"`
	BaseURL  string        `json:"base_url"`
	Summary  string        `json:"summary"`
	Steps    []ConnectStep `json:"steps"`
	Snippets []Snippet     `json:"snippets"`
	Notes    []string      `json:"notes"`
}

// ConnectStep is one thing to enter.
type ConnectStep struct {
	Label  string `json:"label"`
	Value  string `json:"value"` // empty: an instruction without a value to copy
	Help   string `json:"help"`
	Secret bool   `json:"secret"` // mask it until revealed
}

// Snippet is a piece of text to copy.
type Snippet struct {
	Title    string `json:"title"`
	Language string `json:"language"` // sh | toml | json | python | typescript | go
	Code     string `json:"code"`
}

// BaseURLProblem is a wrong path that clients asked for, with its cure.
type BaseURLProblem struct {
	ID          string `json:"id"`
	Code        string `json:"code"` // contract section 4, or tls_on_plain_port
	Method      string `json:"method"`
	Path        string `json:"path"`
	Client      string `json:"client"` // best guess from the User-Agent; may be empty
	Protocol    string `json:"protocol"`
	Message     string `json:"message"`
	UseBaseURL  string `json:"use_base_url"` // what to enter
	RewriteTo   string `json:"rewrite_to"`   // the route it means; empty: proxy.path_rewrite cannot help
	Count       int64  `json:"count"`
	FirstSeenAt string `json:"first_seen_at"`
	LastSeenAt  string `json:"last_seen_at"`
}

// DoctorRequest names a base URL or a request path.
type DoctorRequest struct {
	Target string `json:"target"`
}

// DoctorReport is the answer of `doctor --json` (contract section 1); Lines and RewriteTo are additions.
type DoctorReport struct {
	Verdict   string   `json:"verdict"` // ok | mistake | unreachable | unauthorized | no_account
	Code      string   `json:"code"`
	Client    string   `json:"client"`
	Protocol  string   `json:"protocol"`
	BaseURL   string   `json:"base_url"`
	Why       string   `json:"why"`
	RewriteTo string   `json:"rewrite_to"`
	Lines     []string `json:"lines"` // the explanation step by step
}

// Model is one model name that clients can ask for.
type Model struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"display_name"`
	Provider    string   `json:"provider"`
	Accounts    int      `json:"accounts"`     // enabled accounts that offer it
	InputLimit  int      `json:"input_limit"`  // tokens; 0: unknown
	OutputLimit int      `json:"output_limit"` // tokens; 0: unknown
	Methods     []string `json:"methods"`
}
