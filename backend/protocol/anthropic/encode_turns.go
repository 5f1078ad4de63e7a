package anthropic

import (
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

func turnPath(turn, part int) string {
	return "turns[" + strconv.Itoa(turn) + "].parts[" + strconv.Itoa(part) + "]"
}

// continueText asks a model without prefill to go on.
const continueText = "Continue."

// arrange decides of every part whether it goes up, and puts thinking where
// the service wants it.
func (e *requestEncoder) arrange() {
	out := make([]llm.Turn, 0, len(e.turns)+1)
	for i, turn := range e.turns {
		parts := make([]llm.Part, 0, len(turn.Parts))
		if turn.Role != llm.RoleModel {
			parts = append(parts, e.pending...)
			e.pending = nil
		}
		for j := range turn.Parts {
			if p, ok := e.keep(turn.Role, turn.Parts[j], i, j); ok {
				parts = append(parts, p)
			}
		}
		if turn.Role == llm.RoleUser {
			parts = resultsFirst(parts)
		}
		if turn.Role == llm.RoleModel && e.req.Native.Protocol == llm.OpenAIChat {
			// The store gives thinking back in front of its call; a chat client
			// keeps no order.
			slices.SortStableFunc(parts, func(a, b llm.Part) int { return thoughtRank(a) - thoughtRank(b) })
		}
		if len(parts) > 0 {
			turn.Parts = parts
			out = append(out, turn)
		}
	}
	if len(e.pending) > 0 {
		out = append(out, llm.Turn{Role: llm.RoleUser, Parts: e.pending})
	}
	e.turns = e.lastTurn(out)
}

func thoughtRank(p llm.Part) int {
	if p.Kind == llm.KindReasoning {
		return 0
	}
	return 1
}

// resultsFirst: tool results stand before everything else of the user's turn.
func resultsFirst(parts []llm.Part) []llm.Part {
	slices.SortStableFunc(parts, func(a, b llm.Part) int {
		rank := func(p llm.Part) int {
			if p.Kind == llm.KindResult {
				return 0
			}
			return 1
		}
		return rank(a) - rank(b)
	})
	return parts
}

// lastTurn settles a conversation that ends with the model's turn.
func (e *requestEncoder) lastTurn(turns []llm.Turn) []llm.Turn {
	n := len(turns)
	if n == 0 || turns[n-1].Role != llm.RoleModel || e.own && !e.target.NoPrefill {
		return turns
	}
	last := turns[n-1].Parts
	if e.target.Caps.Prefill && !e.target.NoPrefill && last[len(last)-1].Kind == llm.KindText && !e.reasons() {
		p := &last[len(last)-1]
		p.Text = strings.TrimRight(p.Text, " \t\r\n")
		return turns
	}
	e.losses.Adapt("prefill", "turns["+strconv.Itoa(n-1)+"]", "")
	return append(turns, llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(continueText)}})
}

// reasons tells whether the request asks for thinking, which excludes a
// prefill.
func (e *requestEncoder) reasons() bool {
	r := e.req.Reasoning
	asked := r.Mode == llm.ReasoningOn || r.Mode == llm.ReasoningUnset && (r.Effort != "" || r.Budget != nil)
	return asked && e.target.Caps.Reasoning.Dialect != family.DialectNone
}

// keep decides of one part, and gives it the form that goes up.
func (e *requestEncoder) keep(role llm.Role, p llm.Part, i, j int) (llm.Part, bool) {
	path := turnPath(i, j)
	if p.DropAs != "" && !e.own {
		e.losses.Drop(p.DropAs, path, "")
		return p, false
	}
	switch p.Kind {
	case llm.KindReasoning:
		return p, e.keepThought(&p, path)
	case llm.KindText:
		if !(e.own && standsWhole(&p)) && strings.TrimSpace(p.Text) == "" {
			return p, false // the service refuses blank text
		}
	case llm.KindOpaque:
		if p.Native.Protocol != llm.Anthropic {
			e.losses.Drop("opaque", path, string(p.Native.Protocol))
			return p, false
		}
		return p, true
	case llm.KindMedia:
		if role == llm.RoleModel {
			return e.modelMedia(p, path)
		}
	}
	if p.Seal != nil && p.Kind != llm.KindReasoning {
		e.losses.Drop("reasoning.foreign", path, string(p.Seal.Issuer))
	}
	return p, true
}

// standsWhole tells a text that stands for a block of another type, which
// Native holds whole (a search result).
func standsWhole(p *llm.Part) bool {
	_, ok := rawjson.Get(p.Native.For(llm.Anthropic), "type")
	return ok
}

// keepThought: only thinking that this organisation's model signed goes back.
func (e *requestEncoder) keepThought(p *llm.Part, path string) bool {
	s := p.Seal
	switch {
	case s == nil:
		e.losses.Drop("reasoning.unsigned", path, "")
	case s.Issuer != llm.IssuerAnthropic:
		e.losses.Drop("reasoning.foreign", path, string(s.Issuer))
	case e.target.DropSeals:
		e.losses.Adapt("seal.rejected", path, "")
	case s.Realm != "" && s.Realm != e.target.Realm:
		e.losses.Drop("seal.realm", path, "")
	case s.Model != "" && s.Model != e.target.Model:
		e.losses.Drop("reasoning.foreign", path, "of another model")
	default:
		return true
	}
	return false
}

// modelMedia moves images that the model made to the user's next turn: its own
// turns hold none.
func (e *requestEncoder) modelMedia(p llm.Part, path string) (llm.Part, bool) {
	e.losses.Adapt("media.assistant", path, "")
	p.Seal = nil
	e.pending = append(e.pending, p)
	return p, false
}

