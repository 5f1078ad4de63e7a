package anthropic

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
)

// sink takes the blocks of a reply, one after another.
type sink interface {
	// start opens a block; a redacted one is whole with it.
	start(b blockHead)
	text(s string)
	thinking(s string)
	signature(s string)
	citation(c *llm.Citation)
	input(fragment string)
	stop()
}

// blockHead is what is known of a block when it opens.
type blockHead struct {
	kind     string // text, thinking, redacted_thinking, tool_use, server_tool_use, or the result of one
	id, name string // of a call; a result has the id of its call
	data     string // of redacted thinking; the content of a result, as JSON
}

// replyState turns the events of a reply into blocks. The streamed and the
// whole form are both made of them, so they cannot differ. Only one choice
// exists here.
type replyState struct {
	reply  protocol.Reply
	losses *llm.Losses
	sink   sink
	hide   bool // no reasoning text wanted
	inBand bool // foreign seals may travel in thinking blocks
	order  wire.Sequencer

	part    llm.Part // the part that streams, as it opened
	open    bool     // a block of this part is open
	wrote   bool     // this call has arguments
	custom  *strings.Builder
	cites   []llm.Citation
	late    bool // this reasoning came after text
	waiting bool // a thinking block whose part has ended is open still
	texts   bool // some text was shown
	blocks  int
	calls   int
	refusal strings.Builder
	refused bool
	usage   *llm.Usage
	end     *llm.Close

	searches int    // of the web, that were shown
	looked   string // id of the search for tools that was shown and whose result was not
	ran      string // id of the code that was shown and whose output was not
}

func newReplyState(reply protocol.Reply, losses *llm.Losses, out sink) *replyState {
	s := &replyState{reply: reply, losses: losses, sink: out}
	if req := reply.Request; req != nil {
		s.hide = req.Reasoning.Visible == llm.VisibleOmit || req.Reasoning.Mode == llm.ReasoningOff
		s.inBand = req.SealsInBand
	}
	return s
}

func (s *replyState) event(ev llm.Event) {
	switch {
	case ev.Kind == llm.EventMeter:
		s.usage = ev.Usage
	case ev.Kind == llm.EventOpen || ev.Choice != 0:
	case ev.Kind == llm.EventClose:
		s.settle()
		s.end = ev.Close
		s.showSearch(ev.Close.Search)
	default:
		s.order.Push(ev, s.step)
	}
}

// step takes the part events, which come in sequence.
func (s *replyState) step(ev llm.Event) {
	if ev.Kind == llm.EventPartOpen {
		s.part, s.open, s.cites = *ev.Part, false, ev.Part.Citations
	}
	switch s.part.Kind {
	case llm.KindText:
		s.textStep(ev)
	case llm.KindReasoning:
		s.reasoningStep(ev)
	case llm.KindCall:
		s.callStep(ev)
	default:
		if ev.Kind == llm.EventPartOpen {
			s.wholePart(ev.Index)
		}
	}
}

func path(index int) string { return "content[" + strconv.Itoa(index) + "]" }

// wholePart shows media and code as text.
func (s *replyState) wholePart(index int) {
	var text string
	switch s.part.Kind {
	case llm.KindMedia:
		s.losses.Adapt("media.out", path(index), s.part.Media.MIME)
		text = wire.MediaMarkdown(s.part.Media)
	case llm.KindCode:
		if s.showCode(s.part.Code) {
			return
		}
		s.losses.Adapt("code", path(index), "")
		text = wire.CodeMarkdown(s.part.Code)
	default:
		if s.part.Search == nil && !s.showLoading(s.part.Loading) { // a search is shown at the end, with what was found
			s.losses.Drop("opaque", path(index), "")
		}
		return
	}
	s.begin(blockHead{kind: "text"})
	s.texts = true
	s.sink.text(text)
	s.finish()
}

// begin opens a block; a thinking block that waited for a signature ends.
func (s *replyState) begin(head blockHead) {
	s.settle()
	s.sink.start(head)
	s.open = true
	s.blocks++
}

func (s *replyState) finish() {
	if s.open {
		s.sink.stop()
		s.open = false
	}
}

// settle ends a thinking block that waited for the signature of a call.
func (s *replyState) settle() {
	if s.waiting {
		s.sink.stop()
		s.waiting = false
	}
}

