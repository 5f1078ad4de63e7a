package responses

import (
	"net/http"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// Message is what a client may send over a socket.
type Message string

// The messages. An unknown one is refused.
const (
	MessageCreate    Message = "response.create"
	MessageSteer     Message = "response.steer"
	MessageProcessed Message = "response.processed" // Codex acknowledges
)

// maxStreamID is the protocol's limit.
const maxStreamID = 256

// ReadMessage tells what a frame of a client is, and the stream that it belongs
// to, "" if it names none. The text was checked to be one JSON object.
func ReadMessage(text []byte) (kind Message, stream string, err *fault.Error) {
	kind = Message(member(text, "type"))
	switch kind {
	case MessageCreate, MessageSteer, MessageProcessed:
	case "":
		return "", "", fault.Invalid("type", "type: this field is required")
	default:
		return "", "", fault.Invalid("type", "type: this message is not known here; send response.create")
	}
	if raw, ok := rawjson.Get(text, "stream_id"); ok && !rawjson.IsNull(raw) {
		id, bad := rawjson.String(raw)
		if bad != nil || id == "" || len(id) > maxStreamID || strings.ContainsFunc(id, notOfStreamID) {
			return "", "", fault.Invalid("stream_id", "stream_id: expected 1 to %d letters, digits, dots, hyphens and underscores", maxStreamID)
		}
		stream = id
	}
	return kind, stream, nil
}

// InStream marks an event with the stream that it belongs to.
func InStream(event []byte, stream string) []byte {
	if stream == "" {
		return event
	}
	return setMember(event, rawjson.AppendString(nil, stream), "stream_id")
}

func notOfStreamID(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' && r != '.'
}

// SteerFailed answers a response.steer: a running response takes no more input.
func SteerFailed(text []byte) []byte {
	var w rawjson.Writer
	w.Obj()
	w.StrField("type", "response.steer.failed")
	w.Key("steer")
	w.Obj()
	w.StrField("previous_response_id", member(text, "previous_response_id"))
	w.End()
	w.Key("error")
	w.Obj()
	w.StrField("type", "invalid_request_error")
	w.StrField("code", "steering_not_supported")
	w.StrField("message", "A running response takes no more input here; send it with the next response.create.")
	w.End()
	if id := member(text, "stream_id"); id != "" {
		w.StrField("stream_id", id)
	}
	w.End()
	return w.Bytes()
}

// ErrorEvent is the event that tells an error within a stream that has not begun
// but for comments; body is that of an error answer.
func ErrorEvent(body []byte) []byte {
	inner, _ := rawjson.Get(body, "error")
	var w rawjson.Writer
	w.Obj()
	w.StrField("type", "error")
	w.IntField("sequence_number", 0)
	for _, key := range [...]string{"code", "message", "param"} {
		raw, ok := rawjson.Get(inner, key)
		if !ok {
			raw = []byte("null")
		}
		w.RawField(key, raw)
	}
	w.End()
	return sse.AppendEvent(nil, "error", w.Bytes())
}

// ErrorFrame is an error over a socket; body is that of an error answer, header
// what came with it.
func ErrorFrame(status int, body []byte, header http.Header) []byte {
	var w rawjson.Writer
	w.Obj()
	w.StrField("type", "error")
	w.IntField("status", int64(status))
	raw, ok := rawjson.Get(body, "error")
	if !ok {
		raw = []byte(`{"type":"server_error","code":null,"message":"The response broke off.","param":null}`)
	}
	w.RawField("error", raw)
	if wait := header.Get("Retry-After"); wait != "" {
		w.Key("headers")
		w.Obj()
		w.StrField("retry-after", wait)
		w.End()
	}
	w.End()
	return w.Bytes()
}
