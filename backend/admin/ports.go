package admin

import "context"

// Deps is what API needs. A nil port makes its verbs answer not_found with code
// "not_available", so that a program built without a part says so instead of crashing.
type Deps struct {
	Version  string
	Demo     bool
	Server   Server
	Accounts Accounts
	Keys     Keys
	Settings Settings
	Traffic  Traffic
	Usage    Usage
	// UsageLoss tells whether usage records wait for the database, and how many were lost since the
	// start; nil: none.
	UsageLoss func() (stuck bool, lost int64)
	Problems  Problems
	Models    Models
	Doctor    Doctor
	Routes    RouteTable
	Database  Database
	Clients   Clients
	// Window raises the window; nil in the headless program.
	Window interface{ Show() bool }
	// Consoles holds the sessions of the web console.
	Consoles interface{ EndSessions() }
	// Capabilities says what the window or the console can offer.
	Capabilities Capabilities
}

// Server is the public listener. Its methods return the state reached; an error
// carries a code of ServerError, and the old listener is back where there was one.
type Server interface {
	Status() ServerStatus
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	SetLAN(ctx context.Context, enabled bool) error
	SetPort(ctx context.Context, port int) error
	CheckPort(ctx context.Context, port int) PortCheck
	InFlight() int
}

// Accounts keeps the upstream accounts and knows their live state. References are
// ids or names; an unknown one is fault.NotFound.
type Accounts interface {
	List(ctx context.Context) ([]Account, error)
	Counts() PoolCounts
	Descriptors() []ProviderDescriptor
	PreviewURL(req PreviewAccountURLRequest) (AccountURLPreview, error)
	// Test tries a credential that is not saved yet. A refusal is a result, not an error.
	Test(ctx context.Context, req AddAccountRequest) (AccountTest, error)
	TestSaved(ctx context.Context, ref string) (AccountTest, error)
	Add(ctx context.Context, req AddAccountRequest) (Account, error)
	SetEnabled(ctx context.Context, ref string, enabled bool) (Account, error)
	Remove(ctx context.Context, ref string) (RemovedAccount, error)
	Restore(ctx context.Context, id string) (Account, error)
	// TryNow ends a cooldown or a refusal and lets the next request decide.
	TryNow(ctx context.Context, ref string) (Account, error)
}

// Keys keeps the client keys.
type Keys interface {
	List(ctx context.Context) ([]Key, error)
	Create(ctx context.Context, req CreateKeyRequest) (CreatedKey, error)
	SetEnabled(ctx context.Context, ref string, enabled bool) (Key, error)
	Revoke(ctx context.Context, ref string) error
	Rotate(ctx context.Context, ref string) (CreatedKey, error)
	Reveal(ctx context.Context, ref string) (RevealedKey, error)
}

// Settings keeps the settings. Set and Unset apply all changes or none, and return
// the settings that they touched as they are now.
type Settings interface {
	List() []Setting
	Get(key string) (Setting, error)
	Set(ctx context.Context, changes []SettingChange) ([]Setting, error)
	Unset(ctx context.Context, keys []string) ([]Setting, error)
}

// Traffic keeps the last exchanges.
type Traffic interface {
	Recent(ctx context.Context, req RecentTrafficRequest) (TrafficPage, error)
	Detail(ctx context.Context, id string) (ExchangeDetail, error)
}

// Usage answers from the usage records.
type Usage interface {
	Report(ctx context.Context, req UsageRequest) (UsageReport, error)
}

// Problems counts requests to paths that are no routes.
type Problems interface {
	List() []BaseURLProblem
	Clear()
}

// Models lists the model names that clients can ask for.
type Models interface {
	List(ctx context.Context) ([]Model, error)
}

// Doctor explains a base URL or a request path.
type Doctor interface {
	Diagnose(ctx context.Context, target string) (DoctorReport, error)
	// Walk looks at the whole chain; each step is an event as it ends.
	Walk(ctx context.Context, req DoctorWalkRequest) (DoctorWalk, error)
	// CheckLAN asks the outside addresses of this machine for the gateway.
	CheckLAN(ctx context.Context, req LANCheckRequest) (LANCheck, error)
}

// RouteTable lists the public routes.
type RouteTable interface {
	Routes() []Route
}

// Database is the upkeep of the database file.
type Database interface {
	Check(ctx context.Context) (DatabaseReport, error)
	Vacuum(ctx context.Context) (DatabaseReport, error)
}

// Clients sets the coding clients of the gateway's own machine up. Names are those of `client list`; an
// unknown one is fault.NotFound.
type Clients interface {
	// List and Status tell how clients stand to the gateway whose address is root.
	List(ctx context.Context, root string) (ClientOverview, error)
	Status(ctx context.Context, name, root string) (CodingClient, error)
	// Show is Status with the version, which is asked of the client's program.
	Show(ctx context.Context, name, root string) (CodingClient, error)
	// Plan fills what is read from the files; API fills the choices and the digest.
	Plan(ctx context.Context, name string, v ClientValues) (ClientPlan, error)
	Apply(ctx context.Context, name string, v ClientValues) error
	PlanRestore(ctx context.Context, name, root string) (ClientPlan, error)
	Restore(ctx context.Context, name string) error
	Verify(ctx context.Context, name string) (ClientVerification, error)
	// Guides tells what to enter by hand; it reads no file.
	Guides(v ClientValues) ([]ConnectGuide, error)
}

// ClientValues are what goes into a client's files.
type ClientValues struct {
	Root, Key, KeyName, Model, SmallModel string
}
