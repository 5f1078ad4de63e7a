package openai

import (
	"encoding/json"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// calls reads tool_calls.
func (d *requestDecoder) calls(m *message, turn *llm.Turn) error {
	if m.calls == nil {
		return nil
	}
	return wire.At("tool_calls", wire.Each(m.calls, func(_ int, raw []byte) error {
		part, err := toolCall(raw)
		if err == nil && part.Call.Kind == llm.CallCustom {
			d.customCalls[part.Call.ID] = true
		}
		turn.Parts = append(turn.Parts, part)
		return err
	}))
}

func (d *requestDecoder) oldFunctionCall(raw []byte, i int, turn *llm.Turn) error {
	call := &llm.Call{Kind: llm.CallFunction}
	if err := callBody(raw, "arguments", call); err != nil {
		return err
	}
	// The deprecated form has no ids: the place of the message makes one, the
	// same each time the history is sent.
	call.ID = "function_call_" + strconv.Itoa(i)
	d.pending = append(d.pending, pendingCall{id: call.ID, name: call.Name})
	turn.Parts = append(turn.Parts, llm.Part{Kind: llm.KindCall, Call: call})
	return nil
}

func toolCall(raw []byte) (llm.Part, error) {
	part := llm.Part{Kind: llm.KindCall, Call: &llm.Call{Kind: llm.CallFunction}}
	kind := "function"
	var body, extra json.RawMessage
	var rest wire.Rest
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "id":
			return wire.Str(raw, &part.Call.ID)
		case "type":
			return wire.Word(raw, &kind, "function", "custom")
		case "function", "custom":
			body = raw
		case "extra_content":
			extra = raw
		case "index":
		default:
			rest.Add(key, raw)
		}
		return nil
	})
	switch {
	case err != nil:
		return part, err
	case part.Call.ID == "":
		return part, wire.Missing("id")
	case body == nil:
		return part, wire.Missing(kind)
	}
	args := "arguments"
	if kind == "custom" {
		part.Call.Kind, args = llm.CallCustom, "input"
	}
	if err := wire.At(kind, callBody(body, args, part.Call)); err != nil {
		return part, err
	}
	part.Native = rest.Native(llm.OpenAIChat)
	part.Seal, err = extraSeal(extra)
	return part, wire.At("extra_content", err)
}

func callBody(raw []byte, argsKey string, call *llm.Call) error {
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "name":
			return wire.Str(raw, &call.Name)
		case argsKey:
			return wire.Str(raw, &call.Args)
		}
		return nil
	})
	if err == nil && call.Name == "" {
		err = wire.Missing("name")
	}
	return err
}

// extraSeal reads {google:{thought_signature}}, where clients of Gemini's
// OpenAI compatibility keep the signature of a call.
func extraSeal(raw []byte) (*llm.Seal, error) {
	val, ok := rawjson.Get(raw, "google", "thought_signature")
	if !ok || rawjson.IsNull(val) {
		return nil, nil
	}
	var text string
	if err := wire.Str(val, &text); err != nil {
		return nil, wire.At("google", wire.At("thought_signature", err))
	}
	return llm.OpenSeal(text, llm.IssuerGoogle), nil
}
