package openai

import (
	"strconv"
	"unicode/utf8"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
)

// delta is one step of a choice as Chat Completions sees it. At most one of
// its parts is set, except that logprobs stand beside the text they belong to.
type delta struct {
	choice     int
	role       bool
	content    string
	refusal    string
	reasoning  string
	call       *callDelta
	annotation *annotation
	audio      *audioDelta
	logprobs   []llm.TokenLogprob
	ofRefusal  bool // the logprobs are the refusal's
	finish     string
}

// callDelta opens a call (id set) or goes on with it.
type callDelta struct {
	index    int
	id, name string
	custom   bool
	args     string
	seal     string // thought signature
}

type annotation struct {
	start, end int // runes of the whole content
	url, title string
}

// replyState turns the events of a reply into deltas. The streamed and the
// whole form are both made of them, so they cannot differ.
type replyState struct {
	reply   protocol.Reply
	losses  *llm.Losses
	old     bool // answer with function_call
	hide    bool // no reasoning text wanted
	choices []*choiceState
	usage   *llm.Usage
	emit    func(*delta) // must not keep it
	last    delta        // given to emit, one at a time
}

func newReplyState(reply protocol.Reply, losses *llm.Losses, emit func(*delta)) *replyState {
	s := &replyState{reply: reply, losses: losses, old: oldForm(reply.Request), emit: emit}
	s.hide = reply.Request != nil && reply.Request.Reasoning.Visible == llm.VisibleOmit
	return s
}

func (s *replyState) send(d delta) {
	s.last = d
	s.emit(&s.last)
}

func (s *replyState) event(ev llm.Event) {
	switch ev.Kind {
	case llm.EventOpen:
		s.choice(0)
	case llm.EventMeter:
		s.usage = ev.Usage
	default:
		s.choice(ev.Choice).event(ev)
	}
}

// choice returns the state of a choice, which opens with its role.
func (s *replyState) choice(i int) *choiceState {
	for len(s.choices) <= i {
		c := &choiceState{replyState: s, index: len(s.choices), lastText: -2}
		s.choices = append(s.choices, c)
		s.send(delta{choice: c.index, role: true})
	}
	return s.choices[i]
}

// choiceState is one answer in the making. Content and reasoning are one text
// each, so parts of them that overlap in time are put in sequence; calls have
// an index of their own and pass at once.
type choiceState struct {
	*replyState
	index    int
	parts    []partState
	calls    int
	visible  wire.Sequencer
	thoughts wire.Sequencer

	runes     int  // of the content so far
	content   bool // some was written
	refused   bool
	reasoned  bool
	lastText  int // index of the last text part with content
	citations []llm.Citation
	textStart int // of the current text part, in runes
	textOpen  bool
	audioID   string // of the spoken answer, once there is one
}

type partState struct {
	kind    llm.PartKind
	refusal bool
	call    int // index in tool_calls, -1 if the old form has no place for it
	args    bool
	custom  bool
	wrote   bool // reasoning: something of this part was written
}

func (c *choiceState) event(ev llm.Event) {
	if ev.Kind == llm.EventClose {
		c.close(ev.Close)
		return
	}
	if ev.Kind == llm.EventPartOpen {
		c.parts = append(c.parts, partState{kind: ev.Part.Kind, refusal: ev.Part.Refusal})
	}
	if ev.Index >= len(c.parts) {
		return // a breach of the grammar
	}
	switch p := &c.parts[ev.Index]; p.kind {
	case llm.KindText, llm.KindMedia, llm.KindCode:
		c.visible.Push(ev, c.show)
	case llm.KindReasoning:
		c.thoughts.Push(ev, c.think)
	case llm.KindCall:
		c.call(p, ev)
	default:
		// Of a search the citations of the text tell what was of use.
		if ev.Kind == llm.EventPartOpen && ev.Part.Search == nil {
			c.losses.Drop("opaque", c.path(ev.Index), "")
		}
	}
}

func (c *choiceState) path(part int) string {
	return "choices[" + strconv.Itoa(c.index) + "].parts[" + strconv.Itoa(part) + "]"
}

