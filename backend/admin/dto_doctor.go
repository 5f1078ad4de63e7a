package admin

// DoctorWalkRequest chooses what the doctor looks at.
type DoctorWalkRequest struct {
	ID    string `json:"id"`    // the caller's own word, sent back with each event
	Model string `json:"model"` // to ask a real account for; empty: a fitting one
	// SkipUpstream asks no real account, which costs a few tokens.
	SkipUpstream bool `json:"skip_upstream"`
}

// DoctorWalk is what a walk found. Its first members are those of DoctorReport.
type DoctorWalk struct {
	ID       string       `json:"id"`
	Verdict  string       `json:"verdict"` // ok | mistake | unreachable | unauthorized | no_account
	Code     string       `json:"code"`    // of the first bad step
	Client   string       `json:"client"`  // always empty: no client was looked at
	Protocol string       `json:"protocol"`
	BaseURL  string       `json:"base_url"`
	Why      string       `json:"why"`
	Steps    []DoctorStep `json:"steps"`
}

// DoctorStep is one look at the chain.
type DoctorStep struct {
	// ID is program | port | address | lan | key | accounts | model | loopback_openai | loopback_responses |
	// loopback_anthropic | loopback_gemini | account_answer, in this order.
	ID         string          `json:"id"`
	Title      string          `json:"title"` // the question that it answers
	State      DoctorStepState `json:"state"`
	Code       string          `json:"code"` // empty unless bad
	Summary    string          `json:"summary"`
	Details    []string        `json:"details"`
	Cure       string          `json:"cure"` // what to do; empty when nothing is wrong
	DurationMS int64           `json:"duration_ms"`
}

// DoctorProgress is the event of a step that has ended.
type DoctorProgress struct {
	ID    string     `json:"id"` // of the request
	Done  int        `json:"done"`
	Total int        `json:"total"`
	Step  DoctorStep `json:"step"`
}

// LANCheckRequest chooses what to ask.
type LANCheckRequest struct {
	Address string `json:"address"` // one of the addresses; empty: all
}

// LANCheck tells which outside addresses of this machine lead to the gateway. Each is asked from itself: a
// firewall may still hold other machines off.
type LANCheck struct {
	On        bool              `json:"on"` // the listener serves other machines
	Port      int               `json:"port"`
	NeedsKey  bool              `json:"needs_key"`
	HasKey    bool              `json:"has_key"`
	Addresses []LANCheckAddress `json:"addresses"`
}

// LANCheckAddress is one address and what became of asking it.
type LANCheckAddress struct {
	Interface string `json:"interface"`
	URL       string `json:"url"` // to enter in another machine, without version
	Reachable bool   `json:"reachable"`
	Problem   string `json:"problem"` // in words; empty when reachable
}
