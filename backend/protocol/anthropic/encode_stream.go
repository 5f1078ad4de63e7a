package anthropic

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// NewStreamEncoder returns the writer of one streamed message.
func (Client) NewStreamEncoder(reply protocol.Reply, losses *llm.Losses) protocol.StreamEncoder {
	e := &streamEncoder{reply: reply, id: mintID(reply), index: -1}
	e.state = newReplyState(reply, losses, e)
	return e
}

func mintID(reply protocol.Reply) string { return "msg_" + reply.Mint(24, wire.Base62) }

// streamEncoder writes the events of a message. message_start waits for the
// first event behind Open, which is where an upstream that knows the input
// tokens at once reports them.
type streamEncoder struct {
	reply   protocol.Reply
	id      string
	state   *replyState
	started bool
	index   int
	w       rawjson.Writer // holds one event
	dst     []byte         // of the call that runs
}

// ContentType is that of server-sent events.
func (e *streamEncoder) ContentType() string { return "text/event-stream" }

// Encode appends the events that one event becomes.
func (e *streamEncoder) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	e.dst = dst
	if ev.Kind != llm.EventOpen && ev.Kind != llm.EventMeter {
		e.begin()
	}
	e.state.event(ev)
	dst, e.dst = e.dst, nil
	return dst, nil
}

// End appends how the message ended, with the final counts.
func (e *streamEncoder) End(dst []byte) []byte {
	e.dst = dst
	e.begin()
	stop := e.state.stopping()
	w := e.open("message_delta")
	w.Key("delta")
	w.Obj()
	writeStop(w, &stop)
	w.Key("container")
	w.Null()
	w.End()
	w.Key("usage")
	writeUsage(w, e.counts(), e.state.searches)
	e.send("message_delta")
	e.open("message_stop")
	e.send("message_stop")
	dst, e.dst = e.dst, nil
	return dst
}

// Error appends an error event; nothing stands after it.
func (e *streamEncoder) Error(dst []byte, err *fault.Error) []byte {
	e.w.Reset()
	writeError(&e.w, err, e.reply.RequestID)
	return sse.AppendEvent(dst, "error", e.w.Bytes())
}

// KeepAlive appends a ping, which all clients skip.
func (e *streamEncoder) KeepAlive(dst []byte) []byte {
	return sse.AppendEvent(dst, "ping", []byte(`{"type":"ping"}`))
}

// counts is the usage known so far, or our estimate of the input.
func (e *streamEncoder) counts() *llm.Usage { return counts(e.state.usage, e.reply) }

func counts(u *llm.Usage, reply protocol.Reply) *llm.Usage {
	if u != nil {
		return u
	}
	return &llm.Usage{Input: reply.InputEstimate, Estimated: true}
}

// begin writes message_start once. Context meters of clients read its input
// tokens.
func (e *streamEncoder) begin() {
	if e.started {
		return
	}
	e.started = true
	usage := *e.counts()
	usage.Output, usage.Reasoning, usage.ReasoningKnown = 0, 0, false
	w := e.open("message_start")
	w.Key("message")
	w.Obj()
	writeHead(w, e.id, e.reply.Model)
	w.Key("content")
	w.Arr()
	w.EndArr()
	writeTail(w, nil, &usage, 0)
	w.End()
	e.send("message_start")
	e.dst = e.KeepAlive(e.dst)
}

// open begins an event.
func (e *streamEncoder) open(kind string) *rawjson.Writer {
	e.w.Reset()
	e.w.Obj()
	e.w.StrField("type", kind)
	return &e.w
}

func (e *streamEncoder) send(kind string) {
	e.w.End()
	e.dst = sse.AppendEvent(e.dst, kind, e.w.Bytes())
}

func (e *streamEncoder) start(b blockHead) {
	e.index++
	w := e.open("content_block_start")
	w.IntField("index", int64(e.index))
	w.Key("content_block")
	w.Obj()
	w.StrField("type", b.kind)
	switch b.kind {
	case "text":
		w.StrField("text", "")
	case "thinking":
		w.StrField("thinking", "")
		w.StrField("signature", "")
	case "redacted_thinking":
		w.StrField("data", b.data)
	case "tool_use", "server_tool_use":
		w.StrField("id", b.id)
		w.StrField("name", b.name)
		w.RawField("input", []byte("{}"))
	case "web_search_tool_result", codeResultType, toolSearchResult:
		b.writeResult(w)
	}
	w.End()
	e.send("content_block_start")
}

// delta writes a delta with one string.
func (e *streamEncoder) delta(kind, key, s string) {
	w := e.open("content_block_delta")
	w.IntField("index", int64(e.index))
	w.Key("delta")
	w.Obj()
	w.StrField("type", kind)
	w.StrField(key, s)
	w.End()
	e.send("content_block_delta")
}

func (e *streamEncoder) text(s string)      { e.delta("text_delta", "text", s) }
func (e *streamEncoder) thinking(s string)  { e.delta("thinking_delta", "thinking", s) }
func (e *streamEncoder) signature(s string) { e.delta("signature_delta", "signature", s) }
func (e *streamEncoder) input(s string)     { e.delta("input_json_delta", "partial_json", s) }

func (e *streamEncoder) citation(c *llm.Citation) {
	w := e.open("content_block_delta")
	w.IntField("index", int64(e.index))
	w.Key("delta")
	w.Obj()
	w.StrField("type", "citations_delta")
	w.Key("citation")
	writeCitation(w, c)
	w.End()
	e.send("content_block_delta")
}

func (e *streamEncoder) stop() {
	w := e.open("content_block_stop")
	w.IntField("index", int64(e.index))
	e.send("content_block_stop")
}
