package protocoltest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"antigravity-tools/backend/rawjson"
)

// messageParts is a block of a stream, gathered: as it began, and what came
// since by member.
type messageParts struct {
	head      json.RawMessage
	text      map[string]string // text, thinking, signature, input
	citations []json.RawMessage
}

// MessageAsOne joins the events of a streamed message into the message that
// the service would have answered at once.
func MessageAsOne(t *testing.T, body []byte) []byte {
	t.Helper()
	whole := map[string]json.RawMessage{}
	usage := map[string]json.RawMessage{}
	blocks := map[int]*messageParts{}
	for _, frame := range Frames(t, body) {
		var ev struct {
			Type    string
			Index   int
			Message map[string]json.RawMessage
			Block   json.RawMessage `json:"content_block"`
			Delta   map[string]json.RawMessage
			Usage   map[string]json.RawMessage
		}
		parse(t, bytes.TrimSpace(frame), &ev)
		switch ev.Type {
		case "message_start":
			whole = ev.Message
			if whole["usage"] != nil {
				parse(t, whole["usage"], &usage)
			}
		case "content_block_start":
			blocks[ev.Index] = &messageParts{head: ev.Block, text: map[string]string{}}
		case "content_block_delta":
			blocks[ev.Index].add(t, ev.Delta)
		case "message_delta":
			for key, v := range ev.Delta {
				whole[key] = v
			}
			for key, v := range ev.Usage {
				usage[key] = v
			}
		}
	}
	content := []json.RawMessage{}
	for _, i := range slices.Sorted(maps.Keys(blocks)) {
		content = append(content, blocks[i].whole(t))
	}
	whole["content"] = marshal(t, content)
	if len(usage) > 0 {
		whole["usage"] = marshal(t, usage)
	}
	return marshal(t, whole)
}

func (m *messageParts) add(t *testing.T, delta map[string]json.RawMessage) {
	t.Helper()
	for key, raw := range delta {
		switch key {
		case "text", "thinking", "signature", "partial_json":
			var piece string
			parse(t, raw, &piece)
			m.text[key] += piece
		case "citation":
			m.citations = append(m.citations, raw)
		}
	}
}

func (m *messageParts) whole(t *testing.T) json.RawMessage {
	t.Helper()
	out := []byte(m.head)
	set := func(key string, value []byte) {
		next, err := rawjson.Set(out, value, key)
		if err != nil {
			t.Fatal(err)
		}
		out = next
	}
	for _, key := range slices.Sorted(maps.Keys(m.text)) {
		if key == "partial_json" {
			set("input", []byte(m.text[key]))
			continue
		}
		set(key, marshal(t, m.text[key]))
	}
	if m.citations != nil {
		set("citations", marshal(t, m.citations))
	}
	return out
}
