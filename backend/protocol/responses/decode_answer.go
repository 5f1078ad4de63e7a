package responses

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// answerDecoder turns the events of one response into the model's. What its
// deltas leave out the item supplies when it is done, and what no event told
// the response at the end; a response that came at once is the end alone.
type answerDecoder struct {
	losses *llm.Losses
	opened bool
	closed bool
	items  map[int64]*itemState // by index in the output
	next   int                  // index of the next part
	calls  bool
	spoke  bool // there was text
	denied bool // there was a refusal
	search llm.Search
	out    []llm.Event
}

// itemState is an item that has begun.
type itemState struct {
	kind  string
	done  bool
	parts map[int64]*partIn // by content index; 0 stands for all that is not a message
}

// partIn is a part of the model's in the making.
type partIn struct {
	index   int
	kind    llm.PartKind
	refusal bool
	told    bool  // deltas came
	source  uint8 // of a thought: the channel that its text comes from
	section int64 // of a summary
	cited   bool
	closed  bool
}

// Channels of reasoning text.
const (
	noSource uint8 = iota
	fromSummary
	fromContent
)

func newAnswerDecoder(losses *llm.Losses) *answerDecoder {
	return &answerDecoder{losses: losses, items: map[int64]*itemState{}}
}

func (d *answerDecoder) emit(ev llm.Event) { d.out = append(d.out, ev) }

// event reads one event of a stream.
func (d *answerDecoder) event(raw []byte) error {
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return wire.Wrong("an object", raw)
	}
	kind := wire.PeekWord(raw, "type")
	rest, ours := strings.CutPrefix(kind, "response.")
	switch {
	case kind == "error":
		return errorEvent(raw)
	case kind == "":
		if failure, ok := rawjson.Get(raw, "error"); ok && !rawjson.IsNull(failure) { // as compatible servers send it
			return errorEvent(raw)
		}
		return nil
	case !ours:
		return nil
	}
	switch rest {
	case "created", "queued", "in_progress":
		response, _ := rawjson.Get(raw, "response")
		d.open(response)
		return nil
	case statusCompleted, statusIncomplete, statusFailed, "cancelled":
		response, ok := rawjson.Get(raw, "response")
		if !ok {
			return wire.Missing("response")
		}
		return d.finish(response, rest)
	case "output_item.added", "output_item.done":
		return d.item(raw, rest == "output_item.done")
	}
	return d.pieces(raw, rest)
}

func (d *answerDecoder) open(response []byte) {
	if !d.opened {
		d.opened = true
		d.emit(llm.Event{Kind: llm.EventOpen, ID: wire.WordOf(response, "id"), Model: wire.WordOf(response, "model")})
	}
}

// Bounds of indexes, far above what the service sends.
const (
	maxItems    = 10_000
	maxContents = 10_000
)

func index(raw []byte, key string, limit int64) (int64, error) {
	val, _ := rawjson.Get(raw, key)
	n, err := rawjson.Int(val)
	if err != nil || n < 0 || n > limit {
		return 0, wire.At(key, wire.Wrong("an index", val))
	}
	return n, nil
}

// item reads an item that begins or is done.
func (d *answerDecoder) item(raw []byte, done bool) error {
	at, err := index(raw, "output_index", maxItems)
	if err != nil {
		return err
	}
	body, ok := rawjson.Get(raw, "item")
	if !ok || rawjson.KindOf(body) != rawjson.KindObject {
		return wire.At("item", wire.Wrong("an object", body))
	}
	d.open(nil)
	d.begin(at, body)
	if done {
		return wire.At("item", d.end(at, body))
	}
	return nil
}

// begin notes an item; calls and thoughts open their part with it, the parts of
// a message have events of their own.
func (d *answerDecoder) begin(at int64, body []byte) {
	if d.items[at] != nil {
		return
	}
	it := &itemState{kind: wire.WordOf(body, "type"), parts: map[int64]*partIn{}}
	d.items[at] = it
	switch it.kind {
	case "reasoning":
		d.openPart(it, 0, llm.Part{Kind: llm.KindReasoning})
	case "function_call", "custom_tool_call":
		call := &llm.Call{
			Kind: llm.CallFunction, ID: wire.WordOf(body, "call_id"), Name: wire.WordOf(body, "name"), Namespace: wire.WordOf(body, "namespace"),
		}
		if it.kind == "custom_tool_call" {
			call.Kind = llm.CallCustom
		}
		d.calls = true
		d.openPart(it, 0, llm.Part{Kind: llm.KindCall, Call: call})
	}
}

func (d *answerDecoder) openPart(it *itemState, at int64, part llm.Part) *partIn {
	p := &partIn{index: d.next, kind: part.Kind, refusal: part.Refusal}
	it.parts[at] = p
	d.next++
	d.emit(llm.Event{Kind: llm.EventPartOpen, Index: p.index, Part: &part})
	return p
}

func (d *answerDecoder) closePart(p *partIn) {
	if !p.closed {
		p.closed = true
		d.emit(llm.Event{Kind: llm.EventPartClose, Index: p.index})
	}
}

// closeAll closes the parts of an item that are open.
func (d *answerDecoder) closeAll(it *itemState) {
	for _, at := range slices.Sorted(maps.Keys(it.parts)) {
		d.closePart(it.parts[at])
	}
}

// whole shows a part that comes at once.
func (d *answerDecoder) whole(it *itemState, part llm.Part) {
	p := d.openPart(it, int64(len(it.parts)), part)
	d.closePart(p)
}

