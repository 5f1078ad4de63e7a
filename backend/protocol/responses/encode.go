package responses

import (
	"math"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// EncodeResponse writes a whole response object.
func (Client) EncodeResponse(resp *llm.Response, reply protocol.Reply, losses *llm.Losses) ([]byte, error) {
	s := newReplyState(reply, losses)
	w := rawjson.NewWriter(2048 + len(s.tail) + sizeOf(resp))
	s.out = w
	w.Obj()
	s.writeHead(w)
	w.Key("output")
	w.Arr()
	for ev := range llm.Replay(resp) {
		s.event(ev)
	}
	status, reason := s.finish()
	w.EndArr()
	s.writeRest(w, status, reason, nil)
	w.End()
	return w.Bytes(), nil
}

// sizeOf is about how many bytes the content of a reply takes.
func sizeOf(resp *llm.Response) (n int) {
	for i := range resp.Choices {
		for j := range resp.Choices[i].Parts {
			p := &resp.Choices[i].Parts[j]
			n += 256 + len(p.Text) + len(p.Text)/16
			if p.Call != nil {
				n += len(p.Call.Args) + len(p.Call.Args)/8
			}
			if p.Media != nil {
				n += len(p.Media.Data)
			}
			if p.Seal != nil {
				n += 2 * len(p.Seal.Data)
			}
		}
	}
	return n
}

// writeHead writes what stands before the output of a response object.
func (s *replyState) writeHead(w *rawjson.Writer) {
	w.StrField("id", s.id)
	w.StrField("object", "response")
	w.IntField("created_at", s.reply.Created.Unix())
	w.StrField("model", s.reply.Model)
}

// writeRest writes what stands behind it: how the response stands, and what
// the request said.
func (s *replyState) writeRest(w *rawjson.Writer, status, reason string, failure *fault.Error) {
	w.StrField("status", status)
	w.Key("error")
	if failure == nil {
		w.Null()
	} else {
		writeFailure(w, failure)
	}
	w.Key("incomplete_details")
	if reason == "" {
		w.Null()
	} else {
		w.Obj()
		w.StrField("reason", reason)
		w.End()
	}
	w.Key("usage")
	if s.usage == nil || status == statusInProgress {
		w.Null()
	} else {
		writeUsage(w, s.usage)
	}
	rawjson.AppendRest(w, s.tail)
}

// writeUsage writes the counts; input includes what came from the cache,
// output includes reasoning (mapping rules, section 17).
func writeUsage(w *rawjson.Writer, u *llm.Usage) {
	in, out := u.TotalInput(), u.TotalOutput()
	w.Obj()
	w.IntField("input_tokens", in)
	w.Key("input_tokens_details")
	w.Obj()
	w.IntField("cached_tokens", u.CacheRead)
	w.IntField("cache_write_tokens", u.CacheWrite)
	if u.CacheLong > 0 {
		w.Key("cache_write_tokens_details")
		w.Obj()
		w.IntField("ttl_30m_tokens", max(u.CacheWrite-u.CacheLong, 0))
		w.IntField("ttl_12h_tokens", u.CacheLong)
		w.End()
	}
	w.End()
	w.IntField("output_tokens", out)
	w.Key("output_tokens_details")
	w.Obj()
	w.IntField("reasoning_tokens", u.Reasoning)
	w.End()
	w.IntField("total_tokens", in+out)
	w.End()
}

// writeFailure writes the error of a failed response, whose codes are a closed
// list.
func writeFailure(w *rawjson.Writer, err *fault.Error) {
	code := "server_error"
	switch err.Class {
	case fault.RateLimited, fault.QuotaExhausted:
		code = "rate_limit_exceeded"
	case fault.InvalidRequest, fault.TooLarge:
		code = "invalid_prompt"
	}
	w.Obj()
	w.StrField("code", code)
	w.StrField("message", withDelay(err))
	w.End()
}

// withDelay adds how long to wait: a stream has no header for it, and Codex
// reads it from the message.
func withDelay(err *fault.Error) string {
	if err.RetryAfter <= 0 || strings.Contains(err.Message, "try again in") {
		return err.Message
	}
	seconds := int64(math.Ceil(float64(err.RetryAfter) / float64(time.Second)))
	return strings.TrimRight(err.Message, ". ") + ". Please try again in " + strconv.FormatInt(seconds, 10) + "s."
}

// NewStreamEncoder returns the writer of one streamed response.
func (Client) NewStreamEncoder(reply protocol.Reply, losses *llm.Losses) protocol.StreamEncoder {
	s := newReplyState(reply, losses)
	s.frames = &frames{}
	s.out = &rawjson.Writer{}
	s.out.Arr()
	return &streamEncoder{state: s}
}

type streamEncoder struct {
	state *replyState
	open  bool // response.created was written
}

// ContentType is that of server-sent events.
func (e *streamEncoder) ContentType() string { return "text/event-stream" }

// Encode appends the frames of one event.
func (e *streamEncoder) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	f := e.state.frames
	f.dst = dst
	e.open = e.open || ev.Kind == llm.EventOpen
	e.state.event(ev)
	dst, f.dst = f.dst, nil
	return dst, nil
}

// End appends the terminal event: usage may come after the Close, so it waits
// for the end of the stream.
func (e *streamEncoder) End(dst []byte) []byte {
	e.state.frames.dst = dst
	status, reason := e.state.finish()
	return e.last(status, reason, nil)
}

// last appends the event that holds the whole response.
func (e *streamEncoder) last(status, reason string, failure *fault.Error) []byte {
	s, f := e.state, e.state.frames
	s.out.EndArr()
	w := f.begin("response." + status)
	w.Grow(s.out.Len() + len(s.tail) + 1024)
	w.Key("response")
	w.Obj()
	s.writeHead(w)
	w.RawField("output", s.out.Bytes())
	s.writeRest(w, status, reason, failure)
	w.End()
	f.end()
	dst := f.dst
	f.dst = nil
	return dst
}

// Behind implements protocol.Numbered.
func (e *streamEncoder) Behind(events int64) { e.state.frames.seq = events }

// Error appends response.failed with the items that were finished, or an error
// event where the response had not begun. Neither has a top-level "error".
func (e *streamEncoder) Error(dst []byte, err *fault.Error) []byte {
	f := e.state.frames
	f.dst = dst
	if e.open {
		return e.last(statusFailed, "", err)
	}
	_, code := wire.OpenAIErrorWords(err)
	w := f.begin("error")
	wire.StrOrNull(w, "code", code)
	w.StrField("message", withDelay(err))
	wire.StrOrNull(w, "param", err.Param)
	f.end()
	dst, f.dst = f.dst, nil
	return dst
}

// KeepAlive appends a comment.
func (e *streamEncoder) KeepAlive(dst []byte) []byte { return sse.AppendComment(dst, "ping") }
