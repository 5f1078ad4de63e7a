package responses

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Mint returns n random characters of an alphabet, for ids.
type Mint func(n int, alphabet string) string

// NewResponseID makes the id of a response.
func NewResponseID(mint Mint) string { return "resp_" + mint(48, wire.Hex) }

// InputItems gives an input in the form in which it is stored and listed: an
// array of whole items, each with an id. A text is a message of the user; an
// item_reference is replaced by what resolve gives for it.
func InputItems(input []byte, mint Mint, resolve func(id string) []byte) (items []byte, ids []string) {
	w := rawjson.NewWriter(len(input) + len(input)/8 + 256)
	w.Arr()
	add := func(item []byte) {
		if id, ok := referenceOf(item); ok && resolve != nil {
			if found := resolve(id); found != nil {
				item = found
			}
		}
		ids = append(ids, writeListed(w, item, mint))
	}
	if rawjson.KindOf(input) == rawjson.KindString {
		m := rawjson.NewWriter(len(input) + 64)
		m.Obj()
		m.StrField("role", "user")
		m.RawField("content", input)
		m.End()
		add(m.Bytes())
	}
	for item := range rawjson.Items(input) {
		add(item)
	}
	w.EndArr()
	return w.Bytes(), ids
}

// writeListed writes an item with its id, and returns that. The easy form of a
// message becomes the full one.
func writeListed(w *rawjson.Writer, item []byte, mint Mint) (id string) {
	kind, role, status := "", "", false
	for key, raw := range rawjson.Members(item) {
		switch key {
		case "id":
			id = textOf(raw)
		case "type":
			kind = textOf(raw)
		case "role":
			role = textOf(raw)
		case "status":
			status = !rawjson.IsNull(raw)
		}
	}
	if kind == "" {
		kind = "message"
	}
	if id == "" {
		id = itemPrefix(kind) + mint(48, wire.Hex)
	}
	w.Obj()
	w.StrField("id", id)
	w.StrField("type", kind)
	for key, raw := range rawjson.Members(item) {
		switch {
		case key == "id" || key == "type":
		case key == "content" && kind == "message" && rawjson.KindOf(raw) == rawjson.KindString:
			w.Key(key)
			writeContent(w, role, raw)
		default:
			w.RawField(key, raw)
		}
	}
	if kind == "message" && !status {
		w.StrField("status", statusCompleted)
	}
	w.End()
	return id
}

func writeContent(w *rawjson.Writer, role string, text []byte) {
	w.Arr()
	w.Obj()
	if role == "assistant" {
		w.StrField("type", "output_text")
		w.RawField("text", text)
		w.RawField("annotations", []byte("[]"))
	} else {
		w.StrField("type", "input_text")
		w.RawField("text", text)
	}
	w.End()
	w.EndArr()
}

// itemPrefix begins the id of an item of a kind.
func itemPrefix(kind string) string {
	switch kind {
	case "message":
		return "msg_"
	case "reasoning":
		return "rs_"
	case "function_call":
		return "fc_"
	case "function_call_output":
		return "fco_"
	case "custom_tool_call":
		return "ctc_"
	case "custom_tool_call_output":
		return "ctco_"
	case compactionItem:
		return "cmp_"
	}
	return "item_"
}

// compactionItem is the type of an item that stands for earlier turns.
const compactionItem = "compaction"

// Output gives the output items of a response object, an array.
func Output(response []byte) []byte {
	out, ok := rawjson.Get(response, "output")
	if !ok || rawjson.KindOf(out) != rawjson.KindArray {
		return []byte("[]")
	}
	return out
}

// ItemIDs gives the ids of the items of an array.
func ItemIDs(items []byte) (ids []string) {
	for item := range rawjson.Items(items) {
		if raw, ok := rawjson.Get(item, "id"); ok {
			if id := textOf(raw); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// FindItem gives the item of an array that has an id, nil if none has.
func FindItem(items []byte, id string) []byte {
	for item := range rawjson.Items(items) {
		if raw, ok := rawjson.Get(item, "id"); ok && textOf(raw) == id {
			return item
		}
	}
	return nil
}

// Status and ID of a response object; "" if it has none.
func Status(response []byte) string { return member(response, "status") }

// ID is the id of a response object.
func ID(response []byte) string { return member(response, "id") }

func member(obj []byte, key string) string {
	raw, ok := rawjson.Get(obj, key)
	if !ok {
		return ""
	}
	return textOf(raw)
}

// Statuses of a response that has not ended, and of one that was cancelled.
const (
	StatusQueued     = "queued"
	StatusInProgress = statusInProgress
	StatusCompleted  = statusCompleted
	StatusFailed     = statusFailed
	StatusCancelled  = "cancelled"
)

// Unfinished tells whether a status is that of a response in the making.
func Unfinished(status string) bool { return status == StatusQueued || status == StatusInProgress }

// Shown are the members of a response object that tell of what the gateway did
// and the upstream does not know of. Empty ones are left as they are.
type Shown struct {
	ID         string
	Previous   string
	Background bool
	Store      bool // the request was detached from the client's store: say true again
	Status     string
	Failure    string // message of the error of a response that failed
}

// Apply returns the changed response object.
func (s Shown) Apply(response []byte) []byte {
	set := func(key string, value []byte) {
		if out, err := rawjson.Set(response, value, key); err == nil {
			response = out
		}
	}
	if s.ID != "" {
		set("id", rawjson.AppendString(nil, s.ID))
	}
	if s.Previous != "" {
		set("previous_response_id", rawjson.AppendString(nil, s.Previous))
	}
	if s.Background {
		set("background", []byte("true"))
	}
	if s.Store {
		set("store", []byte("true"))
	}
	if s.Status != "" {
		set("status", rawjson.AppendString(nil, s.Status))
	}
	if s.Failure != "" {
		var w rawjson.Writer
		w.Obj()
		w.StrField("code", "server_error")
		w.StrField("message", s.Failure)
		w.End()
		set("error", w.Bytes())
	}
	return response
}

// HoldsResponse tells whether an event of a stream carries the response object,
// and whether that is the last event.
func HoldsResponse(event string) (holds, last bool) {
	switch strings.TrimPrefix(event, "response.") {
	case "created", StatusQueued, StatusInProgress:
		return strings.HasPrefix(event, "response."), false
	case statusCompleted, statusIncomplete, statusFailed, StatusCancelled:
		return strings.HasPrefix(event, "response."), true
	}
	return false, false
}

// Join makes one array of several.
func Join(arrays [][]byte) []byte {
	n := 2
	for _, a := range arrays {
		n += len(a)
	}
	w := rawjson.NewWriter(n)
	w.Arr()
	for _, a := range arrays {
		for item := range rawjson.Items(a) {
			w.Raw(item)
		}
	}
	w.EndArr()
	return w.Bytes()
}

// EventOf is the data of an event that carries the response object.
func EventOf(kind string, response []byte) []byte {
	w := rawjson.NewWriter(len(response) + 96)
	w.Obj()
	w.StrField("type", kind)
	w.IntField("sequence_number", 0)
	w.RawField("response", response)
	w.End()
	return w.Bytes()
}

// Numbered gives the data of an event another sequence number.
func Numbered(data []byte, n int) []byte {
	out, err := rawjson.Set(data, strconv.AppendInt(nil, int64(n), 10), "sequence_number")
	if err != nil {
		return data
	}
	return out
}
