package responses

import (
	"bytes"
	"iter"

	"antigravity-tools/backend/rawjson"
)

// Ask is what the body of a request says about stored responses. It is read in
// one pass without decoding the rest; a member of a wrong type counts as absent
// here and is refused by DecodeRequest.
type Ask struct {
	NoStore    bool // store is false
	Background bool
	Stream     bool
	Previous   string // previous_response_id
	Model      string
	Input      []byte // as it stands in the body, nil if absent
	// References: some item of the input only names a stored one.
	References bool
	// Compacts: the last item asks for a compaction, and for nothing else.
	Compacts bool
	// Threshold is how many tokens the conversation may have before it is
	// compacted (context_management); 0 if the client does not say.
	Threshold int64

	// Of a response.create on a socket:

	StreamID string
	Prepare  bool // nothing is to be generated
}

// ReadAsk reads the body of a request.
func ReadAsk(body []byte) Ask {
	var a Ask
	for key, raw := range rawjson.Members(body) {
		switch key {
		case "store":
			b, err := rawjson.Bool(raw)
			a.NoStore = err == nil && !b
		case "background":
			a.Background, _ = rawjson.Bool(raw)
		case "stream":
			a.Stream, _ = rawjson.Bool(raw)
		case "previous_response_id":
			a.Previous = textOf(raw)
		case "model":
			a.Model = textOf(raw)
		case "input":
			a.Input = raw
		case "stream_id":
			a.StreamID = textOf(raw)
		case "context_management":
			a.Threshold = thresholdOf(raw)
		case "generate":
			b, err := rawjson.Bool(raw)
			a.Prepare = a.Prepare || err == nil && !b
		case "prompt_cache_options":
			if on, ok := rawjson.Get(raw, "prewarm"); ok {
				b, _ := rawjson.Bool(on)
				a.Prepare = a.Prepare || b
			}
		}
	}
	a.References = refers(a.Input)
	a.Compacts = triggers(a.Input)
	return a
}

// triggers tells whether the last item of an input asks for a compaction.
func triggers(input []byte) bool {
	if !bytes.Contains(input, []byte(`"`+triggerItem+`"`)) {
		return false
	}
	last := ""
	for item := range rawjson.Items(input) {
		last = member(item, "type")
	}
	return last == triggerItem
}

// triggerItem is the type of an item that asks for a compaction.
const triggerItem = "compaction_trigger"

// thresholdOf reads context_management; 0 if it asks for nothing, or wrongly.
func thresholdOf(raw []byte) int64 {
	n, err := contextManagement(raw)
	if err != nil {
		return 0
	}
	return n
}

func textOf(raw []byte) string {
	s, err := rawjson.String(raw)
	if err != nil {
		return ""
	}
	return s
}

// refers tells whether an input names stored items. The type may be missing
// beside an id (wire-types.md section 4), so the items are looked at one by one;
// what that costs is a look at the first members of each.
func refers(input []byte) bool {
	if !bytes.Contains(input, []byte(`"id"`)) {
		return false
	}
	for item := range rawjson.Items(input) {
		if _, ok := referenceOf(item); ok {
			return true
		}
	}
	return false
}

// referenceOf gives the id that an item refers to.
func referenceOf(item []byte) (id string, ok bool) {
	for key, raw := range rawjson.Members(item) {
		switch key {
		case "type":
			if !bytes.Equal(raw, []byte(`"item_reference"`)) && !rawjson.IsNull(raw) {
				return "", false
			}
		case "id":
			id = textOf(raw)
		case "role":
			return "", false
		}
	}
	return id, id != ""
}

// Edit says how the body of a request is changed before it is relayed.
type Edit struct {
	// History holds the items of earlier turns, one array each, to be put in
	// front of the input.
	History [][]byte
	// Input stands for the body's own input; nil leaves it.
	Input []byte
	// Managed leaves out context_management, which was seen to.
	Managed bool
	// Stream sets the member stream, when not nil.
	Stream *bool
	// Detach leaves out what leans on our store: previous_response_id,
	// background and the members of a socket's frame; store becomes false.
	Detach bool
}

// Apply returns the changed body.
func (e Edit) Apply(body []byte) []byte {
	n := len(body) + 128
	for _, h := range e.History {
		n += len(h)
	}
	w := rawjson.NewWriter(n)
	w.Obj()
	hadInput := false
	for key, raw := range rawjson.Members(body) {
		switch {
		case key == "input" && !hadInput:
			hadInput = true
			e.writeInput(w, raw)
		case key == "input": // a duplicate: the last one counts, and was asked for
		case e.Detach && detached(key), key == "stream" && e.Stream != nil, key == "context_management" && e.Managed:
		default:
			w.RawField(key, raw)
		}
	}
	if !hadInput && len(e.History)+len(e.Input) > 0 {
		e.writeInput(w, nil)
	}
	if e.Detach {
		w.BoolField("store", false)
	}
	if e.Stream != nil {
		w.BoolField("stream", *e.Stream)
	}
	w.End()
	return w.Bytes()
}

func detached(key string) bool {
	switch key {
	case "previous_response_id", "background", "store", "type", "generate", "stream_id":
		return true
	}
	return false
}

func (e Edit) writeInput(w *rawjson.Writer, own []byte) {
	if e.Input != nil {
		own = e.Input
	}
	if len(e.History) == 0 {
		w.RawField("input", own)
		return
	}
	w.Key("input")
	w.Arr()
	for _, h := range e.History {
		for item := range rawjson.Items(h) {
			w.Raw(forUpstream(item))
		}
	}
	switch rawjson.KindOf(own) {
	case rawjson.KindString:
		w.Obj()
		w.StrField("role", "user")
		w.RawField("content", own)
		w.End()
	case rawjson.KindArray:
		for item := range rawjson.Items(own) {
			w.Raw(item)
		}
	default:
		if len(own) > 0 && !rawjson.IsNull(own) {
			w.Raw(own) // no item: DecodeRequest says what is wrong with it
		}
	}
	w.EndArr()
}

// forUpstream takes the id off an item of our history: an upstream that keeps
// responses itself would look it up, and refuse what it does not find. The id
// stays where it is part of the content: reasoning is accepted only with the id
// that its seal was issued for, a local shell's output names its call by it.
func forUpstream(item []byte) []byte {
	kind := ""
	if raw, ok := rawjson.Get(item, "type"); ok {
		kind = textOf(raw)
	}
	switch kind {
	case "message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output":
	case "reasoning":
		if sealed, ok := rawjson.Get(item, "encrypted_content"); ok && !rawjson.IsNull(sealed) {
			return item
		}
	default:
		return item
	}
	out, err := rawjson.Delete(item, "id")
	if err != nil {
		return item
	}
	return out
}

// References gives the ids of the stored items that an input only names.
func References(input []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		for item := range rawjson.Items(input) {
			if id, ok := referenceOf(item); ok && !yield(id) {
				return
			}
		}
	}
}

// Resolve replaces the items of an input that only name a stored one.
func Resolve(input []byte, find func(id string) []byte) []byte {
	w := rawjson.NewWriter(len(input) + 1024)
	w.Arr()
	for item := range rawjson.Items(input) {
		if id, ok := referenceOf(item); ok {
			if found := find(id); found != nil {
				item = forUpstream(found)
			}
		}
		w.Raw(item)
	}
	w.EndArr()
	return w.Bytes()
}
