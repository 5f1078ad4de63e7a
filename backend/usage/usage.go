// Package usage counts what requests used: one Row per finished exchange,
// written in batches behind the requests, and totals of them by model, account,
// key or client. A slow or failing disk never delays an answer: rows wait in a
// bounded queue, and what does not fit is counted and dropped.
package usage

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// Row is what one exchange used. Token classes are disjoint, as in llm.Usage.
type Row struct {
	At          time.Time // start of the exchange
	RequestID   string
	Model       string // as asked for
	Served      string // what the provider calls it
	Provider    string
	AccountID   string
	AccountName string
	KeyID       string
	KeyName     string
	Client      string
	Status      int
	ErrorClass  string // "" for success
	Streamed    bool
	Attempts    int
	Latency     time.Duration
	TTFT        time.Duration // 0: no model event came

	Input      int64
	CacheRead  int64
	CacheWrite int64
	Output     int64
	Reasoning  int64
}

// Count puts the tokens of u into the row; nil leaves it as it is.
func (r *Row) Count(u *llm.Usage) {
	if u == nil {
		return
	}
	r.Input, r.CacheRead, r.CacheWrite = u.Input, u.CacheRead, u.CacheWrite
	r.Output, r.Reasoning = u.Output, u.Reasoning
}

// Failed tells whether the row counts as an error; a client that left is none.
func (r *Row) Failed() bool {
	return r.ErrorClass != "" && r.ErrorClass != string(fault.Cancelled)
}

// By is what rows are grouped by.
type By string

// The groupings.
const (
	ByModel   By = "model"
	ByAccount By = "account"
	ByKey     By = "key"
	ByClient  By = "client"
)

// MaxBuckets bounds a time series.
const MaxBuckets = 200

// Query chooses rows. Until is exclusive; zero times mean no bound.
type Query struct {
	By      By
	Since   time.Time
	Until   time.Time
	Buckets int // of the series; 0: none
}

// DefaultSince is how far back a report goes unless asked otherwise.
const DefaultSince = 7 * 24 * time.Hour

// ParseQuery reads what a command or a page asks. by "" means model; since is
// a duration back from now (24h, 7d, 2w), a date or RFC 3339, "" the default;
// until is RFC 3339 or "".
func ParseQuery(by, since, until string, buckets int, now time.Time) (Query, error) {
	q := Query{By: By(by), Until: now, Buckets: buckets}
	switch q.By {
	case "":
		q.By = ByModel
	case ByModel, ByAccount, ByKey, ByClient:
	default:
		return q, fault.Invalid("by", "usage can be grouped by model, account, key or client, not %q", by)
	}
	if buckets < 0 || buckets > MaxBuckets {
		return q, fault.Invalid("buckets", "the series can have 0 to %d points", MaxBuckets)
	}
	var err error
	if q.Since, err = parseSince(since, now); err != nil {
		return q, err
	}
	if until != "" {
		if q.Until, err = time.Parse(time.RFC3339, until); err != nil {
			return q, fault.Invalid("until", "%q is no RFC 3339 time", until)
		}
	}
	if !q.Since.Before(q.Until) {
		return q, fault.Invalid("since", "the range ends before it begins")
	}
	return q, nil
}

func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return now.Add(-DefaultSince), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, now.Location()); err == nil {
		return t, nil
	}
	if d, err := parseBack(s); err == nil {
		return now.Add(-d), nil
	}
	return time.Time{}, fault.Invalid("since", "%q is neither a duration such as 24h or 7d nor a date", s)
}

// parseBack reads a duration with days and weeks beside Go's units.
func parseBack(s string) (time.Duration, error) {
	var unit time.Duration
	switch {
	case strings.HasSuffix(s, "d"):
		unit = 24 * time.Hour
	case strings.HasSuffix(s, "w"):
		unit = 7 * 24 * time.Hour
	default:
		d, err := time.ParseDuration(s)
		if err == nil && d <= 0 {
			err = fmt.Errorf("not positive")
		}
		return d, err
	}
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 16)
	if err != nil || n == 0 || n > 36500 {
		return 0, fmt.Errorf("out of range")
	}
	return time.Duration(n) * unit, nil
}

// Totals are sums over rows, in the convention of the OpenAI Responses API:
// InputTokens includes the cached ones, OutputTokens includes reasoning.
type Totals struct {
	Requests        int64 `json:"requests"`
	Errors          int64 `json:"errors"`
	InputTokens     int64 `json:"input_tokens"`
	CachedTokens    int64 `json:"cached_tokens"` // of the input: read from a cache
	OutputTokens    int64 `json:"output_tokens"`
	ReasoningTokens int64 `json:"reasoning_tokens"` // of the output
	// MedianFirstEventMS is the median time to the first model event in
	// milliseconds, over the latest rows; 0: unknown.
	MedianFirstEventMS int64 `json:"median_first_event_ms"`
}

// Group is the sum over the rows with one name: of a model, an account, a key
// or a client.
type Group struct {
	Name string `json:"name"`
	Totals
}

// Bucket is one point of a time series.
type Bucket struct {
	StartedAt time.Time `json:"started_at"`
	Totals
}

// Report answers a Query. Groups are sorted by requests, the most first.
type Report struct {
	Totals Totals   `json:"totals"`
	Rows   []Group  `json:"rows"`
	Series []Bucket `json:"series"`
}

// Repository keeps rows.
type Repository interface {
	// SaveUsage writes the rows in one transaction.
	SaveUsage(ctx context.Context, rows []Row) error
	ReportUsage(ctx context.Context, q Query) (Report, error)
	// PurgeUsage deletes rows older than before, a bounded number at a time,
	// and returns how many.
	PurgeUsage(ctx context.Context, before time.Time) (int64, error)
}
