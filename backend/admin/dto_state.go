package admin

// Event is the one envelope of every event, in the window and over SSE alike.
type Event struct {
	Topic Topic `json:"topic"`
	// Seq grows by one per event of this start of the program; a gap means lost events:
	// call State and the list verbs again.
	Seq  int64 `json:"seq"`
	Data any   `json:"data"`
}

// Toast is a short notice that is not tied to a verb that the page called.
type Toast struct {
	Severity Severity `json:"severity"`
	Title    string   `json:"title"`
	Detail   string   `json:"detail"`
}

// State is all that a page needs when it (re)connects.
type State struct {
	Version        string         `json:"version"`
	Demo           bool           `json:"demo"`
	Capabilities   Capabilities   `json:"capabilities"`
	Server         ServerStatus   `json:"server"`
	Pool           PoolCounts     `json:"pool"`
	NeedsAttention []Attention    `json:"needs_attention"`
	FirstRun       []FirstRunStep `json:"first_run"`
	InFlight       int            `json:"in_flight"` // public requests being answered now
	Theme          string         `json:"theme"`     // system | light | dark
	Language       string         `json:"language"`  // empty: the system's
	Problems       int            `json:"problems"`  // base-URL problems not yet cleared
}

// Capabilities tells the page what to hide. The page adds what only it can know (window or browser).
type Capabilities struct {
	// Window is true when the verbs of the desktop struct (file dialogs, open URL) can be called.
	Window bool `json:"window"`
	// CanStop is true when StopServer closes the listener; headless it makes public routes answer 503.
	ClosesListener bool `json:"closes_listener"`
	// Platform is linux, darwin or windows.
	Platform string `json:"platform"`
}

// ServerStatus is the public listener as it is now.
type ServerStatus struct {
	State     ServerState `json:"state"`
	Addresses []string    `json:"addresses"` // host:port, as listened on
	Port      int         `json:"port"`
	// LAN is true when other machines can reach the listener.
	LAN bool `json:"lan"`
	// LANLocked names what holds the LAN switch (a flag or an environment variable); empty: free.
	LANLocked    string       `json:"lan_locked"`
	PortLocked   string       `json:"port_locked"`
	LANAddresses []LANAddress `json:"lan_addresses"` // what other machines can enter; also listed while LAN is off
	AuthMode     string       `json:"auth_mode"`     // the setting: auto | off | all_except_health | strict
	Effective    string       `json:"effective"`     // what it comes to: off | all_except_health | strict
	BaseURLs     BaseURLs     `json:"base_urls"`
	StartedAt    *string      `json:"started_at"`
	Error        *ServerError `json:"error"` // set while State is failed, or after a change that was rolled back
}

// LANAddress is one address of this machine that others may reach.
type LANAddress struct {
	Address   string `json:"address"`
	Interface string `json:"interface"`
	URL       string `json:"url"` // http://address:port
}

// BaseURLs names what to enter, per protocol.
type BaseURLs struct {
	OpenAI    string `json:"openai"`    // ends in /v1
	Anthropic string `json:"anthropic"` // without version
	Gemini    string `json:"gemini"`    // without version
}

// ServerError says why the listener could not be had.
type ServerError struct {
	Code         string `json:"code"` // port_taken | address_unavailable | permission_denied | internal
	Message      string `json:"message"`
	Hint         string `json:"hint"`
	Port         int    `json:"port"`
	NextFreePort int    `json:"next_free_port"` // 0: none found or not a matter of ports
}

// PoolCounts counts accounts by what they can do now.
type PoolCounts struct {
	Ready    int  `json:"ready"`
	Cooling  int  `json:"cooling"`
	Blocked  int  `json:"blocked"` // out_of_quota + needs_sign_in + refused
	Disabled int  `json:"disabled"`
	Loopback bool `json:"loopback"` // the built-in upstream answers
}

// Attention is one thing that needs the user.
type Attention struct {
	ID       string           `json:"id"` // stable while the cause lasts
	Severity Severity         `json:"severity"`
	Title    string           `json:"title"`
	Detail   string           `json:"detail"`
	Action   *AttentionAction `json:"action"`
}

// AttentionAction is the one-click fix.
type AttentionAction struct {
	Kind   ActionKind `json:"kind"`
	Label  string     `json:"label"`
	Target string     `json:"target"`
	Value  string     `json:"value"`
}

// FirstRunStep is one line of the first-run checklist; it ticks itself from live state.
type FirstRunStep struct {
	ID     string `json:"id"` // add_account | start_server | connect_client
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Done   bool   `json:"done"`
}

// Status is the answer of `status --json` (contract section 1).
type Status struct {
	Running   bool         `json:"running"`
	PID       int          `json:"pid"`
	Addresses []string     `json:"addresses"`
	Port      int          `json:"port"`
	LAN       bool         `json:"lan"`
	AuthMode  string       `json:"auth_mode"` // the effective mode
	Version   string       `json:"version"`
	Accounts  StatusCounts `json:"accounts"`
	State     ServerState  `json:"state"`
	StartedAt *string      `json:"started_at"`
	// Problem says why no more than Running and PID is known: commands cannot reach the program.
	Problem string `json:"problem"`
}

// StatusCounts is the accounts member of Status.
type StatusCounts struct {
	Ready    int `json:"ready"`
	Cooling  int `json:"cooling"`
	Blocked  int `json:"blocked"`
	Disabled int `json:"disabled"`
}

// SetLANRequest switches LAN access.
type SetLANRequest struct {
	Enabled bool `json:"enabled"`
}

// SetLANResult is the listener after the switch.
type SetLANResult struct {
	Server ServerStatus `json:"server"`
	// NewKey is set when no key existed and one was made: show it once.
	NewKey *CreatedKey `json:"new_key"`
}

// SetPortRequest moves the listener to another port.
type SetPortRequest struct {
	Port int `json:"port"`
}

// CheckPortRequest asks whether a port could be had.
type CheckPortRequest struct {
	Port int `json:"port"`
}

// PortCheck answers CheckPort.
type PortCheck struct {
	Port         int    `json:"port"`
	Free         bool   `json:"free"`
	Own          bool   `json:"own"`    // it is our own listener
	Holder       string `json:"holder"` // the program that holds it, where it can be found
	Message      string `json:"message"`
	NextFreePort int    `json:"next_free_port"`
}
