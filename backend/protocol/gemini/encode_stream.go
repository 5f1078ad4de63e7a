package gemini

import (
	"bytes"
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// NewStreamEncoder writes streamGenerateContent: events with CRLF line ends
// for alt=sse, else one JSON array.
func (Client) NewStreamEncoder(reply protocol.Reply, losses *llm.Losses) protocol.StreamEncoder {
	return &streamEncoder{replyWriter: replyWriter{reply: reply, losses: losses}, choices: map[int]*choiceEncoder{}}
}

type streamEncoder struct {
	replyWriter
	choices map[int]*choiceEncoder
	usage   *llm.Usage
	closed  []llm.Event // ends of choices that are still to be written
	begun   bool        // of the array form: "[" is written
	w       rawjson.Writer
	compact []byte
}

// choiceEncoder is the state of one choice.
type choiceEncoder struct {
	sealer
	grounding
	order    wire.Sequencer
	parts    map[int]*openPart
	written  int // frames with a part
	done     int // parts, however many frames each took
	blocked  bool
	logprobs []llm.TokenLogprob
}

// openPart is a part between its opening and its close. Text streams, all
// else waits for the close.
type openPart struct {
	part   llm.Part
	text   strings.Builder
	args   strings.Builder
	whole  bool // written at the close
	hidden bool
	number int // within the content
}

// ContentType is that of an event stream or of a JSON text.
func (e *streamEncoder) ContentType() string {
	if e.reply.SSE {
		return "text/event-stream"
	}
	return "application/json"
}

// Encode implements protocol.StreamEncoder. The end of a choice waits for what
// comes next: usage, which may come last, belongs on the last frame.
func (e *streamEncoder) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	if ev.Kind != llm.EventMeter && ev.Kind != llm.EventClose {
		dst = e.flush(dst, nil)
	}
	switch ev.Kind {
	case llm.EventOpen:
		e.open(ev.ID)
	case llm.EventPartOpen, llm.EventDelta, llm.EventPartClose:
		// A Gemini client joins neighbouring texts, so parts must not mix.
		e.choice(ev.Choice).order.Push(ev, func(due llm.Event) { dst = e.part(dst, due) })
	case llm.EventMeter:
		e.usage = ev.Usage
	case llm.EventClose:
		e.closed = append(e.closed, ev)
	}
	return dst, nil
}

// flush writes the ends of choices, the last of them with the usage.
func (e *streamEncoder) flush(dst []byte, usage *llm.Usage) []byte {
	for i, ev := range e.closed {
		last := usage
		if i < len(e.closed)-1 {
			last = nil
		}
		dst = e.close(dst, ev, last)
	}
	e.closed = e.closed[:0]
	return dst
}

func (e *streamEncoder) part(dst []byte, ev llm.Event) []byte {
	switch ev.Kind {
	case llm.EventPartOpen:
		e.partOpen(ev)
	case llm.EventDelta:
		return e.delta(dst, ev)
	case llm.EventPartClose:
		return e.partClose(dst, ev)
	}
	return dst
}

func (e *streamEncoder) choice(i int) *choiceEncoder {
	c := e.choices[i]
	if c == nil {
		c = &choiceEncoder{parts: map[int]*openPart{}}
		e.choices[i] = c
	}
	return c
}

func (e *streamEncoder) partOpen(ev llm.Event) {
	c := e.choice(ev.Choice)
	o := &openPart{part: *ev.Part, hidden: e.hides(ev.Part.Kind), number: c.done}
	native := ev.Part.Native.For(llm.Gemini)
	if member(native, "promptFeedback") != nil {
		c.blocked, o.hidden = true, true
	}
	streams := ev.Part.Kind == llm.KindText || ev.Part.Kind == llm.KindReasoning
	o.whole = !streams || native != nil || ev.Part.Text != "" || e.chooses(ev.Part)
	if ev.Part.Call != nil {
		call := *ev.Part.Call
		o.part.Call = &call
	}
	c.parts[ev.Index] = o
}

func (e *streamEncoder) delta(dst []byte, ev llm.Event) []byte {
	c := e.choice(ev.Choice)
	o := c.parts[ev.Index]
	if o == nil {
		return dst
	}
	if ev.Seal != nil {
		o.part.Seal = ev.Seal
	}
	if ev.Citation != nil {
		o.part.Citations = append(o.part.Citations, *ev.Citation)
	}
	o.args.WriteString(ev.Args)
	c.logprobs = append(c.logprobs, ev.Logprobs...)
	if ev.Text == "" {
		return dst
	}
	o.text.WriteString(ev.Text)
	if o.whole || o.hidden {
		return dst
	}
	part := llm.Part{Kind: o.part.Kind, Text: ev.Text}
	return e.chunk(dst, ev.Choice, c, func(w *rawjson.Writer) { writePart(w, &part, "") })
}

