package openai

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// NewStreamEncoder returns the writer of one streamed completion.
func (Client) NewStreamEncoder(reply protocol.Reply, losses *llm.Losses) protocol.StreamEncoder {
	e := &streamEncoder{
		id: mintID(reply), model: reply.Model, created: reply.Created.Unix(),
		usage: reply.Request != nil && reply.Request.StreamUsage,
	}
	e.state = newReplyState(reply, losses, e.chunk)
	return e
}

func mintID(reply protocol.Reply) string { return "chatcmpl-" + reply.Mint(29, wire.Base62) }

type streamEncoder struct {
	id, model string
	created   int64
	usage     bool // the client asked for the usage chunk
	state     *replyState
	w         rawjson.Writer // holds one chunk
	dst       []byte         // of the call of Encode that runs
}

// ContentType is that of server-sent events.
func (e *streamEncoder) ContentType() string { return "text/event-stream" }

// Encode appends the chunks of one event.
func (e *streamEncoder) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	e.dst = dst
	e.state.event(ev)
	dst, e.dst = e.dst, nil
	return dst, nil
}

// End appends the usage chunk, if it was asked for, and the end mark.
func (e *streamEncoder) End(dst []byte) []byte {
	if u := e.state.usage; e.usage && u != nil {
		e.open()
		e.w.Key("choices")
		e.w.Arr()
		e.w.EndArr()
		e.w.Key("usage")
		writeUsage(&e.w, u)
		e.w.End()
		dst = sse.AppendData(dst, e.w.Bytes())
	}
	return appendDone(dst)
}

// Error appends the error frame and the end mark. Only this frame has a
// top-level "error": OpenAI's Go SDK ends the stream at any.
func (e *streamEncoder) Error(dst []byte, err *fault.Error) []byte {
	e.w.Reset()
	wire.WriteOpenAIError(&e.w, err)
	return appendDone(sse.AppendData(dst, e.w.Bytes()))
}

// KeepAlive appends a comment.
func (e *streamEncoder) KeepAlive(dst []byte) []byte { return sse.AppendComment(dst, "ping") }

func appendDone(dst []byte) []byte { return append(dst, "data: [DONE]\n\n"...) }

// open begins a chunk.
func (e *streamEncoder) open() {
	e.w.Reset()
	e.w.Obj()
	writeHead(&e.w, "chat.completion.chunk", e.id, e.model, e.created)
}

// chunk appends the frame of one delta to the call of Encode that runs.
func (e *streamEncoder) chunk(d *delta) {
	w := &e.w
	e.open()
	w.Key("choices")
	w.Arr()
	w.Obj()
	w.IntField("index", int64(d.choice))
	w.Key("delta")
	w.Obj()
	e.delta(d)
	w.End()
	w.Key("logprobs")
	if d.ofRefusal {
		writeLogprobs(w, nil, d.logprobs)
	} else {
		writeLogprobs(w, d.logprobs, nil)
	}
	wire.StrOrNull(w, "finish_reason", d.finish)
	w.End()
	w.EndArr()
	if e.usage {
		w.Key("usage")
		w.Null()
	}
	w.End()
	e.dst = sse.AppendData(e.dst, w.Bytes())
}

func (e *streamEncoder) delta(d *delta) {
	w := &e.w
	switch {
	case d.role:
		w.StrField("role", "assistant")
		w.StrField("content", "")
	case d.content != "":
		w.StrField("content", d.content)
	case d.refusal != "":
		w.StrField("refusal", d.refusal)
	case d.reasoning != "":
		w.StrField("reasoning_content", d.reasoning)
	case d.call != nil && e.state.old:
		w.Key("function_call")
		writeOldCall(w, d.call)
	case d.call != nil:
		w.Key("tool_calls")
		w.Arr()
		writeCall(w, d.call, true)
		w.EndArr()
	case d.audio != nil:
		w.Key("audio")
		writeAudio(w, d.audio)
	case d.annotation != nil:
		w.Key("annotations")
		w.Arr()
		writeAnnotation(w, d.annotation)
		w.EndArr()
	}
}
