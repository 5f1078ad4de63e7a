package responses

import (
	"bytes"
	"iter"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Replay gives the events of a stream that would have brought a finished
// response object: each text in one piece. The number is the event's
// sequence_number, the bytes are its frame.
func Replay(response []byte) iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		if bytes.ContainsAny(response, "\r\n") {
			response = rawjson.Compact(nil, response) // an event's data is one line
		}
		r := replayer{frames: &frames{}, yield: yield}
		begun := Shown{Status: statusInProgress}.Apply(response)
		for _, key := range [...]string{"output", "usage", "error", "incomplete_details"} {
			empty := "null"
			if key == "output" {
				empty = "[]"
			}
			if out, err := rawjson.Set(begun, []byte(empty), key); err == nil {
				begun = out
			}
		}
		for _, kind := range [...]string{"response.created", "response.in_progress"} {
			r.event(kind, func(w *rawjson.Writer) { w.RawField("response", begun) })
		}
		index := int64(0)
		for item := range rawjson.Items(Output(response)) {
			r.item(item, index)
			index++
		}
		r.event("response."+Status(response), func(w *rawjson.Writer) { w.RawField("response", response) })
	}
}

// replayer writes one event at a time.
type replayer struct {
	frames *frames
	yield  func(int64, []byte) bool
	over   bool
	id     string // of the item
	index  int64  // of the item
}

func (r *replayer) event(kind string, members func(w *rawjson.Writer)) {
	if r.over {
		return
	}
	seq := r.frames.seq
	w := r.frames.begin(kind)
	members(w)
	r.frames.end()
	frame := bytes.Clone(r.frames.dst)
	r.frames.dst = r.frames.dst[:0]
	r.over = !r.yield(seq, frame)
}

// of writes an event about the item.
func (r *replayer) of(kind string, members func(w *rawjson.Writer)) {
	r.event(kind, func(w *rawjson.Writer) {
		w.StrField("item_id", r.id)
		w.IntField("output_index", r.index)
		if members != nil {
			members(w)
		}
	})
}

func (r *replayer) item(item []byte, index int64) {
	r.id, r.index = ID(item), index
	kind := member(item, "type")
	r.bracket("response.output_item.added", opening(item, kind))
	switch kind {
	case "message":
		r.parts(item, "content", "content_index", r.content)
	case "reasoning":
		r.parts(item, "summary", "summary_index", r.summary)
	case "function_call":
		r.text("response.function_call_arguments", "arguments", member(item, "arguments"), nil)
	case "custom_tool_call":
		r.text("response.custom_tool_call_input", "input", member(item, "input"), nil)
	}
	r.bracket("response.output_item.done", item)
}

func (r *replayer) bracket(kind string, item []byte) {
	r.event(kind, func(w *rawjson.Writer) {
		w.IntField("output_index", r.index)
		w.RawField("item", item)
	})
}

// opening is an item as it stands before anything of it has come.
func opening(item []byte, kind string) []byte {
	blank := map[string]string{}
	switch kind {
	case "message":
		blank["content"] = "[]"
	case "reasoning":
		blank["summary"] = "[]"
	case "function_call":
		blank["arguments"] = `""`
	case "custom_tool_call":
		blank["input"] = `""`
	}
	w := rawjson.NewWriter(256)
	w.Obj()
	for key, raw := range rawjson.Members(item) {
		switch empty, ok := blank[key]; {
		case ok:
			w.RawField(key, []byte(empty))
		case key == "status":
			w.StrField(key, statusInProgress)
		case key == "encrypted_content":
		default:
			w.RawField(key, raw)
		}
	}
	w.End()
	return w.Bytes()
}

// parts replays the parts of an item; place writes where a part stands.
func (r *replayer) parts(item []byte, key, indexKey string, one func(part []byte, place func(*rawjson.Writer))) {
	list, _ := rawjson.Get(item, key)
	n := int64(0)
	for part := range rawjson.Items(list) {
		i := n
		one(part, func(w *rawjson.Writer) { w.IntField(indexKey, i) })
		n++
	}
}

func (r *replayer) content(part []byte, place func(*rawjson.Writer)) {
	kind, key := "response.output_text", "text"
	if member(part, "type") == "refusal" {
		kind, key = "response.refusal", "refusal"
	}
	logprobs := func(w *rawjson.Writer) {
		place(w)
		if key == "text" {
			probs, ok := rawjson.Get(part, "logprobs")
			if !ok {
				probs = []byte("[]")
			}
			w.RawField("logprobs", probs)
		}
	}
	r.part("response.content_part.added", part, key, true, place)
	r.text(kind, key, member(part, key), logprobs)
	r.part("response.content_part.done", part, key, false, place)
}

func (r *replayer) summary(part []byte, place func(*rawjson.Writer)) {
	r.part("response.reasoning_summary_part.added", part, "text", true, place)
	r.text("response.reasoning_summary_text", "text", member(part, "text"), place)
	r.part("response.reasoning_summary_part.done", part, "text", false, place)
}

func (r *replayer) part(kind string, part []byte, key string, empty bool, place func(*rawjson.Writer)) {
	if empty {
		if out, err := rawjson.Set(part, []byte(`""`), key); err == nil {
			part = out
		}
		for _, list := range [...]string{"annotations", "logprobs"} {
			if _, ok := rawjson.Get(part, list); ok {
				if out, err := rawjson.Set(part, []byte("[]"), list); err == nil {
					part = out
				}
			}
		}
	}
	r.of(kind, func(w *rawjson.Writer) {
		place(w)
		w.RawField("part", part)
	})
}

// text replays a text as one delta and its end.
func (r *replayer) text(kind, key, text string, extra func(*rawjson.Writer)) {
	for _, end := range [...]struct{ suffix, key string }{{".delta", "delta"}, {".done", key}} {
		if end.suffix == ".delta" && text == "" {
			continue
		}
		r.of(kind+end.suffix, func(w *rawjson.Writer) {
			if extra != nil {
				extra(w)
			}
			w.StrField(end.key, text)
		})
	}
}

// QueuedResponse is the response object of a request that waits for its turn.
func QueuedResponse(body []byte, id string, created int64) []byte {
	w := rawjson.NewWriter(1024)
	w.Obj()
	w.StrField("id", id)
	w.StrField("object", "response")
	w.IntField("created_at", created)
	w.StrField("model", member(body, "model"))
	w.StrField("status", StatusQueued)
	for _, key := range [...]string{"error", "incomplete_details", "usage"} {
		w.Key(key)
		w.Null()
	}
	w.RawField("output", []byte("[]"))
	rawjson.AppendRest(w, echoTail(echoesOf(body)))
	w.End()
	return w.Bytes()
}

// echoesOf gathers the members that the response object repeats.
func echoesOf(body []byte) *llm.Request {
	var echo wire.Rest
	for key, raw := range rawjson.Members(body) {
		if echoed(key) && !rawjson.IsNull(raw) {
			echo.Add(key, raw)
		}
	}
	return &llm.Request{Echo: echo.Native(llm.Responses).Rest}
}
