package responses

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// planInstructions decides whether the leading system text is one member or
// items of the input: items can carry a cache breakpoint, they are there when
// nothing else is, and only in them does the service look for the word "JSON",
// without which it refuses the format json_object.
func (e *requestEncoder) planInstructions() {
	if prompt := e.format.Prompt; prompt != "" {
		e.system = append(e.system[:len(e.system):len(e.system)], llm.TextPart(prompt))
	}
	if e.own {
		return
	}
	e.items = len(e.turns) == 0 || e.format.Kind == llm.FormatJSON
	for i := range e.system {
		e.items = e.items || e.system[i].Cache != nil && e.target.Caps.CacheBreakpoints
	}
	if e.format.Kind == llm.FormatJSON && !e.saysJSON() {
		e.losses.Adapt("format.json", "text.format", "")
		e.system = append(e.system[:len(e.system):len(e.system)], llm.TextPart(jsonLine))
	}
}

const jsonLine = "Answer with one JSON object and nothing else."

func (e *requestEncoder) saysJSON() bool {
	says := func(parts []llm.Part) bool {
		for i := range parts {
			if strings.Contains(strings.ToLower(parts[i].Text), "json") {
				return true
			}
		}
		return false
	}
	for i := range e.turns {
		if says(e.turns[i].Parts) {
			return true
		}
	}
	return says(e.system)
}

// instructions writes the leading system text as one member.
func (e *requestEncoder) instructions() {
	var texts []string
	for i := range e.system {
		if e.leads(i) {
			texts = append(texts, e.system[i].Text)
			e.cache.Marks(e.system[i].Cache, oai.SystemPath(i)) // it has no place there
		}
	}
	if len(texts) == 0 {
		return
	}
	if len(texts) > 1 && !e.own {
		e.losses.Adapt("system.joined", "system", "")
	}
	e.w.StrField("instructions", strings.Join(texts, "\n\n"))
}

// leads tells whether a leading system part goes into the instructions. Of an
// own request those do that were no item: an item's role stands beside it.
func (e *requestEncoder) leads(i int) bool {
	p := &e.system[i]
	if p.Kind != llm.KindText {
		return false
	}
	if e.own {
		return p.Native.For(llm.Responses) == nil && p.Cache == nil
	}
	return !e.items
}

// input writes the items of the conversation.
func (e *requestEncoder) input() error {
	e.w.Arr()
	e.systemItem()
	for i := range e.turns {
		var err error
		switch turn := &e.turns[i]; turn.Role {
		case llm.RoleSystem:
			e.systemMessage(turn.Parts, turn.Native.For(llm.Responses), func(j int) string { return oai.TurnPath(i, j) })
		case llm.RoleModel:
			err = e.modelTurn(i, turn)
		default:
			err = e.userTurn(i, turn)
		}
		if err != nil {
			return err
		}
	}
	e.w.EndArr()
	return nil
}

// systemItem writes the leading system text that is no instruction: as one item,
// of an own request as one item for each role.
func (e *requestEncoder) systemItem() {
	var parts []llm.Part
	var at []int
	flush := func() {
		if len(parts) > 0 {
			places := at
			e.systemMessage(parts, parts[0].Native.For(llm.Responses), func(j int) string { return oai.SystemPath(places[j]) })
		}
		parts, at = nil, nil
	}
	for i := range e.system {
		p := &e.system[i]
		if p.Kind != llm.KindText {
			e.losses.Drop("opaque", oai.SystemPath(i), string(p.Kind))
			continue
		}
		if e.leads(i) {
			continue
		}
		if e.own && len(parts) > 0 && string(parts[0].Native.Rest) != string(p.Native.Rest) {
			flush()
		}
		parts, at = append(parts, *p), append(at, i)
	}
	flush()
}

// systemMessage writes a system or developer message.
func (e *requestEncoder) systemMessage(parts []llm.Part, native []byte, path func(int) string) {
	opened := false
	for j := range parts {
		p := &parts[j]
		if p.Kind != llm.KindText {
			e.losses.Drop("opaque", path(j), string(p.Kind))
			continue
		}
		if !opened {
			opened = true
			e.beginMessage(oai.SystemRole(e.own, native, e.target.Caps), native)
		}
		e.text("input_text", p, path(j))
	}
	if opened {
		e.endMessage()
	}
}