// messages writes the conversation.
func (e *requestEncoder) messages() error {
	e.w.Key("messages")
	e.w.Arr()
	for i := range e.turns {
		turn := &e.turns[i]
		e.w.Obj()
		e.w.StrField("role", roleWord(turn.Role))
		e.w.Key("content")
		if err := e.content(turn.Parts, i); err != nil {
			return err
		}
		e.members(turn.Native.For(llm.Anthropic))
		e.w.End()
	}
	e.w.EndArr()
	return nil
}

func roleWord(r llm.Role) string {
	switch r {
	case llm.RoleModel:
		return "assistant"
	case llm.RoleSystem:
		return "system"
	}
	return "user"
}

// members writes what else an Anthropic client said of an object.
func (e *requestEncoder) members(native []byte) {
	for key, raw := range rawjson.Members(native) {
		e.w.RawField(key, raw)
	}
}

// content writes parts: plain text alone as a string.
func (e *requestEncoder) content(parts []llm.Part, i int) error {
	if p := &parts[0]; len(parts) == 1 && p.Kind == llm.KindText && p.Cache == nil && p.Native.Rest == nil && len(p.Citations) == 0 {
		e.w.Str(p.Text)
		return nil
	}
	e.w.Arr()
	for j := range parts {
		if err := e.block(&parts[j], turnPath(i, j)); err != nil {
			return err
		}
	}
	e.w.EndArr()
	return nil
}

// block writes one part as a block.
func (e *requestEncoder) block(p *llm.Part, path string) error {
	native := p.Native.For(llm.Anthropic)
	switch p.Kind {
	case llm.KindText:
		if e.own && standsWhole(p) {
			e.w.Raw(native)
			return nil
		}
		e.textBlock(p, path)
	case llm.KindReasoning:
		e.thought(p)
	case llm.KindCall:
		e.toolUse(p, path)
	case llm.KindResult:
		return e.toolResult(p, path)
	case llm.KindMedia:
		return e.media(p, path)
	case llm.KindCode:
		if native != nil {
			e.w.Raw(native) // the whole block
			return nil
		}
		e.losses.Adapt("code", path, "")
		text := *p
		text.Kind, text.Text, text.Native = llm.KindText, codeText(p.Code), llm.Native{}
		e.textBlock(&text, path)
	default:
		e.w.Raw(native)
	}
	return nil
}

func (e *requestEncoder) textBlock(p *llm.Part, path string) {
	w := e.w
	w.Obj()
	w.StrField("type", "text")
	w.StrField("text", p.Text)
	e.citations(p, path)
	e.cache(p.Cache, path)
	e.members(p.Native.For(llm.Anthropic))
	w.End()
}

// citations go back as they came; those of other vendors have no form here.
func (e *requestEncoder) citations(p *llm.Part, path string) {
	var own [][]byte
	for i := range p.Citations {
		if raw := p.Citations[i].Native.For(llm.Anthropic); raw != nil {
			own = append(own, raw)
		}
	}
	if len(own) < len(p.Citations) {
		e.losses.Drop("citation", path, "")
	}
	if len(own) == 0 {
		return
	}
	e.w.Key("citations")
	e.w.Arr()
	for _, raw := range own {
		e.w.Raw(raw)
	}
	e.w.EndArr()
}

func (e *requestEncoder) thought(p *llm.Part) {
	w := e.w
	w.Obj()
	if p.Seal.Redacted {
		w.StrField("type", "redacted_thinking")
		w.StrField("data", p.Seal.Data)
	} else {
		w.StrField("type", "thinking")
		w.StrField("thinking", p.Text)
		w.StrField("signature", p.Seal.Data)
	}
	e.members(p.Native.For(llm.Anthropic))
	w.End()
}

func (e *requestEncoder) toolUse(p *llm.Part, path string) {
	w, c := e.w, p.Call
	w.Obj()
	w.StrField("type", "tool_use")
	w.StrField("id", c.ID)
	w.StrField("name", e.flat.Name(c.Namespace, c.Name))
	w.RawField("input", e.flat.Args(c, path, e.losses))
	e.cache(p.Cache, path)
	e.members(p.Native.For(llm.Anthropic))
	w.End()
}

func (e *requestEncoder) toolResult(p *llm.Part, path string) error {
	w, r := e.w, p.Result
	w.Obj()
	w.StrField("type", "tool_result")
	w.StrField("tool_use_id", r.CallID)
	if err := e.resultContent(r, path); err != nil {
		return err
	}
	if r.IsError {
		w.BoolField("is_error", true)
	}
	e.cache(p.Cache, path)
	e.members(p.Native.For(llm.Anthropic))
	w.End()
	return nil
}

func (e *requestEncoder) resultContent(r *llm.Result, path string) error {
	parts := make([]llm.Part, 0, len(r.Parts))
	for k := range r.Parts {
		p := r.Parts[k]
		switch {
		case p.Kind == llm.KindText && !standsWhole(&p) && strings.TrimSpace(p.Text) == "":
		case p.Kind == llm.KindOpaque && p.Native.Protocol != llm.Anthropic:
			e.losses.Drop("opaque", path, string(p.Native.Protocol))
		default:
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	e.w.Key("content")
	if p := &parts[0]; len(parts) == 1 && p.Kind == llm.KindText && p.Cache == nil && p.Native.Rest == nil && len(p.Citations) == 0 {
		e.w.Str(p.Text)
		return nil
	}
	e.w.Arr()
	for k := range parts {
		if err := e.block(&parts[k], path+".content["+strconv.Itoa(k)+"]"); err != nil {
			return err
		}
	}
	e.w.EndArr()
	return nil
}
