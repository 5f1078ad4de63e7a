package responses

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// frames writes the events of a stream. Methods of a nil *frames do nothing:
// the whole form of a reply has none.
type frames struct {
	dst []byte // of the call of Encode that runs
	w   rawjson.Writer
	seq int64
}

// begin opens an event. Frames are written straight into dst: nothing in them
// holds a line end.
func (f *frames) begin(kind string) *rawjson.Writer {
	f.dst = append(append(append(f.dst, "event: "...), kind...), "\ndata: "...)
	f.w.AppendTo(f.dst)
	f.w.Obj()
	f.w.StrField("type", kind)
	f.w.IntField("sequence_number", f.seq)
	f.seq++
	return &f.w
}

func (f *frames) end() {
	f.w.End()
	f.dst = append(f.w.Bytes(), "\n\n"...)
}

// opened tells that the response exists.
func (f *frames) opened(s *replyState) {
	if f == nil {
		return
	}
	for _, kind := range [...]string{"response.created", "response.in_progress"} {
		w := f.begin(kind)
		w.Key("response")
		w.Obj()
		s.writeHead(w)
		w.RawField("output", []byte("[]"))
		s.writeRest(w, statusInProgress, "", nil)
		w.End()
		f.end()
	}
}

func (f *frames) itemAdded(it *outputItem) {
	if f == nil {
		return
	}
	w := f.begin("response.output_item.added")
	w.IntField("output_index", int64(it.index))
	w.Key("item")
	it.write(w, statusInProgress)
	f.end()
}

// itemDone shows the item as it was written into the output, maybe with the
// comma before it.
func (f *frames) itemDone(it *outputItem, raw []byte) {
	if f == nil {
		return
	}
	if raw[0] == ',' {
		raw = raw[1:]
	}
	w := f.begin("response.output_item.done")
	w.IntField("output_index", int64(it.index))
	w.Grow(len(raw) + 16)
	w.RawField("item", raw)
	f.end()
}

// of begins an event about an item.
func (f *frames) of(kind string, it *outputItem) *rawjson.Writer {
	w := f.begin(kind)
	w.StrField("item_id", it.id)
	w.IntField("output_index", int64(it.index))
	return w
}

func (f *frames) partAdded(it *outputItem, c *contentPartOut) {
	if f == nil {
		return
	}
	f.part("response.content_part.added", it, c)
}

func (f *frames) part(kind string, it *outputItem, c *contentPartOut) {
	w := f.of(kind, it)
	w.IntField("content_index", int64(c.index))
	w.Key("part")
	c.write(w)
	f.end()
}

func (f *frames) textDelta(it *outputItem, c *contentPartOut, text string, tokens []llm.TokenLogprob) {
	if f == nil {
		return
	}
	kind := "response.output_text.delta"
	if c.refusal {
		kind = "response.refusal.delta"
	}
	w := f.of(kind, it)
	w.IntField("content_index", int64(c.index))
	w.StrField("delta", text)
	if !c.refusal {
		w.Key("logprobs")
		writeTokens(w, tokens, false)
	}
	f.end()
}

func (f *frames) annotated(it *outputItem, c *contentPartOut, i int) {
	if f == nil {
		return
	}
	w := f.of("response.output_text.annotation.added", it)
	w.IntField("content_index", int64(c.index))
	w.IntField("annotation_index", int64(i))
	w.Key("annotation")
	c.notes[i].write(w)
	f.end()
}

func (f *frames) textDone(it *outputItem, c *contentPartOut) {
	if f == nil {
		return
	}
	kind, key := "response.output_text.done", "text"
	if c.refusal {
		kind, key = "response.refusal.done", "refusal"
	}
	w := f.of(kind, it)
	w.IntField("content_index", int64(c.index))
	w.StrField(key, c.text.String())
	if !c.refusal {
		w.Key("logprobs")
		writeTokens(w, c.tokens, false)
	}
	f.end()
	f.part("response.content_part.done", it, c)
}

func (f *frames) summaryAdded(it *outputItem) {
	if f == nil {
		return
	}
	f.summaryPart("response.reasoning_summary_part.added", it, "")
}

func (f *frames) summaryPart(kind string, it *outputItem, text string) {
	w := f.of(kind, it)
	w.IntField("summary_index", 0)
	w.Key("part")
	writeSummary(w, text)
	f.end()
}

// delta shows a piece of a summary, of arguments or of a freeform input.
func (f *frames) delta(kind string, it *outputItem, text string) {
	if f == nil {
		return
	}
	w := f.of(kind, it)
	if it.kind == itemReasoning {
		w.IntField("summary_index", 0)
	}
	w.StrField("delta", text)
	f.end()
}

func (f *frames) summaryDone(it *outputItem) {
	if f == nil {
		return
	}
	w := f.of("response.reasoning_summary_text.done", it)
	w.IntField("summary_index", 0)
	w.StrField("text", it.text.String())
	f.end()
	f.summaryPart("response.reasoning_summary_part.done", it, it.text.String())
}

func (f *frames) argsDone(it *outputItem) {
	if f == nil {
		return
	}
	if it.kind == itemCustom {
		w := f.of("response.custom_tool_call_input.done", it)
		w.StrField("input", it.text.String())
		f.end()
		return
	}
	w := f.of("response.function_call_arguments.done", it)
	w.StrField("arguments", it.text.String())
	f.end()
}

func (f *frames) imageSteps(it *outputItem) {
	if f == nil {
		return
	}
	for _, step := range [...]string{statusInProgress, "generating", statusCompleted} {
		f.of("response.image_generation_call."+step, it)
		f.end()
	}
}

func (f *frames) codeSteps(it *outputItem) {
	if f == nil {
		return
	}
	const call = "response.code_interpreter_call"
	f.of(call+".in_progress", it)
	f.end()
	w := f.of(call+"_code.delta", it)
	w.StrField("delta", it.code.Text)
	f.end()
	w = f.of(call+"_code.done", it)
	w.StrField("code", it.code.Text)
	f.end()
	for _, step := range [...]string{".interpreting", ".completed"} {
		f.of(call+step, it)
		f.end()
	}
}

// commands shows the commands of a shell call. These events name the item by its
// place alone.
func (f *frames) commands(it *outputItem) {
	if f == nil {
		return
	}
	n := int64(0)
	for command := range rawjson.Items(it.commands()) {
		for _, step := range [...]struct{ kind, key string }{{"added", "command"}, {"delta", "delta"}, {"done", "command"}} {
			w := f.begin("response.shell_call_command." + step.kind)
			w.IntField("output_index", int64(it.index))
			w.IntField("command_index", n)
			if step.kind == "added" {
				w.StrField(step.key, "")
			} else {
				w.RawField(step.key, command)
			}
			f.end()
		}
		n++
	}
}