// show writes content and refusals; its events come in sequence.
func (c *choiceState) show(ev llm.Event) {
	p := &c.parts[ev.Index]
	switch ev.Kind {
	case llm.EventPartOpen:
		c.textOpen, c.citations = false, ev.Part.Citations
		switch p.kind {
		case llm.KindMedia:
			if c.speak(ev.Part.Media) {
				return
			}
			c.losses.Adapt("media.out", c.path(ev.Index), ev.Part.Media.MIME)
			c.write(ev.Index, wire.MediaMarkdown(ev.Part.Media), nil)
		case llm.KindCode:
			c.losses.Adapt("code", c.path(ev.Index), "")
			c.write(ev.Index, wire.CodeMarkdown(ev.Part.Code), nil)
		default:
			c.text(p, ev.Index, ev.Part.Text, nil)
		}
	case llm.EventDelta:
		if ev.Citation != nil {
			c.citations = append(c.citations[:len(c.citations):len(c.citations)], *ev.Citation)
		}
		c.text(p, ev.Index, ev.Text, ev.Logprobs)
	case llm.EventPartClose:
		c.annotate(ev.Index)
	}
}

func (c *choiceState) text(p *partState, index int, text string, logprobs []llm.TokenLogprob) {
	switch {
	case text == "" && logprobs == nil:
	case p.refusal:
		c.refused = true
		c.send(delta{choice: c.index, refusal: text, logprobs: logprobs, ofRefusal: true})
	default:
		c.write(index, text, logprobs)
	}
}

// write appends to the content. Neighbouring texts join with nothing, since
// some upstreams split sentences at citations; all else is set off by a blank
// line.
func (c *choiceState) write(index int, text string, logprobs []llm.TokenLogprob) {
	if text == "" {
		c.send(delta{choice: c.index, logprobs: logprobs})
		return
	}
	isText := c.parts[index].kind == llm.KindText
	if !c.textOpen {
		c.textOpen = true
		if c.content && !(isText && c.lastText == index-1) {
			c.runes += 2
			c.send(delta{choice: c.index, content: "\n\n"})
		}
		c.textStart = c.runes
	}
	if isText {
		c.lastText = index
	}
	c.content = true
	c.runes += utf8.RuneCountInString(text)
	c.send(delta{choice: c.index, content: text, logprobs: logprobs})
}

// annotate writes the citations of a text part that has ended.
func (c *choiceState) annotate(index int) {
	for i := range c.citations {
		cite := &c.citations[i]
		if cite.URL == "" || !c.textOpen || c.parts[index].refusal {
			c.losses.Drop("citation", c.path(index), "")
			continue
		}
		a := &annotation{start: c.textStart, end: c.runes, url: cite.URL, title: cite.Title}
		if cite.End > 0 {
			a.start, a.end = c.textStart+cite.Start, c.textStart+cite.End
		}
		c.send(delta{choice: c.index, annotation: a})
	}
	c.citations = nil
}

// think writes reasoning text; parts are set off by a blank line.
func (c *choiceState) think(ev llm.Event) {
	text := ev.Text
	if ev.Kind == llm.EventPartOpen {
		text = ev.Part.Text
	}
	if text == "" || c.hide {
		return
	}
	p := &c.parts[ev.Index]
	if !p.wrote {
		p.wrote = true
		if c.reasoned {
			text = "\n\n" + text
		}
	}
	c.reasoned = true
	c.send(delta{choice: c.index, reasoning: text})
}

func (c *choiceState) call(p *partState, ev llm.Event) {
	switch ev.Kind {
	case llm.EventPartOpen:
		p.call = c.calls
		c.calls++
		if c.old && p.call > 0 {
			p.call = -1
			return
		}
		call := ev.Part.Call
		p.custom = call.Kind == llm.CallCustom && !c.old
		p.args = call.Args != ""
		id := call.ID
		if id == "" {
			id = "call_" + c.reply.Mint(24, wire.Base62)
		}
		c.send(delta{choice: c.index, call: &callDelta{
			index: p.call, id: id, name: call.Name, custom: p.custom, args: call.Args, seal: c.seal(p.call, ev.Part.Seal),
		}})
	case llm.EventDelta:
		seal := c.seal(p.call, ev.Seal)
		if p.call < 0 || (ev.Args == "" && seal == "") {
			return
		}
		p.args = p.args || ev.Args != ""
		c.send(delta{choice: c.index, call: &callDelta{index: p.call, custom: p.custom, args: ev.Args, seal: seal}})
	case llm.EventPartClose:
		if p.call >= 0 && !p.args && !p.custom {
			c.send(delta{choice: c.index, call: &callDelta{index: p.call, args: "{}"}})
		}
	}
}

// seal returns the signature that goes to the client with a call: Google's
// only, which has a place there; others are kept for the client.
func (c *choiceState) seal(call int, seal *llm.Seal) string {
	if seal == nil || seal.Issuer != llm.IssuerGoogle || c.old {
		return ""
	}
	return seal.Wire(llm.IssuerGoogle, "call:"+strconv.Itoa(call))
}
