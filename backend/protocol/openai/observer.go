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
	reader  rawjson.Reader
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
	before := o.seen
	bad, err := o.object(data)
	if bad != nil {
		err = wire.BadFrame(upstreamName, bad, f)
	}
	if err != nil { // what else it says does not count
		o.seen = before
	}
	return err
}

// Body implements protocol.Observer.
func (o *observer) Body(body []byte) error {
	bad, err := o.object(body)
	switch {
	case bad != nil:
		return wire.Malformed(upstreamName, "the upstream's answer is not JSON", bad)
	case err != nil:
		return err
	case !o.seen.Complete:
		return wire.Cut(upstreamName, nil)
	}
	return nil
}

// object reads what the upstream sent; bad tells that it is no JSON, err of an
// error that it reports.
func (o *observer) object(data []byte) (bad, err error) {
	r := &o.reader
	r.Reset(data, wire.MaxDepth)
	failed := r.Kind() != rawjson.KindObject
	for key := range r.Members() {
		switch key {
		case "error":
			failed = true
		case "usage":
			o.usage(r.Value())
		case "model":
			if s, err := rawjson.String(r.Value()); err == nil && s != o.seen.Model {
				o.seen.Model = strings.Clone(s)
			}
		case "choices":
			for i := range r.Items() {
				o.choice(int64(i))
			}
		}
	}
	if bad = r.End(); bad == nil && failed {
		err = streamFault(data)
	}
	return bad, err
}

func (o *observer) usage(raw []byte) {
	if rawjson.IsNull(raw) {
		return
	}
	if u, err := wire.OpenAIUsage(raw); err == nil {
		o.seen.Usage = u
	}
}

// choice reads a choice at its place i, unless it tells another.
func (o *observer) choice(i int64) {
	finish := ""
	for key := range o.reader.Members() {
		switch key {
		case "index":
			if n, err := rawjson.Int(o.reader.Value()); err == nil {
				i = n
			}
		case "delta", "message":
			// Once something was said, all that is left to learn is whether something is called.
			if v := o.reader.Value(); !o.seen.Started || wire.MayHold(v, "_call") {
				o.delta(v)
			}
		case "text": // of a completion
			o.seen.Started = len(o.reader.Value()) > len(`""`) || o.seen.Started
		case "finish_reason":
			if v := o.reader.Value(); !rawjson.IsNull(v) {
				if word, err := rawjson.String(v); err == nil {
					finish = word
				}
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
