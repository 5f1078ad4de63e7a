package openai

import (
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/rawjson"
)

// messages writes the conversation.
func (e *requestEncoder) messages() error {
	e.w.Arr()
	e.systemMessage()
	for i := range e.turns {
		var err error
		switch turn := &e.turns[i]; turn.Role {
		case llm.RoleSystem:
			e.systemTurn(i, turn)
		case llm.RoleModel:
			err = e.assistantMessage(i, turn)
		default:
			err = e.userTurn(i, turn)
		}
		if err != nil {
			return err
		}
	}
	if len(e.pending) > 0 {
		if err := e.userMessage(len(e.turns), nil, nil, nil); err != nil {
			return err
		}
	}
	e.w.EndArr()
	return nil
}

// systemMessage writes all leading system text as one message.
func (e *requestEncoder) systemMessage() {
	parts := e.textParts(e.system, oai.SystemPath)
	if e.prompt != "" {
		parts = append(parts, llm.TextPart(e.prompt))
	}
	if len(parts) == 0 {
		return
	}
	native := parts[0].Native.For(llm.OpenAIChat)
	e.beginMessage(oai.SystemRole(e.own, native, e.target.Caps), native)
	e.content(parts, oai.SystemPath)
	e.w.End()
}

func (e *requestEncoder) systemTurn(i int, turn *llm.Turn) {
	parts := e.textParts(turn.Parts, func(j int) string { return oai.TurnPath(i, j) })
	if len(parts) == 0 {
		return
	}
	native := turn.Native.For(llm.OpenAIChat)
	e.beginMessage(oai.SystemRole(e.own, native, e.target.Caps), native)
	e.content(parts, func(j int) string { return oai.TurnPath(i, j) })
	e.w.End()
}

// textParts leaves out what a system message cannot hold.
func (e *requestEncoder) textParts(parts []llm.Part, path func(int) string) []llm.Part {
	out := make([]llm.Part, 0, len(parts)+1)
	for i := range parts {
		if parts[i].Kind != llm.KindText {
			e.losses.Drop("opaque", path(i), string(parts[i].Kind))
			continue
		}
		out = append(out, parts[i])
	}
	return out
}

// beginMessage opens a message with its role and what else its client said.
func (e *requestEncoder) beginMessage(role string, native []byte) {
	e.w.Obj()
	e.w.StrField("role", role)
	for key, raw := range rawjson.Members(native) {
		if key != "role" {
			e.w.RawField(key, raw)
		}
	}
}

// content writes text parts: as one string if there is only one, without marks.
func (e *requestEncoder) content(parts []llm.Part, path func(int) string) {
	e.w.Key("content")
	marks := make([]bool, len(parts))
	for i := range parts {
		marks[i] = e.cache.Marks(parts[i].Cache, path(i))
	}
	if len(parts) == 1 && !marks[0] {
		e.w.Str(parts[0].Text)
		return
	}
	e.w.Arr()
	for i := range parts {
		e.text(parts[i].Text, marks[i], parts[i].Cache)
	}
	e.w.EndArr()
}

func (e *requestEncoder) text(text string, mark bool, cache *llm.Cache) {
	e.w.Obj()
	e.w.StrField("type", "text")
	e.w.StrField("text", text)
	if mark {
		e.cache.Write(e.w, cache)
	}
	e.w.End()
}

// assistant is what one model turn comes to as a message.
type assistant struct {
	content  []llm.Part
	refusal  strings.Builder
	thoughts []string
	calls    []int
	audio    string // id of a spoken answer
	last     int    // index of the last text part, -2 if none
}

func (e *requestEncoder) assistantMessage(i int, turn *llm.Turn) error {
	a := assistant{last: -2}
	for j := range turn.Parts {
		if err := e.assistantPart(&a, i, j, &turn.Parts[j]); err != nil {
			return err
		}
	}
	replay := e.replay(&a)
	if len(a.content) == 0 && a.refusal.Len() == 0 && len(a.calls) == 0 && a.audio == "" && len(a.thoughts) == 0 {
		return nil
	}
	w := e.w
	e.beginMessage("assistant", turn.Native.For(llm.OpenAIChat))
	switch {
	case len(a.content) > 0:
		e.content(a.content, func(j int) string { return oai.TurnPath(i, j) })
	case a.refusal.Len() > 0 || len(a.calls) > 0 || a.audio != "":
		w.Key("content")
		w.Null()
	default:
		w.StrField("content", "")
	}
	if a.refusal.Len() > 0 {
		w.StrField("refusal", a.refusal.String())
	}
	if replay {
		w.StrField("reasoning_content", strings.Join(a.thoughts, "\n\n"))
	}
	if a.audio != "" {
		w.Key("audio")
		w.Obj()
		w.StrField("id", a.audio)
		w.End()
	}
	if len(a.calls) > 0 {
		w.Key("tool_calls")
		w.Arr()
		for _, j := range a.calls {
			e.call(&turn.Parts[j], i, j)
		}
		w.EndArr()
	}
	w.End()
	return nil
}

// replay decides whether reasoning goes back up.
func (e *requestEncoder) replay(a *assistant) bool {
	if e.own {
		return len(a.thoughts) > 0
	}
	keep := false
	switch e.target.Caps.Replay {
	case family.ReplayAlways:
		keep = true
	case family.ReplayTools:
		keep = len(a.calls) > 0 && len(a.thoughts) > 0
	}
	if !keep {
		a.thoughts = nil
	}
	return keep
}