// end supplies what the deltas of an item left out, and closes it.
func (d *answerDecoder) end(at int64, body []byte) error {
	it := d.items[at]
	if it.done {
		return nil
	}
	it.done = true
	switch it.kind {
	case "message":
		return d.endMessage(it, body)
	case "reasoning":
		return d.endReasoning(it, body)
	case "function_call":
		return d.endCall(it, body, "arguments")
	case "custom_tool_call":
		return d.endCall(it, body, "input")
	}
	return d.endOther(it, body)
}

func (d *answerDecoder) endCall(it *itemState, body []byte, key string) error {
	p := it.parts[0]
	if p.closed {
		return nil
	}
	raw, ok := rawjson.Get(body, key)
	if !p.told && ok && !rawjson.IsNull(raw) {
		if err := d.args(p, raw); err != nil {
			return wire.At(key, err)
		}
	}
	d.closePart(p)
	return nil
}

// args shows arguments. Some servers send the object itself.
func (d *answerDecoder) args(p *partIn, raw []byte) error {
	text := string(raw)
	if rawjson.KindOf(raw) != rawjson.KindObject {
		if err := wire.Str(raw, &text); err != nil {
			return err
		}
	}
	if text != "" {
		p.told = true
		d.emit(llm.Event{Kind: llm.EventDelta, Index: p.index, Args: text})
	}
	return nil
}

func (d *answerDecoder) endReasoning(it *itemState, body []byte) error {
	p := it.parts[0]
	if p.closed {
		return nil
	}
	for _, list := range [...]struct {
		key    string
		source uint8
	}{{"summary", fromSummary}, {"content", fromContent}} {
		raw, ok := rawjson.Get(body, list.key)
		if !ok || rawjson.IsNull(raw) || p.source != noSource {
			continue
		}
		text, err := joinedTexts(raw)
		if err != nil {
			return wire.At(list.key, err)
		}
		if text != "" {
			p.source = list.source
			d.text(p, text, nil)
		}
	}
	if sealed := wire.WordOf(body, "encrypted_content"); sealed != "" {
		d.emit(llm.Event{Kind: llm.EventDelta, Index: p.index, Seal: &llm.Seal{Issuer: llm.IssuerOpenAI, Data: sealed}})
	}
	d.closePart(p)
	return nil
}

// text shows a piece of text.
func (d *answerDecoder) text(p *partIn, text string, tokens []llm.TokenLogprob) {
	p.told = p.told || text != ""
	if p.kind == llm.KindText && text != "" {
		d.spoke, d.denied = d.spoke || !p.refusal, d.denied || p.refusal
	}
	if text != "" || tokens != nil {
		d.emit(llm.Event{Kind: llm.EventDelta, Index: p.index, Text: text, Logprobs: tokens})
	}
}

// endMessage goes through the parts of a message that is whole.
func (d *answerDecoder) endMessage(it *itemState, body []byte) error {
	content, ok := rawjson.Get(body, "content")
	if ok && rawjson.KindOf(content) == rawjson.KindArray {
		err := wire.Each(content, func(i int, raw []byte) error {
			if i > maxContents {
				return wire.Wrong("fewer parts", raw)
			}
			return d.endContent(it, int64(i), raw)
		})
		if err != nil {
			return wire.At("content", err)
		}
	}
	d.closeAll(it) // those that the item does not list
	return nil
}

// endContent supplies what is missing of a message's part and closes it.
func (d *answerDecoder) endContent(it *itemState, at int64, raw []byte) error {
	p := d.contentPart(it, at, raw)
	if p == nil || p.closed {
		return nil
	}
	if !p.told {
		key := "text"
		if p.refusal {
			key = "refusal"
		}
		tokens, err := d.tokens(raw)
		if err != nil {
			return err
		}
		d.text(p, wire.WordOf(raw, key), tokens)
	}
	if notes, ok := rawjson.Get(raw, "annotations"); ok && !rawjson.IsNull(notes) && !p.cited {
		if err := wire.At("annotations", wire.Each(notes, func(_ int, raw []byte) error { return d.cite(p, raw) })); err != nil {
			return err
		}
	}
	d.closePart(p)
	return nil
}

// contentPart is the part of a message at an index, opened if it is new; nil
// for one of a kind that is not known.
func (d *answerDecoder) contentPart(it *itemState, at int64, raw []byte) *partIn {
	if p := it.parts[at]; p != nil {
		return p
	}
	switch wire.PeekWord(raw, "type") {
	case "output_text", "text":
		return d.openPart(it, at, llm.Part{Kind: llm.KindText})
	case "refusal":
		return d.openPart(it, at, llm.Part{Kind: llm.KindText, Refusal: true})
	}
	return nil
}

func (d *answerDecoder) tokens(raw []byte) ([]llm.TokenLogprob, error) {
	list, ok := rawjson.Get(raw, "logprobs")
	if !ok || rawjson.IsNull(list) {
		return nil, nil
	}
	tokens, err := wire.Tokens(list)
	return tokens, wire.At("logprobs", err)
}

// cite adds an address that backs the text; what lies in OpenAI's file store
// means nothing elsewhere.
func (d *answerDecoder) cite(p *partIn, raw []byte) error {
	cites, err := annotations(append(append([]byte{'['}, raw...), ']'))
	if err != nil {
		return err
	}
	p.cited = true
	if len(cites) == 0 {
		d.losses.Drop("citation", "parts["+strconv.Itoa(p.index)+"]", wire.WordOf(raw, "type"))
	}
	for i := range cites {
		d.found(llm.Citation{URL: cites[i].URL, Title: cites[i].Title})
		d.emit(llm.Event{Kind: llm.EventDelta, Index: p.index, Citation: &cites[i]})
	}
	return nil
}
