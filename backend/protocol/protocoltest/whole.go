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

func marshal(t *testing.T, v any) json.RawMessage {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
