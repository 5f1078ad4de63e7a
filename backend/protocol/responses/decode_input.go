package responses

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
)

// item holds the members of one item of the input; which of them count
// depends on its type, and that may stand last.
type item struct {
	kind, role                  string
	id, callID, name, namespace string
	content, summary, arguments json.RawMessage
	input, output, action       json.RawMessage
	execution                   string
	operation, result, tools    json.RawMessage
	encrypted, reasoning, text  json.RawMessage
	code, status, outputFormat  json.RawMessage
	outputs                     json.RawMessage
	cache                       *llm.Cache
	rest                        wire.Rest
}

func (it *item) member(key string, raw []byte) error {
	switch key {
	case "type":
		return wire.Str(raw, &it.kind)
	case "role":
		return wire.Str(raw, &it.role)
	case "id":
		return wire.Str(raw, &it.id)
	case "call_id":
		return wire.Str(raw, &it.callID)
	case "name":
		return wire.Str(raw, &it.name)
	case "namespace":
		return wire.Str(raw, &it.namespace)
	case "execution":
		return wire.Str(raw, &it.execution)
	case "prompt_cache_breakpoint":
		return cache(raw, &it.cache)
	}
	if leaf := it.leaf(key); leaf != nil {
		*leaf = raw
		return nil
	}
	it.rest.Add(key, raw)
	return nil
}

// leaf is where the value of a member waits for its reader, nil for a member
// that no type of item knows.
func (it *item) leaf(key string) *json.RawMessage {
	switch key {
	case "content":
		return &it.content
	case "summary":
		return &it.summary
	case "arguments":
		return &it.arguments
	case "input":
		return &it.input
	case "output":
		return &it.output
	case "action":
		return &it.action
	case "operation":
		return &it.operation
	case "result":
		return &it.result
	case "tools":
		return &it.tools
	case "encrypted_content":
		return &it.encrypted
	case "reasoning":
		return &it.reasoning
	case "text":
		return &it.text
	case "code":
		return &it.code
	case "status":
		return &it.status
	case "output_format":
		return &it.outputFormat
	case "outputs":
		return &it.outputs
	}
	return nil
}

// readItem reads one item and puts it where it belongs in the conversation.
func (d *requestDecoder) readItem(_ int, raw []byte) error {
	var it item
	if err := wire.Members(raw, it.member); err != nil {
		return err
	}
	switch it.kind {
	case "":
		switch {
		case it.role != "":
			return d.message(&it)
		case it.id != "":
			return reference(&it)
		}
		return wire.Missing("type")
	case "message":
		return d.message(&it)
	case "reasoning":
		return d.reasoningItem(&it)
	case "item_reference":
		return reference(&it)
	case "compaction":
		return d.compaction(&it)
	case "compaction_trigger":
		return errTrigger()
	case "configuration_update":
		return d.configuration(&it)
	case "additional_tools", "tool_search_output":
		if it.tools == nil {
			return wire.Missing("tools")
		}
		if it.kind == "tool_search_output" && it.execution == executionClient {
			d.found(&it)
		}
		return wire.At("tools", d.toolList(it.tools, "tools", true))
	case "image_generation_call":
		return d.image(&it, raw)
	case "code_interpreter_call":
		return d.codeCall(&it, raw)
	}
	if known, err := d.callItem(&it); known {
		return err
	}
	d.opaque(&it, raw)
	return nil
}

// reference is answered as OpenAI answers for an item that it does not store.
func reference(it *item) error {
	if it.id == "" {
		return wire.Missing("id")
	}
	return fault.Invalid("id", "no item with this id is stored here; send the item itself").
		WithCode(codeUnknownResponse)
}

// add puts a part at the end of the conversation. All that the model said
// between two turns of others is one turn of its own, so that the seal of a
// reasoning item finds its call; so are results.
func (d *requestDecoder) add(role llm.Role, part llm.Part) {
	turns := d.req.Turns
	if n := len(turns); n > 0 && turns[n-1].Role == role {
		last := &turns[n-1]
		result := part.Kind == llm.KindResult
		if role == llm.RoleModel || result && last.Parts[len(last.Parts)-1].Kind == llm.KindResult {
			last.Parts = append(last.Parts, part)
			return
		}
	}
	d.req.Turns = append(turns, llm.Turn{Role: role, Parts: []llm.Part{part}})
}

// opaque keeps an item that only OpenAI understands. What answers the model
// ends in _output or is an approval.
func (d *requestDecoder) opaque(it *item, raw []byte) {
	role := llm.RoleModel
	if strings.HasSuffix(it.kind, "_output") || it.kind == "mcp_approval_response" {
		role = llm.RoleUser
	}
	d.add(role, llm.Part{Kind: llm.KindOpaque, Native: native(raw)})
}

func (d *requestDecoder) message(it *item) error {
	if it.content == nil {
		return wire.Missing("content")
	}
	if it.role == "" {
		return wire.Missing("role")
	}
	parts, err := contentParts(it.content)
	if err != nil {
		return wire.At("content", err)
	}
	switch it.role {
	case "assistant":
		for _, p := range assistantParts(parts, it.rest.Native(llm.Responses)) {
			d.add(llm.RoleModel, p)
		}
	case "user":
		if len(parts) > 0 {
			d.req.Turns = append(d.req.Turns, llm.Turn{
				Role: llm.RoleUser, Parts: parts, Native: it.rest.Native(llm.Responses),
			})
		}
	case "system", "developer":
		d.system(it, parts)
	default:
		return wire.At("role", wire.Unknown(it.role, "user", "assistant", "system", "developer"))
	}
	return nil
}

