// Package anthropic speaks Anthropic's Messages protocol, versions 2023-06-01
// and 2026-10-21. Client is the side that faces coding clients.
//
// What the canonical model does not hold stays in Native members of protocol
// llm.Anthropic: the unknown members of the request, of a message, of a block
// and of a tool, as they stood. Server tools, tools that the model was trained
// on, blocks of server tools and search results keep their whole object there.
package anthropic

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

// Client is the client side of Messages. The zero value is ready.
type Client struct{}

var _ protocol.Client = Client{}

// Name returns llm.Anthropic.
func (Client) Name() llm.Protocol { return llm.Anthropic }

// EncodeCount answers count_tokens.
func (Client) EncodeCount(usage llm.Usage) []byte {
	var w rawjson.Writer
	w.Obj()
	w.IntField("input_tokens", usage.TotalInput())
	w.End()
	return w.Bytes()
}

// billingPrefix begins the first system block of Claude Code: a line for
// Anthropic's billing that changes with the program's version and would spoil
// prompt caches elsewhere.
const billingPrefix = "x-anthropic-billing-header:"

// dropBilling is the loss code under which such a block is left out.
const dropBilling = "system.billing"

func isBilling(text string) bool {
	return strings.HasPrefix(strings.TrimLeft(text, " \n"), billingPrefix)
}

func native(raw json.RawMessage) llm.Native {
	return llm.Native{Protocol: llm.Anthropic, Rest: raw}
}
