package responses

import (
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// declined is the refusal shown where a filter ended a reply without a word.
const declined = "The model declined to answer."

// replyState turns the events of a reply into output items. The streamed and
// the whole form are both made by it, so they cannot differ: a stream shows
// each step as a frame and gathers the items, the whole form only gathers.
//
// Items stand one after another. The last one is kept open until the next
// begins or the reply ends: texts that follow each other share a message, a
// call's seal goes into the reasoning before it, and only the end tells
// whether the last item was cut off.
type replyState struct {
	reply  protocol.Reply
	losses *llm.Losses
	seals  bool // sealed reasoning is wanted in the reply
	hide   bool // reasoning text is not
	codes  bool // the client knows items of code that was run
	id     string
	tail   []byte          // echoed members
	out    *rawjson.Writer // finished items, in an array that is open
	frames *frames         // nil for the whole form

	seq      wire.Sequencer
	part     partState
	open     *outputItem
	items    int  // opened so far
	calls    int  // of them, tool calls
	lastText int  // index of the last text part that was written
	said     bool // some text or refusal was written
	told     bool // a search was shown within the answer
	usage    *llm.Usage
	end      *llm.Close
}

// partState is the part whose events come now.
type partState struct {
	index   int
	kind    llm.PartKind
	refusal bool
	begun   bool // something of it was written
	cites   []llm.Citation
	tokens  []llm.TokenLogprob // that came before any text
	seal    *llm.Seal
	call    llm.Call // of a trained tool, while its arguments are gathered
	args    text
	trained bool
}

func newReplyState(reply protocol.Reply, losses *llm.Losses) *replyState {
	s := &replyState{
		reply: reply, losses: losses, lastText: -2,
		id: mintID(reply, "resp_"), tail: echoTail(reply.Request),
	}
	if r := reply.Request; r != nil {
		s.seals, s.hide = r.SealsInBand, r.Reasoning.Visible == llm.VisibleOmit
		s.codes = slices.ContainsFunc(r.Tools, func(t llm.Tool) bool { return t.Builtin == llm.BuiltinCodeExecution })
	}
	return s
}

func mintID(reply protocol.Reply, prefix string) string { return prefix + reply.Mint(48, wire.Hex) }

// event takes the next event of the reply. The protocol has one choice only.
func (s *replyState) event(ev llm.Event) {
	switch {
	case ev.Kind == llm.EventMeter:
		s.usage = ev.Usage
	case ev.Kind == llm.EventOpen:
		s.frames.opened(s)
	case ev.Choice != 0:
		s.losses.Drop("n", "choices["+strconv.Itoa(ev.Choice)+"]", "")
	case ev.Kind == llm.EventClose:
		s.end = ev.Close
	default:
		s.seq.Push(ev, s.step)
	}
}

// step takes the events of parts, one part after another.
func (s *replyState) step(ev llm.Event) {
	switch ev.Kind {
	case llm.EventPartOpen:
		s.openPart(ev.Index, ev.Part)
	case llm.EventDelta:
		s.delta(&ev)
	case llm.EventPartClose:
		s.closePart()
	}
}

func (s *replyState) path() string { return "parts[" + strconv.Itoa(s.part.index) + "]" }

func (s *replyState) openPart(index int, p *llm.Part) {
	s.part = partState{index: index, kind: p.Kind, refusal: p.Refusal, cites: p.Citations, seal: p.Seal}
	switch p.Kind {
	case llm.KindText:
		s.write(p.Text, nil)
	case llm.KindReasoning:
		s.flush("")
		s.think(p.Text)
	case llm.KindCall:
		s.openCall(p)
	case llm.KindMedia:
		s.losses.Adapt("media.out", s.path(), p.Media.MIME)
		if isImage(p.Media) {
			s.image(p.Media)
			return
		}
		s.write(wire.MediaMarkdown(p.Media), nil)
	case llm.KindCode:
		if !s.codes || !s.code(p.Code) {
			s.losses.Adapt("code", s.path(), "")
			s.write(wire.CodeMarkdown(p.Code), nil)
		}
	default:
		if p.Search != nil {
			s.searched(p.Search)
			return
		}
		if s.showLoading(p.Loading) {
			return
		}
		s.losses.Drop("opaque", s.path(), "")
	}
}

func isImage(m *llm.Media) bool {
	return m.Data != "" && (m.MIME == "" || strings.HasPrefix(m.MIME, "image/"))
}

func (s *replyState) delta(ev *llm.Event) {
	p := &s.part
	switch p.kind {
	case llm.KindText:
		if ev.Citation != nil {
			p.cites = append(p.cites[:len(p.cites):len(p.cites)], *ev.Citation)
		}
		s.write(ev.Text, ev.Logprobs)
	case llm.KindReasoning:
		if ev.Seal != nil {
			p.seal = ev.Seal
		}
		s.think(ev.Text)
	case llm.KindCall:
		if ev.Seal != nil && s.seals {
			// Its place is before the call, which the client has seen.
			s.losses.Drop("reasoning.late", s.path(), "")
		}
		s.args(ev.Args)
	}
}

func (s *replyState) closePart() {
	switch s.part.kind {
	case llm.KindText, llm.KindMedia, llm.KindCode:
		if s.part.begun {
			s.closeText()
		}
	case llm.KindReasoning:
		s.closeReasoning()
	case llm.KindCall:
		s.closeCall()
	}
}

// think appends reasoning text, whose item opens with its first word.
func (s *replyState) think(text string) {
	if text == "" || s.hide {
		return
	}
	if !s.part.begun {
		s.part.begun = true
		s.begin(&outputItem{kind: itemReasoning}, "rs_")
		s.open.summary = true
		s.frames.summaryAdded(s.open)
	}
	s.open.text.add(text)
	s.frames.delta("response.reasoning_summary_text.delta", s.open, text)
}

func (s *replyState) closeReasoning() {
	if s.part.begun {
		s.frames.summaryDone(s.open)
	}
	if s.part.seal == nil || !s.seals {
		return
	}
	slot := "reasoning"
	if s.part.seal.Redacted {
		slot = "redacted"
	}
	s.sealed(s.part.seal, slot, s.part.begun)
}

// sealed puts a seal into the reasoning item that is open, or into a new one
// without text.
func (s *replyState) sealed(seal *llm.Seal, slot string, fits bool) {
	if !fits {
		s.flush("")
		s.begin(&outputItem{kind: itemReasoning}, "rs_")
	}
	s.open.sealed = seal.Wire(llm.IssuerOpenAI, slot)
}

func (s *replyState) openCall(p *llm.Part) {
	call := *p.Call
	if p.Seal != nil && s.seals {
		// A reasoning item that stands right before has room for one seal.
		fits := s.open != nil && s.open.kind == itemReasoning && s.open.sealed == ""
		s.sealed(p.Seal, "call:"+strconv.Itoa(s.calls), fits)
	}
	s.flush("")
	s.calls++
	if call.ID == "" {
		call.ID = "call_" + s.reply.Mint(24, wire.Base62)
	}
	if _, ok := trainedItemOf(call.Trained); ok {
		s.part.trained, s.part.call = true, call
		s.part.args.add(call.Args)
		return
	}
	s.beginCall(call)
}

func (s *replyState) beginCall(call llm.Call) {
	first := call.Args
	call.Args = ""
	it := &outputItem{kind: itemFunction, call: call}
	prefix := "fc_"
	if call.Kind == llm.CallCustom {
		it.kind, prefix = itemCustom, "ctc_"
	}
	s.begin(it, prefix)
	s.args(first)
}

func (s *replyState) args(fragment string) {
	switch {
	case fragment == "":
	case s.part.trained:
		s.part.args.add(fragment)
	default:
		s.open.text.add(fragment)
		s.frames.delta(s.open.deltaEvent(), s.open, fragment)
	}
}

func (s *replyState) closeCall() {
	if s.part.trained && s.closeTrained() {
		return
	}
	if s.open.kind == itemFunction && s.open.text.empty() {
		s.args("{}")
	}
	s.frames.argsDone(s.open)
}

// closeTrained shows a trained tool's call as its own item; false makes it a
// function call, because its arguments are not fit for the client to run.
func (s *replyState) closeTrained() bool {
	call := s.part.call
	s.part.trained = false
	action, ok := trainedArgs(call.Trained, s.part.args.String())
	if !ok {
		s.losses.Adapt("call.args", s.path(), call.Trained)
		call.Args = s.part.args.String()
		s.beginCall(call)
		return false
	}
	kind, _ := trainedItemOf(call.Trained)
	s.begin(&outputItem{kind: itemTrained, call: call, trained: kind, action: rawjson.Compact(nil, action)}, kind.prefix)
	s.frames.commands(s.open)
	return true
}

// image shows a generated image, which comes whole.
func (s *replyState) image(m *llm.Media) {
	s.flush("")
	it := &outputItem{kind: itemImage, media: m}
	s.begin(it, "ig_")
	s.frames.imageSteps(it)
	s.flush("")
}

// code shows code that the upstream ran as an item; its output goes into the
// item of the code before it. Output that follows no code is left to the text.
func (s *replyState) code(c *llm.Code) bool {
	if !c.Output {
		s.begin(&outputItem{kind: itemCode, code: c, container: mintID(s.reply, "cntr_")}, "ci_")
		s.frames.codeSteps(s.open)
		return true
	}
	if s.open == nil || s.open.kind != itemCode || s.open.ran {
		return false
	}
	s.open.ran = true
	if c.Text != "" {
		s.open.text.add(c.Text)
	}
	return true
}

// begin opens the next item.
func (s *replyState) begin(it *outputItem, prefix string) {
	s.flush("")
	it.id, it.index = mintID(s.reply, prefix), s.items
	s.items++
	s.open = it
	s.frames.itemAdded(it)
}

// flush finishes the open item. status is that of an item that may be cut off,
// "" stands for completed.
func (s *replyState) flush(status string) {
	it := s.open
	if it == nil {
		return
	}
	s.open = nil
	if status == "" {
		status = statusCompleted
	}
	if it.kind == itemSearch {
		status = s.frames.searchDone(it)
	}
	from := s.out.Len()
	it.write(s.out, status)
	s.frames.itemDone(it, s.out.Bytes()[from:])
}

// finish ends the last item and tells how the response ended.
func (s *replyState) finish() (status, reason string) {
	end := s.end
	if end == nil {
		end = &llm.Close{Reason: llm.ReasonEnd}
	}
	status, reason = finishWords(end.Reason)
	if reason == reasonFilter && !s.said && s.calls == 0 {
		s.part = partState{index: s.part.index + 1, kind: llm.KindText, refusal: true}
		s.write(explanation(end), nil)
		s.closeText()
	}
	last := statusCompleted
	if status == statusIncomplete && s.open != nil && s.open.cut() {
		last = statusIncomplete
	}
	s.flush(last)
	s.showSearch(end.Search)
	return status, reason
}

// Words of the status of a response and of its items, and reasons.
const (
	statusInProgress = "in_progress"
	statusCompleted  = "completed"
	statusIncomplete = "incomplete"
	statusFailed     = "failed"
	reasonLength     = "max_output_tokens"
	reasonFilter     = "content_filter"
)

// finishWords gives the protocol's words (mapping rules, section 16).
func finishWords(r llm.Reason) (status, reason string) {
	switch r {
	case llm.ReasonLength, llm.ReasonContext, llm.ReasonPause:
		return statusIncomplete, reasonLength
	case llm.ReasonFilter, llm.ReasonRecitation:
		return statusIncomplete, reasonFilter
	}
	return statusCompleted, ""
}

// explanation is what an Anthropic upstream said about a refusal.
func explanation(end *llm.Close) string {
	raw, ok := rawjson.Get(end.Native.For(llm.Anthropic), "stop_details", "explanation")
	if text, err := rawjson.String(raw); ok && err == nil && text != "" {
		return text
	}
	return declined
}