// system keeps leading messages apart from those in mid-conversation, which
// stay where they are.
func (d *requestDecoder) system(it *item, parts []llm.Part) {
	if it.role == "developer" {
		it.rest.Add("role", []byte(`"developer"`))
	}
	own := it.rest.Native(llm.Responses)
	if len(d.req.Turns) > 0 {
		if len(parts) > 0 {
			d.req.Turns = append(d.req.Turns, llm.Turn{Role: llm.RoleSystem, Parts: parts, Native: own})
		}
		return
	}
	d.req.System = append(d.req.System, withNative(parts, own)...)
}

// withNative marks the parts that have no native members of their own.
func withNative(parts []llm.Part, own llm.Native) []llm.Part {
	for i := range parts {
		if parts[i].Native.Rest == nil {
			parts[i].Native = own
		}
	}
	return parts
}

// assistantParts cuts images out of the text, where this gateway may have put
// them for a client of another protocol.
func assistantParts(parts []llm.Part, own llm.Native) []llm.Part {
	out := make([]llm.Part, 0, len(parts))
	for _, p := range parts {
		if images := wire.SplitImages(p.Text); images != nil && p.Kind == llm.KindText {
			out = append(out, images...)
			continue
		}
		out = append(out, p)
	}
	return withNative(out, own)
}

// reasoningItem reads what the model thought: the summary, or the text itself
// where an open model's server gave it.
func (d *requestDecoder) reasoningItem(it *item) error {
	part := llm.Part{Kind: llm.KindReasoning}
	for _, list := range [...]struct {
		key string
		raw json.RawMessage
	}{{"summary", it.summary}, {"content", it.content}} {
		if list.raw == nil {
			continue
		}
		text, err := joinedTexts(list.raw)
		if err != nil {
			return wire.At(list.key, err)
		}
		if part.Text == "" {
			part.Text = text
		}
	}
	if it.encrypted != nil {
		var sealed string
		if err := wire.At("encrypted_content", wire.Str(it.encrypted, &sealed)); err != nil {
			return err
		}
		part.Seal = llm.OpenSeal(sealed, llm.IssuerOpenAI)
	}
	if it.id != "" {
		// OpenAI takes a reasoning item only with the id it gave.
		it.rest.Add("id", quoted(it.id))
	}
	part.Native = it.rest.Native(llm.Responses)
	if part.Text != "" || part.Seal != nil {
		d.add(llm.RoleModel, part)
	}
	return nil
}

// joinedTexts reads a list of {type, text}; several are set off by a blank
// line.
func joinedTexts(raw []byte) (joined string, err error) {
	err = wire.Each(raw, func(_ int, raw []byte) error {
		return wire.Members(raw, func(key string, raw []byte) error {
			if key != "text" {
				return nil
			}
			var text string
			if err := wire.Str(raw, &text); err != nil || text == "" {
				return err
			}
			if joined != "" {
				joined += "\n\n"
			}
			joined += text
			return nil
		})
	})
	return joined, err
}

// summaryPrefix stands before the summary that a compaction holds.
const summaryPrefix = "Summary of the conversation so far:\n"

// compaction opens a summary of ours. OpenAI's own are encrypted for OpenAI.
func (d *requestDecoder) compaction(it *item) error {
	var sealed string
	if it.encrypted == nil {
		return wire.Missing("encrypted_content")
	}
	if err := wire.At("encrypted_content", wire.Str(it.encrypted, &sealed)); err != nil {
		return err
	}
	seal, ok := llm.ParseEnvelope(sealed)
	if !ok || seal.Slot != slotCompaction {
		return fault.Invalid("encrypted_content", "this compaction was made elsewhere and cannot be read here").
			WithCode(slotCompaction)
	}
	d.add(llm.RoleUser, llm.TextPart(summaryPrefix+seal.Data))
	return nil
}

// image reads a generated image that the client sends back.
func (d *requestDecoder) image(it *item, raw []byte) error {
	if it.result == nil {
		d.opaque(it, raw)
		return nil
	}
	m := &llm.Media{}
	if err := wire.At("result", wire.Str(it.result, &m.Data)); err != nil {
		return err
	}
	if it.outputFormat != nil {
		var format string
		if err := wire.At("output_format", wire.Str(it.outputFormat, &format)); err != nil {
			return err
		}
		m.Name = "image." + format
	}
	wire.FillMIME(m)
	m.Name = ""
	d.add(llm.RoleModel, llm.Part{Kind: llm.KindMedia, Media: m, Native: it.rest.Native(llm.Responses)})
	return nil
}

// codeCall reads code that the upstream ran and what it printed. Images that it
// drew are known to OpenAI by an address only.
func (d *requestDecoder) codeCall(it *item, raw []byte) error {
	if it.code == nil {
		d.opaque(it, raw)
		return nil
	}
	code := &llm.Code{Language: codeLanguage, ID: it.id}
	if err := wire.At("code", wire.Str(it.code, &code.Text)); err != nil {
		return err
	}
	d.add(llm.RoleModel, llm.Part{Kind: llm.KindCode, Code: code, Native: it.rest.Native(llm.Responses)})
	if it.outputs == nil {
		return nil
	}
	return wire.At("outputs", wire.Each(it.outputs, func(_ int, raw []byte) error {
		return wire.Members(raw, func(key string, raw []byte) error {
			if key != "logs" {
				return nil
			}
			out := &llm.Code{Output: true, ID: it.id}
			d.add(llm.RoleModel, llm.Part{Kind: llm.KindCode, Code: out})
			return wire.Str(raw, &out.Text)
		})
	}))
}
