package fakegemini

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Fault is a way in which an answer goes wrong.
type Fault string

// The faults. "Mid-stream" ones strike after Step.After chunks.
const (
	FaultNone         Fault = ""
	FaultReset        Fault = "reset"          // RST before any answer
	FaultSilence      Fault = "silence"        // nothing more, until the client leaves or Step.Hold is over; with After 0 not even headers
	FaultCutReset     Fault = "cut_reset"      // mid-stream RST
	FaultCutClean     Fault = "cut_clean"      // mid-stream end that looks orderly, without finishReason
	FaultErrorIn200   Fault = "error_in_200"   // error object as a body or frame after status 200
	FaultBareError    Fault = "bare_error"     // mid-stream JSON error line without `data:`
	FaultGarbage      Fault = "garbage"        // mid-stream bytes that are no JSON; a unary answer of HTML
	FaultMalformed    Fault = "malformed"      // mid-stream half an object
	FaultEmpty        Fault = "empty"          // status 200 and no bytes
	FaultByteByByte   Fault = "byte_by_byte"   // a right answer, each byte flushed alone
	FaultNoCandidates Fault = "no_candidates"  // frames without candidates and nothing else
	FaultMalformedFn  Fault = "malformed_call" // finishReason MALFORMED_FUNCTION_CALL without parts
)

// Step is one scripted answer.
type Step struct {
	// Op the step is for: "generate" (both forms, the default), "list",
	// "countTokens". Model restricts it to one model.
	Op    string `json:"op,omitempty"`
	Model string `json:"model,omitempty"`
	// Times it is used, 1 if 0; negative: for ever.
	Times int `json:"times,omitempty"`

	Reply *Reply `json:"reply,omitempty"`
	// Error answers with its status instead of a reply; with FaultErrorIn200
	// and FaultBareError it is what stands in the stream.
	Error *Error            `json:"error,omitempty"`
	Head  map[string]string `json:"header,omitempty"` // extra reply headers
	Fault Fault             `json:"fault,omitempty"`
	After int               `json:"after,omitempty"`
	// Delay before the first byte, Gap between chunks, Hold bounds a silence
	// (one minute if 0). Nanoseconds in JSON.
	Delay time.Duration `json:"delay,omitempty"`
	Gap   time.Duration `json:"gap,omitempty"`
	Hold  time.Duration `json:"hold,omitempty"`
}

// Reply is a scripted model answer. With all fields empty the brain answers.
type Reply struct {
	Parts []Part `json:"parts,omitempty"`
	// Finish is STOP if empty and left out if "-"; CONTINUATION brings a token.
	Finish         string          `json:"finish,omitempty"`
	FinishMessage  string          `json:"finish_message,omitempty"`
	Usage          *Usage          `json:"usage,omitempty"`
	Grounding      json.RawMessage `json:"grounding,omitempty"`
	Citations      json.RawMessage `json:"citations,omitempty"`
	SafetyRatings  json.RawMessage `json:"safety_ratings,omitempty"`
	Logprobs       json.RawMessage `json:"logprobs,omitempty"`
	PromptFeedback json.RawMessage `json:"prompt_feedback,omitempty"` // blocks: no candidates are sent
	// Pieces in which a stream sends each text, 3 if 0.
	Pieces       int    `json:"pieces,omitempty"`
	ModelVersion string `json:"model_version,omitempty"`
	ResponseID   string `json:"response_id,omitempty"`
}

// Part of a scripted reply. Exactly one of Text, Call, Inline or Raw.
type Part struct {
	Text    string          `json:"text,omitempty"`
	Thought bool            `json:"thought,omitempty"`
	Call    *Call           `json:"call,omitempty"`
	Inline  *Inline         `json:"inline,omitempty"`
	Raw     json.RawMessage `json:"raw,omitempty"`
	// Sign is "" (as the model would), "yes", "no" or a literal signature.
	Sign string `json:"sign,omitempty"`
}

// Call is a function call of a reply. Without an ID the fake gives one on
// Gemini 3; "-" leaves it out there as well.
type Call struct {
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
	ID   string          `json:"id,omitempty"`
}

// Inline is media of a reply, Data in base64.
type Inline struct {
	MIME string `json:"mime"`
	Data string `json:"data"`
}

// Usage is usageMetadata; a zero Total is summed as the service does.
type Usage struct {
	Prompt     int `json:"promptTokenCount,omitempty"`
	Candidates int `json:"candidatesTokenCount,omitempty"`
	Total      int `json:"totalTokenCount,omitempty"`
	Cached     int `json:"cachedContentTokenCount,omitempty"`
	ToolUse    int `json:"toolUsePromptTokenCount,omitempty"`
	Thoughts   int `json:"thoughtsTokenCount,omitempty"`
}

// Text is a reply of one text.
func Text(s string) *Reply { return &Reply{Parts: []Part{{Text: s}}} }

// Calls is a reply of function calls alone.
func Calls(calls ...Call) *Reply {
	r := &Reply{}
	for i := range calls {
		r.Parts = append(r.Parts, Part{Call: &calls[i]})
	}
	return r
}

// Answer is a step that replies with parts.
func Answer(parts ...Part) Step { return Step{Reply: &Reply{Parts: parts}} }

// Fail is a step that answers with an error status.
func Fail(e *Error) Step { return Step{Error: e} }

// script holds a queue of steps per key; the key "" serves every key.
type script struct {
	mu     sync.Mutex
	queues map[string][]Step
}

// Script appends steps to the queue of an account key ("" = any key). A step
// is used up by a request that passed every rule.
func (s *Server) Script(key string, steps ...Step) {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	s.script.queues[key] = append(s.script.queues[key], steps...)
}

// Unplayed is the number of steps that no request has used, endless ones not
// counted.
func (s *Server) Unplayed() int {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	n := 0
	for _, q := range s.script.queues {
		for _, st := range q {
			if st.Times >= 0 {
				n++
			}
		}
	}
	return n
}

// ClearScripts forgets every step that is still queued.
func (s *Server) ClearScripts() {
	s.script.mu.Lock()
	defer s.script.mu.Unlock()
	s.script.queues = map[string][]Step{}
}

func (c *script) take(key, op, model string) (Step, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range []string{key, ""} {
		i := slices.IndexFunc(c.queues[k], func(st Step) bool {
			want := st.Op
			if want == "" {
				want = "generate"
			}
			return want == op && (st.Model == "" || st.Model == model)
		})
		if i < 0 {
			continue
		}
		st := c.queues[k][i]
		switch {
		case st.Times > 1:
			c.queues[k][i].Times--
		case st.Times >= 0:
			c.queues[k] = slices.Delete(c.queues[k], i, i+1)
		}
		return st, true
	}
	return Step{}, false
}