func (e *streamEncoder) partClose(dst []byte, ev llm.Event) []byte {
	c := e.choice(ev.Choice)
	o := c.parts[ev.Index]
	if o == nil {
		return dst
	}
	delete(c.parts, ev.Index)
	before := c.written
	defer func() {
		if o.text.Len() > 0 && !o.hidden || c.written > before {
			c.done++
		}
	}()
	p := o.part
	p.Text += o.text.String()
	if p.Call != nil {
		p.Call.Args += o.args.String()
	}
	sig := c.sign(&p)
	c.grounding.part(&p, o.number)
	if o.hidden && (c.blocked || sig == "") {
		return dst
	}
	if o.whole {
		return e.wholePart(dst, ev.Choice, c, &p, sig)
	}
	if sig == "" {
		return dst
	}
	return e.chunk(dst, ev.Choice, c, func(w *rawjson.Writer) {
		writeSealPart(w, p.Kind == llm.KindReasoning, sig)
	})
}

// wholePart writes a part in a frame of its own, unless it has no form here.
func (e *streamEncoder) wholePart(dst []byte, choice int, c *choiceEncoder, p *llm.Part, sig string) []byte {
	var w rawjson.Writer
	if !e.writeReplyPart(&w, p, sig) {
		return dst
	}
	return e.chunk(dst, choice, c, func(out *rawjson.Writer) { out.Raw(w.Bytes()) })
}

// chunk appends a frame with one part of a choice.
func (e *streamEncoder) chunk(dst []byte, choice int, c *choiceEncoder, part func(w *rawjson.Writer)) []byte {
	c.written++
	w := &e.w
	w.Reset()
	w.Obj()
	w.Key("candidates")
	w.Arr()
	w.Obj()
	w.Key("content")
	w.Obj()
	w.Key("parts")
	w.Arr()
	part(w)
	w.EndArr()
	w.StrField("role", roleModel)
	w.End()
	w.IntField("index", int64(choice))
	if len(c.logprobs) > 0 {
		writeLogprobs(w, c.logprobs, nil)
		c.logprobs = nil
	}
	w.End()
	w.EndArr()
	e.head(w)
	w.End()
	return e.frame(dst, w.Bytes())
}

// close appends the last frame of a choice, with the reason and, if it is the
// last of all, the usage.
func (e *streamEncoder) close(dst []byte, ev llm.Event, usage *llm.Usage) []byte {
	c := e.choice(ev.Choice)
	native := ev.Close.Native.For(llm.Gemini)
	response := member(native, "response")
	w := &e.w
	w.Reset()
	w.Obj()
	if !c.blocked {
		w.Key("candidates")
		w.Arr()
		e.lastCandidate(w, ev, c, member(native, "candidate"))
		w.EndArr()
	}
	if usage != nil {
		writeUsage(w, usage, member(response, "usageMetadata"))
	}
	e.head(w)
	writeRest(w, response, "usageMetadata")
	w.End()
	return e.frame(dst, w.Bytes())
}

func (e *streamEncoder) lastCandidate(w *rawjson.Writer, ev llm.Event, c *choiceEncoder, native []byte) {
	w.Obj()
	if c.written == 0 || len(c.held) > 0 {
		w.Key("content")
		w.Obj()
		w.Key("parts")
		w.Arr()
		for _, envelope := range c.held {
			writeSealPart(w, false, envelope)
		}
		if len(c.held) == 0 {
			writeSealPart(w, false, "")
		}
		w.EndArr()
		w.StrField("role", roleModel)
		w.End()
	}
	writeFinish(w, ev.Close, native)
	w.IntField("index", int64(ev.Choice))
	writeLogprobs(w, c.logprobs, member(native, "logprobsResult"))
	if member(native, "groundingMetadata") == nil && member(native, "citationMetadata") == nil {
		c.grounding.write(w, ev.Close.Search)
	}
	writeRest(w, native, "finishReason", "content", "logprobsResult")
	w.End()
}

// frame appends one reply object. What came from outside may hold line ends
// between its tokens, which would break an event apart.
func (e *streamEncoder) frame(dst, body []byte) []byte {
	if bytes.ContainsAny(body, "\r\n") {
		e.compact = rawjson.Compact(e.compact[:0], body)
		body = e.compact
	}
	dst = slices.Grow(dst, len(body)+len("data: \r\n\r\n"))
	if e.reply.SSE {
		dst = append(append(dst, "data: "...), body...)
		return append(dst, "\r\n\r\n"...)
	}
	if e.begun {
		dst = append(dst, ",\r\n"...)
	} else {
		dst = append(dst, '[')
	}
	e.begun = true
	return append(dst, body...)
}

// End closes the array form; an event stream just ends.
func (e *streamEncoder) End(dst []byte) []byte {
	dst = e.flush(dst, e.usage)
	if e.reply.SSE {
		return dst
	}
	if !e.begun {
		dst = append(dst, '[')
	}
	return append(dst, ']')
}

// Error appends {"error":…} as the last frame.
func (e *streamEncoder) Error(dst []byte, err *fault.Error) []byte {
	e.closed = nil // an end would look like success
	w := &e.w
	w.Reset()
	writeError(w, err, e.reply.RequestID)
	return e.End(e.frame(dst, w.Bytes()))
}

// KeepAlive appends a whole empty frame: comments, event lines and a single
// blank line make Google's Go SDK stop (stack.md section 9). In the array form
// white space does.
func (e *streamEncoder) KeepAlive(dst []byte) []byte {
	if e.reply.SSE {
		return append(dst, "\r\n\r\n"...)
	}
	return append(dst, "\r\n"...)
}
