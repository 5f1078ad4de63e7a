package admin

// ServerState tells what the public listener does.
type ServerState string

// The states of the public listener.
const (
	ServerStarting ServerState = "starting"
	ServerRunning  ServerState = "running"
	ServerStopping ServerState = "stopping"
	ServerStopped  ServerState = "stopped"
	ServerFailed   ServerState = "failed"
)

// AccountState is the state of an account as users see it (contract section 1).
type AccountState string

// The states of an account; blocked = out_of_quota + needs_sign_in + refused.
const (
	AccountReady       AccountState = "ready"
	AccountCooling     AccountState = "cooling"
	AccountOutOfQuota  AccountState = "out_of_quota"
	AccountNeedsSignIn AccountState = "needs_sign_in"
	AccountRefused     AccountState = "refused"
	AccountDisabled    AccountState = "disabled"
)

// Severity orders the entries of the attention list.
type Severity string

// The severities: bad stops requests, warn will or may, info is worth knowing.
const (
	SeverityBad  Severity = "bad"
	SeverityWarn Severity = "warn"
	SeverityInfo Severity = "info"
)

// ActionKind says what the one-click fix of an attention entry does.
type ActionKind string

// The kinds of fix. Target holds the page, the port, the account id or the setting key.
const (
	ActionOpenPage    ActionKind = "open_page"    // Target: a page, such as "accounts" or "gateway"
	ActionStartServer ActionKind = "start_server" // no target
	ActionUsePort     ActionKind = "use_port"     // Target: the port; call SetPort
	ActionTryAccount  ActionKind = "try_account"  // Target: the account id; call TryAccountNow
	ActionSetSetting  ActionKind = "set_setting"  // Target: the key, Value: what to set
)

// DoctorStepState is how a step of the doctor's walk ended.
type DoctorStepState string

// The states of a step: bad stops clients, warn may or will, skipped was not judged (its summary says why).
const (
	DoctorOK      DoctorStepState = "ok"
	DoctorWarn    DoctorStepState = "warn"
	DoctorBad     DoctorStepState = "bad"
	DoctorSkipped DoctorStepState = "skipped"
)

// FieldType says which control the add-account dialog shows for a field.
type FieldType string

// The controls of the add-account dialog.
const (
	FieldText   FieldType = "text"
	FieldSecret FieldType = "secret"
	FieldURL    FieldType = "url"
	FieldChoice FieldType = "choice"
	FieldList   FieldType = "list" // comma-separated
	// FieldMultiline takes pasted text of several lines, such as the JSON of a service account.
	FieldMultiline FieldType = "multiline"
)

// SettingType says how the text value of a setting is to be read and edited.
type SettingType string

// The types of a setting. Every value travels as text in the form that `config set` takes.
const (
	SettingBool     SettingType = "bool"     // true | false
	SettingInt      SettingType = "int"      // decimal
	SettingBytes    SettingType = "bytes"    // decimal number of bytes
	SettingDuration SettingType = "duration" // Go form: 300s, 24h; 0 = none
	SettingString   SettingType = "string"
	SettingChoice   SettingType = "choice" // one of Options
	SettingList     SettingType = "list"   // comma-separated
	SettingSecret   SettingType = "secret" // never sent back; Value is empty or "set"
)

// Topic names a kind of event; every event travels as an Event envelope.
type Topic string

// The topics and what their data is.
const (
	TopicState    Topic = "state"    // State: the first event of every connection, then on each change
	TopicAccounts Topic = "accounts" // []Account: the whole list
	TopicKeys     Topic = "keys"     // []Key: the whole list
	TopicSettings Topic = "settings" // []Setting: the changed ones only
	TopicTraffic  Topic = "traffic"  // Exchange: a new or changed one (same id: replace)
	TopicProblems Topic = "problems" // []BaseURLProblem: the whole list
	TopicToast    Topic = "toast"    // Toast
	TopicDoctor   Topic = "doctor"   // DoctorProgress: a step of a walk has ended
)
