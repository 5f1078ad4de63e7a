package gemini

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// replyDecoder turns the frames of one reply into events.
type replyDecoder struct {
	losses  *llm.Losses
	opened  bool
	model   string
	choices []*choiceDecoder
	native  members // of the response
	usage   members // of usageMetadata
	out     []llm.Event

	candidates []candidate // of the present frame
}

// members gathers members of objects that come again and again; the last one
// of a name counts.
type members struct {
	keys []string
	raw  map[string][]byte
}

func (m *members) set(key string, raw []byte) {
	if m.raw == nil {
		m.raw = map[string][]byte{}
	}
	if _, ok := m.raw[key]; !ok {
		m.keys = append(m.keys, key)
	}
	m.raw[key] = raw
}

func (m *members) rest() *rest {
	r := &rest{}
	for _, key := range m.keys {
		r.add(key, m.raw[key])
	}
	return r
}

func newReplyDecoder(losses *llm.Losses) *replyDecoder { return &replyDecoder{losses: losses} }

// complete reports that every candidate seen has finished.
func (d *replyDecoder) complete() bool {
	for _, c := range d.choices {
		if !c.closed {
			return false
		}
	}
	return len(d.choices) > 0
}

func (d *replyDecoder) emit(ev llm.Event) { d.out = append(d.out, ev) }

// frame reads one whole reply or one piece of a streamed one. The events are
// valid until the next call.
func (d *replyDecoder) frame(raw []byte) ([]llm.Event, error) {
	d.out = d.out[:0]
	if rawjson.KindOf(raw) == rawjson.KindArray && reportsError(raw) {
		return nil, frameError(raw)
	}
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return nil, malformed("the upstream sent an event that is not an object", err)
	}
	f, err := d.read(raw)
	if f.failed || err != nil && reportsError(raw) {
		return nil, frameError(raw)
	}
	if err != nil {
		return d.out, malformed("the upstream sent an event of another form than its protocol's", err)
	}
	if !d.opened {
		d.opened = true
		d.model = f.model
		d.emit(llm.Event{Kind: llm.EventOpen, ID: f.id, Model: f.model})
	}
	if f.usage != nil { // before the parts: some clients are told the input at once
		d.emit(llm.Event{Kind: llm.EventMeter, Usage: f.usage})
	}
	for i := range f.candidates {
		if err := d.content(&f.candidates[i]); err != nil {
			return d.out, err
		}
	}
	if f.blocked != nil && len(f.candidates) == 0 {
		return d.out, d.block(f.blocked)
	}
	for i := range f.candidates {
		if err := d.finish(&f.candidates[i]); err != nil {
			return d.out, err
		}
	}
	return d.out, nil
}

// reportsError tells a frame that is an error, alone or in an array; an error
// member of null is none (pitfall 17).
func reportsError(raw []byte) bool {
	if rawjson.KindOf(raw) == rawjson.KindArray {
		return errorObject(raw) != nil
	}
	return rawjson.KindOf(member(raw, "error")) == rawjson.KindObject
}

// replyFrame is what one frame says.
type replyFrame struct {
	id, model  string
	candidates []candidate
	usage      *llm.Usage
	blocked    []byte // promptFeedback with a blockReason
	failed     bool   // it reports an error
}

// read takes a frame apart; what it returns is valid until the next call.
func (d *replyDecoder) read(raw []byte) (f replyFrame, err error) {
	d.candidates = d.candidates[:0]
	for key, v := range rawjson.Members(raw) {
		switch camel(key) {
		case "candidates":
			err = eachItem(key, v, func(i int, item []byte) error {
				c, err := readCandidate(i, item)
				d.candidates = append(d.candidates, c)
				return err
			})
			f.candidates = d.candidates
		case "usageMetadata":
			if rawjson.IsNull(v) {
				continue
			}
			var others rest
			f.usage, others, err = decodeUsage(v)
			for k, u := range rawjson.Members(others.json()) {
				d.usage.set(k, u)
			}
		case "modelVersion":
			err = readStr(&f.model, key, v)
		case "responseId":
			err = readStr(&f.id, key, v)
		case "promptFeedback":
			if member(v, "blockReason") != nil {
				f.blocked = v
			}
			d.native.set(key, v)
		case "error":
			if f.failed = key == "error" && rawjson.KindOf(v) == rawjson.KindObject; !f.failed {
				d.native.set(key, v)
			}
		default:
			d.native.set(key, v)
		}
		if err != nil {
			return f, within(err, key)
		}
	}
	return f, nil
}

