package protocoltest

import (
	"bytes"
	"encoding/json"
	"testing"
)

// GeminiAsOne joins the frames of a Gemini stream into the answer of
// generateContent: parts in order, the last word of everything else.
func GeminiAsOne(t *testing.T, body []byte) []byte {
	t.Helper()
	whole := map[string]json.RawMessage{}
	var candidates []map[string]json.RawMessage
	var parts [][]json.RawMessage
	for _, frame := range Frames(t, body) {
		if string(frame) == "[DONE]" {
			continue
		}
		var top map[string]json.RawMessage
		parse(t, bytes.TrimSpace(frame), &top)
		var list []map[string]json.RawMessage
		if top["candidates"] != nil {
			parse(t, top["candidates"], &list)
			delete(top, "candidates")
		}
		for k, v := range top {
			whole[k] = v
		}
		for i, c := range list {
			index := i
			if c["index"] != nil {
				parse(t, c["index"], &index)
			}
			for len(candidates) <= index {
				candidates = append(candidates, map[string]json.RawMessage{})
				parts = append(parts, nil)
			}
			for k, v := range c {
				if k == "logprobsResult" {
					v = joinLists(t, candidates[index][k], v)
				}
				if k != "content" {
					candidates[index][k] = v
					continue
				}
				var content struct{ Parts []json.RawMessage }
				parse(t, v, &content)
				parts[index] = append(parts[index], content.Parts...)
			}
		}
	}
	for i := range candidates {
		if parts[i] != nil {
			candidates[i]["content"] = marshal(t, map[string]any{"role": "model", "parts": parts[i]})
		}
	}
	if candidates != nil {
		whole["candidates"] = marshal(t, candidates)
	}
	return marshal(t, whole)
}

// joinLists joins two objects whose members are lists.
func joinLists(t *testing.T, a, b json.RawMessage) json.RawMessage {
	t.Helper()
	if a == nil {
		return b
	}
	var all, more map[string][]json.RawMessage
	parse(t, a, &all)
	parse(t, b, &more)
	for k, v := range more {
		all[k] = append(all[k], v...)
	}
	return marshal(t, all)
}

func marshal(t *testing.T, v any) json.RawMessage {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
