package anthropic

import (
	"bytes"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Repairer = Upstream{}

// Repair drops thinking that nobody signed: a client got it from a model of
// another vendor and sends it back, and the service refuses it ("Invalid
// `signature` in `thinking` block").
func (Upstream) Repair(body []byte, _ protocol.Target, losses *llm.Losses) []byte {
	if !bytes.Contains(body, []byte(`"signature":""`)) && !bytes.Contains(body, []byte(`"signature": ""`)) {
		return body
	}
	messages, _ := rawjson.Get(body, "messages")
	w := rawjson.NewWriter(len(messages))
	w.Arr()
	i, changed := 0, false
	for message := range rawjson.Items(messages) {
		content, _ := rawjson.Get(message, "content")
		if member(message, "role") == "assistant" && rawjson.KindOf(content) == rawjson.KindArray {
			kept, dropped, left := signedBlocks(content)
			if dropped > 0 {
				changed = true
				losses.Drop("reasoning.unsigned", "messages["+strconv.Itoa(i)+"]", "")
				if message = withContent(message, kept); left == 0 {
					message = nil // a turn of nothing else
				}
			}
		}
		if message != nil {
			w.Raw(message)
		}
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

// signedBlocks are the blocks of a message without unsigned thinking.
func signedBlocks(content []byte) (kept []byte, dropped, left int) {
	w := rawjson.NewWriter(len(content))
	w.Arr()
	for block := range rawjson.Items(content) {
		if member(block, "type") == "thinking" && member(block, "signature") == "" {
			dropped++
			continue
		}
		left++
		w.Raw(block)
	}
	w.EndArr()
	return w.Bytes(), dropped, left
}

func withContent(message, content []byte) []byte {
	out, err := rawjson.Set(message, content, "content")
	if err != nil {
		return message
	}
	return out
}