// beginMessage opens a message up to its content.
func (e *requestEncoder) beginMessage(role string, native []byte) {
	w := e.w
	w.Obj()
	w.StrField("type", "message")
	w.StrField("role", role)
	for key, raw := range rawjson.Members(native) {
		if key != "role" {
			w.RawField(key, raw)
		}
	}
	w.Key("content")
	w.Arr()
}

func (e *requestEncoder) endMessage() {
	e.w.EndArr()
	e.w.End()
}

// text writes a part of text.
func (e *requestEncoder) text(kind string, p *llm.Part, path string) {
	w := e.w
	w.Obj()
	w.StrField("type", kind)
	w.StrField("text", p.Text)
	if e.cache.Marks(p.Cache, path) {
		e.cache.Write(w, p.Cache)
	}
	w.End()
}

// modelTurn writes what the model said and did: items in order, of which
// neighbouring texts are one message.
func (e *requestEncoder) modelTurn(i int, turn *llm.Turn) error {
	open := []byte(nil) // native members of the message that is open
	begun := false
	end := func() {
		if begun {
			e.endMessage()
		}
		begun = false
	}
	for j := range turn.Parts {
		p := &turn.Parts[j]
		path := oai.TurnPath(i, j)
		if p.DropAs != "" && !e.own {
			e.losses.Drop(p.DropAs, path, "")
			continue
		}
		text, ok := e.assistantText(p, path)
		if !ok {
			if p.Kind == llm.KindText {
				continue
			}
			end()
			if err := e.modelItem(turn.Parts[j:], i, j); err != nil {
				return err
			}
			continue
		}
		native := text.Native.For(llm.Responses)
		if begun && string(native) != string(open) {
			end()
		}
		if !begun {
			begun, open = true, native
			e.beginMessage("assistant", native)
		}
		e.outputText(text, path)
	}
	end()
	return nil
}

// assistantText is a part as text of the model's; ok is false if it is none.
func (e *requestEncoder) assistantText(p *llm.Part, path string) (text *llm.Part, ok bool) {
	switch p.Kind {
	case llm.KindText:
		e.foreignSeal(p, path)
		return p, p.Text != ""
	case llm.KindCode:
		if e.own {
			return nil, false
		}
		e.losses.Adapt("code", path, "")
		out := llm.TextPart(wire.CodeMarkdown(p.Code))
		return &out, true
	}
	return nil, false
}

func (e *requestEncoder) outputText(p *llm.Part, path string) {
	w := e.w
	if p.Cache != nil { // parts of an answer take none
		e.losses.Drop("cache", path, "")
	}
	w.Obj()
	if p.Refusal {
		w.StrField("type", "refusal")
		w.StrField("refusal", p.Text)
		w.End()
		return
	}
	w.StrField("type", "output_text")
	w.StrField("text", p.Text)
	switch {
	case len(p.Citations) == 0:
	case e.own:
		w.Key("annotations")
		w.Arr()
		for k := range p.Citations {
			c := &p.Citations[k]
			(&annotation{start: c.Start, end: c.End, url: c.URL, title: c.Title}).write(w)
		}
		w.EndArr()
	default:
		e.losses.Drop("citation", path, "")
	}
	w.End()
}

// modelItem writes the first of parts, an item of its own; the others are what
// follows it in the turn.
func (e *requestEncoder) modelItem(parts []llm.Part, i, j int) error {
	p, path := &parts[0], oai.TurnPath(i, j)
	switch p.Kind {
	case llm.KindReasoning:
		e.reasoningItem(parts, path)
	case llm.KindCall:
		e.foreignSeal(p, path)
		e.call(p, path)
	case llm.KindMedia:
		return e.modelMedia(p, path)
	case llm.KindCode:
		e.codeItem(p, path)
	default:
		if raw := p.Native.For(llm.Responses); raw != nil {
			e.w.Raw(raw)
			return nil
		}
		e.losses.Drop("opaque", path, string(p.Native.Protocol))
	}
	return nil
}

