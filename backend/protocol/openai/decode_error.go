package openai

import (
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// DecodeError classifies an answer whose status is not 2xx.
func (Upstream) DecodeError(status int, header http.Header, body []byte) *fault.Error {
	return wire.OpenAIFault(upstreamName, status, header, body)
}

// streamFault is the fault that an event reports, nil if it reports none. A
// member of null is none.
func streamFault(raw []byte) error {
	val, ok := rawjson.Get(raw, "error")
	if ok && !rawjson.IsNull(val) {
		return wire.OpenAIStreamFault(upstreamName, wire.ReadOpenAIError(raw))
	}
	if rawjson.KindOf(raw) != rawjson.KindObject {
		return wire.Malformed(upstreamName, "the upstream sent an event that is not an object", nil)
	}
	return nil
}
