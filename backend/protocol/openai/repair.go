package openai

import (
	"bytes"
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
	messages, _ := rawjson.Get(body, "messages")
	w := rawjson.NewWriter(len(messages))
	w.Arr()
	i, changed := 0, false
	for message := range rawjson.Items(messages) {
		out := withoutThoughts(message)
		if len(out) != len(message) {
			changed = true
			losses.Drop("reasoning.foreign", "messages["+strconv.Itoa(i)+"]", "")
		}
		w.Raw(out)
		i++
	}
	w.EndArr()
	if !changed {
		return body
	}
	out, err := rawjson.Set(body, w.Bytes(), "messages")
	if err != nil {
		return body
	}
	return out
}

func withoutThoughts(message []byte) []byte {
	for _, key := range thoughts() {
		message = without(message, key)
	}
	calls, ok := rawjson.Get(message, "tool_calls")
	if !ok || !bytes.Contains(calls, []byte(`"`+sealOfCall+`"`)) {
		return message
	}
	w := rawjson.NewWriter(len(calls))
	w.Arr()
	for call := range rawjson.Items(calls) {
		w.Raw(without(call, sealOfCall))
	}
	w.EndArr()
	out, err := rawjson.Set(message, w.Bytes(), "tool_calls")
	if err != nil {
		return message
	}
	return out
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
