package traffic

import (
	"time"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
)

// Exchange is the record of one request. It is filled by the goroutine that
// serves the request and must not be changed once it was given to Log.Finish.
type Exchange struct {
	ID     string // the request id
	Start  time.Time
	Method string
	Path   string // without the query
	Client string // the program, from its headers; "" if unknown
	// Running marks the record of an exchange that is not over: what is known
	// at its beginning alone.
	Running bool

	KeyID   string // of the client key, "" without one
	KeyName string

	Operation        string // generate, count_tokens
	ClientProtocol   llm.Protocol
	UpstreamProtocol llm.Protocol
	Identity         bool // both are the same: bytes passed through
	Streamed         bool

	ModelAsked  string
	ModelServed string // what the provider calls it
	Provider    string
	AccountID   string
	AccountName string

	Status       int           // as sent; 499 when the client left
	ErrorClass   fault.Class   // "" for success
	ErrorCode    string        // stable machine word
	Error        string        // public message
	FinishReason llm.Reason    // "" if there was none
	Latency      time.Duration // of the whole exchange
	TTFT         time.Duration // to the first model event; 0: none came
	Usage        *llm.Usage    // nil if the upstream reported none
	Losses       []llm.Loss
	Attempts     []Attempt
	Decision     []account.Considered // of the last choice of an account
	BytesIn      int64                // of the request's body
	BytesOut     int64                // of the answer's body
}

// Attempt is one try on one account.
type Attempt struct {
	AccountID   string
	AccountName string
	Provider    string
	Model       string
	Sticky      bool // the conversation stayed on its account
	Start       time.Time
	Duration    time.Duration
	Class       fault.Class // "" for success
	Status      int         // that the error stands for, 0 for success
	Code        string
	Reason      string // the upstream's machine word
	Message     string // public
	RetryAfter  time.Duration
}

// OutcomeOK is the outcome of an attempt that succeeded.
const OutcomeOK = "ok"

// Outcome is OutcomeOK or the class of the error.
func (a Attempt) Outcome() string {
	if a.Class == "" {
		return OutcomeOK
	}
	return string(a.Class)
}

// Bounds of one record.
const (
	maxAttempts = 32
	maxLosses   = 200
	maxText     = 2 << 10 // bytes of a message
)

// Serve notes who is about to serve; the last attempt's word stands.
func (x *Exchange) Serve(lease *account.Lease, upstream llm.Protocol, identity bool) {
	acc := lease.Account
	x.Provider, x.AccountID, x.AccountName = acc.Provider, acc.ID, acc.Name
	x.ModelServed, x.UpstreamProtocol, x.Identity = lease.Model, upstream, identity
}

// Attempted adds an attempt that is over.
func (x *Exchange) Attempted(lease *account.Lease, start, end time.Time, err *fault.Error) {
	if len(x.Attempts) >= maxAttempts {
		return
	}
	acc := lease.Account
	a := Attempt{AccountID: acc.ID, AccountName: acc.Name, Provider: acc.Provider, Model: lease.Model,
		Sticky: lease.Sticky, Start: start, Duration: end.Sub(start)}
	if err != nil {
		a.Class, a.Status, a.Code = err.Class, err.HTTPStatus(), err.CodeOrClass()
		a.Reason, a.Message, a.RetryAfter = clip(err.Reason), clip(err.Message), err.RetryAfter
	}
	x.Attempts = append(x.Attempts, a)
}

// Include adds the record of a part of the request that was asked for by itself.
// Who served is told of the first part; usage is the caller's to sum up.
func (x *Exchange) Include(part *Exchange) {
	if x.AccountID == "" {
		x.Provider, x.AccountID, x.AccountName = part.Provider, part.AccountID, part.AccountName
		x.ModelServed, x.UpstreamProtocol, x.Identity = part.ModelServed, part.UpstreamProtocol, part.Identity
		x.Decision = part.Decision
	}
	x.Attempts = append(x.Attempts, part.Attempts[:min(len(part.Attempts), maxAttempts-len(x.Attempts))]...)
	if part.TTFT > 0 && (x.TTFT == 0 || part.TTFT < x.TTFT) {
		x.TTFT = part.TTFT
	}
	if part.FinishReason != "" {
		x.FinishReason = part.FinishReason
	}
}

// Decide keeps the pool's decision record.
func (x *Exchange) Decide(considered []account.Considered) { x.Decision = considered }

// FirstEvent notes the first model event; later calls change nothing.
func (x *Exchange) FirstEvent(now time.Time) {
	if x.TTFT == 0 {
		x.TTFT = max(now.Sub(x.Start), 1)
	}
}

// Meter notes the usage so far, which must not change any more; the last one counts.
func (x *Exchange) Meter(u *llm.Usage) { x.Usage = u }

// Ended notes why the answer ended.
func (x *Exchange) Ended(reason llm.Reason) { x.FinishReason = reason }

// Observed notes what was seen of an answer that passed through.
func (x *Exchange) Observed(seen protocol.Seen) {
	if seen.Usage != nil {
		x.Meter(seen.Usage)
	}
	if seen.Reason != "" {
		x.Ended(seen.Reason)
	}
}

// Fail notes the error that the exchange ended with.
func (x *Exchange) Fail(err *fault.Error) {
	if err == nil {
		return
	}
	x.ErrorClass, x.ErrorCode, x.Error = err.Class, err.CodeOrClass(), clip(err.Message)
}

// Failed tells whether the exchange ended with a fault; a client that left is
// none.
func (x *Exchange) Failed() bool { return x.ErrorClass != "" && x.ErrorClass != fault.Cancelled }

// size is roughly what the record takes in memory, in bytes.
func (x *Exchange) size() int {
	n := 600 + len(x.ID) + len(x.Path) + len(x.Client) + len(x.ModelAsked) + len(x.Error)
	for i := range x.Attempts {
		n += 250 + len(x.Attempts[i].Message)
	}
	for i := range x.Losses {
		n += 64 + len(x.Losses[i].Path) + len(x.Losses[i].Detail)
	}
	return n + 150*len(x.Decision)
}
