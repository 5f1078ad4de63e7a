package responses

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// observer reads only the few members that records need; items are not
// decoded.
type observer struct {
	seen   protocol.Seen
	reader rawjson.Reader
	calls  bool
}

// Seen implements protocol.Observer.
func (o *observer) Seen() protocol.Seen { return o.seen }

// Frame implements protocol.Observer.
func (o *observer) Frame(f sse.Frame) error {
	data := wire.FrameData(f)
	if data == nil || string(data) == wire.DoneMark {
		return nil
	}
	// One walk finds all members: this runs for every frame of every stream.
	var kind, body, failure []byte
	r := &o.reader
	r.Reset(data, wire.MaxDepth)
	for key := range r.Members() {
		switch key {
		case "type":
			kind = r.Value()
		case "response":
			body = r.Value()
		case "error":
			failure = r.Value()
		}
	}
	if err := r.End(); err != nil {
		return wire.BadFrame(upstreamName, err, f)
	}
	switch word := textOf(kind); word {
	case "response.created", "response.queued", "response.in_progress":
		o.model(body)
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		return o.end(body, strings.Clone(strings.TrimPrefix(word, "response.")))
	case "response.output_item.added":
		o.seen.Started = true
	case "error":
		return errorEvent(data)
	case "":
		if failure != nil && !rawjson.IsNull(failure) {
			return errorEvent(data)
		}
	default:
		o.seen.Started = o.seen.Started || strings.HasSuffix(word, ".delta")
	}
	return nil
}

// Body implements protocol.Observer.
func (o *observer) Body(body []byte) error {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	if rawjson.KindOf(body) != rawjson.KindObject {
		return wire.Malformed(upstreamName, "the upstream's answer is not an object", nil)
	}
	// A response that runs in the background is whole as it is.
	switch wire.PeekWord(body, "status") {
	case "queued", statusInProgress:
		o.model(body)
		o.seen.Started, o.seen.Complete = true, true
		return nil
	}
	return o.end(body, "")
}

func (o *observer) model(body []byte) {
	if m := wire.WordOf(body, "model"); m != "" {
		o.seen.Model = m
	}
}

// end reads how a response ended and what it cost.
func (o *observer) end(body []byte, event string) error {
	var failure, output, usage []byte
	status := event
	for key, v := range rawjson.Members(body) {
		switch key {
		case "model":
			if m := textOf(v); m != "" {
				o.seen.Model = strings.Clone(m)
			}
		case "usage":
			usage = v
		case "status":
			if word := textOf(v); word != "" {
				status = strings.Clone(word)
			}
		case "error":
			failure = v
		case "output":
			output = v
		}
	}
	o.usage(usage)
	if failure != nil {
		if err := failed(body); err != nil {
			return err
		}
	}
	end := (&answerDecoder{}).ending(body, status)
	if end == nil {
		return unfinished(status)
	}
	o.items(output)
	o.seen.Started, o.seen.Complete, o.seen.Reason = true, true, end.Reason
	if end.Reason == llm.ReasonEnd && o.calls {
		o.seen.Reason = llm.ReasonTool
	}
	return nil
}

func (o *observer) usage(raw []byte) {
	if raw == nil || rawjson.IsNull(raw) {
		return
	}
	if u, err := wire.OpenAIUsage(raw); err == nil {
		o.seen.Usage = u
	}
}

// items looks for calls that wait for the client.
func (o *observer) items(list []byte) {
	for item := range rawjson.Items(list) {
		switch wire.PeekWord(item, "type") {
		case "function_call", "custom_tool_call", "local_shell_call", "shell_call", "apply_patch_call":
			o.calls = true
		}
	}
}
