package gemini

import (
	"bytes"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// NewObserver returns an observer of one answer that passes through.
func (Upstream) NewObserver() protocol.Observer { return &observer{open: map[int64]bool{}} }

// observer reads only the few members that records need; parts are looked at,
// not decoded.
type observer struct {
	seen  protocol.Seen
	open  map[int64]bool // choices that have not finished
	calls bool
	parts bool
	usage []byte // usageMetadata of the last frame that had one; not yet decoded
}

// Seen implements protocol.Observer. Usage is decoded here: every frame brings
// it and only the last counts.
func (o *observer) Seen() protocol.Seen {
	if len(o.usage) > 0 {
		if usage, _, err := decodeUsage(o.usage); err == nil {
			o.seen.Usage = usage
		}
		o.usage = o.usage[:0]
	}
	return o.seen
}

// Frame implements protocol.Observer.
func (o *observer) Frame(f sse.Frame) error {
	data := f.Data
	if len(bytes.TrimSpace(data)) == 0 {
		data = f.Bare
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "[DONE]" {
		return nil
	}
	return o.object(data, f.Unterminated)
}

// Body implements protocol.Observer.
func (o *observer) Body(body []byte) error {
	if err := o.object(body, false); err != nil {
		return err
	}
	if !o.seen.Complete {
		return cutStream(nil)
	}
	return nil
}

func (o *observer) object(data []byte, cut bool) error {
	if err := rawjson.Check(data, maxDepth); err != nil {
		if fe := frameError(data); fe != nil {
			return fe
		}
		if cut {
			return cutStream(err)
		}
		return malformed("the upstream sent an event that is not JSON", err)
	}
	if reportsError(data) {
		return frameError(data)
	}
	if rawjson.KindOf(data) != rawjson.KindObject {
		return malformed("the upstream sent an event that is no object", nil)
	}
	blocked := false
	var candidates []byte
	for key, v := range rawjson.Members(data) {
		switch key {
		case "candidates":
			candidates = v
		case "usageMetadata":
			o.usage = append(o.usage[:0], v...)
		case "modelVersion":
			if s, err := rawjson.String(v); err == nil && s != o.seen.Model {
				o.seen.Model = strings.Clone(s)
			}
		case "promptFeedback":
			blocked = member(v, "blockReason") != nil
		}
	}
	return o.candidates(candidates, blocked)
}

func (o *observer) candidates(raw []byte, blocked bool) error {
	n := int64(0)
	for item := range rawjson.Items(raw) {
		if err := o.candidate(n, item); err != nil {
			return err
		}
		n++
	}
	if n == 0 && blocked {
		o.seen.Started, o.seen.Complete, o.seen.Reason = true, true, llm.ReasonFilter
	}
	return nil
}

func (o *observer) candidate(i int64, raw []byte) error {
	if v := member(raw, "index"); v != nil {
		_ = readInt(&i, "index", v)
	}
	if _, ok := o.open[i]; !ok && len(o.open) < maxChoices {
		o.open[i] = true
	}
	for item := range rawjson.Items(member(raw, "content", "parts")) {
		o.part(item)
	}
	finish := text(raw, "finishReason")
	if finish == "" || finish == "FINISH_REASON_UNSPECIFIED" {
		return nil
	}
	if !o.seen.Started {
		// Nothing has reached the client: the relay may still try again.
		if fe := finishFault(finish, ""); fe != nil {
			return fe
		}
	}
	reason, _ := finishReason(finish, o.calls)
	if !o.parts && (reason == llm.ReasonEnd || reason == llm.ReasonTool) {
		return emptyReply()
	}
	o.seen.Started = true
	if i == 0 || o.seen.Reason == "" {
		o.seen.Reason = reason
	}
	o.open[i] = false
	o.seen.Complete = true
	for _, running := range o.open {
		o.seen.Complete = o.seen.Complete && !running
	}
	return nil
}

// part notes what a part is: an empty text says nothing yet.
func (o *observer) part(raw []byte) {
	for key, v := range rawjson.Members(raw) {
		switch key {
		case "thought":
			continue
		case "text":
			if len(v) <= len(`""`) {
				continue
			}
		case "functionCall":
			o.calls = true
		}
		o.parts, o.seen.Started = true, true
	}
}
