package media

import (
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// pictureOf is the last picture of a choice: those before it are drafts.
func pictureOf(c *llm.Choice) *llm.Media {
	for i := len(c.Parts) - 1; i >= 0; i-- {
		if m := c.Parts[i].Media; m != nil && m.Data != "" && strings.HasPrefix(m.MIME, "image/") {
			return m
		}
	}
	return nil
}

// EncodeResponse implements protocol.Client.
func (Images) EncodeResponse(resp *llm.Response, reply protocol.Reply, _ *llm.Losses) ([]byte, error) {
	var pictures []*llm.Media
	size := 256
	for i := range resp.Choices {
		if m := pictureOf(&resp.Choices[i]); m != nil {
			pictures = append(pictures, m)
			size += len(m.Data) + 64
		}
	}
	if len(pictures) == 0 {
		return nil, unsaid(resp, "a picture")
	}
	w := rawjson.NewWriter(size)
	w.Obj()
	w.IntField("created", reply.Created.Unix())
	w.Key("data")
	w.Arr()
	for _, m := range pictures {
		w.Obj()
		if echoed(reply, "response_format") == "url" {
			w.StrField("url", "data:"+m.MIME+";base64,"+m.Data)
		} else {
			w.StrField("b64_json", m.Data)
		}
		w.End()
	}
	w.EndArr()
	w.StrField("output_format", strings.TrimPrefix(pictures[0].MIME, "image/"))
	writeUsage(w, resp.Usage, "")
	w.End()
	return w.Bytes(), nil
}

// NewStreamEncoder implements protocol.Client.
func (o Images) NewStreamEncoder(reply protocol.Reply, _ *llm.Losses) protocol.StreamEncoder {
	event := "image_generation.completed"
	if o.Edit {
		event = "image_edit.completed"
	}
	return &imageStream{frames: frames{}, event: event, reply: reply, all: llm.NewCollector()}
}

// imageStream shows the picture when it is there.
type imageStream struct {
	frames
	event string
	reply protocol.Reply
	all   *llm.Collector
}

// Encode implements protocol.StreamEncoder.
func (s *imageStream) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	s.all.Add(ev)
	return dst, nil
}

// End implements protocol.StreamEncoder.
func (s *imageStream) End(dst []byte) []byte {
	resp := s.all.Response()
	var m *llm.Media
	for i := range resp.Choices {
		if m = pictureOf(&resp.Choices[i]); m != nil {
			break
		}
	}
	if m == nil {
		return s.Error(dst, fault.From(unsaid(resp, "a picture")))
	}
	w := rawjson.NewWriter(len(m.Data) + 256)
	w.Obj()
	w.StrField("type", s.event)
	w.StrField("b64_json", m.Data)
	w.IntField("created_at", s.reply.Created.Unix())
	w.StrField("output_format", strings.TrimPrefix(m.MIME, "image/"))
	writeUsage(w, resp.Usage, "")
	w.End()
	return sse.AppendEvent(dst, s.event, w.Bytes())
}

// frames is what the streams of these operations share.
type frames struct{}

// ContentType implements protocol.StreamEncoder.
func (frames) ContentType() string { return "text/event-stream" }

// Error implements protocol.StreamEncoder.
func (frames) Error(dst []byte, err *fault.Error) []byte {
	return sse.AppendEvent(dst, "error", wire.AppendOpenAIError(nil, err))
}

// KeepAlive implements protocol.StreamEncoder.
func (frames) KeepAlive(dst []byte) []byte { return sse.AppendComment(dst, "ping") }
