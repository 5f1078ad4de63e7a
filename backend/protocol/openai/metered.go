package openai

import (
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

var _ protocol.Metered = Upstream{}

// streamOptions holds the wish for usage in a stream.
const streamOptions = "stream_options"

// AskUsage sets stream_options.include_usage on a copy of the body. What stands
// there in another form than the protocol's is the upstream's to refuse.
func (Upstream) AskUsage(body []byte) (out []byte, asked bool) {
	if wish, ok := rawjson.Get(body, streamOptions, "include_usage"); ok {
		if on, err := rawjson.Bool(wish); err == nil && on {
			return body, true
		}
	}
	out, err := rawjson.Set(body, []byte("true"), streamOptions, "include_usage")
	if err != nil {
		return body, true
	}
	return out, false
}

// DropUsage takes the wish out of a body that we wrote.
func (Upstream) DropUsage(body []byte) []byte {
	out, err := rawjson.Delete(body, streamOptions)
	if err != nil {
		return body
	}
	return out
}

// UsageWord is the member that a server complains of which knows no such wish.
func (Upstream) UsageWord() string { return streamOptions }

// UsageOnly tells the chunk that a stream has for its usage alone: no choice, and
// counts (the API reference of stream_options.include_usage).
func (Upstream) UsageOnly(f sse.Frame) bool {
	data := wire.FrameData(f)
	choices, ok := rawjson.Get(data, "choices")
	if !ok || rawjson.KindOf(choices) != rawjson.KindArray {
		return false
	}
	for range rawjson.Items(choices) {
		return false
	}
	usage, _ := rawjson.Get(data, "usage")
	return rawjson.KindOf(usage) == rawjson.KindObject
}
