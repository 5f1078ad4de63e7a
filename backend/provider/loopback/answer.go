package loopback

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
)

// call is one request to a loopback model.
type call struct {
	req    *llm.Request
	seed   []byte
	minted int
	tick   time.Duration
}

// answer is what the model says: text, or one call.
type answer struct {
	text string
	call *llm.Call
	wait time.Duration // between pieces of the text
}

func (c *call) answer() answer {
	switch c.req.Model {
	case Tools:
		return c.useTools()
	case Slow:
		return c.slow()
	}
	return answer{text: c.echo()}
}

// maxChoices bounds the number of equal answers.
const maxChoices = 8

// events is the reply. The text comes in pieces, as from a real model.
func (c *call) events(ctx context.Context) llm.Stream {
	return func(yield func(llm.Event, error) bool) {
		a := c.answer()
		text, reason := c.limit(a.text)
		n := 1
		if c.req.Sampling.N != nil {
			n = int(min(max(*c.req.Sampling.N, 1), maxChoices))
		}
		send := func(ev llm.Event) bool { return yield(ev, nil) }
		if !send(llm.Event{Kind: llm.EventOpen}) {
			return
		}
		for choice := range n {
			ok, err := c.part(ctx, choice, a, text, send)
			if err != nil {
				yield(llm.Event{}, err)
			}
			if !ok || err != nil {
				return
			}
		}
		output := tokens(len(text))
		if a.call != nil {
			reason, output = llm.ReasonTool, tokens(len(a.call.Name)+len(a.call.Args))
		}
		usage := &llm.Usage{Input: c.inputTokens(), Output: output * int64(n), Estimated: true}
		if !send(llm.Event{Kind: llm.EventMeter, Usage: usage}) {
			return
		}
		for choice := range n {
			if !send(llm.Event{Kind: llm.EventClose, Choice: choice, Close: &llm.Close{Reason: reason}}) {
				return
			}
		}
	}
}

// part sends the one part of a choice; ok is false if nobody listens.
func (c *call) part(ctx context.Context, choice int, a answer, text string, send func(llm.Event) bool) (ok bool, err error) {
	part := &llm.Part{Kind: llm.KindText}
	if a.call != nil {
		head := *a.call
		head.Args = ""
		part = &llm.Part{Kind: llm.KindCall, Call: &head}
	}
	if !send(llm.Event{Kind: llm.EventPartOpen, Choice: choice, Part: part}) {
		return false, nil
	}
	if a.call != nil {
		if !send(llm.Event{Kind: llm.EventDelta, Choice: choice, Args: a.call.Args}) {
			return false, nil
		}
	} else {
		for _, piece := range pieces(text, a.wait > 0) {
			if err := pause(ctx, a.wait); err != nil {
				return false, err
			}
			if !send(llm.Event{Kind: llm.EventDelta, Choice: choice, Text: piece}) {
				return false, nil
			}
		}
	}
	return send(llm.Event{Kind: llm.EventPartClose, Choice: choice}), nil
}

// pause waits, or returns the error of the context that ended.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pieces cuts a text at spaces into about twenty bytes each (by lines if it
// is slow), never within a rune, into at most a few hundred.
func pieces(text string, lines bool) (out []string) {
	if lines {
		return strings.SplitAfter(text, "\n")
	}
	size := max(20, len(text)/200)
	for len(text) > size {
		cut := size
		if i := strings.IndexByte(text[size:min(len(text), 2*size)], ' '); i >= 0 {
			cut += i + 1
		}
		for cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut++
		}
		out = append(out, text[:cut])
		text = text[cut:]
	}
	return append(out, text)
}

// bytesPerToken is the estimate that all counts here rest on; a picture
// counts as Google counts a small one.
const (
	bytesPerToken  = 4
	tokensPerMedia = 258
)

func tokens(bytes int) int64 { return int64((bytes + bytesPerToken - 1) / bytesPerToken) }

func (c *call) inputTokens() int64 {
	size, media := 0, int64(0)
	var count func(parts []llm.Part)
	count = func(parts []llm.Part) {
		for i := range parts {
			p := &parts[i]
			size += len(p.Text)
			switch {
			case p.Media != nil:
				media++
			case p.Call != nil:
				size += len(p.Call.Name) + len(p.Call.Args)
			case p.Result != nil:
				count(p.Result.Parts)
			}
		}
	}
	count(c.req.System)
	for i := range c.req.Turns {
		count(c.req.Turns[i].Parts)
	}
	for i := range c.req.Tools {
		t := &c.req.Tools[i]
		size += len(t.Name) + len(t.Description) + len(t.Schema)
	}
	return tokens(size) + media*tokensPerMedia
}

// limit applies stop sequences and the limit of the output.
func (c *call) limit(text string) (string, llm.Reason) {
	reason := llm.ReasonEnd
	for _, stop := range c.req.Sampling.Stop {
		if before, _, found := strings.Cut(text, stop); found && stop != "" {
			text = before
		}
	}
	if n := c.req.Sampling.MaxTokens; n != nil && *n > 0 && tokens(len(text)) > *n {
		cut := int(*n) * bytesPerToken
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text, reason = text[:cut], llm.ReasonLength
	}
	return text, reason
}

// Defaults and bounds of loopback-slow and loopback-error.
const (
	slowSeconds    = 10
	maxSlowSeconds = 3600
	retryDefault   = 2 * time.Second
)

func (c *call) slow() answer {
	seconds := slowSeconds
	if n, _, ok := firstNumber(c.lastText(), 1, maxSlowSeconds); ok {
		seconds = n
	}
	n := max(1, int(time.Duration(seconds)*time.Second/max(c.tick, time.Millisecond)))
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d of %d\n", i+1, n)
	}
	return answer{text: strings.TrimSuffix(b.String(), "\n"), wait: c.tick}
}

// failure is the error that the last message asks for.
func (c *call) failure() *fault.Error {
	status, after, ok := firstNumber(c.lastText(), 400, 599)
	if !ok {
		status = 500
	}
	f := &fault.Error{
		Class: fault.Internal, Status: status, Code: "LOOPBACK_ERROR",
		Message: say(status),
	}
	if status == 429 || status == 503 {
		f.RetryAfter = retryDefault
		if words := strings.Fields(after); len(words) > 0 {
			if d, err := time.ParseDuration(words[0]); err == nil && d > 0 {
				f.RetryAfter = d
			}
		}
	}
	if status == 429 {
		f.Code = "RATE_LIMIT_EXCEEDED" // with it a 503 would be read as a rate limit
	}
	return f
}

// firstNumber finds the first whole number within the bounds and what follows
// it.
func firstNumber(text string, lo, hi int) (n int, after string, ok bool) {
	for len(text) > 0 {
		i := strings.IndexAny(text, "0123456789")
		if i < 0 {
			return 0, "", false
		}
		text = text[i:]
		end := 0
		for end < len(text) && '0' <= text[end] && text[end] <= '9' {
			end++
		}
		if n, err := strconv.Atoi(text[:end]); err == nil && lo <= n && n <= hi {
			return n, text[end:], true
		}
		text = text[end:]
	}
	return 0, "", false
}
