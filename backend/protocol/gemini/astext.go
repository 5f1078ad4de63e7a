package gemini

import (
	"slices"
	"strings"

	"antigravity-tools/backend/llm"
)

// callsAsText rewrites the unsigned steps of the current turn for a target
// that refuses calls without a signature and takes no placeholder: calls and
// results become text (mapping.md section 12).
func (e *requestEncoder) callsAsText() {
	caps := e.target.Caps
	if !caps.SealRequired || caps.Placeholder {
		return
	}
	copied := false
	for i := e.currentTurn() + 1; i < len(e.turns); i++ {
		if e.turns[i].Role != llm.RoleModel || !e.unsigned(&e.turns[i]) {
			continue
		}
		if !copied {
			e.turns, copied = slices.Clone(e.turns), true
		}
		e.losses.Adapt("seal.astext", "turns"+index(i), "")
		e.turns[i].Parts = e.partsAsText(e.turns[i].Parts)
		if i+1 < len(e.turns) && e.turns[i+1].Role != llm.RoleModel {
			e.turns[i+1].Parts = e.partsAsText(e.turns[i+1].Parts)
		}
	}
}

// unsigned tells a step whose first call carries no seal of Google's.
func (e *requestEncoder) unsigned(turn *llm.Turn) bool {
	for i := range turn.Parts {
		p := &turn.Parts[i]
		if p.Kind != llm.KindCall {
			continue
		}
		return e.target.DropSeals || p.Seal == nil || p.Seal.Issuer != e.issuer()
	}
	return false
}

func (e *requestEncoder) partsAsText(parts []llm.Part) []llm.Part {
	out := make([]llm.Part, 0, len(parts))
	for i := range parts {
		switch p := &parts[i]; p.Kind {
		case llm.KindCall:
			out = append(out, llm.TextPart("Called the tool "+e.flat.Name(p.Call.Namespace, p.Call.Name)+" with "+string(p.Call.RawArgs())))
		case llm.KindResult:
			out = append(out, e.resultAsText(p.Result)...)
		default:
			out = append(out, *p)
		}
	}
	return out
}

func (e *requestEncoder) resultAsText(r *llm.Result) []llm.Part {
	var texts []string
	var media []llm.Part
	for i := range r.Parts {
		if r.Parts[i].Kind == llm.KindText {
			texts = append(texts, r.Parts[i].Text)
		} else {
			media = append(media, r.Parts[i])
		}
	}
	head := "The tool " + e.nameOf(r) + " answered:\n"
	if r.IsError {
		head = "The tool " + e.nameOf(r) + " failed:\n"
	}
	return append([]llm.Part{llm.TextPart(head + strings.Join(texts, "\n"))}, media...)
}
