package anthropic

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// observer reads only the few members that records need; blocks are not
// decoded.
type observer struct {
	seen  protocol.Seen
	usage usageCounts
	calls bool
}

// Seen implements protocol.Observer.
func (o *observer) Seen() protocol.Seen { return o.seen }

// Frame implements protocol.Observer.
func (o *observer) Frame(f sse.Frame) error {
	data := wire.FrameData(f)
	if data == nil || string(data) == wire.DoneMark {
		return nil
	}
	if err := wire.CheckFrame(upstreamName, data, f); err != nil {
		return err
	}
	switch member(data, "type") {
	case "message_start":
		if body, ok := rawjson.Get(data, "message"); ok {
			o.head(body)
		}
	case "content_block_start":
		o.seen.Started = true
		if body, ok := rawjson.Get(data, "content_block"); ok {
			o.calls = o.calls || member(body, "type") == "tool_use"
		}
	case "message_delta":
		o.meter(data)
		if delta, ok := rawjson.Get(data, "delta"); ok {
			o.stop(delta)
		}
	case "message_stop":
		o.seen.Complete = true
	case "error":
		return streamFault(data)
	case "":
		if _, failed := rawjson.Get(data, "error"); failed {
			return streamFault(data)
		}
	}
	return nil
}

// Body implements protocol.Observer.
func (o *observer) Body(body []byte) error {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	if _, failed := rawjson.Get(body, "error"); failed || member(body, "type") == "error" {
		return streamFault(body)
	}
	content, _ := rawjson.Get(body, "content")
	for item := range rawjson.Items(content) {
		o.calls = o.calls || member(item, "type") == "tool_use"
	}
	o.head(body)
	o.stop(body)
	if !o.seen.Complete {
		return wire.Cut(upstreamName, nil)
	}
	return nil
}

func (o *observer) head(raw []byte) {
	if m := member(raw, "model"); m != "" {
		o.seen.Model = strings.Clone(m)
	}
	o.meter(raw)
}

func (o *observer) meter(raw []byte) {
	val, ok := rawjson.Get(raw, "usage")
	if ok && !rawjson.IsNull(val) && o.usage.read(val) == nil {
		o.seen.Usage = o.usage.usage()
	}
}

// stop notes the reason. A stream may end with it, though message_stop ought
// to follow.
func (o *observer) stop(raw []byte) {
	word := member(raw, "stop_reason")
	if word == "" {
		return
	}
	var reason llm.Reason
	reason, _ = stopOf(word, o.calls)
	o.seen.Reason, o.seen.Started, o.seen.Complete = reason, true, true
}