func (e *requestEncoder) assistantPart(a *assistant, i, j int, p *llm.Part) error {
	if p.DropAs != "" && !e.own {
		e.losses.Drop(p.DropAs, oai.TurnPath(i, j), "")
		return nil
	}
	switch p.Kind {
	case llm.KindText:
		e.assistantText(a, i, j, p)
	case llm.KindReasoning:
		e.thought(a, i, j, p)
	case llm.KindCall:
		e.foreignSeal(p, i, j)
		a.calls = append(a.calls, j)
	case llm.KindCode:
		e.losses.Adapt("code", oai.TurnPath(i, j), "")
		e.paragraph(a, i, j, llm.TextPart(codeText(p.Code)))
	case llm.KindMedia:
		return e.assistantMedia(a, i, j, p)
	default:
		e.losses.Drop("opaque", oai.TurnPath(i, j), string(p.Native.Protocol))
	}
	return nil
}

// assistantText gathers content. Neighbouring texts join with nothing, since
// some models split sentences at citations; all else is set off by a blank
// line.
func (e *requestEncoder) assistantText(a *assistant, i, j int, p *llm.Part) {
	if p.Refusal {
		a.refusal.WriteString(p.Text)
		return
	}
	if len(p.Citations) > 0 {
		e.losses.Drop("citation", oai.TurnPath(i, j), "")
	}
	e.foreignSeal(p, i, j)
	if p.Text == "" {
		return
	}
	if n := len(a.content); n > 0 && a.last == j-1 {
		a.content[n-1].Text += p.Text
		a.last = j
		if p.Cache != nil {
			a.content[n-1].Cache = p.Cache
		}
		e.orderLoss(a, i, j)
		return
	}
	e.paragraph(a, i, j, llm.Part{Kind: llm.KindText, Text: p.Text, Cache: p.Cache})
	a.last = j
}

// paragraph appends text that is set off from what stands before.
func (e *requestEncoder) paragraph(a *assistant, i, j int, p llm.Part) {
	e.orderLoss(a, i, j)
	if n := len(a.content); n > 0 {
		a.content[n-1].Text += "\n\n" + p.Text
		if p.Cache != nil {
			a.content[n-1].Cache = p.Cache
		}
		return
	}
	a.content = append(a.content, p)
}

// orderLoss records text behind a call: the protocol has no order of the two.
func (e *requestEncoder) orderLoss(a *assistant, i, j int) {
	if len(a.calls) > 0 {
		e.losses.Adapt("order.assistant", oai.TurnPath(i, j), "")
	}
}

// thought gathers reasoning. What another vendor signed is of no use here,
// and what nobody signed goes back only where the model's vendor asks for it.
func (e *requestEncoder) thought(a *assistant, i, j int, p *llm.Part) {
	switch {
	case e.own:
	case p.Seal != nil:
		e.losses.Drop("reasoning.foreign", oai.TurnPath(i, j), string(p.Seal.Issuer))
		return
	case e.target.Caps.Replay == family.ReplayNever:
		e.losses.Drop("reasoning.unsigned", oai.TurnPath(i, j), "")
		return
	}
	if p.Text != "" {
		a.thoughts = append(a.thoughts, p.Text)
	}
}

// keepsSeal tells whether a signature can go back on its call: Google's, to a
// server of Google's models.
func (e *requestEncoder) keepsSeal(s *llm.Seal) bool {
	return s.Issuer == llm.IssuerGoogle && !e.target.DropSeals && (e.own || e.target.Caps.Issuer == llm.IssuerGoogle)
}

func (e *requestEncoder) foreignSeal(p *llm.Part, i, j int) {
	if p.Seal != nil && !(p.Kind == llm.KindCall && e.keepsSeal(p.Seal)) {
		e.losses.Drop("reasoning.foreign", oai.TurnPath(i, j), string(p.Seal.Issuer))
	}
}

func (e *requestEncoder) call(p *llm.Part, i, j int) {
	w, c := e.w, p.Call
	kind, args := "function", "arguments"
	var text string
	if c.Kind == llm.CallCustom && (e.target.Caps.CustomTools || e.own) {
		kind, args, text = "custom", "input", c.Args
	} else {
		text = oai.Arguments(e.req, c)
	}
	w.Obj()
	w.StrField("id", c.ID)
	w.StrField("type", kind)
	w.Key(kind)
	w.Obj()
	w.StrField("name", e.flat.Name(c.Namespace, c.Name))
	w.StrField(args, text)
	w.End()
	if p.Seal != nil && e.keepsSeal(p.Seal) {
		writeExtraSeal(w, p.Seal.Data)
	}
	for key, raw := range rawjson.Members(p.Native.For(llm.OpenAIChat)) {
		w.RawField(key, raw)
	}
	w.End()
	if p.Cache != nil {
		e.losses.Drop("cache", oai.TurnPath(i, j), "")
	}
}

// userTurn writes a turn of the user's: tool results first, each a message of
// its own, then all else as one.
func (e *requestEncoder) userTurn(i int, turn *llm.Turn) error {
	var media, rest []llm.Part
	e.images = 0
	var at []int
	for j := range turn.Parts {
		p := &turn.Parts[j]
		if p.DropAs != "" && !e.own {
			e.losses.Drop(p.DropAs, oai.TurnPath(i, j), "")
			continue
		}
		if p.Kind != llm.KindResult {
			rest, at = append(rest, *p), append(at, j)
			continue
		}
		loose, err := e.toolMessage(i, j, p)
		if err != nil {
			return err
		}
		media = append(media, loose...)
	}
	e.pending = append(e.pending, media...)
	if len(rest) == 0 && len(e.pending) == 0 {
		return nil
	}
	return e.userMessage(i, rest, at, turn.Native.For(llm.OpenAIChat))
}
