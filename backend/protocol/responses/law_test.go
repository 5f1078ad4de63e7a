package responses_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

var codec = responses.Client{}

// frame is one event of a stream with the members that tests look at.
type frame struct {
	Type         string
	Seq          *int64 `json:"sequence_number"`
	Response     json.RawMessage
	Item         json.RawMessage
	ItemID       string `json:"item_id"`
	OutputIndex  *int   `json:"output_index"`
	ContentIndex *int   `json:"content_index"`
	SummaryIndex *int   `json:"summary_index"`
	Delta        string
	Text         *string
	Refusal      *string
	Arguments    *string
	Input        *string
	Command      *string
	CommandIndex *int `json:"command_index"`
	Part         json.RawMessage
	Annotation   json.RawMessage
	raw          []byte
}

func frames(stream []byte) ([]frame, error) {
	var out []frame
	sc := sse.NewScanner(bytes.NewReader(stream), 0)
	defer sc.Release()
	for {
		f, err := sc.Next()
		if err != nil {
			return out, nil
		}
		if f.Comment {
			continue
		}
		var ev frame
		if err := json.Unmarshal(f.Data, &ev); err != nil {
			return nil, fmt.Errorf("%w in %s", err, f.Raw)
		}
		if ev.Type != f.Event || f.Unterminated {
			return nil, fmt.Errorf("event %q has type %q", f.Event, ev.Type)
		}
		if _, ok := rawjson.Get(f.Data, "error"); ok {
			return nil, fmt.Errorf("top-level error member in %s", f.Data)
		}
		if ev.Seq == nil || *ev.Seq != int64(len(out)) {
			return nil, fmt.Errorf("frame %d has sequence number %v", len(out), ev.Seq)
		}
		ev.raw = bytes.Clone(f.Data)
		out = append(out, ev)
	}
}

// outItem is an output item with the members that tests look at.
type outItem struct {
	ID, Type, Status, Role string
	Content                []json.RawMessage
	Summary                []json.RawMessage
	Sealed                 string `json:"encrypted_content"`
	CallID                 string `json:"call_id"`
	Name, Namespace        string
	Arguments              string `json:"-"` // a text; that of a search for tools is an object
	Input                  string
	Action, Operation      json.RawMessage
	Environment            json.RawMessage
	Result                 string
	Format                 string `json:"output_format"`
}

func (it *outItem) UnmarshalJSON(raw []byte) error {
	type plain outItem
	var args struct{ Arguments json.RawMessage }
	if err := json.Unmarshal(raw, (*plain)(it)); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &args); err != nil || len(args.Arguments) == 0 {
		return err
	}
	if it.Type == "tool_search_call" {
		return json.Unmarshal(args.Arguments, &map[string]any{})
	}
	return json.Unmarshal(args.Arguments, &it.Arguments)
}

type contentOut struct {
	Type, Text, Refusal string
	Annotations         []json.RawMessage
	Logprobs            []json.RawMessage
}

// response is the response object.
type response struct {
	ID, Object, Model, Status string
	Created                   int64 `json:"created_at"`
	Output                    []json.RawMessage
	Error                     *struct{ Code, Message string }
	Incomplete                *struct{ Reason string } `json:"incomplete_details"`
	Usage                     json.RawMessage
	items                     []outItem
}

func parseResponse(raw []byte) (*response, error) {
	var r response
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	for _, raw := range r.Output {
		var it outItem
		if err := json.Unmarshal(raw, &it); err != nil {
			return nil, err
		}
		r.items = append(r.items, it)
	}
	for _, key := range strings.Fields("id object created_at status error incomplete_details output usage model " +
		"instructions metadata parallel_tool_calls temperature tool_choice tools top_p") {
		if _, ok := rawjson.Get(raw, key); !ok {
			return nil, fmt.Errorf("the response lacks %q", key)
		}
	}
	return &r, nil
}

// walker checks the law of a stream's events (wire.md g, mapping rules
// section 19): brackets, indexes, ids and that all pieces make the whole.
type walker struct {
	id       string
	done     []json.RawMessage
	item     *outItem // open
	content  int      // index of the open content part, -1 if none
	parts    []json.RawMessage
	text     string // of the deltas since the part or item opened
	summary  string
	ended    bool
	last     json.RawMessage // response of the terminal event
	commands []string        // of a shell call
}

