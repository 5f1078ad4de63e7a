package relay

import (
	"bytes"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/traffic"
)

func newRecord(call Call) *traffic.Exchange {
	return &traffic.Exchange{
		ID: call.RequestID, Start: call.Start, Method: call.Method, Path: call.Path, Client: call.ClientName,
		KeyID: call.KeyID, KeyName: call.KeyName, Operation: string(call.Operation),
		ClientProtocol: call.Protocol, BytesIn: int64(len(call.Inbound.Body)),
	}
}

// hasEnvelope tells whether a body that would pass through holds another
// vendor's seal, which must be taken out.
func hasEnvelope(body []byte) bool { return bytes.Contains(body, []byte(llm.EnvelopePrefix)) }

func (a *attempt) decodeCount(body []byte) (llm.Usage, error) {
	return a.upstream.(protocol.Counter).DecodeCount(body) // encode has checked that it is one
}
