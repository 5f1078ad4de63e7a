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

// ConnectGuide tells what to enter in one client, or how to call from one's own code.
type ConnectGuide struct {
	ID       string         `json:"id"`   // of a client: as `client apply` takes it
	Name     string         `json:"name"` // as people know it
	Kind     string         `json:"kind"` // client | sdk
	Protocol string         `json:"protocol"`
	BaseURL  string         `json:"base_url"`
	Summary  string         `json:"summary"`
	Doc      string         `json:"doc"`       // the same guide in the repository: docs/clients/NAME.md
	Request  string         `json:"request"`   // what the client then asks for, to tell a right base URL by
	KeyPlace string         `json:"key_place"` // where the key stands, in words
	Models   string         `json:"models"`    // what it does with the large and the small model
	Command  string         `json:"command"`   // sets it up; empty: none
	Steps    []ConnectStep  `json:"steps"`
	Ways     []GuideWay     `json:"ways"`
	Files    []GuideFile    `json:"files"`
	Troubles []GuideTrouble `json:"troubles"`
	Notes    []string       `json:"notes"`
	Snippets []Snippet      `json:"snippets"`
}

// ConnectStep is one thing to enter.
type ConnectStep struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Help   string `json:"help"`
	Secret bool   `json:"secret"` // mask it until revealed
}

// GuideWay is one way to set a client up by hand.
type GuideWay struct {
	Title string   `json:"title"`
	Steps []string `json:"steps"`
}

// GuideFile is a settings file that holds our keys and nothing else, with its place per system.
type GuideFile struct {
	Linux     string `json:"linux"`
	MacOS     string `json:"macos"`
	Windows   string `json:"windows"`
	Highlight string `json:"highlight"`
	Text      string `json:"text"`
}

// GuideTrouble is what a person sees, and what to do about it.
type GuideTrouble struct {
	Sign string `json:"sign"`
	Cure string `json:"cure"`
}

// Snippet is a piece of text to copy.
type Snippet struct {
	Title    string `json:"title"`
	Protocol string `json:"protocol"`
	Language string `json:"language"` // curl | python | typescript | go | env
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

// DoctorReport is the answer of `doctor --json` (contract section 1); Guide, Lines and RewriteTo are additions.
type DoctorReport struct {
	Verdict   string   `json:"verdict"` // ok | mistake | unreachable | unauthorized | no_account
	Code      string   `json:"code"`
	Client    string   `json:"client"`
	Protocol  string   `json:"protocol"`
	BaseURL   string   `json:"base_url"`
	Why       string   `json:"why"`
	Guide     string   `json:"guide"` // of the client, a path in the repository
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
