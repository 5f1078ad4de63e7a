package responses

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// finish reads the response at its end; event is the word of the event that
// brought it, "" for one that came at once.
func (d *answerDecoder) finish(response []byte, event string) error {
	if d.closed {
		return nil
	}
	status := wire.WordOf(response, "status")
	if status == "" {
		status = event
	}
	if err := failed(response); err != nil {
		return err
	}
	end := d.ending(response, status)
	if end == nil {
		return unfinished(status)
	}
	d.open(response)
	if err := d.output(response); err != nil {
		return wire.At("output", err)
	}
	if raw, ok := rawjson.Get(response, "usage"); ok && !rawjson.IsNull(raw) {
		u, err := wire.OpenAIUsage(raw)
		if err != nil {
			return wire.At("usage", err)
		}
		d.emit(llm.Event{Kind: llm.EventMeter, Usage: u})
	}
	if end.Reason == llm.ReasonEnd { // now that all of it is known
		switch {
		case d.calls:
			end.Reason = llm.ReasonTool
		case d.denied && !d.spoke:
			end.Reason = llm.ReasonFilter
		}
	}
	if len(d.search.Queries) > 0 {
		end.Search = &d.search
	}
	d.closed = true
	if d.next == 0 && (end.Reason == llm.ReasonEnd || end.Reason == llm.ReasonTool) {
		return wire.Empty(upstreamName)
	}
	d.emit(llm.Event{Kind: llm.EventClose, Close: end})
	return nil
}

// unfinished is the fault of a response that ended in no good way.
func unfinished(status string) error {
	if status == statusFailed {
		return &fault.Error{
			Class: fault.Internal, Scope: fault.ScopeRequest, Provider: upstreamName, Message: "the upstream failed to answer",
		}
	}
	return wire.Cut(upstreamName, nil)
}

// ending is how a response ended, nil if it did not (mapping rules, section
// 16).
func (d *answerDecoder) ending(response []byte, status string) *llm.Close {
	switch status {
	case statusCompleted, "": // "": a server that leaves it out
		return &llm.Close{Reason: llm.ReasonEnd}
	case statusIncomplete:
	default:
		return nil
	}
	details, _ := rawjson.Get(response, "incomplete_details")
	reason, known := incompleteReason(wire.WordOf(details, "reason"))
	end := &llm.Close{Reason: reason}
	if !known {
		end.Detail = wire.WordOf(details, "reason")
		d.losses.Adapt("finish.unknown", "", end.Detail)
	}
	return end
}

func incompleteReason(word string) (r llm.Reason, known bool) {
	switch word {
	case reasonLength, "max_messages", "steered", "max_tokens":
		return llm.ReasonLength, true
	case reasonFilter:
		return llm.ReasonFilter, true
	}
	return llm.ReasonEnd, false
}

// output goes through the items of the whole response.
func (d *answerDecoder) output(response []byte) error {
	if list, ok := rawjson.Get(response, "output"); ok && !rawjson.IsNull(list) {
		err := wire.Each(list, func(i int, raw []byte) error {
			if i > maxItems || rawjson.KindOf(raw) != rawjson.KindObject {
				return wire.Wrong("an item", raw)
			}
			d.begin(int64(i), raw)
			return d.end(int64(i), raw)
		})
		if err != nil {
			return err
		}
	}
	for _, at := range slices.Sorted(maps.Keys(d.items)) { // begun, and not in the output: cut off
		d.items[at].done = true
		d.closeAll(d.items[at])
	}
	return nil
}

// endOther shows the items of tools that OpenAI runs, and what the client runs
// for them.
func (d *answerDecoder) endOther(it *itemState, body []byte) error {
	switch it.kind {
	case "image_generation_call":
		return d.endImage(it, body)
	case "code_interpreter_call":
		return d.endCode(it, body)
	case "web_search_call":
		d.endSearch(it, body)
		return nil
	case "tool_search_call", "tool_search_output":
		d.whole(it, llm.Part{Kind: llm.KindOpaque, Native: native(json.RawMessage(body)), Loading: loadingOf(it.kind, body)})
		return nil
	case "local_shell_call":
		return d.endTrained(it, body, toolLocalShell, "action")
	case "shell_call":
		return d.endTrained(it, body, toolShell, "action")
	case "apply_patch_call":
		return d.endTrained(it, body, toolApplyPatch, "operation")
	}
	// Known to its own clients alone.
	d.whole(it, llm.Part{Kind: llm.KindOpaque, Native: native(json.RawMessage(body))})
	return nil
}

func (d *answerDecoder) endImage(it *itemState, body []byte) error {
	data := wire.WordOf(body, "result")
	if data == "" {
		d.losses.Drop("opaque", "output", it.kind)
		return nil
	}
	m := &llm.Media{Data: data, MIME: "image/png"}
	if format := wire.WordOf(body, "output_format"); format != "" {
		m.MIME = "image/" + strings.ToLower(format)
	}
	d.spoke = true
	d.whole(it, llm.Part{Kind: llm.KindMedia, Media: m})
	return nil
}

func (d *answerDecoder) endCode(it *itemState, body []byte) error {
	id := wire.WordOf(body, "id")
	if text := wire.WordOf(body, "code"); text != "" {
		d.whole(it, llm.Part{Kind: llm.KindCode, Code: &llm.Code{Language: codeLanguage, Text: text, ID: id}})
	}
	outputs, ok := rawjson.Get(body, "outputs")
	if !ok || rawjson.IsNull(outputs) {
		return nil
	}
	return wire.At("outputs", wire.Each(outputs, func(_ int, raw []byte) error {
		if text := wire.WordOf(raw, "logs"); text != "" {
			d.whole(it, llm.Part{Kind: llm.KindCode, Code: &llm.Code{Output: true, Text: text, ID: id}})
		}
		return nil
	}))
}

// endTrained shows a call of a tool that OpenAI's models were trained on. Its
// arguments are the action.
func (d *answerDecoder) endTrained(it *itemState, body []byte, tool, key string) error {
	action, ok := rawjson.Get(body, key)
	if !ok || rawjson.KindOf(action) != rawjson.KindObject {
		return wire.At(key, wire.Wrong("an object", action))
	}
	id := wire.WordOf(body, "call_id")
	if id == "" {
		id = wire.WordOf(body, "id")
	}
	d.calls = true
	d.whole(it, llm.Part{Kind: llm.KindCall, Call: trainedCallOf(tool, id, action)})
	return nil
}
