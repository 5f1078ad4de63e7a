package openai

import (
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Repairer = Upstream{}

// thoughts are members with which thinking travels in this protocol, although
// OpenAI's does not know them: a client got them with an answer of another model
// and sends them back whole.
func thoughts() []string { return []string{"reasoning_content", "reasoning_details"} }

// sealOfCall is such a member of a call.
const sealOfCall = "extra_content"

// RefusesThoughts tells a refusal of such a member ("Additional properties are
// not allowed ('reasoning_content' was unexpected)").
func RefusesThoughts(message string) bool {
	return slices.ContainsFunc(append(thoughts(), sealOfCall), func(key string) bool { return strings.Contains(message, key) })
}

// Repair leaves thinking out of what goes to a server that refuses it. Others may
// need it.
func (Upstream) Repair(body []byte, target protocol.Target, losses *llm.Losses) []byte {
	if !target.Caps.NoThoughts {
		return body
	}
	return rawjson.EditItems(body, func(i int, message []byte) []byte {
		out := withoutThoughts(message)
		if len(out) != len(message) {
			losses.Drop("reasoning.foreign", "messages["+strconv.Itoa(i)+"]", "")
		}
		return out
	}, "messages")
}

func withoutThoughts(message []byte) []byte {
	for _, key := range thoughts() {
		message = without(message, key)
	}
	return rawjson.EditItems(message, func(_ int, call []byte) []byte { return without(call, sealOfCall) }, "tool_calls")
}

func without(object []byte, key string) []byte {
	if _, ok := rawjson.Get(object, key); !ok {
		return object
	}
	out, err := rawjson.Delete(object, key)
	if err != nil {
		return object
	}
	return out
}
