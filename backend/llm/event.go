package llm

import (
	"iter"
	"strings"
)

// EventKind tells what an Event reports.
type EventKind uint8

// Kinds of events, in the order in which a stream may show them: one Open,
// then parts (each opened and closed once, deltas between), Meters anywhere,
// and per choice one Close; the Close of the last choice ends the stream.
const (
	EventOpen EventKind = iota + 1
	EventPartOpen
	EventDelta
	EventPartClose
	EventMeter
	EventClose
)

// Event is one step of a streamed reply. It is passed by value; the pointers
// in it may be kept by the receiver.
type Event struct {
	Kind   EventKind
	Choice int // which answer, 0 unless several were asked for
	Index  int // of the part within its choice, rising from 0

	ID, Model string // EventOpen: the upstream's id and model, "" if unknown

	// Part, for EventPartOpen, has Kind and all that is known at once: the
	// head of a call (without Args), a whole media, code or opaque part, and
	// a Seal that is already known.
	Part *Part

	// EventDelta: exactly one of these.
	Text     string // KindText, KindReasoning
	Args     string // KindCall: a fragment of the arguments
	Seal     *Seal
	Citation *Citation
	Logprobs []TokenLogprob

	Usage *Usage // EventMeter: cumulative, the last one counts
	Close *Close // EventClose
}

// Stream is a sequence of events; an error ends it.
type Stream = iter.Seq2[Event, error]

// Reason says why a reply ended.
type Reason string

// Reasons, protocol-free (mapping.md section 16).
const (
	ReasonEnd          Reason = "end"
	ReasonStopSequence Reason = "stop_sequence"
	ReasonTool         Reason = "tool"
	ReasonLength       Reason = "length"
	ReasonContext      Reason = "context"
	ReasonFilter       Reason = "filter"
	ReasonRecitation   Reason = "recitation"
	ReasonPause        Reason = "pause"
)

// Close ends one choice.
type Close struct {
	Reason       Reason
	StopSequence string // with ReasonStopSequence
	Detail       string // the upstream's own word or explanation, for records
	Search       *Search
	Native       Native
}

// Search is what an upstream searched the web for while it answered: beside the
// answer, in its Close, or within it, in a Part.
type Search struct {
	ID      string // of one search, which its queries and its sources share
	Queries []string
	Sources []Citation // URL and Title of what was found
	Failed  bool
}

// TokenLogprob is one token with its log probability. Numbers keep their
// literal.
type TokenLogprob struct {
	Token   string
	Logprob Number
	Bytes   []int
	TokenID *int64
	Top     []TokenLogprob
}

// Response is a whole reply: what Collect makes of a stream.
type Response struct {
	ID, Model string
	Choices   []Choice
	Usage     *Usage // nil if the upstream reported none
}

// Choice is one of the answers of a reply.
type Choice struct {
	Parts    []Part
	Logprobs []TokenLogprob
	Close    Close
}

func clone(s string) string { return strings.Clone(s) }
