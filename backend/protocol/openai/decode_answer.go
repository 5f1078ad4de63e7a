package openai

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
)

// answerDecoder turns the chunks of one reply into events.
type answerDecoder struct {
	losses  *llm.Losses
	opened  bool
	over    bool // [DONE] came
	usage   *llm.Usage
	choices []*choiceDecoder
	out     []llm.Event
}

// choiceDecoder is one answer in the making. Text, refusal and reasoning are
// one open part at a time; calls stay open until the answer ends, for their
// fragments may interleave.
type choiceDecoder struct {
	*answerDecoder
	index  int
	next   int          // index of the next part
	kind   llm.PartKind // of the open part, "" if none is
	refuse bool         // it is a refusal
	open   int          // its index
	said   bool         // there was a part
	spoke  bool         // there was content
	denied bool         // there was a refusal
	runes  int          // of the content so far
	start  int          // of the open text, in runes of the content
	calls  []*callState
	audio  strings.Builder // base64 of a spoken answer, decoded
	script strings.Builder
	finish string
	ended  bool
}

type callState struct {
	index    int64
	id, name string
	kind     llm.CallKind
	part     int // -1 until it is opened
	seal     *llm.Seal
	opened   bool
}

func (d *answerDecoder) emit(ev llm.Event) { d.out = append(d.out, ev) }

// Frame reads one chunk. The events are valid until the next call.
func (d *answerDecoder) Frame(raw []byte) ([]llm.Event, error) {
	d.out = d.out[:0]
	if err := streamFault(raw); err != nil {
		return nil, err
	}
	c, err := readChunk(raw)
	if err != nil {
		return d.out, wire.Malformed(upstreamName, "the upstream sent an event of another form than its protocol's", err)
	}
	if !d.opened {
		d.opened = true
		d.emit(llm.Event{Kind: llm.EventOpen, ID: c.id, Model: c.model})
	}
	if c.usage != nil {
		d.usage = c.usage
		d.emit(llm.Event{Kind: llm.EventMeter, Usage: c.usage})
	}
	for i := range c.choices {
		d.choice(int(c.choices[i].index)).read(&c.choices[i])
	}
	return d.out, nil
}

func (d *answerDecoder) choice(i int) *choiceDecoder {
	for len(d.choices) <= i {
		d.choices = append(d.choices, &choiceDecoder{answerDecoder: d, index: len(d.choices)})
	}
	return d.choices[i]
}

// finished reports that every choice told why it ended.
func (d *answerDecoder) finished() bool {
	for _, c := range d.choices {
		if c.finish == "" {
			return false
		}
	}
	return len(d.choices) > 0
}

// end closes the choices once nothing more can come: the stream said so, or
// the answer came at once. What was said without a reason to end ends well.
func (d *answerDecoder) end() ([]llm.Event, error) {
	d.out = d.out[:0]
	if len(d.choices) == 0 {
		return nil, wire.Cut(upstreamName, nil)
	}
	for _, c := range d.choices {
		if c.finish == "" {
			if !c.said && len(c.calls) == 0 {
				return d.out, wire.Cut(upstreamName, nil)
			}
			d.losses.Adapt("finish.missing", "", "")
			c.finish = "stop"
			c.closeParts()
		}
		if err := c.close(); err != nil {
			return d.out, err
		}
	}
	return d.out, nil
}

// read takes in what a chunk says of the choice.
func (c *choiceDecoder) read(ch *choiceChunk) {
	if c.finish != "" {
		c.late(ch)
		return
	}
	if ch.reasoning != "" || ch.seal != nil {
		c.text(llm.KindReasoning, false, ch.reasoning, nil)
		if ch.seal != nil {
			c.emit(llm.Event{Kind: llm.EventDelta, Choice: c.index, Index: c.open, Seal: ch.seal})
		}
	}
	logprobs := ch.logprobs
	for i := range ch.content {
		c.text(llm.KindText, false, ch.content[i].Text, logprobs)
		logprobs = nil
	}
	if logprobs != nil && c.kind == llm.KindText && !c.refuse {
		c.emit(llm.Event{Kind: llm.EventDelta, Choice: c.index, Index: c.open, Logprobs: logprobs})
	}
	for i := range ch.annotations {
		c.cite(&ch.annotations[i])
	}
	if ch.refusal != "" {
		c.text(llm.KindText, true, ch.refusal, ch.refused)
	}
	for i := range ch.media {
		c.whole(ch.media[i])
	}
	c.spoken(ch.audio)
	for i := range ch.calls {
		c.call(&ch.calls[i])
	}
	if ch.finish != "" {
		c.finish = ch.finish
		c.closeParts()
	}
}

