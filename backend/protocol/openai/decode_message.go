package openai

import (
	"encoding/json"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// message holds the members of one message; which of them count depends on
// its role, and that may stand last.
type message struct {
	role, name, callID       string
	content, refusal, calls  json.RawMessage
	oldCall, audio, images   json.RawMessage
	thought, router, details json.RawMessage
	cache                    *llm.Cache
	rest                     wire.Rest
}

// pendingCall is a deprecated function call that waits for its result, which
// repeats the name only.
type pendingCall struct{ id, name string }

func (d *requestDecoder) message(i int, raw []byte) error {
	var m message
	if err := wire.Members(raw, m.member); err != nil {
		return err
	}
	path := "messages[" + strconv.Itoa(i) + "]"
	if m.name != "" && m.role != "tool" && m.role != "function" {
		d.losses.Drop("message.name", path+".name", "")
		m.rest.Add("name", rawjson.AppendString(nil, m.name))
	}
	switch m.role {
	case "":
		return wire.Missing("role")
	case "system", "developer":
		return d.system(&m)
	case "user":
		return d.userMessage(&m)
	case "assistant":
		return d.assistant(&m, i)
	case "tool":
		return d.toolMessage(&m)
	case "function":
		return d.functionMessage(&m)
	}
	return wire.At("role", wire.Unknown(m.role, "system", "developer", "user", "assistant", "tool"))
}

func (m *message) member(key string, raw []byte) error {
	switch key {
	case "role":
		return wire.Str(raw, &m.role)
	case "content":
		m.content = raw
	case "name":
		return wire.Str(raw, &m.name)
	case "tool_call_id":
		return wire.Str(raw, &m.callID)
	case "tool_calls":
		m.calls = raw
	case "function_call":
		m.oldCall = raw
	case "refusal":
		m.refusal = raw
	case "audio":
		m.audio = raw
	case "images":
		m.images = raw
	case "reasoning_content":
		m.thought = raw
	case "reasoning":
		m.router = raw
	case "reasoning_details":
		m.details = raw
	case "prompt_cache_breakpoint":
		return wire.Cache(raw, &m.cache)
	default:
		m.rest.Add(key, raw)
	}
	return nil
}

// system keeps leading messages apart from those in mid-conversation, which
// stay where they are.
func (d *requestDecoder) system(m *message) error {
	parts, err := contentParts(m.content, textOnly)
	if err != nil {
		return err
	}
	if m.role == "developer" {
		m.rest.Add("role", []byte(`"developer"`))
	}
	if len(d.req.Turns) > 0 {
		turn := llm.Turn{Role: llm.RoleSystem, Parts: parts, Native: m.rest.Native(llm.OpenAIChat)}
		d.req.Turns = append(d.req.Turns, turn)
		return nil
	}
	for i := range parts {
		if parts[i].Native.Rest == nil {
			parts[i].Native = m.rest.Native(llm.OpenAIChat)
		}
	}
	d.req.System = append(d.req.System, parts...)
	return nil
}

func (d *requestDecoder) userMessage(m *message) error {
	parts, err := contentParts(m.content, anyPart)
	d.req.Turns = append(d.req.Turns, llm.Turn{
		Role: llm.RoleUser, Parts: parts, Native: m.rest.Native(llm.OpenAIChat),
	})
	return err
}

// toolMessage appends a result to the user turn of its step.
func (d *requestDecoder) toolMessage(m *message) error {
	if m.callID == "" {
		return wire.Missing("tool_call_id")
	}
	result := &llm.Result{CallID: m.callID, Name: m.name, Kind: llm.CallFunction}
	if d.customCalls[m.callID] {
		result.Kind = llm.CallCustom
	}
	return d.result(m, result)
}

func (d *requestDecoder) functionMessage(m *message) error {
	if m.name == "" {
		return wire.Missing("name")
	}
	result := &llm.Result{Name: m.name, Kind: llm.CallFunction}
	for i, call := range d.pending {
		if call.name == m.name {
			result.CallID = call.id
			d.pending = append(d.pending[:i], d.pending[i+1:]...)
			break
		}
	}
	return d.result(m, result)
}

func (d *requestDecoder) result(m *message, result *llm.Result) error {
	if m.content != nil {
		parts, err := contentParts(m.content, anyPart)
		if err != nil {
			return err
		}
		result.Parts = parts
	}
	part := llm.Part{Kind: llm.KindResult, Result: result, Cache: m.cache, Native: m.rest.Native(llm.OpenAIChat)}
	// The breakpoint of a tool message stands on its last content part.
	if n := len(result.Parts); part.Cache == nil && n > 0 {
		part.Cache = result.Parts[n-1].Cache
	}
	if n := len(d.req.Turns); n > 0 && isResults(&d.req.Turns[n-1]) {
		last := &d.req.Turns[n-1]
		last.Parts = append(last.Parts, part)
		return nil
	}
	d.req.Turns = append(d.req.Turns, llm.Turn{Role: llm.RoleUser, Parts: []llm.Part{part}})
	return nil
}

// isResults reports whether a turn was made of tool messages.
func isResults(t *llm.Turn) bool {
	return t.Role == llm.RoleUser && len(t.Parts) > 0 && t.Parts[len(t.Parts)-1].Kind == llm.KindResult
}

// assistant reads a reply of the model: reasoning first, then content, then
// calls, since the protocol has no order between them.
func (d *requestDecoder) assistant(m *message, i int) error {
	turn := llm.Turn{Role: llm.RoleModel, Native: m.rest.Native(llm.OpenAIChat)}
	for _, read := range [...]func(*message, *llm.Turn) error{
		assistantReasoning, assistantContent, assistantMedia, d.calls,
	} {
		if err := read(m, &turn); err != nil {
			return err
		}
	}
	if m.oldCall != nil {
		if err := wire.At("function_call", d.oldFunctionCall(m.oldCall, i, &turn)); err != nil {
			return err
		}
	}
	d.req.Turns = append(d.req.Turns, turn)
	return nil
}

func assistantContent(m *message, turn *llm.Turn) error {
	if m.content != nil {
		parts, err := contentParts(m.content, assistantPart)
		if err != nil {
			return err
		}
		for _, p := range parts {
			if images := wire.SplitImages(p.Text); images != nil && p.Kind == llm.KindText {
				turn.Parts = append(turn.Parts, images...)
				continue
			}
			turn.Parts = append(turn.Parts, p)
		}
	}
	if m.refusal != nil {
		part := llm.Part{Kind: llm.KindText, Refusal: true}
		if err := wire.At("refusal", wire.Str(m.refusal, &part.Text)); err != nil {
			return err
		}
		if part.Text != "" {
			turn.Parts = append(turn.Parts, part)
		}
	}
	return nil
}

// assistantMedia reads spoken answers, which are known by their id only, and
// the images of servers that answer with them.
func assistantMedia(m *message, turn *llm.Turn) error {
	if m.audio != nil {
		media := &llm.Media{}
		err := wire.At("audio", wire.Members(m.audio, func(key string, raw []byte) error {
			if key == "id" {
				return wire.Str(raw, &media.FileID)
			}
			return nil
		}))
		if err != nil {
			return err
		}
		if media.FileID == "" {
			return wire.At("audio", wire.Missing("id"))
		}
		turn.Parts = append(turn.Parts, llm.Part{Kind: llm.KindMedia, Media: media})
	}
	if m.images == nil {
		return nil
	}
	return wire.At("images", wire.Each(m.images, func(_ int, raw []byte) error {
		part, err := contentPart(raw, anyPart)
		turn.Parts = append(turn.Parts, part)
		return err
	}))
}
