package openai

import (
	"strings"

	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// observer reads only the few members that records need; what the model says
// is looked at, not decoded.
type observer struct {
	seen    protocol.Seen
	choices [maxChoices]uint8 // running or finished
	count   int
	calls   bool
}

// States of a choice.
const (
	unseen uint8 = iota
	running
	finished
)

// Seen implements protocol.Observer.
func (o *observer) Seen() protocol.Seen { return o.seen }

// Frame implements protocol.Observer.
func (o *observer) Frame(f sse.Frame) error {
	data := wire.FrameData(f)
	if data == nil {
		return nil
	}
	if string(data) == wire.DoneMark {
		// A stream may end so without a finish reason, as long as it said
		// something.
		o.seen.Complete = o.seen.Complete || o.seen.Started
		return nil
	}
	if err := wire.CheckFrame(upstreamName, data, f); err != nil {
		return err
	}
	return o.object(data)
}

// Body implements protocol.Observer.
func (o *observer) Body(body []byte) error {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return wire.Malformed(upstreamName, "the upstream's answer is not JSON", err)
	}
	if err := o.object(body); err != nil {
		return err
	}
	if !o.seen.Complete {
		return wire.Cut(upstreamName, nil)
	}
	return nil
}

func (o *observer) object(data []byte) error {
	if rawjson.KindOf(data) != rawjson.KindObject {
		return streamFault(data)
	}
	for key, v := range rawjson.Members(data) {
		switch key {
		case "error":
			if err := streamFault(data); err != nil {
				return err
			}
		case "usage":
			if rawjson.IsNull(v) {
				continue
			}
			if u, err := wire.OpenAIUsage(v); err == nil {
				o.seen.Usage = u
			}
		case "model":
			if s, err := rawjson.String(v); err == nil && s != o.seen.Model {
				o.seen.Model = strings.Clone(s)
			}
		case "choices":
			i := int64(0)
			for item := range rawjson.Items(v) {
				o.choice(i, item)
				i++
			}
		}
	}
	return nil
}

func (o *observer) choice(i int64, raw []byte) {
	finish := ""
	for key, v := range rawjson.Members(raw) {
		switch key {
		case "index":
			if n, err := rawjson.Int(v); err == nil {
				i = n
			}
		case "delta", "message":
			// Once something was said, all that is left to learn is whether something is called.
			if !o.seen.Started || wire.MayHold(v, "_call") {
				o.delta(v)
			}
		case "text": // of a completion
			o.seen.Started = o.seen.Started || len(v) > len(`""`)
		case "finish_reason":
			if rawjson.KindOf(v) == rawjson.KindString {
				finish, _ = rawjson.String(v)
			}
		}
	}
	if i < 0 || i >= maxChoices {
		return
	}
	if o.choices[i] == unseen {
		o.choices[i] = running
		o.count++
	}
	if finish == "" || o.choices[i] == finished {
		return
	}
	o.choices[i] = finished
	o.count--
	o.seen.Started = true
	o.seen.Complete = o.count == 0
	if i == 0 || o.seen.Reason == "" {
		o.seen.Reason, _ = finishOf(finish, o.calls, false)
	}
}

// delta notes whether anything was said.
func (o *observer) delta(raw []byte) {
	for key, v := range rawjson.Members(raw) {
		switch key {
		case "role":
			continue
		case "tool_calls", "function_call":
			o.calls = o.calls || len(v) > len(`[]`) && !rawjson.IsNull(v)
		}
		if !rawjson.IsNull(v) && len(v) > len(`""`) {
			o.seen.Started = true
		}
	}
}
