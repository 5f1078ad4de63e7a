package anthropic

import (
	"encoding/json"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// message reads one message. System messages before the first other one
// belong to the system prompt, later ones stay where they are.
func (d *requestDecoder) message(_ int, raw []byte) error {
	var role string
	var content json.RawMessage
	var rest wire.Rest
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "role":
			return wire.Word(raw, &role, "user", "assistant", "system")
		case "content":
			content = raw
		default:
			rest.Add(key, raw)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case role == "":
		return wire.Missing("role")
	case content == nil:
		return wire.Missing("content")
	case role == "system" && len(d.req.Turns) == 0:
		return wire.At("content", textBlocks(content, func(p llm.Part) { d.req.System = append(d.req.System, p) }))
	}
	turn := llm.Turn{Role: llm.RoleUser, Native: rest.Native(llm.Anthropic)}
	switch role {
	case "assistant":
		turn.Role = llm.RoleModel
	case "system":
		turn.Role = llm.RoleSystem
	}
	return wire.At("content", d.content(content, turn))
}

// content reads the blocks of a message into turn, and appends it.
func (d *requestDecoder) content(raw json.RawMessage, turn llm.Turn) error {
	turns := append(d.req.Turns, turn)
	last := func() *llm.Turn { return &turns[len(turns)-1] }
	add := func(part llm.Part) { last().Parts = append(last().Parts, part) }
	defer func() { d.req.Turns = turns }()

	if rawjson.KindOf(raw) == rawjson.KindString {
		part := llm.Part{Kind: llm.KindText}
		err := wire.Str(raw, &part.Text)
		addText(part, turn.Role, add)
		return err
	}
	if rawjson.KindOf(raw) != rawjson.KindArray {
		return wire.Wrong("a string or an array of blocks", raw)
	}
	return wire.Each(raw, func(_ int, item []byte) error {
		var b block
		if err := b.read(item); err != nil {
			return err
		}
		if summary := b.summary(); summary != "" {
			// What a compaction says is the user's word to the model.
			turns = append(turns, llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{llm.TextPart(summary)}}, llm.Turn{Role: turn.Role})
			return nil
		}
		return d.block(&b, turn.Role, add)
	})
}

// addText adds a text part. Replies that held images come back as Markdown.
func addText(part llm.Part, role llm.Role, add func(llm.Part)) {
	if role == llm.RoleModel {
		if parts := wire.SplitImages(part.Text); parts != nil {
			for i, p := range parts {
				if i == len(parts)-1 {
					p.Cache = part.Cache
				}
				add(p)
			}
			return
		}
	}
	add(part)
}

// textBlocks reads a string or an array of text blocks.
func textBlocks(raw []byte, add func(llm.Part)) error {
	if rawjson.KindOf(raw) == rawjson.KindString {
		part := llm.Part{Kind: llm.KindText}
		err := wire.Str(raw, &part.Text)
		add(part)
		return err
	}
	if rawjson.KindOf(raw) != rawjson.KindArray {
		return wire.Wrong("a string or an array of text blocks", raw)
	}
	return wire.Each(raw, func(_ int, item []byte) error {
		var b block
		if err := b.read(item); err != nil {
			return err
		}
		if b.kind != "text" {
			return wire.At("type", wire.Unknown(b.kind, "text"))
		}
		return b.textPart(add)
	})
}

// block reads one block into the parts that it stands for. Blocks of an
// unknown type are opaque, as those of server tools are.
func (d *requestDecoder) block(b *block, role llm.Role, add func(llm.Part)) error {
	switch b.kind {
	case "text":
		return b.textPart(func(p llm.Part) { addText(p, role, add) })
	case "thinking":
		return b.thinkingPart(add)
	case "redacted_thinking":
		return b.redactedPart(add)
	case "tool_use":
		return d.toolUse(b, add)
	case "tool_result":
		return b.resultPart(add)
	}
	return b.contentPart(add)
}

// block holds the members of a block; which of them count depends on its type,
// and that may stand last.
type block struct {
	kind string
	raw  json.RawMessage // the whole block

	text, citations, source, title, context json.RawMessage
	thinking, signature, data               json.RawMessage
	id, name, input                         json.RawMessage
	toolUseID, content, isError             json.RawMessage

	cache *llm.Cache
	rest  wire.Rest
}

func (b *block) read(raw []byte) error {
	b.raw = raw
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &b.kind)
		case "cache_control":
			return wire.Cache(raw, &b.cache)
		}
		if slot := b.slot(key); slot != nil {
			*slot = raw
		} else {
			b.rest.Add(key, raw)
		}
		return nil
	})
	if err == nil && b.kind == "" {
		err = wire.Missing("type")
	}
	return err
}

func (b *block) slot(key string) *json.RawMessage {
	switch key {
	case "text":
		return &b.text
	case "citations":
		return &b.citations
	case "source":
		return &b.source
	case "title":
		return &b.title
	case "context":
		return &b.context
	case "thinking":
		return &b.thinking
	case "signature":
		return &b.signature
	case "data":
		return &b.data
	case "id":
		return &b.id
	case "name":
		return &b.name
	case "input":
		return &b.input
	case "tool_use_id":
		return &b.toolUseID
	case "content":
		return &b.content
	case "is_error":
		return &b.isError
	}
	return nil
}

// str reads a member of the block that must be a string.
func (b *block) str(key string, dst *string) error {
	raw := *b.slot(key)
	if raw == nil {
		return wire.Missing(key)
	}
	return wire.At(key, wire.Str(raw, dst))
}

// optional reads a member of the block that may be absent.
func (b *block) optional(key string, dst *string) error {
	if *b.slot(key) == nil {
		return nil
	}
	return b.str(key, dst)
}

// summary returns the readable text of a compaction block.
func (b *block) summary() string {
	if b.kind != "compaction" || rawjson.KindOf(b.content) != rawjson.KindString {
		return ""
	}
	text, err := rawjson.String(b.content)
	if err != nil || text == "" {
		return ""
	}
	return "Summary of the conversation so far:\n" + text
}