func (e *requestEncoder) foreignSeal(p *llm.Part, path string) {
	if p.Seal != nil {
		e.losses.Drop("reasoning.foreign", path, string(p.Seal.Issuer))
	}
}

// reasoningItem writes reasoning back as it was. The service finds it by what
// is encrypted in it, not by an id, which it keeps for nobody that stores
// nothing (Codex sends none).
func (e *requestEncoder) reasoningItem(parts []llm.Part, path string) {
	p := &parts[0]
	if !e.keepThought(p, path) {
		return
	}
	if !e.own && !followed(parts[1:]) {
		// The service refuses reasoning without the item that it led to.
		e.losses.Drop("reasoning.foreign", path, "what it led to is gone")
		return
	}
	w := e.w
	w.Obj()
	w.StrField("type", "reasoning")
	for key, raw := range rawjson.Members(p.Native.For(llm.Responses)) {
		w.RawField(key, raw)
	}
	w.Key("summary")
	w.Arr()
	if p.Text != "" {
		writeSummary(w, p.Text)
	}
	w.EndArr()
	if p.Seal != nil {
		w.StrField("encrypted_content", p.Seal.Data)
	}
	w.End()
}

// followed tells whether something that the model said or did comes behind.
func followed(parts []llm.Part) bool {
	for i := range parts {
		switch parts[i].Kind {
		case llm.KindText:
			if parts[i].Text != "" {
				return true
			}
		case llm.KindCall, llm.KindCode:
			return true
		}
	}
	return false
}

// keepThought: only reasoning that this organisation's account got goes back
// (mapping rules, section 12).
func (e *requestEncoder) keepThought(p *llm.Part, path string) bool {
	s := p.Seal
	switch {
	case s == nil && e.own && !e.target.DropSeals:
		return true
	case s == nil:
		e.losses.Drop("reasoning.unsigned", path, "")
	case s.Issuer != llm.IssuerOpenAI || s.Redacted:
		e.losses.Drop("reasoning.foreign", path, string(s.Issuer))
	case e.target.DropSeals:
		e.losses.Adapt("seal.rejected", path, "")
	case s.Realm != "" && s.Realm != e.target.Realm:
		e.losses.Drop("seal.realm", path, "")
	default:
		return true
	}
	return false
}

// call writes a tool call. Its id is the call's; that of the item is nobody's
// who stores nothing.
func (e *requestEncoder) call(p *llm.Part, path string) {
	w, c := e.w, p.Call
	kind, key := "function_call", "arguments"
	var text string
	if c.Kind == llm.CallCustom && (e.own || e.target.Caps.CustomTools) {
		kind, key, text = "custom_tool_call", "input", c.Args
	} else {
		text = oai.Arguments(e.req, c)
	}
	w.Obj()
	w.StrField("type", kind)
	w.StrField("call_id", c.ID)
	w.StrField("name", e.name(c.Namespace, c.Name))
	if e.own && c.Namespace != "" {
		w.StrField("namespace", c.Namespace)
	}
	w.StrField(key, text)
	for key, raw := range rawjson.Members(p.Native.For(llm.Responses)) {
		w.RawField(key, raw)
	}
	w.End()
	if p.Cache != nil {
		e.losses.Drop("cache", path, "")
	}
}

// name is how the target calls a tool.
func (e *requestEncoder) name(namespace, name string) string {
	if e.own {
		return name
	}
	return e.flat.Name(namespace, name)
}

// codeItem writes code that OpenAI's own interpreter ran. Its container is
// gone, so the item would be refused: the code is shown as text.
func (e *requestEncoder) codeItem(p *llm.Part, path string) {
	e.losses.Adapt("code", path, "")
	e.beginMessage("assistant", nil)
	text := llm.TextPart(wire.CodeMarkdown(p.Code))
	e.outputText(&text, path)
	e.endMessage()
}
