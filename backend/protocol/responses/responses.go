// Package responses speaks OpenAI's Responses protocol. Client is the side
// that faces coding clients, over HTTP and server-sent events.
//
// What the canonical model does not hold stays in Native members of protocol
// llm.Responses: the unknown members of the request, of an item (on the part
// made of it, an assistant message's "phase" too), of a content part and of a
// tool. A system part or turn that was written by the developer role holds
// "role". Items that only OpenAI can run are opaque parts whose Native is the
// whole item.
package responses

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Client is the client side of Responses. The zero value is ready.
type Client struct{}

var _ protocol.Client = Client{}

// Name returns llm.Responses.
func (Client) Name() llm.Protocol { return llm.Responses }

// EncodeCount answers POST /responses/input_tokens.
func (Client) EncodeCount(usage llm.Usage) []byte {
	var w rawjson.Writer
	w.Obj()
	w.StrField("object", "response.input_tokens")
	w.IntField("input_tokens", usage.TotalInput())
	w.End()
	return w.Bytes()
}

// EncodeError returns the status and {"error":{message,type,param,code}}. The
// request id has no place in OpenAI's shape; the header carries it.
func (Client) EncodeError(err *fault.Error, _ string) (status int, body []byte) {
	return err.HTTPStatus(), wire.AppendOpenAIError(nil, err)
}

// Words of the trained tools, which the client runs: each is a tool type, and
// the name of the function that stands in for it elsewhere.
const (
	toolLocalShell = "local_shell"
	toolShell      = "shell"
	toolSearch     = "tool_search"
	toolApplyPatch = "apply_patch"
)

// slotCompaction marks an envelope whose data is the summary of a
// conversation.
const slotCompaction = "compaction"

// codeLanguage is what OpenAI's code interpreter runs.
const codeLanguage = "python"
