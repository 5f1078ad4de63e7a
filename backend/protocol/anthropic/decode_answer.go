package anthropic

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// answerDecoder turns the events of one message into the model's. The service
// shows one block at a time.
type answerDecoder struct {
	losses *llm.Losses
	opened bool
	usage  usageCounts
	blocks map[int64]*blockState
	next   int
	calls  bool
	stop   *llm.Close // what message_delta told
	closed bool
	out    []llm.Event
}

// blockState is a block that has begun.
type blockState struct {
	part   int
	kind   llm.PartKind
	raw    []byte // a block that is kept whole
	input  []byte // of a call, as the block began with it
	deltas strings.Builder
	any    bool // deltas came
}

func newAnswerDecoder(losses *llm.Losses) *answerDecoder {
	return &answerDecoder{losses: losses, blocks: map[int64]*blockState{}}
}

func (d *answerDecoder) emit(ev llm.Event) { d.out = append(d.out, ev) }

// Frame reads one event of a stream. The model's events are valid until the
// next call.
func (d *answerDecoder) Frame(raw []byte) ([]llm.Event, error) {
	d.out = d.out[:0]
	if err := d.step(raw); err != nil {
		if isFault(err) {
			return d.out, err
		}
		return d.out, wire.Malformed(upstreamName, "the upstream sent an event of another form than its protocol's", err)
	}
	return d.out, nil
}

func (d *answerDecoder) step(raw []byte) error {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return wire.Wrong("an object", raw)
	}
	switch kind := member(raw, "type"); kind {
	case "message_start":
		body, ok := rawjson.Get(raw, "message")
		if !ok {
			return wire.Missing("message")
		}
		return d.start(body)
	case "content_block_start":
		body, ok := rawjson.Get(raw, "content_block")
		if !ok {
			return wire.Missing("content_block")
		}
		index, err := blockIndex(raw)
		if err != nil {
			return err
		}
		return d.openBlock(index, body)
	case "content_block_delta":
		index, err := blockIndex(raw)
		if err != nil {
			return err
		}
		body, _ := rawjson.Get(raw, "delta")
		return d.delta(index, body)
	case "content_block_stop":
		index, err := blockIndex(raw)
		if err != nil {
			return err
		}
		d.closeBlock(index)
	case "message_delta":
		return d.messageDelta(raw)
	case "message_stop":
		return d.end()
	case "error":
		return streamFault(raw)
	case "":
		if _, ok := rawjson.Get(raw, "error"); ok { // as compatible servers send it
			return streamFault(raw)
		}
	}
	return nil // ping, and what newer versions may add
}

// maxBlocks bounds the number of a block, far above what the service sends.
const maxBlocks = 10_000

func blockIndex(raw []byte) (int64, error) {
	val, _ := rawjson.Get(raw, "index")
	n, err := rawjson.Int(val)
	if err != nil || n < 0 || n > maxBlocks {
		return 0, wire.At("index", wire.Wrong("the number of a block", val))
	}
	return n, nil
}

// member is a member that is a string, "" otherwise.
func member(obj []byte, key string) string {
	raw, _ := rawjson.Get(obj, key)
	s, err := rawjson.String(raw)
	if err != nil {
		return ""
	}
	return s
}

func (d *answerDecoder) start(raw []byte) error {
	if d.opened {
		return wire.Wrong("one message_start", raw)
	}
	d.opened = true
	d.emit(llm.Event{Kind: llm.EventOpen, ID: member(raw, "id"), Model: member(raw, "model")})
	if val, ok := rawjson.Get(raw, "usage"); ok && !rawjson.IsNull(val) {
		return d.meter(val)
	}
	return nil
}

func (d *answerDecoder) meter(raw []byte) error {
	if err := d.usage.read(raw); err != nil {
		return wire.At("usage", err)
	}
	d.emit(llm.Event{Kind: llm.EventMeter, Usage: d.usage.usage()})
	return nil
}

func (d *answerDecoder) openBlock(index int64, raw []byte) error {
	if !d.opened || d.stop != nil {
		return wire.Wrong("a block within a message", raw)
	}
	if _, twice := d.blocks[index]; twice {
		return wire.Wrong("a block once", raw)
	}
	b := &blockState{part: d.next}
	part := &llm.Part{}
	text := ""
	switch member(raw, "type") {
	case "text":
		part.Kind, text = llm.KindText, member(raw, "text")
	case "thinking":
		part.Kind, text = llm.KindReasoning, member(raw, "thinking")
		if s := member(raw, "signature"); s != "" {
			part.Seal = &llm.Seal{Issuer: llm.IssuerAnthropic, Data: s}
		}
	case "redacted_thinking":
		part.Kind = llm.KindReasoning
		part.Seal = &llm.Seal{Issuer: llm.IssuerAnthropic, Data: member(raw, "data"), Redacted: true}
	case "tool_use":
		d.calls = true
		part.Kind = llm.KindCall
		part.Call = &llm.Call{Kind: llm.CallFunction, ID: member(raw, "id"), Name: member(raw, "name")}
		if input, ok := rawjson.Get(raw, "input"); ok && rawjson.KindOf(input) == rawjson.KindObject && !emptyObject(input) {
			b.input = input
		}
	default:
		// Known to its own clients alone: it is shown whole at its end.
		b.kind, b.raw = llm.KindOpaque, raw
		d.blocks[index] = b
		return nil
	}
	b.kind = part.Kind
	d.blocks[index] = b
	d.next++
	d.emit(llm.Event{Kind: llm.EventPartOpen, Index: b.part, Part: part})
	if text != "" {
		d.emit(llm.Event{Kind: llm.EventDelta, Index: b.part, Text: text})
	}
	return d.blockCitations(b, raw)
}

