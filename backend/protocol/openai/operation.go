package openai

import (
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// JSONOperation is what the operations with a JSON body share; the errors and
// the name are those of the chat protocol.
type JSONOperation struct{ Client }

// Ask implements protocol.Operation.
func (JSONOperation) Ask(in protocol.Inbound) (protocol.Asked, error) {
	var a protocol.Asked
	err := wire.Members(in.Body, func(key string, raw []byte) error {
		switch key {
		case "model":
			return wire.Str(raw, &a.Model)
		case "stream":
			return wire.Bool(raw, &a.Stream)
		}
		return nil
	})
	if err == nil && a.Model == "" {
		err = wire.Missing("model")
	}
	return a, wire.Explain(err)
}

// WithModel implements protocol.Operation.
func (JSONOperation) WithModel(in protocol.Inbound, model string) ([]byte, error) {
	var w rawjson.Writer
	w.Str(model)
	out, err := rawjson.Set(in.Body, w.Bytes(), "model")
	if err != nil {
		return nil, fault.Invalid("", "expected an object")
	}
	return out, nil
}

// NewObserver implements protocol.Operation.
func (JSONOperation) NewObserver() protocol.Observer { return &OperationObserver{} }

// OperationObserver watches the answers of OpenAI's operations: their usage,
// which is counted in input_tokens, and the event that ends a stream, whose
// type ends in ".completed" or ".done".
type OperationObserver struct{ seen protocol.Seen }

// Seen implements protocol.Observer.
func (o *OperationObserver) Seen() protocol.Seen { return o.seen }

// Frame implements protocol.Observer.
func (o *OperationObserver) Frame(f sse.Frame) error {
	data := wire.FrameData(f)
	if data == nil || string(data) == wire.DoneMark {
		return nil
	}
	if err := wire.CheckFrame(upstreamName, data, f); err != nil {
		return err
	}
	if err := streamFault(data); err != nil {
		return err
	}
	o.seen.Started = true
	raw, _ := rawjson.Get(data, "type")
	if kind, err := rawjson.String(raw); err == nil && (strings.HasSuffix(kind, ".completed") || strings.HasSuffix(kind, ".done")) {
		o.seen.Complete = true
	}
	o.usage(data)
	return nil
}

// Body implements protocol.Observer: the answer may be text or sound too.
func (o *OperationObserver) Body(body []byte) error {
	o.seen.Started, o.seen.Complete = true, true
	if valid := rawjson.Check(body, wire.MaxDepth) == nil; !valid || rawjson.KindOf(body) != rawjson.KindObject {
		return nil
	}
	if err := streamFault(body); err != nil {
		return err
	}
	o.usage(body)
	return nil
}

func (o *OperationObserver) usage(object []byte) {
	raw, ok := rawjson.Get(object, "usage")
	if !ok || rawjson.KindOf(raw) != rawjson.KindObject {
		return
	}
	u := llm.Usage{}
	counted := false
	for key, v := range rawjson.Members(raw) {
		n, err := rawjson.Int(v)
		if err != nil {
			continue
		}
		switch key {
		case "prompt_tokens", "input_tokens":
			u.Input, counted = n, true
		case "completion_tokens", "output_tokens":
			u.Output, counted = n, true
		}
	}
	if counted { // a transcription may be counted in seconds instead
		o.seen.Usage = &u
	}
}
