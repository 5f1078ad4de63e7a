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
	seen   protocol.Seen
	reader rawjson.Reader
	usage  usageCounts
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
	var kind, message, block, delta, usage, failure []byte
	r := &o.reader
	r.Reset(data, wire.MaxDepth)
	for key := range r.Members() {
		switch key {
		case "type":
			kind = r.Value()
		case "message":
			message = r.Value()
		case "content_block":
			block = r.Value()
		case "delta":
			delta = r.Value()
		case "usage":
			usage = r.Value()
		case "error":
			failure = r.Value()
		}
	}
	if err := r.End(); err != nil {
		return wire.BadFrame(upstreamName, err, f)
	}
	switch word, _ := rawjson.String(kind); word {
	case "message_start":
		o.head(message)
	case "content_block_start":
		o.seen.Started = true
		o.calls = o.calls || member(block, "type") == "tool_use"
	case "message_delta":
		o.meter(usage)
		o.stop(delta)
	case "message_stop":
		o.seen.Complete = true
	case "error":
		return streamFault(data)
	case "":
		if failure != nil {
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
	usage, _ := rawjson.Get(raw, "usage")
	o.meter(usage)
}

func (o *observer) meter(raw []byte) {
	if len(raw) > 0 && !rawjson.IsNull(raw) && o.usage.read(raw) == nil {
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
