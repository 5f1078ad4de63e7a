package anthropic

import (
	"bytes"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/rawjson"
)

var _ protocol.Repairer = Upstream{}

// Repair mends what a client got from a model of another vendor and sends back:
// thinking that nobody signed is dropped ("Invalid `signature` in `thinking`
// block"), a search for tools likewise, and code that ran elsewhere is shown as text.
func (Upstream) Repair(body []byte, _ protocol.Target, losses *llm.Losses) []byte {
	if !bytes.Contains(body, []byte(`"signature":""`)) && !bytes.Contains(body, []byte(`"signature": ""`)) &&
		!bytes.Contains(body, []byte(ourID)) {
		return body
	}
	return rawjson.EditItems(body, func(i int, message []byte) []byte {
		content, _ := rawjson.Get(message, "content")
		if member(message, "role") != "assistant" || rawjson.KindOf(content) != rawjson.KindArray {
			return message
		}
		m := mend(content)
		if m.dropped+m.shown+m.foreign == 0 {
			return message
		}
		m.tell(losses, "messages["+strconv.Itoa(i)+"]")
		if m.left == 0 {
			return nil // a turn of nothing else
		}
		return withContent(message, m.kept)
	}, "messages")
}

// mended are the blocks of a message that the service takes.
type mended struct {
	kept                          []byte
	dropped, shown, foreign, left int
}

func mend(content []byte) (m mended) {
	w := rawjson.NewWriter(len(content))
	w.Arr()
	for block := range rawjson.Items(content) {
		if member(block, "type") == "thinking" && member(block, "signature") == "" {
			m.dropped++
			continue
		}
		if ours(block) && codeOf(block) == nil {
			m.foreign++
			continue
		}
		text, code := asText(block)
		if code {
			m.shown++
		}
		m.left++
		w.Raw(text)
	}
	w.EndArr()
	m.kept = w.Bytes()
	return m
}

func (m *mended) tell(losses *llm.Losses, path string) {
	if m.dropped > 0 {
		losses.Drop("reasoning.unsigned", path, "")
	}
	if m.foreign > 0 {
		losses.Drop("opaque", path, "")
	}
	if m.shown > 0 {
		losses.Adapt("code", path, "")
	}
}

func withContent(message, content []byte) []byte {
	out, err := rawjson.Set(message, content, "content")
	if err != nil {
		return message
	}
	return out
}
