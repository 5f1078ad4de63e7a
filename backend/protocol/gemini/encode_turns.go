package gemini

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

func turnPath(turn, part int) string { return "turns" + index(turn) + ".parts" + index(part) }

// contents writes the conversation.
func (e *requestEncoder) contents() error {
	current := e.currentTurn()
	e.w.Arr()
	for i := range e.turns {
		turn := &e.turns[i]
		signed := !e.target.Caps.SealRequired || i <= current
		if turn.Role == llm.RoleModel {
			if err := e.modelTurn(i, turn, !signed); err != nil {
				return err
			}
			continue
		}
		if err := e.userTurn(i, turn); err != nil {
			return err
		}
	}
	e.w.EndArr()
	return nil
}

// currentTurn is the index of the last user turn that holds more than tool
// results: Google checks the signatures of the steps behind it.
func (e *requestEncoder) currentTurn() int {
	for i := len(e.turns) - 1; i >= 0; i-- {
		if e.turns[i].Role == llm.RoleModel {
			continue
		}
		for j := range e.turns[i].Parts {
			if e.turns[i].Parts[j].Kind != llm.KindResult {
				return i
			}
		}
	}
	return -1
}

// content is one item of contents; nothing of it is written before its first
// part.
type content struct {
	w      *rawjson.Writer
	role   string
	native []byte
	begun  bool
}

func (c *content) begin() {
	if c.begun {
		return
	}
	c.begun = true
	c.w.Obj()
	c.w.StrField("role", c.role)
	writeRest(c.w, c.native)
	c.w.Key("parts")
	c.w.Arr()
}

func (c *content) end() {
	if c.begun {
		c.w.EndArr()
		c.w.End()
	}
	c.begun = false
}

// modelTurn writes one step of the model. seals tells that its first call
// must carry a signature.
func (e *requestEncoder) modelTurn(i int, turn *llm.Turn, seals bool) error {
	c := &content{w: e.w, role: roleModel, native: turn.Native.For(llm.Gemini)}
	first := true
	for j := range turn.Parts {
		p := &turn.Parts[j]
		sig := e.signature(p, i, j)
		if p.Kind == llm.KindCall {
			if first && sig == "" && seals {
				sig = e.placeholder(i, j)
			}
			first = false
		}
		if e.skips(p, sig, i, j) {
			continue
		}
		c.begin()
		if err := e.part(p, sig, i, j); err != nil {
			return err
		}
	}
	if e.own {
		c.begin()
	}
	c.end()
	return nil
}

// signature is the part's own seal, "" if it has none from Google.
func (e *requestEncoder) signature(p *llm.Part, i, j int) string {
	if p.Seal == nil || e.target.DropSeals {
		return ""
	}
	if p.Seal.Issuer != e.issuer() && !(e.own && p.Seal.Issuer == llm.IssuerGoogle) {
		e.losses.Drop("reasoning.foreign", turnPath(i, j), string(p.Seal.Issuer))
		return ""
	}
	return p.Seal.Data
}

// issuer is who signs the target's replies: other vendors' models stand behind
// this protocol too.
func (e *requestEncoder) issuer() llm.Issuer {
	if e.target.Caps.Issuer == "" {
		return llm.IssuerGoogle
	}
	return e.target.Caps.Issuer
}

func (e *requestEncoder) placeholder(i, j int) string {
	if !e.target.Caps.Placeholder {
		return ""
	}
	e.losses.Adapt("seal.placeholder", turnPath(i, j), "")
	return Placeholder
}

// skips tells a part that is left out. Reasoning that Google did not sign is
// never replayed: models imitate it.
func (e *requestEncoder) skips(p *llm.Part, sig string, i, j int) bool {
	if p.DropAs != "" && !e.own {
		e.losses.Drop(p.DropAs, turnPath(i, j), "")
		return true
	}
	switch p.Kind {
	case llm.KindReasoning:
		if sig != "" || e.own && p.Seal == nil {
			return false
		}
		if p.Seal == nil {
			e.losses.Drop("reasoning.unsigned", turnPath(i, j), "")
		}
		return true
	case llm.KindOpaque:
		if p.Native.Protocol != llm.Gemini {
			e.losses.Drop("opaque", turnPath(i, j), string(p.Native.Protocol))
			return true
		}
	case llm.KindText:
		// What is left of a part that only carried a seal.
		return p.Text == "" && sig == "" && (p.Seal != nil || !e.own)
	}
	return false
}

// userTurn writes a turn of the user's: tool results alone in a content of
// their own, what follows them in the next.
func (e *requestEncoder) userTurn(i int, turn *llm.Turn) error {
	c := &content{w: e.w, role: roleUser, native: turn.Native.For(llm.Gemini)}
	var loose []looseMedia
	inResults := false
	for j := range turn.Parts {
		p := &turn.Parts[j]
		sig := e.signature(p, i, j)
		if e.skips(p, sig, i, j) {
			continue
		}
		isResult := p.Kind == llm.KindResult
		if c.begun && isResult != inResults {
			if err := e.loose(loose); err != nil {
				return err
			}
			loose = nil
			c.end()
		}
		inResults = isResult
		c.begin()
		if isResult {
			more, err := e.result(p, sig, i, j)
			if err != nil {
				return err
			}
			loose = append(loose, more...)
			continue
		}
		if err := e.part(p, sig, i, j); err != nil {
			return err
		}
	}
	if e.own {
		c.begin()
	}
	err := e.loose(loose)
	c.end()
	return err
}