func emptyObject(raw []byte) bool {
	for range rawjson.Members(raw) {
		return false
	}
	return true
}

// blockCitations reads the citations that a text begins with, as a whole
// message has them.
func (d *answerDecoder) blockCitations(b *blockState, raw []byte) error {
	list, ok := rawjson.Get(raw, "citations")
	if !ok || rawjson.IsNull(list) || b.kind != llm.KindText {
		return nil
	}
	return wire.Each(list, func(_ int, item []byte) error { return d.cite(b, item) })
}

func (d *answerDecoder) cite(b *blockState, raw []byte) error {
	cite, err := citation(raw)
	if err == nil {
		d.emit(llm.Event{Kind: llm.EventDelta, Index: b.part, Citation: &cite})
	}
	return err
}

func (d *answerDecoder) delta(index int64, raw []byte) error {
	b := d.blocks[index]
	if b == nil {
		return wire.Wrong("a delta of an open block", raw)
	}
	b.any = true
	send := func(ev llm.Event) {
		ev.Kind, ev.Index = llm.EventDelta, b.part
		d.emit(ev)
	}
	kind := member(raw, "type")
	switch {
	case kind == "input_json_delta" && b.kind == llm.KindOpaque:
		b.deltas.WriteString(member(raw, "partial_json"))
	case kind == "text_delta" && b.kind == llm.KindText:
		if text := member(raw, "text"); text != "" {
			send(llm.Event{Text: text})
		}
	case kind == "thinking_delta" && b.kind == llm.KindReasoning:
		if text := member(raw, "thinking"); text != "" {
			send(llm.Event{Text: text})
		}
	case kind == "signature_delta" && b.kind == llm.KindReasoning:
		if s := member(raw, "signature"); s != "" {
			send(llm.Event{Seal: &llm.Seal{Issuer: llm.IssuerAnthropic, Data: s}})
		}
	case kind == "input_json_delta" && b.kind == llm.KindCall:
		if args := member(raw, "partial_json"); args != "" {
			b.input = nil
			send(llm.Event{Args: args})
		}
	case kind == "citations_delta" && b.kind == llm.KindText:
		val, _ := rawjson.Get(raw, "citation")
		return d.cite(b, val)
	}
	return nil // a delta of a kind that is not known yet
}

func (d *answerDecoder) closeBlock(index int64) {
	b := d.blocks[index]
	if b == nil || b.part < 0 {
		return
	}
	switch {
	case b.kind == llm.KindOpaque:
		d.showWhole(b)
	case b.input != nil:
		// A call that came at once, without deltas.
		d.emit(llm.Event{Kind: llm.EventDelta, Index: b.part, Args: string(b.input)})
	}
	d.emit(llm.Event{Kind: llm.EventPartClose, Index: b.part})
	b.part = -1
}

// showWhole opens the part of a block that comes at once: one that only its own
// protocol knows, or code that the service ran.
func (d *answerDecoder) showWhole(b *blockState) {
	raw := b.raw
	if args := b.deltas.String(); args != "" && rawjson.Check([]byte(args), wire.MaxDepth) == nil {
		if out, err := rawjson.Set(raw, []byte(args), "input"); err == nil {
			raw = out
		}
	}
	b.part = d.next
	d.next++
	part := &llm.Part{Kind: llm.KindOpaque, Native: native(raw), Search: searchOf(raw), Loading: loadingOf(raw)}
	if code := codeOf(raw); code != nil {
		part.Kind, part.Code = llm.KindCode, code
	}
	d.emit(llm.Event{Kind: llm.EventPartOpen, Index: b.part, Part: part})
}

// messageDelta reads how the message ended and what it cost.
func (d *answerDecoder) messageDelta(raw []byte) error {
	if !d.opened {
		return wire.Wrong("a message_delta within a message", raw)
	}
	if val, ok := rawjson.Get(raw, "usage"); ok && !rawjson.IsNull(val) {
		if err := d.meter(val); err != nil {
			return err
		}
	}
	delta, _ := rawjson.Get(raw, "delta")
	d.readStop(delta)
	return nil
}