func (s *replyState) textStep(ev llm.Event) {
	text := ev.Text
	switch ev.Kind {
	case llm.EventPartOpen:
		text = ev.Part.Text
	case llm.EventPartClose:
		s.writeCitations(ev.Index)
		s.finish()
		return
	}
	if ev.Citation != nil {
		s.cites = append(s.cites[:len(s.cites):len(s.cites)], *ev.Citation)
	}
	if text == "" {
		return
	}
	if !s.open { // an empty text block would be refused when it comes back
		s.begin(blockHead{kind: "text"})
		s.texts = true
	}
	if s.part.Refusal {
		s.refused = true
		s.refusal.WriteString(text)
	}
	s.sink.text(text)
}

// writeCitations shows the citations of a text just before its end.
func (s *replyState) writeCitations(index int) {
	for i := range s.cites {
		cite := &s.cites[i]
		if !s.open || (cite.URL == "" && cite.Native.For(llm.Anthropic) == nil) {
			s.losses.Drop("citation", path(index), "")
			continue
		}
		s.sink.citation(cite)
	}
}

func (s *replyState) reasoningStep(ev llm.Event) {
	text := ev.Text
	switch ev.Kind {
	case llm.EventPartOpen:
		s.late = s.texts
		text = ev.Part.Text
	case llm.EventPartClose:
		s.closeReasoning()
		return
	}
	if ev.Seal != nil {
		s.part.Seal = ev.Seal
	}
	switch {
	case text == "" || s.hide:
		return
	case s.late: // clients expect thinking before text
		s.losses.Drop("reasoning.late", path(ev.Index), "")
		return
	case !s.open:
		s.begin(blockHead{kind: "thinking"})
	}
	s.sink.thinking(text)
}

// closeReasoning signs and ends the thinking block. One without a signature
// waits: it can carry that of the call that may follow.
func (s *replyState) closeReasoning() {
	sign := s.signature(s.part.Seal)
	switch {
	case sign != "" && !s.late && s.part.Seal.Redacted:
		s.finish()
		s.begin(blockHead{kind: "redacted_thinking", data: sign})
		s.finish()
	case sign != "" && !s.late:
		if !s.open {
			s.begin(blockHead{kind: "thinking"})
		}
		s.sink.signature(sign)
		s.finish()
	case s.open:
		s.open, s.waiting = false, true
	}
}

// signature is how the seal of a reasoning part goes to the client, "" if it
// does not.
func (s *replyState) signature(seal *llm.Seal) string {
	if seal == nil || (seal.Issuer != llm.IssuerAnthropic && !s.inBand) {
		return ""
	}
	slot := "reasoning"
	if seal.Redacted {
		slot = "redacted"
	}
	return seal.Wire(llm.IssuerAnthropic, slot)
}

func (s *replyState) callStep(ev llm.Event) {
	switch ev.Kind {
	case llm.EventPartOpen:
		s.openCall(ev.Part)
	case llm.EventDelta:
		s.args(ev.Args)
	case llm.EventPartClose:
		if s.custom != nil {
			input := llm.WrapCustom(s.custom.String())
			s.custom = nil
			s.args(input)
		}
		if !s.wrote {
			s.sink.input("{}")
		}
		s.finish()
	}
}

func (s *replyState) openCall(part *llm.Part) {
	call := part.Call
	s.carry(part.Seal)
	s.calls++
	id := call.ID
	if id == "" {
		id = "toolu_" + s.reply.Mint(24, wire.Base62)
	}
	s.begin(blockHead{kind: "tool_use", id: id, name: call.Name})
	s.wrote, s.custom = false, nil
	if call.Kind == llm.CallCustom {
		s.custom = &strings.Builder{}
	}
	s.args(call.Args)
}

func (s *replyState) args(fragment string) {
	switch {
	case fragment == "":
	case s.custom != nil:
		s.custom.WriteString(fragment)
	default:
		s.wrote = true
		s.sink.input(fragment)
	}
}

// carry sends the seal of a call ahead of it in the thinking block just
// before, or in an empty one: tool_use has no place for it.
func (s *replyState) carry(seal *llm.Seal) {
	if seal == nil || !s.inBand || seal.Issuer == llm.IssuerAnthropic {
		return
	}
	if !s.waiting {
		s.begin(blockHead{kind: "thinking"})
		s.open = false
	}
	s.sink.signature(seal.Wire(llm.IssuerAnthropic, "call:"+strconv.Itoa(s.calls)))
	s.waiting = true
	s.settle()
}