// block ends a reply whose prompt was blocked: an answer, not an error.
func (d *replyDecoder) block(feedback []byte) error {
	c := d.choice(0)
	reason := text(feedback, "blockReason")
	if reason == "" || reason == "BLOCK_REASON_UNSPECIFIED" {
		reason = "OTHER"
	}
	var native rest
	native.add("promptFeedback", feedback)
	part := &llm.Part{Kind: llm.KindText, Refusal: true, Native: native.native()}
	d.emit(llm.Event{Kind: llm.EventPartOpen, Index: c.next, Part: part})
	d.emit(llm.Event{Kind: llm.EventDelta, Index: c.next, Text: "The prompt was blocked (" + reason + ")."})
	d.emit(llm.Event{Kind: llm.EventPartClose, Index: c.next})
	c.closed = true
	d.emit(llm.Event{Kind: llm.EventClose, Close: &llm.Close{
		Reason: llm.ReasonFilter, Detail: reason, Native: d.closeNative(c),
	}})
	return nil
}

// closeNative is what Gemini alone has to say of a choice and its reply.
func (d *replyDecoder) closeNative(c *choiceDecoder) llm.Native {
	var both rest
	response := d.native.rest()
	response.addRest("usageMetadata", d.usage.rest())
	both.addRest("candidate", c.native.rest())
	both.addRest("response", response)
	return both.native()
}

// maxChoices bounds candidate indexes, far above what the service allows.
const maxChoices = 64

func (d *replyDecoder) choice(i int) *choiceDecoder {
	for len(d.choices) <= i {
		d.choices = append(d.choices, &choiceDecoder{index: len(d.choices)})
	}
	return d.choices[i]
}

// candidate is what one frame says of one choice.
type candidate struct {
	index    int64
	parts    []llm.Part
	finish   string
	message  string
	logprobs []llm.TokenLogprob
	native   rest
}

func readCandidate(i int, raw []byte) (candidate, error) {
	c := candidate{index: int64(i)}
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return c, err
	}
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "content":
			err = c.readContent(key, v)
		case "index":
			err = readInt(&c.index, key, v)
		case "finishReason":
			err = readStr(&c.finish, key, v)
		case "finishMessage":
			err = readStr(&c.message, key, v)
			c.native.add(key, v)
		case "logprobsResult":
			err = c.readLogprobs(key, v)
		default:
			c.native.add(key, v)
		}
		if err != nil {
			return c, err
		}
	}
	if c.index < 0 || c.index >= maxChoices {
		return c, wrong("index", errIndex)
	}
	if c.finish == "FINISH_REASON_UNSPECIFIED" {
		c.finish = ""
	}
	return c, nil
}

var errIndex = detailError("expected the number of a choice")

func (c *candidate) readContent(key string, raw []byte) error {
	if ok, err := readObject(key, raw); !ok {
		return err
	}
	turn, others, err := decodeParts(raw, "role") // always the model's
	if err != nil {
		return within(err, key)
	}
	for k, v := range rawjson.Members(others.json()) {
		var inner rest
		inner.add(k, v)
		c.native.add("content", inner.json())
	}
	c.parts = turn.Parts
	for i := range c.parts {
		p := &c.parts[i]
		if p.Kind == llm.KindCall {
			// Google's errors and some replies show this prefix of its own.
			p.Call.Name = strings.TrimPrefix(p.Call.Name, "default_api:")
			p.Call.Args = string(rawjson.Compact(nil, []byte(p.Call.Args)))
		}
	}
	return nil
}