// late takes what may still come behind the finish reason: nothing of an
// answer does.
func (c *choiceDecoder) late(ch *choiceChunk) {
	if len(ch.content) > 0 || ch.refusal != "" || len(ch.calls) > 0 {
		c.losses.Drop("opaque", "choices["+strconv.Itoa(c.index)+"]", "said after its end")
	}
}

// text appends to the open part, or opens one of that kind.
func (c *choiceDecoder) text(kind llm.PartKind, refusal bool, text string, logprobs []llm.TokenLogprob) {
	if c.kind != kind || c.refuse != refusal {
		c.openCalls()
		c.closeText()
		c.kind, c.refuse, c.open = kind, refusal, c.next
		c.start = c.runes
		c.next++
		c.emit(llm.Event{
			Kind: llm.EventPartOpen, Choice: c.index, Index: c.open, Part: &llm.Part{Kind: kind, Refusal: refusal},
		})
	}
	c.said = c.said || text != ""
	switch {
	case refusal:
		c.denied = true
	case kind == llm.KindText:
		c.spoke = c.spoke || text != ""
		c.runes += utf8.RuneCountInString(text)
	}
	if text != "" || logprobs != nil {
		c.emit(llm.Event{Kind: llm.EventDelta, Choice: c.index, Index: c.open, Text: text, Logprobs: logprobs})
	}
}

func (c *choiceDecoder) closeText() {
	if c.kind != "" {
		c.emit(llm.Event{Kind: llm.EventPartClose, Choice: c.index, Index: c.open})
	}
	c.kind = ""
}

// cite adds a citation to the text that is open; its offsets are of the whole
// content.
func (c *choiceDecoder) cite(cite *llm.Citation) {
	if c.kind != llm.KindText || c.refuse || cite.URL == "" {
		c.losses.Drop("citation", "choices["+strconv.Itoa(c.index)+"]", "")
		return
	}
	if cite.End > 0 {
		cite.Start, cite.End = max(cite.Start-c.start, 0), max(cite.End-c.start, 0)
	}
	c.emit(llm.Event{Kind: llm.EventDelta, Choice: c.index, Index: c.open, Citation: cite})
}

// whole shows a part that comes at once.
func (c *choiceDecoder) whole(p llm.Part) {
	c.closeText()
	c.said = true
	c.emit(llm.Event{Kind: llm.EventPartOpen, Choice: c.index, Index: c.next, Part: &p})
	c.emit(llm.Event{Kind: llm.EventPartClose, Choice: c.index, Index: c.next})
	c.next++
}

// call opens a call or goes on with it. It is opened as soon as its name is
// sure to be whole: with its first arguments, or the next thing said.
func (c *choiceDecoder) call(ch *callChunk) {
	s := c.find(ch)
	if s == nil {
		if ch.name == "" && ch.id == "" {
			return // goes on with nothing
		}
		c.openCalls()
		s = &callState{index: ch.index, kind: ch.kind, part: -1}
		c.calls = append(c.calls, s)
	}
	if s.id == "" {
		s.id = ch.id
	}
	if ch.name != "" && ch.name != s.name && !s.opened {
		s.name += ch.name
	}
	if ch.seal != nil && !s.opened {
		s.seal = ch.seal
	}
	if ch.args != "" {
		c.openCall(s)
		c.emit(llm.Event{Kind: llm.EventDelta, Choice: c.index, Index: s.part, Args: ch.args})
	}
	if ch.seal != nil && s.opened && s.seal != ch.seal {
		s.seal = ch.seal
		c.emit(llm.Event{Kind: llm.EventDelta, Choice: c.index, Index: s.part, Seal: ch.seal})
	}
}

