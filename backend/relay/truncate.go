package relay

import (
	"strconv"
	"strings"
	"unicode"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
)

// truncation is what is known of the room for a request whose client allows that
// its oldest turns are left out.
type truncation struct {
	sent  int64 // estimate of the present attempt's request, 0 if its bytes passed
	limit int64 // that an upstream's refusal taught, 0 if none did
}

// truncate leaves out of a request whose client allows it what the target has no
// room for, as far as that is known.
func (a *attempt) truncate(req *llm.Request) *llm.Request {
	t := &a.x.room
	if !req.Truncate {
		return req
	}
	limit := a.target.Caps.MaxInput
	if t.limit > 0 && (limit <= 0 || t.limit < limit) {
		limit = t.limit
	}
	out := truncated(req, limit, a.x.losses)
	t.sent = EstimateInput(out)
	return out
}

func truncated(req *llm.Request, limit int64, losses *llm.Losses) *llm.Request {
	size := func(turn *llm.Turn) int64 { return int64(turnBytes(turn)/bytesPerToken) + 1 }
	return crossing.Truncate(req, limit, int64(headBytes(req)/bytesPerToken), size, losses)
}

// shorten decides whether a request that was refused as too long is sent again
// with its oldest turns left out: once, where its client allows that and there is
// something to leave out.
func (x *exchange) shorten(err *fault.Error) bool {
	t := &x.room
	if err.Code != protocol.CodeTooLong || t.sent == 0 || t.limit > 0 {
		return false
	}
	limit := roomIn(t.sent, err.Message)
	if shorter := truncated(x.request, limit, nil); EstimateInput(shorter) >= t.sent {
		return false
	}
	t.limit = limit
	return true
}

// roomIn is how much of a request of that estimate fits, by what an upstream says
// of its tokens and of its window; half of it if it says nothing. A tenth of the
// room is left free, since the estimate counts the parts of a request unevenly.
func roomIn(sent int64, message string) int64 {
	window, asked := windowOf(message)
	if window <= 0 || asked <= window {
		return sent / 2
	}
	return max(int64(float64(sent)*float64(window)/float64(asked)*0.9), 1)
}

// windowOf reads the window and the tokens that were asked for: "maximum context
// length is 128000 tokens … resulted in 150000" (OpenAI), "205000 tokens > 200000
// maximum" (Anthropic), "(1200000) exceeds the maximum number of tokens allowed
// (1048576)" (Google). Zeros if they are not told.
func windowOf(message string) (window, asked int64) {
	if before, _, ok := strings.Cut(message, " maximum"); ok {
		if _, text, ok := strings.Cut(before, "> "); ok {
			window, _ = strconv.ParseInt(text, 10, 64)
		}
	}
	_, behind, _ := strings.Cut(message, "maximum")
	if window == 0 {
		if numbers := numbersIn(behind); len(numbers) > 0 {
			window = numbers[0]
		}
	}
	for _, n := range numbersIn(message) {
		asked = max(asked, n)
	}
	return window, asked
}

func numbersIn(text string) (out []int64) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) }) {
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}
