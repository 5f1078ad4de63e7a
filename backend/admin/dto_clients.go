package admin

// ClientState tells how a coding client stands to this gateway.
type ClientState string

// The states of a client's settings; whether it is installed is told beside.
const (
	ClientNotSetUp  ClientState = "not_set_up" // no base URL of its own
	ClientSetUp     ClientState = "set_up"     // as we left it
	ClientChanged   ClientState = "changed"    // set up, then changed by hand
	ClientOutdated  ClientState = "outdated"   // set up for another address of this gateway
	ClientByHand    ClientState = "by_hand"    // points here, and we have not set it up
	ClientElsewhere ClientState = "elsewhere"  // points to another base URL
	ClientBroken    ClientState = "broken"     // a settings file cannot be read
)

// ClientOverview is every coding client that can be set up, as the machine of the gateway has it.
type ClientOverview struct {
	Machine string         `json:"machine"` // the host's name: these verbs write there, not where the page is read
	Home    string         `json:"home"`    // whose settings they are
	Clients []CodingClient `json:"clients"`
}

// CodingClient is one coding client.
type CodingClient struct {
	Name       string       `json:"name"`  // as `client apply` takes it
	Title      string       `json:"title"` // as people know it
	Installed  bool         `json:"installed"`
	Binary     string       `json:"binary"`
	Version    string       `json:"version"` // ClientShow only: it has to be asked of the client's program
	State      ClientState  `json:"state"`
	BaseURL    string       `json:"base_url"`
	Model      string       `json:"model"`
	SmallModel string       `json:"small_model"`
	KeyName    string       `json:"key_name"` // the key chosen at apply
	SetUpAt    *string      `json:"set_up_at"`
	Files      []ClientFile `json:"files"`
	Warnings   []string     `json:"warnings"` // what of the user's would make it ignore our settings
	Notes      []string     `json:"notes"`
	Backups    string       `json:"backups"` // the folder that backups go to
}

// ClientFile is one settings file.
type ClientFile struct {
	Path   string `json:"path"`
	Exists bool   `json:"exists"`
	Error  string `json:"error"` // path:line:column and why, if it cannot be read
}

// ClientRef names one coding client.
type ClientRef struct {
	Name string `json:"name"`
}

// ClientPlanRequest asks what setting a client up would write.
type ClientPlanRequest struct {
	Name string `json:"name"`
	// KeyID is the client key to enter; empty: that of an earlier set-up, else one named after the
	// client, which is made when the plan is applied.
	KeyID      string `json:"key_id"`
	Model      string `json:"model"`       // empty: that of an earlier set-up, else one that fits
	SmallModel string `json:"small_model"` // for side tasks; empty: that of an earlier set-up, else the small one of the family
}

// ClientPlan is what ClientApply or ClientRestore would write; nothing is written before.
type ClientPlan struct {
	Name       string           `json:"name"`
	Title      string           `json:"title"`
	Changed    bool             `json:"changed"`
	Files      []ClientFilePlan `json:"files"`
	Warnings   []string         `json:"warnings"`
	Notes      []string         `json:"notes"`
	Root       string           `json:"root"` // the gateway's address without a version
	Model      string           `json:"model"`
	SmallModel string           `json:"small_model"`
	KeyName    string           `json:"key_name"`
	KeyIsNew   bool             `json:"key_is_new"`  // applying makes it
	ModelKnown bool             `json:"model_known"` // an account serves Model now
	SmallKnown bool             `json:"small_known"` // and SmallModel
	Backups    string           `json:"backups"`     // the folder that backups go to
	Digest     string           `json:"digest"`      // of what is shown; applying takes it, so that nothing else is written
	RestoreOf  string           `json:"restore_of"`  // RFC 3339: when the set-up that is taken back was made; empty: not a restore
}

// ClientFilePlan is one file's part of a plan.
type ClientFilePlan struct {
	Path   string `json:"path"`
	Action string `json:"action"` // none | create | change | remove
	Diff   string `json:"diff"`   // unified; keys and the values that they replace are masked
}

// ClientApplyRequest writes what a plan showed.
type ClientApplyRequest struct {
	Name       string `json:"name"`
	KeyID      string `json:"key_id"`
	Model      string `json:"model"`
	SmallModel string `json:"small_model"`
	Digest     string `json:"digest"` // of the plan that was shown
}

// ClientRestoreRequest takes a set-up back as a plan showed it.
type ClientRestoreRequest struct {
	Name   string `json:"name"`
	Digest string `json:"digest"` // of the plan that was shown
}

// ClientVerification is the outcome of starting a client with one question, or of the call that it would
// make. A refusal is an outcome, not an error.
type ClientVerification struct {
	Name      string `json:"name"`
	Command   string `json:"command"` // how the client was started; empty: the call was made in its place
	URL       string `json:"url"`
	Model     string `json:"model"`
	OK        bool   `json:"ok"`
	Status    int    `json:"status"` // of the call; 0: none was made, or nothing answered
	Answer    string `json:"answer"`
	Error     string `json:"error"`
	Note      string `json:"note"` // what the call tells where the client itself fails
	LatencyMS int64  `json:"latency_ms"`
}