// checkLaw returns the response object of the terminal event.
func checkLaw(stream []byte) (json.RawMessage, error) {
	list, err := frames(stream)
	if err != nil {
		return nil, err
	}
	if len(list) < 3 || list[0].Type != "response.created" || list[1].Type != "response.in_progress" {
		return nil, fmt.Errorf("a stream must begin with created and in_progress")
	}
	w := walker{content: -1}
	for i := range list {
		if w.ended {
			return nil, fmt.Errorf("%s after the terminal event", list[i].Type)
		}
		if err := w.step(&list[i]); err != nil {
			return nil, fmt.Errorf("frame %d %s: %w", i, list[i].raw, err)
		}
	}
	if !w.ended {
		return nil, fmt.Errorf("no terminal event")
	}
	return w.last, nil
}

func (w *walker) step(f *frame) error {
	name := strings.TrimPrefix(f.Type, "response.")
	switch name {
	case "created", "in_progress":
		return w.head(f)
	case "completed", "incomplete", "failed":
		return w.terminal(f, name)
	case "output_item.added":
		return w.added(f)
	}
	if w.item == nil || f.OutputIndex == nil || *f.OutputIndex != len(w.done) {
		return fmt.Errorf("no such item is open")
	}
	if name == "output_item.done" {
		return w.finished(f)
	}
	if step, ok := strings.CutPrefix(name, "shell_call_command."); ok && w.item.Type == "shell_call" && f.ItemID == "" {
		return w.command(f, step)
	}
	if f.ItemID != w.item.ID {
		return fmt.Errorf("item %q is open", w.item.ID)
	}
	for _, kind := range []string{"image_generation_call", "code_interpreter_call", "web_search_call"} {
		if strings.HasPrefix(name, kind) && w.item.Type == kind {
			return nil
		}
	}
	switch w.item.Type {
	case "message":
		return w.message(f, name)
	case "reasoning":
		return w.reasoning(f, name)
	}
	return w.call(f, name)
}

func (w *walker) head(f *frame) error {
	r, err := parseResponse(f.Response)
	if err != nil {
		return err
	}
	if r.Status != "in_progress" || len(r.Output) != 0 || r.Error != nil || r.Usage != nil && string(r.Usage) != "null" {
		return fmt.Errorf("a response that begins is in_progress and empty")
	}
	if w.id != "" && w.id != r.ID {
		return fmt.Errorf("id changed")
	}
	w.id = r.ID
	return nil
}

func (w *walker) terminal(f *frame, status string) error {
	r, err := parseResponse(f.Response)
	if err != nil {
		return err
	}
	w.ended, w.last = true, f.Response
	if r.Status != status || r.ID != w.id || w.item != nil && status != "failed" {
		return fmt.Errorf("status, id or an open item")
	}
	if len(r.Output) != len(w.done) {
		return fmt.Errorf("%d items, %d were done", len(r.Output), len(w.done))
	}
	for i := range r.Output {
		if !bytes.Equal(r.Output[i], w.done[i]) {
			return fmt.Errorf("item %d is not the one of output_item.done: %s", i, w.done[i])
		}
	}
	return nil
}

func (w *walker) added(f *frame) error {
	if w.item != nil || f.OutputIndex == nil || *f.OutputIndex != len(w.done) {
		return fmt.Errorf("items overlap or the index is wrong")
	}
	w.item = &outItem{}
	w.content, w.parts, w.text, w.summary, w.commands = -1, nil, "", "", nil
	if err := json.Unmarshal(f.Item, w.item); err != nil {
		return err
	}
	if w.item.ID == "" || len(w.item.Content)+len(w.item.Summary)+len(w.item.Arguments)+len(w.item.Input) > 0 {
		return fmt.Errorf("an item opens with an id and empty")
	}
	return nil
}

