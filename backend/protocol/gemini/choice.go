package gemini

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// choiceDecoder follows one candidate through the frames.
type choiceDecoder struct {
	index    int
	next     int // index of the next part
	kind     llm.PartKind
	open     bool
	text     strings.Builder // of the open text part, for citations
	any      bool            // a part was seen
	calls    bool
	closed   bool
	native   members
	cited    map[int]bool // sources told already
	logprobs []llm.TokenLogprob
}

// content emits what a frame brings of a candidate, save its end.
func (d *replyDecoder) content(f *candidate) error {
	c := d.choice(int(f.index))
	if c.closed {
		return nil
	}
	for key, raw := range rawjson.Members(f.native.json()) {
		c.native.set(key, raw)
	}
	c.logprobs = append(c.logprobs, f.logprobs...)
	for i := range f.parts {
		p := &f.parts[i]
		if p.Seal != nil {
			p.Seal.Model = d.model
		}
		switch p.Kind {
		case llm.KindText, llm.KindReasoning:
			d.textPart(c, p)
		case llm.KindResult: // a reply has none; whatever it means is Google's
			d.whole(c, opaque(p))
		default:
			d.whole(c, p)
		}
	}
	return nil
}

func opaque(p *llm.Part) *llm.Part {
	var w rawjson.Writer
	w.Obj()
	w.Key("functionResponse")
	w.Obj()
	w.StrField("name", p.Result.Name)
	writeRest(&w, member(p.Native.Rest, "functionResponse"))
	w.End()
	w.End()
	return &llm.Part{Kind: llm.KindOpaque, Native: llm.Native{Protocol: llm.Gemini, Rest: w.Bytes()}}
}

func (d *replyDecoder) delta(c *choiceDecoder, ev llm.Event) {
	ev.Kind, ev.Choice, ev.Index = llm.EventDelta, c.index, c.next-1
	d.emit(ev)
}

func (d *replyDecoder) openPart(c *choiceDecoder, p *llm.Part) {
	d.closePart(c)
	d.emit(llm.Event{Kind: llm.EventPartOpen, Choice: c.index, Index: c.next, Part: p})
	c.next++
	c.open, c.kind, c.any = true, p.Kind, true
	c.text.Reset()
}

// closePart ends the open part; citations and log probabilities that came
// with its last frame go out before.
func (d *replyDecoder) closePart(c *choiceDecoder) {
	if !c.open {
		return
	}
	if c.kind == llm.KindText {
		d.cite(c)
		d.tokens(c)
	}
	c.open = false
	d.emit(llm.Event{Kind: llm.EventPartClose, Choice: c.index, Index: c.next - 1})
}

// textPart appends to the open part of its kind or opens one. A seal ends it;
// a seal without text is a part of its own.
func (d *replyDecoder) textPart(c *choiceDecoder, p *llm.Part) {
	if p.Text == "" {
		if p.Seal != nil || p.Native.Rest != nil {
			d.openPart(c, p)
			d.closePart(c)
		}
		return
	}
	if !c.open || c.kind != p.Kind || p.Native.Rest != nil {
		d.openPart(c, &llm.Part{Kind: p.Kind, Native: p.Native})
	}
	if c.kind == llm.KindText {
		c.text.WriteString(p.Text)
	}
	ev := llm.Event{Text: p.Text}
	if c.kind == llm.KindText {
		ev.Logprobs, c.logprobs = c.logprobs, nil
	}
	d.delta(c, ev)
	if p.Seal != nil {
		d.delta(c, llm.Event{Seal: p.Seal})
	}
	if p.Seal != nil || p.Native.Rest != nil {
		d.closePart(c)
	}
}

// tokens emits the log probabilities that have come, on the open text.
func (d *replyDecoder) tokens(c *choiceDecoder) {
	if len(c.logprobs) > 0 {
		d.delta(c, llm.Event{Logprobs: c.logprobs})
		c.logprobs = nil
	}
}

// whole emits a part that comes in one piece.
func (d *replyDecoder) whole(c *choiceDecoder, p *llm.Part) {
	if p.Kind != llm.KindCall {
		d.openPart(c, p)
		d.closePart(c)
		return
	}
	c.calls = true
	head, call := *p, *p.Call
	call.Args = ""
	head.Call = &call
	d.openPart(c, &head)
	if p.Call.Args != "" {
		d.delta(c, llm.Event{Args: p.Call.Args})
	}
	d.closePart(c)
}

// finish ends a candidate if the frame says so.
func (d *replyDecoder) finish(f *candidate) error {
	c := d.choice(int(f.index))
	if f.finish == "" || c.closed {
		return nil
	}
	if fe := finishFault(f.finish, f.message); fe != nil {
		return fe
	}
	reason, known := finishReason(f.finish, c.calls)
	if !c.any && (reason == llm.ReasonEnd || reason == llm.ReasonTool) {
		return emptyReply()
	}
	d.closePart(c)
	end := &llm.Close{Reason: reason, Search: searched(c.native.raw["groundingMetadata"])}
	if !known {
		d.losses.Adapt("finish.unknown", "", f.finish)
	}
	if f.finish != finishWord(reason) {
		end.Detail = f.finish
		var w rawjson.Writer
		w.Str(f.finish)
		c.native.set("finishReason", w.Bytes())
	}
	if f.message != "" && end.Detail == "" {
		end.Detail = f.message
	}
	end.Native = d.closeNative(c)
	c.closed = true
	d.emit(llm.Event{Kind: llm.EventClose, Choice: c.index, Close: end})
	return nil
}
