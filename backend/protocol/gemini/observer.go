package gemini

import (
	"bytes"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// NewObserver returns an observer of one answer that passes through.
func (Upstream) NewObserver() protocol.Observer { return &observer{} }

// observer reads only the few members that records need; parts are looked at,
// not decoded.
type observer struct {
	seen   protocol.Seen
	reader rawjson.Reader
	known  [maxChoices]bool // choices that have begun
	ended  [maxChoices]bool // those of them that have ended
	open   int              // choices that have begun and not ended
	calls  bool
	parts  bool
	usage  []byte // usageMetadata of the last frame that had one; not yet decoded
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
	before := o.seen
	err := o.object(data, f.Unterminated)
	if err != nil { // what else it says does not count
		o.seen.Started, o.seen.Complete, o.seen.Reason = before.Started, before.Complete, before.Reason
	}
	return err
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
	// Each byte is looked at once: this runs for every frame of every stream.
	r := &o.reader
	r.Reset(data, maxDepth)
	kind, n := r.Kind(), 0
	var feedback, failure []byte
	var err error // of a candidate
	for key := range r.Members() {
		switch key {
		case "candidates":
			n, err = o.candidates()
		case "usageMetadata":
			if v := r.Value(); v != nil { // a frame that is cut tells nothing
				o.usage = append(o.usage[:0], v...)
			}
		case "modelVersion":
			if s, err := rawjson.String(r.Value()); err == nil && s != o.seen.Model {
				o.seen.Model = strings.Clone(s)
			}
		case "promptFeedback":
			feedback = r.Value()
		case "error":
			failure = r.Value()
		}
	}
	if bad := r.End(); bad != nil {
		return badFrame(data, cut, bad)
	}
	switch {
	case kind == rawjson.KindArray && reportsError(data), rawjson.KindOf(failure) == rawjson.KindObject:
		return frameError(data)
	case kind != rawjson.KindObject:
		return malformed("the upstream sent an event that is no object", nil)
	case n == 0 && member(feedback, "blockReason") != nil:
		o.seen.Started, o.seen.Complete, o.seen.Reason = true, true, llm.ReasonFilter
	}
	return err
}

// badFrame is the fault of a frame that is no JSON; bad tells where. An error of
// Gemini's may be so.
func badFrame(data []byte, cut bool, bad error) error {
	if fe := frameError(data); fe != nil {
		return fe
	}
	if cut {
		return cutStream(bad)
	}
	return malformed("the upstream sent an event that is not JSON", bad)
}

// candidates reads the candidates of a frame and returns how many there are. The
// fault of one ends the look at them.
func (o *observer) candidates() (n int, err error) {
	for i := range o.reader.Items() {
		n++
		if err == nil {
			err = o.candidate(int64(i))
		}
	}
	return n, err
}

// candidate reads a candidate at its place i, unless it tells another.
func (o *observer) candidate(i int64) error {
	var content, finish []byte
	for key := range o.reader.Members() {
		switch key {
		case "index":
			_ = readInt(&i, key, o.reader.Value())
		case "content":
			content = o.reader.Value()
		case "finishReason":
			finish = o.reader.Value()
		}
	}
	if i >= 0 && i < maxChoices && !o.known[i] {
		o.known[i] = true
		o.open++
	}
	// Once something was said, all that is left to learn of parts is whether a function is called.
	if !o.parts || !o.seen.Started || wire.MayHold(content, "functionCall") {
		for item := range rawjson.Items(member(content, "parts")) {
			o.part(item)
		}
	}
	if finish == nil {
		return nil
	}
	return o.finished(i, finish)
}

// finished notes how a choice ended.
func (o *observer) finished(i int64, raw []byte) error {
	word, _ := rawjson.String(raw)
	if word == "" || word == "FINISH_REASON_UNSPECIFIED" {
		return nil
	}
	finish := strings.Clone(word) // a fault outlives the frame
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
	if i >= 0 && i < maxChoices && !o.ended[i] {
		o.ended[i] = true
		o.open--
	}
	o.seen.Complete = o.open == 0
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