func (w *walker) finished(f *frame) error {
	var it outItem
	if err := json.Unmarshal(f.Item, &it); err != nil {
		return err
	}
	ok := it.ID == w.item.ID && it.Type == w.item.Type && w.content < 0 && it.Status != "in_progress"
	switch it.Type {
	case "message":
		ok = ok && len(it.Content) == len(w.parts) && len(it.Content) > 0
		for i := range it.Content {
			ok = ok && bytes.Equal(it.Content[i], w.parts[i])
		}
	case "function_call":
		ok = ok && it.Arguments == w.text && it.CallID == w.item.CallID && it.Name == w.item.Name && it.Arguments != ""
	case "custom_tool_call":
		ok = ok && it.Input == w.text
	case "shell_call":
		var action struct{ Commands []string }
		ok = ok && json.Unmarshal(it.Action, &action) == nil && slices.Equal(action.Commands, w.commands)
	case "reasoning":
		ok = ok && len(it.Summary) <= 1 && (len(it.Summary) == 1 || it.Sealed != "")
	}
	if !ok {
		return fmt.Errorf("the item is not what its events made")
	}
	w.done = append(w.done, f.Item)
	w.item = nil
	return nil
}

// command takes the events of the commands of a shell call, one after another.
func (w *walker) command(f *frame, step string) error {
	if f.CommandIndex == nil || *f.CommandIndex != len(w.commands) {
		return fmt.Errorf("wrong command_index")
	}
	switch step {
	case "added":
		w.text = ""
		if f.Command == nil || *f.Command != "" {
			return fmt.Errorf("a command begins empty")
		}
	case "delta":
		w.text += f.Delta
	case "done":
		if f.Command == nil || *f.Command != w.text {
			return fmt.Errorf("the deltas made %q", w.text)
		}
		w.commands = append(w.commands, w.text)
	default:
		return fmt.Errorf("unknown event")
	}
	return nil
}

func (w *walker) message(f *frame, name string) error {
	if f.ContentIndex == nil || *f.ContentIndex != len(w.parts) {
		return fmt.Errorf("wrong content_index")
	}
	if name == "content_part.added" {
		if w.content >= 0 {
			return fmt.Errorf("content parts overlap")
		}
		w.content, w.text = *f.ContentIndex, ""
		return nil
	}
	if w.content < 0 {
		return fmt.Errorf("no content part is open")
	}
	switch name {
	case "output_text.delta", "refusal.delta":
		w.text += f.Delta
	case "output_text.done":
		if f.Text == nil || *f.Text != w.text {
			return fmt.Errorf("the deltas made %q", w.text)
		}
	case "refusal.done":
		if f.Refusal == nil || *f.Refusal != w.text {
			return fmt.Errorf("the deltas made %q", w.text)
		}
	case "output_text.annotation.added":
	case "content_part.done":
		var c contentOut
		if err := json.Unmarshal(f.Part, &c); err != nil || c.Text+c.Refusal != w.text {
			return fmt.Errorf("%v: the deltas made %q", err, w.text)
		}
		w.parts, w.content = append(w.parts, f.Part), -1
	default:
		return fmt.Errorf("unknown event")
	}
	return nil
}

func (w *walker) reasoning(f *frame, name string) error {
	if f.SummaryIndex == nil || *f.SummaryIndex != 0 {
		return fmt.Errorf("wrong summary_index")
	}
	switch name {
	case "reasoning_summary_part.added", "reasoning_summary_part.done":
	case "reasoning_summary_text.delta":
		w.summary += f.Delta
	case "reasoning_summary_text.done":
		if f.Text == nil || *f.Text != w.summary {
			return fmt.Errorf("the deltas made %q", w.summary)
		}
	default:
		return fmt.Errorf("unknown event")
	}
	return nil
}

func (w *walker) call(f *frame, name string) error {
	switch name {
	case "function_call_arguments.delta", "custom_tool_call_input.delta":
		w.text += f.Delta
	case "function_call_arguments.done":
		if f.Arguments == nil || *f.Arguments != w.text {
			return fmt.Errorf("the deltas made %q", w.text)
		}
	case "custom_tool_call_input.done":
		if f.Input == nil || *f.Input != w.text {
			return fmt.Errorf("the deltas made %q", w.text)
		}
	default:
		return fmt.Errorf("unknown event")
	}
	return nil
}