// find gives the call that a chunk goes on with: that of its index, unless id
// and name tell that another has begun; without an index the latest one.
func (c *choiceDecoder) find(ch *callChunk) *callState {
	for i := len(c.calls) - 1; i >= 0; i-- {
		s := c.calls[i]
		if ch.index >= 0 && s.index != ch.index {
			continue
		}
		begun := ch.id != "" && s.id != "" && ch.id != s.id && ch.name != ""
		fresh := ch.index < 0 && ch.id == "" && ch.name != "" && s.opened
		if begun || fresh {
			return nil
		}
		return s
	}
	return nil
}

func (c *choiceDecoder) openCalls() {
	for _, s := range c.calls {
		c.openCall(s)
	}
}

func (c *choiceDecoder) openCall(s *callState) {
	if s.opened {
		return
	}
	c.closeText()
	s.opened, s.part = true, c.next
	c.next++
	c.said = true
	c.emit(llm.Event{Kind: llm.EventPartOpen, Choice: c.index, Index: s.part, Part: &llm.Part{
		Kind: llm.KindCall, Seal: s.seal, Call: &llm.Call{Kind: s.kind, ID: s.id, Name: s.name},
	}})
}

// spoken gathers a spoken answer; its pieces are base64 of their own.
func (c *choiceDecoder) spoken(a audioChunk) {
	if a.data != "" {
		if raw, err := base64.StdEncoding.DecodeString(a.data); err == nil {
			c.audio.Write(raw)
		}
	}
	c.script.WriteString(a.transcript)
}

// closeParts ends all parts: the finish reason has come.
func (c *choiceDecoder) closeParts() {
	c.openCalls()
	c.closeText()
	if c.audio.Len() > 0 {
		raw := c.audio.String()
		mime := "audio/pcm;rate=24000"
		if strings.HasPrefix(raw, "RIFF") {
			mime = "audio/wav"
		} else if strings.HasPrefix(raw, "ID3") || strings.HasPrefix(raw, "\xff\xfb") {
			mime = "audio/mp3"
		}
		c.whole(llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: mime, Data: base64.StdEncoding.EncodeToString([]byte(raw))}})
	}
	if c.script.Len() > 0 && !c.spoke {
		c.text(llm.KindText, false, c.script.String(), nil)
		c.closeText()
	}
	for _, s := range c.calls {
		c.emit(llm.Event{Kind: llm.EventPartClose, Choice: c.index, Index: s.part})
	}
}

// close ends the choice with its reason.
func (c *choiceDecoder) close() error {
	if c.ended {
		return nil
	}
	c.ended = true
	reason, known := finishOf(c.finish, len(c.calls) > 0, c.denied && !c.spoke)
	if !c.said && (reason == llm.ReasonEnd || reason == llm.ReasonTool) {
		return wire.Empty(upstreamName)
	}
	end := &llm.Close{Reason: reason}
	if !known {
		end.Detail = strings.Clone(c.finish)
		c.losses.Adapt("finish.unknown", "", end.Detail)
	}
	c.emit(llm.Event{Kind: llm.EventClose, Choice: c.index, Close: end})
	return nil
}

// finishOf gives the model's reason for one of this protocol's words (mapping
// rules, section 16); known is false for words without a meaning of their own.
func finishOf(word string, calls, refused bool) (r llm.Reason, known bool) {
	switch word {
	case "length", "max_tokens":
		return llm.ReasonLength, true
	case "content_filter":
		return llm.ReasonFilter, true
	case "stop", "tool_calls", "function_call", "eos":
		known = true
	}
	switch {
	case calls:
		return llm.ReasonTool, known
	case refused:
		return llm.ReasonFilter, known
	}
	return llm.ReasonEnd, known
}
