// Package openai speaks OpenAI's Chat Completions protocol. Client is the side
// that faces coding clients.
//
// What the canonical model does not hold stays in Native members of protocol
// llm.OpenAIChat: the unknown members of the request, of a message (its name
// too), of a content part and of a tool, as they stood. Two marks are kept
// there as well: a system part or turn that was written by the developer role
// holds "role", and a request whose tools came in the deprecated form holds
// "functions", so that the reply can use that form.
package openai

import (
	"encoding/json"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// Client is the client side of Chat Completions. The zero value is ready.
type Client struct{}

var _ protocol.Client = Client{}

// Name returns llm.OpenAIChat.
func (Client) Name() llm.Protocol { return llm.OpenAIChat }

// EncodeCount answers a token count. Chat Completions has no such operation;
// the shape is this gateway's own.
func (Client) EncodeCount(usage llm.Usage) []byte {
	var w rawjson.Writer
	w.Obj()
	w.StrField("object", "chat.completion.input_tokens")
	w.IntField("prompt_tokens", usage.TotalInput())
	w.End()
	return w.Bytes()
}

// oldForm reports whether the client declared its tools as the deprecated
// functions, and thus reads only message.function_call.
func oldForm(req *llm.Request) bool {
	if req == nil {
		return false
	}
	_, ok := rawjson.Get(req.Native.For(llm.OpenAIChat), "functions")
	return ok
}

func native(rest json.RawMessage) llm.Native {
	return llm.Native{Protocol: llm.OpenAIChat, Rest: rest}
}