// part writes a part that is not a tool result.
func (e *requestEncoder) part(p *llm.Part, sig string, i, j int) error {
	e.cacheLoss(p, turnPath(i, j))
	if len(p.Citations) > 0 {
		e.losses.Drop("citation", turnPath(i, j), "")
	}
	switch p.Kind {
	case llm.KindMedia:
		return e.media(p, sig, i, j)
	case llm.KindCall:
		e.call(p, sig, i, j)
	case llm.KindOpaque:
		raw := p.Native.For(llm.Gemini)
		if e.target.DropSeals {
			raw = withoutSignature(raw)
		}
		e.w.Raw(raw)
	case llm.KindCode:
		if e.inText(p.Code) {
			e.losses.Adapt("code", turnPath(i, j), p.Code.Language)
			p = &llm.Part{Kind: llm.KindText, Text: wire.CodeMarkdown(p.Code)}
		}
		writePart(e.w, p, sig)
	default:
		writePart(e.w, p, sig)
	}
	return nil
}

// inText tells code that the service has no word for, and the output of such:
// its models run Python alone (genai, Language).
func (e *requestEncoder) inText(c *llm.Code) bool {
	if !c.Output {
		e.alien = !e.own && codeLanguage(c.Language) != codeLanguage("")
	}
	return e.alien
}

// withoutSignature takes the signature off a part that is kept as it came.
func withoutSignature(raw []byte) []byte {
	for _, key := range []string{"thoughtSignature", "thought_signature"} {
		if out, err := rawjson.Delete(raw, key); err == nil {
			raw = out
		}
	}
	return raw
}

func (e *requestEncoder) call(p *llm.Part, sig string, i, j int) {
	w, c := e.w, p.Call
	native := p.Native.For(llm.Gemini)
	w.Obj()
	w.Key("functionCall")
	w.Obj()
	if c.ID != "" && e.target.Caps.CallIDs {
		w.StrField("id", c.ID)
	}
	w.StrField("name", e.flat.Name(c.Namespace, c.Name))
	w.RawField("args", e.flat.Args(c, turnPath(i, j), e.losses))
	writeRest(w, member(native, "functionCall"))
	w.End()
	e.tail(native, sig, "functionCall")
	w.End()
}

// tail is writeTail for a request.
func (e *requestEncoder) tail(native []byte, sig, datum string) {
	if e.target.Caps.PartDetail {
		writeTail(e.w, native, sig, datum)
		return
	}
	if sig != "" {
		e.w.StrField("thoughtSignature", sig)
	}
	writeRest(e.w, native, datum, "mediaResolution")
}

// writePart writes a whole text, reasoning, code or opaque part.
func writePart(w *rawjson.Writer, p *llm.Part, sig string) {
	native := p.Native.For(llm.Gemini)
	if p.Kind == llm.KindOpaque {
		w.Raw(native)
		return
	}
	w.Obj()
	key := "text"
	switch p.Kind {
	case llm.KindReasoning:
		w.StrField("text", p.Text)
		w.BoolField("thought", true)
	case llm.KindCode:
		key = writeCode(w, p.Code, native)
	default:
		w.StrField("text", p.Text)
	}
	writeTail(w, native, sig, key)
	w.End()
}

// writeTail writes what stands beside the datum of a part.
func writeTail(w *rawjson.Writer, native []byte, sig, datum string) {
	if sig != "" {
		w.StrField("thoughtSignature", sig)
	}
	writeRest(w, native, datum)
}

func writeCode(w *rawjson.Writer, c *llm.Code, native []byte) (key string) {
	if c.Output {
		w.Key("codeExecutionResult")
		w.Obj()
		outcome := c.Outcome
		if outcome == "" {
			outcome = "OUTCOME_OK"
		}
		w.StrField("outcome", outcome)
		w.StrField("output", c.Text)
		key = "codeExecutionResult"
	} else {
		w.Key("executableCode")
		w.Obj()
		w.StrField("language", codeLanguage(c.Language))
		w.StrField("code", c.Text)
		key = "executableCode"
	}
	if c.ID != "" {
		w.StrField("id", c.ID)
	}
	writeRest(w, member(native, key))
	w.End()
	return key
}

// codeLanguage is the service's word for the language of code.
func codeLanguage(language string) string {
	switch language {
	case "":
		return "PYTHON"
	case "bash": // Anthropic's models run it, Google's do not
		return "LANGUAGE_UNSPECIFIED"
	}
	return upper(language)
}

// nameOf is the target's name of the tool that a result answers.
func (e *requestEncoder) nameOf(r *llm.Result) string {
	if c, ok := e.calls[r.CallID]; ok {
		return e.flat.Name(c.namespace, c.name)
	}
	if r.Name != "" {
		return e.flat.Name("", r.Name)
	}
	return "tool"
}
