package responses

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// callItem reads the items with which a client's tools are called and answer.
func (d *requestDecoder) callItem(it *item) (known bool, err error) {
	switch it.kind {
	case "function_call":
		return true, d.functionCall(it, llm.CallFunction, "arguments", it.arguments)
	case "custom_tool_call":
		return true, d.functionCall(it, llm.CallCustom, "input", it.input)
	case "function_call_output":
		return true, d.output(it, llm.CallFunction)
	case "custom_tool_call_output":
		return true, d.output(it, llm.CallCustom)
	case "local_shell_call":
		return true, d.localShellCall(it)
	case "local_shell_call_output":
		return true, d.localShellOutput(it)
	case "shell_call":
		return true, d.trainedCall(it, toolShell, "action", it.action)
	case "shell_call_output":
		return true, d.shellOutput(it)
	case "apply_patch_call":
		return true, d.trainedCall(it, toolApplyPatch, "operation", it.operation)
	case "tool_search_call":
		if it.execution != executionClient {
			return false, nil // the upstream's own, which others do not know
		}
		return true, d.trainedCall(it, toolSearch, "arguments", it.arguments)
	case "apply_patch_call_output":
		return true, d.patchOutput(it)
	}
	return false, nil
}

func (d *requestDecoder) functionCall(it *item, kind llm.CallKind, key string, args json.RawMessage) error {
	call := &llm.Call{Kind: kind, ID: it.callID, Namespace: it.namespace, Name: it.name}
	switch {
	case it.callID == "":
		return wire.Missing("call_id")
	case it.name == "":
		return wire.Missing("name")
	}
	if err := optional(key, args, &call.Args); err != nil {
		return err
	}
	d.call(it, call)
	return nil
}

func (d *requestDecoder) call(it *item, call *llm.Call) {
	d.add(llm.RoleModel, llm.Part{Kind: llm.KindCall, Call: call, Native: it.rest.Native(llm.Responses)})
}

// output reads what a tool answered: text, or text, images and files.
func (d *requestDecoder) output(it *item, kind llm.CallKind) error {
	if it.output == nil {
		return wire.Missing("output")
	}
	raw := it.output
	if rawjson.KindOf(raw) == rawjson.KindObject { // an older form: {content, success}
		if val, ok := rawjson.Get(raw, "content"); ok {
			raw = val
		}
	}
	parts, err := contentParts(raw)
	if err != nil {
		return wire.At("output", err)
	}
	id := it.callID
	if id == "" {
		id = it.id
	}
	d.result(it, &llm.Result{CallID: id, Name: it.name, Kind: kind, Parts: parts})
	return nil
}

func (d *requestDecoder) result(it *item, r *llm.Result) {
	part := llm.Part{Kind: llm.KindResult, Result: r, Cache: it.cache, Native: it.rest.Native(llm.Responses)}
	// The breakpoint of an output stands on its last content part.
	if n := len(r.Parts); part.Cache == nil && n > 0 {
		part.Cache = r.Parts[n-1].Cache
	}
	d.add(llm.RoleUser, part)
}

// shellCall is a local shell call of the history: its output names the item,
// not the call.
type shellCall struct{ itemID, callID string }

func (d *requestDecoder) localShellCall(it *item) error {
	id := it.callID
	if id == "" {
		id = it.id
	}
	if id == "" {
		return wire.Missing("call_id")
	}
	d.shells = append(d.shells, shellCall{itemID: it.id, callID: id})
	it.callID = id
	return d.trainedCall(it, toolLocalShell, "action", it.action)
}

func (d *requestDecoder) localShellOutput(it *item) error {
	id := it.callID
	for i, s := range d.shells {
		if id == "" && (it.id == s.itemID || it.id == s.callID) {
			id = s.callID
			d.shells = append(d.shells[:i], d.shells[i+1:]...)
			break
		}
	}
	if id == "" {
		id = it.id
	}
	it.callID = id
	return d.output(it, llm.CallFunction)
}

// trainedCall reads a call of a tool that OpenAI's models were trained on. Its
// arguments are the action as it stands, without the type of the action where
// there is only one.
func (d *requestDecoder) trainedCall(it *item, tool, key string, action json.RawMessage) error {
	switch {
	case it.callID == "":
		return wire.Missing("call_id")
	case action == nil:
		return wire.Missing(key)
	case rawjson.KindOf(action) != rawjson.KindObject:
		return wire.At(key, wire.Wrong("an object", action))
	}
	d.call(it, trainedCallOf(tool, it.callID, action))
	return nil
}

// trainedCallOf makes a function call of a trained tool's action.
func trainedCallOf(tool, id string, action []byte) *llm.Call {
	if tool == toolLocalShell {
		if rest, err := rawjson.Delete(action, "type"); err == nil {
			action = rest
		}
	}
	return &llm.Call{Kind: llm.CallFunction, ID: id, Name: tool, Args: string(rawjson.Compact(nil, action)), Trained: tool}
}

// shellOutput reads the outputs of shell commands. The model reads them as the
// JSON they are.
func (d *requestDecoder) shellOutput(it *item) error {
	switch {
	case it.callID == "":
		return wire.Missing("call_id")
	case it.output == nil:
		return wire.Missing("output")
	case rawjson.KindOf(it.output) != rawjson.KindArray:
		return wire.At("output", wire.Wrong("an array", it.output))
	}
	text := string(rawjson.Compact(nil, it.output))
	d.result(it, &llm.Result{CallID: it.callID, Name: toolShell, Kind: llm.CallFunction, Parts: []llm.Part{llm.TextPart(text)}})
	return nil
}

// found reads what a client's search found: the model gets the names, and the
// tools are declared.
func (d *requestDecoder) found(it *item) {
	var names []string
	for tool := range rawjson.Items(it.tools) {
		if name := wire.WordOf(tool, "name"); name != "" {
			names = append(names, name)
		}
	}
	text := "No tools were found."
	if len(names) > 0 {
		text = "These tools are loaded now: " + strings.Join(names, ", ")
	}
	d.result(it, &llm.Result{CallID: it.callID, Name: toolSearch, Kind: llm.CallFunction, Parts: []llm.Part{llm.TextPart(text)}})
}

func (d *requestDecoder) patchOutput(it *item) error {
	var status, text string
	switch {
	case it.callID == "":
		return wire.Missing("call_id")
	case it.status == nil:
		return wire.Missing("status")
	}
	if err := wire.At("status", wire.Word(it.status, &status, "completed", "failed")); err != nil {
		return err
	}
	if err := optional("output", it.output, &text); err != nil {
		return err
	}
	if text == "" {
		text = status
	}
	d.result(it, &llm.Result{
		CallID: it.callID, Name: toolApplyPatch, Kind: llm.CallFunction,
		IsError: status == "failed", Parts: []llm.Part{llm.TextPart(text)},
	})
	return nil
}
