package admin

// Account is one upstream account (contract section 1, `account list --json`); fields after
// LastUsedAt are additions.
type Account struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Provider   string       `json:"provider"`
	BaseURL    string       `json:"base_url"`
	State      AccountState `json:"state"`
	Reason     string       `json:"reason"` // plain words: why it is not ready
	Until      *string      `json:"until"`  // when it is ready again, if known
	Models     []string     `json:"models"` // what it is limited to; empty: all that it offers
	LastUsedAt *string      `json:"last_used_at"`

	Enabled   bool       `json:"enabled"`
	CreatedAt string     `json:"created_at"`
	KeyHint   string     `json:"key_hint"` // the last four characters of the secret, never more
	InFlight  int        `json:"in_flight"`
	Cooldowns []Cooldown `json:"cooldowns"` // per model; an account-wide one is in State
	LastError string     `json:"last_error"`
	Requests  int64      `json:"requests"` // since the start of the program
	Errors    int64      `json:"errors"`

	Link     string  `json:"link"`      // where the account's owner has to act; empty: nowhere
	Quotas   []Quota `json:"quotas"`    // by line of models; empty: the provider does not tell
	QuotasAt *string `json:"quotas_at"` // when the provider told
}

// Quota is what is left of an account's quota for models of one line.
type Quota struct {
	Group     string       `json:"group"`     // Gemini Pro
	Remaining float64      `json:"remaining"` // 0 to 1, of the model with the least left
	ResetAt   *string      `json:"reset_at"`
	Models    []ModelQuota `json:"models"`
}

// ModelQuota is what is left for one model.
type ModelQuota struct {
	Model     string  `json:"model"`
	Remaining float64 `json:"remaining"`
	ResetAt   *string `json:"reset_at"`
}

// Cooldown is a pause of one account for one model.
type Cooldown struct {
	Model  string `json:"model"`
	Until  string `json:"until"`
	Reason string `json:"reason"`
}

// ProviderDescriptor tells the add-account dialog (and the command line) what a provider needs.
type ProviderDescriptor struct {
	Kind        string          `json:"kind"` // gemini
	Label       string          `json:"label"`
	Description string          `json:"description"`
	KeyURL      string          `json:"key_url"` // where a person gets a key; may be empty
	Fields      []ProviderField `json:"fields"`
}

// ProviderField is one field of the dialog.
type ProviderField struct {
	Name        string    `json:"name"` // name | api_key | base_url | api | auth | project | location | models
	Label       string    `json:"label"`
	Help        string    `json:"help"`
	Type        FieldType `json:"type"`
	Required    bool      `json:"required"`
	Secret      bool      `json:"secret"`
	Default     string    `json:"default"`
	Placeholder string    `json:"placeholder"`
	Options     []Option  `json:"options"` // for a choice
}

// Option is one choice of a field or a setting.
type Option struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// AccountRef names one account by id or by name.
type AccountRef struct {
	ID string `json:"id"`
}

// AddAccountRequest makes an account with an API key.
type AddAccountRequest struct {
	Provider string   `json:"provider"`
	Name     string   `json:"name"`
	BaseURL  string   `json:"base_url"` // empty: the provider's own
	API      string   `json:"api"`      // openai only: auto | chat | responses
	APIKey   string   `json:"api_key"`  // the secret of whatever kind the provider asks for
	Auth     string   `json:"auth"`     // vertex only: empty (a key) | adc
	Project  string   `json:"project"`  // vertex and google: the Google Cloud project
	Location string   `json:"location"` // vertex only
	Models   []string `json:"models"`
	// SkipTest saves without the live test; otherwise a refused key is not saved.
	SkipTest bool `json:"skip_test"`
}

// AddAccountResult is the new account, or, when the test failed, why nothing was saved.
type AddAccountResult struct {
	Saved   bool         `json:"saved"`
	Account *Account     `json:"account"`
	Test    *AccountTest `json:"test"`
}

// AccountTest is the outcome of a live test in plain words.
type AccountTest struct {
	OK        bool     `json:"ok"`
	Summary   string   `json:"summary"` // one sentence: "The key works: 42 models."
	Detail    string   `json:"detail"`  // what the upstream said, without secrets
	Hint      string   `json:"hint"`    // what to do next
	Code      string   `json:"code"`    // a fault class; empty when OK
	LatencyMS int64    `json:"latency_ms"`
	Models    []string `json:"models"` // found; at most 500
	URL       string   `json:"url"`    // what was called, without the key
}

// PreviewAccountURLRequest asks which URL requests would go to.
type PreviewAccountURLRequest struct {
	Provider string `json:"provider"`
	BaseURL  string `json:"base_url"`
	API      string `json:"api"`
	Project  string `json:"project"`
	Location string `json:"location"`
}

// AccountURLPreview answers PreviewAccountURL.
type AccountURLPreview struct {
	URL     string `json:"url"`     // an example of a final URL
	Valid   bool   `json:"valid"`   // false: Warning says what is wrong
	Warning string `json:"warning"` // also set for suspicious but usable ones
}

// RemovedAccount answers RemoveAccount; RestoreAccount works until UndoUntil.
type RemovedAccount struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	UndoUntil string `json:"undo_until"`
}
