package admin

// Exchange is one request in the traffic list.
type Exchange struct {
	ID               string `json:"id"` // the request id
	StartedAt        string `json:"started_at"`
	State            string `json:"state"` // running | done
	Method           string `json:"method"`
	Path             string `json:"path"`
	Client           string `json:"client"` // best guess from the User-Agent
	KeyName          string `json:"key_name"`
	ClientProtocol   string `json:"client_protocol"`
	UpstreamProtocol string `json:"upstream_protocol"`
	Passthrough      bool   `json:"passthrough"`
	Stream           bool   `json:"stream"`
	Model            string `json:"model"`          // as asked
	ResolvedModel    string `json:"resolved_model"` // as served
	Provider         string `json:"provider"`
	AccountName      string `json:"account_name"`
	Status           int    `json:"status"` // 0 while running; 499: the client left
	ErrorCode        string `json:"error_code"`
	Error            string `json:"error"`
	Attempts         int    `json:"attempts"`
	FirstEventMS     *int64 `json:"first_event_ms"`
	DurationMS       *int64 `json:"duration_ms"`
	InputTokens      int64  `json:"input_tokens"`
	CachedTokens     int64  `json:"cached_tokens"`
	OutputTokens     int64  `json:"output_tokens"`
	ReasoningTokens  int64  `json:"reasoning_tokens"`
	FinishReason     string `json:"finish_reason"`
	Losses           int    `json:"losses"` // how many things could not be expressed upstream
}

// RecentTrafficRequest pages backwards through the list.
type RecentTrafficRequest struct {
	Limit    int    `json:"limit"`     // 1…500; 0: 100
	BeforeID string `json:"before_id"` // empty: from the newest
}

// TrafficPage answers RecentTraffic, newest first.
type TrafficPage struct {
	Exchanges []Exchange `json:"exchanges"`
	More      bool       `json:"more"`
}

// ExchangeRef names one exchange.
type ExchangeRef struct {
	ID string `json:"id"`
}

// ExchangeDetail is all that is kept of one exchange.
type ExchangeDetail struct {
	Exchange  Exchange  `json:"exchange"`
	RequestID string    `json:"request_id"`
	Timeline  []Moment  `json:"timeline"`
	Attempts  []Attempt `json:"attempts"`
	Losses    []Loss    `json:"losses"`
	// Bodies are empty unless monitor.keep_bodies keeps them.
	RequestBody  string `json:"request_body"`
	ResponseBody string `json:"response_body"`
	BodiesKept   string `json:"bodies_kept"` // off | errors | all
}

// Moment is one point of an exchange's timeline.
type Moment struct {
	Name string `json:"name"`  // queued | account_chosen | connected | first_event | end
	AtMS int64  `json:"at_ms"` // since StartedAt
}

// Attempt is one try at one account.
type Attempt struct {
	AccountName string `json:"account_name"`
	Provider    string `json:"provider"`
	Model       string `json:"model"`
	StartedMS   int64  `json:"started_ms"` // since StartedAt
	DurationMS  int64  `json:"duration_ms"`
	Status      int    `json:"status"`  // of the upstream; 0: no answer
	Outcome     string `json:"outcome"` // ok or a fault class
	Reason      string `json:"reason"`
}

// Loss is something that the upstream's protocol could not express.
type Loss struct {
	Path   string `json:"path"`
	Reason string `json:"reason"` // grade, code and detail in one line
	Grade  string `json:"grade"`  // adapted | dropped | refused
	Code   string `json:"code"`   // of mapping's closed list, such as "tool.strict"
	Detail string `json:"detail"`
}

// UsageRequest chooses rows.
type UsageRequest struct {
	By    string `json:"by"`    // model | account | key | client; empty: model
	Since string `json:"since"` // a duration back from now (24h, 7d) or RFC 3339; empty: 7d
	Until string `json:"until"` // RFC 3339; empty: now
	// Buckets asks for a time series of that many points (0: none, at most 200).
	Buckets int `json:"buckets"`
}

// UsageReport is the answer of `usage --json` (contract section 1); Series and the times are additions.
type UsageReport struct {
	Totals UsageTotals   `json:"totals"`
	Rows   []UsageRow    `json:"rows"`
	Series []UsageBucket `json:"series"`
	Since  string        `json:"since"`
	Until  string        `json:"until"`
	By     string        `json:"by"`
}

// UsageTotals counts; tokens are those that the upstream reported.
type UsageTotals struct {
	Requests        int64 `json:"requests"`
	Errors          int64 `json:"errors"`
	InputTokens     int64 `json:"input_tokens"`
	CachedTokens    int64 `json:"cached_tokens"`
	OutputTokens    int64 `json:"output_tokens"`
	ReasoningTokens int64 `json:"reasoning_tokens"`
	// MedianFirstEventMS is the median time to the first model event; 0: unknown.
	MedianFirstEventMS int64 `json:"median_first_event_ms"`
}

// UsageRow is one line of the table.
type UsageRow struct {
	Name               string `json:"name"`
	Requests           int64  `json:"requests"`
	Errors             int64  `json:"errors"`
	InputTokens        int64  `json:"input_tokens"`
	CachedTokens       int64  `json:"cached_tokens"`
	OutputTokens       int64  `json:"output_tokens"`
	ReasoningTokens    int64  `json:"reasoning_tokens"`
	MedianFirstEventMS int64  `json:"median_first_event_ms"`
}

// UsageBucket is one point of the time series.
type UsageBucket struct {
	StartedAt          string `json:"started_at"`
	Requests           int64  `json:"requests"`
	Errors             int64  `json:"errors"`
	InputTokens        int64  `json:"input_tokens"`
	CachedTokens       int64  `json:"cached_tokens"`
	OutputTokens       int64  `json:"output_tokens"`
	MedianFirstEventMS int64  `json:"median_first_event_ms"`
}
