package responses

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// pieces reads an event about a part of an item. Events of newer kinds, and
// steps of tools that the upstream runs, are passed over.
func (d *answerDecoder) pieces(raw []byte, kind string) error {
	switch {
	case strings.HasPrefix(kind, "content_part."), strings.HasPrefix(kind, "output_text."), strings.HasPrefix(kind, "refusal."):
		return d.messagePiece(raw, kind)
	case strings.HasPrefix(kind, "reasoning_"):
		return d.thought(raw, kind)
	case strings.HasPrefix(kind, "function_call_arguments."), strings.HasPrefix(kind, "custom_tool_call_input."):
		return d.argsPiece(raw, kind)
	}
	return nil
}

// at finds the item that an event is about; nil if it never began.
func (d *answerDecoder) at(raw []byte) (*itemState, error) {
	n, err := index(raw, "output_index", maxItems)
	if err != nil {
		return nil, err
	}
	return d.items[n], nil
}

func (d *answerDecoder) messagePiece(raw []byte, kind string) error {
	it, err := d.at(raw)
	if err != nil {
		return err
	}
	at, err := index(raw, "content_index", maxContents)
	if err != nil {
		return err
	}
	if it == nil || it.kind != "message" || it.done {
		return nil // reasoning has parts of its own kind
	}
	part, _ := rawjson.Get(raw, "part")
	switch kind {
	case "content_part.added":
		d.contentPart(it, at, part)
		return nil
	case "content_part.done":
		return wire.At("part", d.endContent(it, at, part))
	}
	p := it.parts[at]
	if p == nil && strings.HasSuffix(kind, ".delta") { // a server without content_part.added
		p = d.openPart(it, at, llm.Part{Kind: llm.KindText, Refusal: kind == "refusal.delta"})
	}
	if p == nil || p.closed {
		return nil
	}
	switch kind {
	case "output_text.delta", "refusal.delta":
		tokens, err := d.tokens(raw)
		if err != nil {
			return err
		}
		return d.delta(p, raw, "delta", tokens)
	case "output_text.done", "refusal.done":
		if !p.told {
			return d.delta(p, raw, strings.TrimSuffix(strings.TrimPrefix(kind, "output_"), ".done"), nil)
		}
	case "output_text.annotation.added":
		note, ok := rawjson.Get(raw, "annotation")
		if !ok {
			return wire.Missing("annotation")
		}
		return wire.At("annotation", d.cite(p, note))
	}
	return nil
}

// delta shows the text of an event's member.
func (d *answerDecoder) delta(p *partIn, raw []byte, key string, tokens []llm.TokenLogprob) error {
	val, ok := rawjson.Get(raw, key)
	if !ok {
		return wire.Missing(key)
	}
	var text string
	if err := wire.At(key, wire.Str(val, &text)); err != nil {
		return err
	}
	d.text(p, text, tokens)
	return nil
}

// thought reads reasoning: its summary, whose sections a blank line sets off,
// or the text itself where a server shows that. The first of the two counts.
func (d *answerDecoder) thought(raw []byte, kind string) error {
	it, err := d.at(raw)
	if err != nil {
		return err
	}
	if it == nil || it.kind != "reasoning" || it.done {
		return nil
	}
	p := it.parts[0]
	source, key := fromSummary, "summary_index"
	if strings.HasPrefix(kind, "reasoning_text.") {
		source, key = fromContent, "content_index"
	}
	member := "delta"
	switch kind {
	case "reasoning_summary_text.delta", "reasoning_text.delta":
	case "reasoning_summary_text.done", "reasoning_text.done":
		member = "text"
	default:
		return nil
	}
	section, err := index(raw, key, maxContents)
	if err != nil {
		return err
	}
	whole := member == "text"
	if p.closed || p.source != noSource && (p.source != source || whole && section == p.section) {
		return nil // told already
	}
	if p.source != noSource && section != p.section && p.told {
		d.text(p, "\n\n", nil)
	}
	p.source, p.section = source, section
	return d.delta(p, raw, member, nil)
}

func (d *answerDecoder) argsPiece(raw []byte, kind string) error {
	it, err := d.at(raw)
	if err != nil {
		return err
	}
	if it == nil || it.done || it.kind != "function_call" && it.kind != "custom_tool_call" {
		return nil
	}
	p, key := it.parts[0], "delta"
	switch {
	case p.closed:
		return nil
	case strings.HasSuffix(kind, ".delta"):
	case p.told:
		return nil
	case kind == "function_call_arguments.done":
		key = "arguments"
	default:
		key = "input"
	}
	val, ok := rawjson.Get(raw, key)
	if !ok {
		return wire.Missing(key)
	}
	return wire.At(key, d.args(p, val))
}
