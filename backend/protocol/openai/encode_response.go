package openai

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// EncodeResponse writes a whole completion. It is made of the same deltas as
// the stream.
func (Client) EncodeResponse(resp *llm.Response, reply protocol.Reply, losses *llm.Losses) ([]byte, error) {
	id := mintID(reply)
	var g gatherer
	state := newReplyState(reply, losses, g.add)
	for ev, err := range llm.Replay(resp) {
		if err != nil {
			return nil, err
		}
		state.event(ev)
	}
	w := rawjson.NewWriter(1024 + g.size)
	w.Obj()
	writeHead(w, "chat.completion", id, reply.Model, reply.Created.Unix())
	w.Key("choices")
	w.Arr()
	for i := range g.choices {
		g.choices[i].write(w, i, state.old)
	}
	w.EndArr()
	if state.usage != nil {
		w.Key("usage")
		writeUsage(w, state.usage)
	}
	w.End()
	return w.Bytes(), nil
}

// gatherer collects deltas into whole choices.
type gatherer struct {
	choices []wholeChoice
	size    int // of all text
}

type wholeChoice struct {
	content, refusal, reasoning wire.Text
	calls                       []wholeCall
	annotations                 []*annotation
	audio                       spoken
	logprobs, refusalLogprobs   []llm.TokenLogprob
	finish                      string
}

type wholeCall struct {
	head callDelta
	args wire.Text
}

func (g *gatherer) add(d *delta) {
	for len(g.choices) <= d.choice {
		g.choices = append(g.choices, wholeChoice{})
	}
	c := &g.choices[d.choice]
	g.size += len(d.content) + len(d.refusal) + len(d.reasoning)
	c.content.Add(d.content)
	c.refusal.Add(d.refusal)
	c.reasoning.Add(d.reasoning)
	if d.annotation != nil {
		c.annotations = append(c.annotations, d.annotation)
	}
	if d.audio != nil {
		g.size += len(d.audio.data)
		c.audio.add(d.audio)
	}
	if d.ofRefusal {
		c.refusalLogprobs = append(c.refusalLogprobs, d.logprobs...)
	} else {
		c.logprobs = append(c.logprobs, d.logprobs...)
	}
	if d.finish != "" {
		c.finish = d.finish
	}
	if d.call != nil {
		g.size += len(d.call.args) + len(d.call.seal)
		c.call(d.call)
	}
}

func (c *wholeChoice) call(d *callDelta) {
	if d.id != "" {
		c.calls = append(c.calls, wholeCall{head: *d})
	}
	call := &c.calls[d.index]
	call.args.Add(d.args)
	if d.seal != "" {
		call.head.seal = d.seal
	}
}

func (c *wholeChoice) write(w *rawjson.Writer, index int, old bool) {
	w.Obj()
	w.IntField("index", int64(index))
	w.Key("message")
	w.Obj()
	w.StrField("role", "assistant")
	content := c.content.String()
	if refusal := c.refusal.String(); content != "" || (refusal == "" && len(c.calls) == 0 && c.audio.id == "") {
		w.StrField("content", content)
	} else {
		wire.StrOrNull(w, "content", "")
	}
	wire.StrOrNull(w, "refusal", c.refusal.String())
	if reasoning := c.reasoning.String(); reasoning != "" {
		w.StrField("reasoning_content", reasoning)
	}
	if len(c.annotations) > 0 {
		w.Key("annotations")
		w.Arr()
		for _, a := range c.annotations {
			writeAnnotation(w, a)
		}
		w.EndArr()
	}
	if c.audio.id != "" {
		w.Key("audio")
		writeAudio(w, c.audio.whole())
	}
	c.writeCalls(w, old)
	w.End()
	w.Key("logprobs")
	writeLogprobs(w, c.logprobs, c.refusalLogprobs)
	wire.StrOrNull(w, "finish_reason", c.finish)
	w.End()
}

func (c *wholeChoice) writeCalls(w *rawjson.Writer, old bool) {
	if len(c.calls) == 0 {
		return
	}
	for i := range c.calls {
		c.calls[i].head.args = c.calls[i].args.String()
	}
	if old {
		w.Key("function_call")
		writeOldCall(w, &c.calls[0].head)
		return
	}
	w.Key("tool_calls")
	w.Arr()
	for i := range c.calls {
		writeCall(w, &c.calls[i].head, false)
	}
	w.EndArr()
}