// readStop notes the stop reason of a message or of its delta.
func (d *answerDecoder) readStop(raw []byte) {
	word := member(raw, "stop_reason")
	if word == "" {
		return
	}
	reason, known := stopOf(word, d.calls)
	end := &llm.Close{Reason: reason}
	if reason == llm.ReasonStopSequence {
		end.StopSequence = member(raw, "stop_sequence")
	}
	if !known {
		end.Detail = strings.Clone(word)
		d.losses.Adapt("finish.unknown", "", end.Detail)
	}
	var rest wire.Rest
	for _, key := range []string{"stop_details", "container"} {
		if val, ok := rawjson.Get(raw, key); ok && !rawjson.IsNull(val) {
			rest.Add(key, val)
		}
	}
	end.Native = rest.Native(llm.Anthropic)
	d.stop = end
}

// stopOf gives the model's reason for one of this protocol's words (mapping
// rules, section 16).
func stopOf(word string, calls bool) (r llm.Reason, known bool) {
	switch word {
	case "end_turn":
		return llm.ReasonEnd, true
	case "max_tokens":
		return llm.ReasonLength, true
	case "stop_sequence":
		return llm.ReasonStopSequence, true
	case "tool_use":
		return llm.ReasonTool, true
	case "pause_turn", "compaction":
		return llm.ReasonPause, true
	case "refusal":
		return llm.ReasonFilter, true
	case "model_context_window_exceeded":
		return llm.ReasonContext, true
	}
	if calls {
		return llm.ReasonTool, false
	}
	return llm.ReasonEnd, false
}

// end closes the message.
func (d *answerDecoder) end() error {
	if d.closed {
		return nil
	}
	if !d.opened || d.stop == nil {
		return wire.Cut(upstreamName, nil)
	}
	for _, index := range slices.Sorted(maps.Keys(d.blocks)) { // those that were left open
		d.closeBlock(index)
	}
	d.closed = true
	if d.next == 0 && (d.stop.Reason == llm.ReasonEnd || d.stop.Reason == llm.ReasonTool) {
		return wire.Empty(upstreamName)
	}
	d.emit(llm.Event{Kind: llm.EventClose, Close: d.stop})
	return nil
}

// whole reads a message that came at once.
func (d *answerDecoder) whole(raw []byte) ([]llm.Event, error) {
	d.out = d.out[:0]
	err := d.message(raw)
	if err != nil && !isFault(err) {
		err = wire.Malformed(upstreamName, "the upstream's answer has another form than its protocol's", err)
	}
	return d.out, err
}

func (d *answerDecoder) message(raw []byte) error {
	if _, failed := rawjson.Get(raw, "error"); failed || member(raw, "type") == "error" {
		return streamFault(raw)
	}
	if err := d.start(raw); err != nil {
		return err
	}
	content, _ := rawjson.Get(raw, "content")
	err := wire.At("content", wire.Each(content, func(i int, item []byte) error {
		if i > maxBlocks {
			return wire.Wrong("fewer than "+strconv.Itoa(maxBlocks)+" blocks", item)
		}
		if err := d.openBlock(int64(i), item); err != nil {
			return err
		}
		d.closeBlock(int64(i))
		return nil
	}))
	if err != nil {
		return err
	}
	d.readStop(raw)
	return d.end()
}

// usageCounts gathers counts that come in two events; the later word on each
// counts.
type usageCounts struct {
	input, cached, written, long, output, thinking int64
	thinkingKnown                                  bool
}

func (u *usageCounts) read(raw []byte) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		n, err := rawjson.Int(raw)
		n = max(n, 0)
		switch key {
		case "input_tokens":
			u.input = n
		case "cache_read_input_tokens":
			u.cached = n
		case "cache_creation_input_tokens":
			u.written = n
		case "output_tokens":
			u.output = n
		case "cache_creation":
			val, _ := rawjson.Get(raw, "ephemeral_1h_input_tokens")
			u.long, _ = rawjson.Int(val)
			return nil
		case "output_tokens_details":
			if val, ok := rawjson.Get(raw, "thinking_tokens"); ok && !rawjson.IsNull(val) {
				u.thinking, _ = rawjson.Int(val)
				u.thinkingKnown = true
			}
			return nil
		default:
			return nil
		}
		if err != nil {
			return wire.Wrong("a number", raw)
		}
		return nil
	})
}

func (u *usageCounts) usage() *llm.Usage {
	return &llm.Usage{
		Input: u.input, CacheRead: u.cached, CacheWrite: u.written, CacheLong: min(max(u.long, 0), u.written),
		Output: max(u.output-max(u.thinking, 0), 0), Reasoning: max(u.thinking, 0), ReasoningKnown: u.thinkingKnown,
	}
}
