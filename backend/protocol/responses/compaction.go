package responses

import (
	"bytes"
	"slices"
	"strconv"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// A conversation is compacted where its client wants it: an item that holds a
// summary stands for what the model said and did before it. What the user said
// stays, as in the answer of POST /v1/responses/compact.

// contextManagement reads the member of that name: [{type, compact_threshold}].
func contextManagement(raw []byte) (threshold int64, err error) {
	if rawjson.IsNull(raw) {
		return 0, nil
	}
	err = wire.Each(raw, func(_ int, raw []byte) error {
		kind := ""
		var n *int64
		err := wire.Members(raw, func(key string, raw []byte) error {
			switch key {
			case "type":
				return wire.Word(raw, &kind, "compaction")
			case "compact_threshold":
				return wire.Int(raw, 1, &n)
			}
			return nil
		})
		switch {
		case err != nil:
			return err
		case kind == "":
			return wire.Missing("type")
		case n != nil:
			threshold = *n
		}
		return nil
	})
	return threshold, err
}

// errTrigger is the fault of a compaction_trigger that is not the last item.
func errTrigger() error {
	return fault.Invalid("type", "a compaction_trigger has to be the last item of the input").WithCode(slotCompaction)
}

// CompactionItem is the item that stands for a conversation of which summary
// tells.
func CompactionItem(summary string, mint Mint) []byte {
	w := rawjson.NewWriter(2*len(summary) + 128)
	w.Obj()
	w.StrField("id", itemPrefix(compactionItem)+mint(48, wire.Hex))
	w.StrField("type", compactionItem)
	w.StrField("encrypted_content", (&llm.Seal{Data: summary}).Envelope(slotCompaction))
	w.End()
	return w.Bytes()
}

// ownCompaction tells a compaction of ours, which can be read.
func ownCompaction(item []byte) bool {
	if member(item, "type") != compactionItem {
		return false
	}
	seal, ok := llm.ParseEnvelope(member(item, "encrypted_content"))
	return ok && seal.Slot == slotCompaction
}

// Fold leaves out of an input, an array, what its last compaction stands for.
// Without one it gives the input itself.
func Fold(input []byte) []byte {
	if !bytes.Contains(input, []byte(`"`+compactionItem+`"`)) || rawjson.KindOf(input) != rawjson.KindArray {
		return input
	}
	items := slices.Collect(rawjson.Items(input))
	at := -1
	for i, item := range items {
		if ownCompaction(item) {
			at = i
		}
	}
	if at < 0 {
		return input
	}
	w := rawjson.NewWriter(len(input))
	w.Arr()
	for i, item := range items {
		if i >= at || stays(item) {
			w.Raw(item)
		}
	}
	w.EndArr()
	return w.Bytes()
}

// Foldable is how many bytes of an input a compaction at its end would stand
// for.
func Foldable(input []byte) (n int) {
	for item := range rawjson.Items(input) {
		if !stays(item) {
			n += len(item)
		}
	}
	return n
}

// stays tells what a compaction does not stand for: the words of others than the
// model, and settings.
func stays(item []byte) bool {
	switch member(item, "type") {
	case "", "message":
		return member(item, "role") != "assistant"
	case "configuration_update", "additional_tools":
		return true
	}
	return false
}

// WithoutTrigger is an input without the item that asks for a compaction.
func WithoutTrigger(input []byte) []byte {
	w := rawjson.NewWriter(len(input))
	w.Arr()
	for item := range rawjson.Items(input) {
		if member(item, "type") != triggerItem {
			w.Raw(item)
		}
	}
	w.EndArr()
	return w.Bytes()
}

// CompactionResponse is the response object of a request that asked for a
// compaction alone; usage is that of the response that summed up.
func CompactionResponse(empty, item, usage []byte) []byte {
	return WithFirst(setMember(empty, usage, "usage"), item)
}

func setMember(obj, value []byte, key string) []byte {
	if value == nil {
		return obj
	}
	if out, err := rawjson.Set(obj, value, key); err == nil {
		return out
	}
	return obj
}

// WithFirst is a response object with an item in front of its output.
func WithFirst(response, item []byte) []byte {
	return setMember(response, Join([][]byte{slices.Concat([]byte("["), item, []byte("]")), Output(response)}), "output")
}

// CompactionEvents is how many events show a compaction.
const CompactionEvents = 3

// CompactionKinds are those events, in their order.
func CompactionKinds() [CompactionEvents]string {
	return [CompactionEvents]string{"response.output_item.added", "response.compaction.compacting", "response.output_item.done"}
}

// CompactionEvent is the data of one of those events; a compaction is always the
// first item.
func CompactionEvent(kind string, item []byte, sequence int64) []byte {
	w := rawjson.NewWriter(len(item) + 128)
	w.Obj()
	w.StrField("type", kind)
	w.IntField("sequence_number", sequence)
	w.IntField("output_index", 0)
	switch kind {
	case "response.output_item.added":
		w.RawField("item", setMember(item, []byte(`""`), "encrypted_content"))
	case "response.output_item.done":
		w.RawField("item", item)
	default:
		w.StrField("item_id", ID(item))
	}
	w.End()
	return w.Bytes()
}

// Sequence is the number of an event.
func Sequence(data []byte) int64 {
	raw, _ := rawjson.Get(data, "sequence_number")
	n, err := rawjson.Int(raw)
	if err != nil {
		return 0
	}
	return n
}

// Behind is the data of an event that comes after a compaction was put in front
// of what the event tells of.
func Behind(data, item []byte) []byte {
	data = Numbered(data, int(Sequence(data))+CompactionEvents)
	if raw, ok := rawjson.Get(data, "output_index"); ok {
		if n, err := rawjson.Int(raw); err == nil {
			data = setMember(data, strconv.AppendInt(nil, n+1, 10), "output_index")
		}
	}
	if response, ok := rawjson.Get(data, "response"); ok {
		data = setMember(data, WithFirst(response, item), "response")
	}
	return data
}
