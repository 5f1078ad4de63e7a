package protocoltest

import (
	"bytes"
	"encoding/json"
	"testing"
)

// chatChoice is one choice of a stream, gathered.
type chatChoice struct {
	message map[string]json.RawMessage
	text    map[string]string // content, refusal, reasoning_content
	calls   []map[string]any
	logs    []json.RawMessage
	finish  string
}

// ChatAsOne joins the chunks of a streamed completion into the completion that
// the service would have answered at once.
func ChatAsOne(t *testing.T, body []byte) []byte {
	t.Helper()
	whole := map[string]json.RawMessage{}
	var choices []*chatChoice
	for _, frame := range Frames(t, body) {
		frame = bytes.TrimSpace(frame)
		if string(frame) == "[DONE]" {
			continue
		}
		var top map[string]json.RawMessage
		parse(t, frame, &top)
		var list []struct {
			Index  int
			Delta  map[string]json.RawMessage
			Logs   json.RawMessage `json:"logprobs"`
			Finish *string         `json:"finish_reason"`
		}
		if top["choices"] != nil {
			parse(t, top["choices"], &list)
		}
		for key, v := range top {
			if key != "choices" && string(v) != "null" {
				whole[key] = v
			}
		}
		for _, c := range list {
			for len(choices) <= c.Index {
				choices = append(choices, &chatChoice{message: map[string]json.RawMessage{}, text: map[string]string{}})
			}
			choices[c.Index].add(t, c.Delta)
			choices[c.Index].tokens(t, c.Logs)
			if c.Finish != nil {
				choices[c.Index].finish = *c.Finish
			}
		}
	}
	whole["object"] = json.RawMessage(`"chat.completion"`)
	out := []any{}
	for i, c := range choices {
		for key, text := range c.text {
			c.message[key] = marshal(t, text)
		}
		if c.calls != nil {
			c.message["tool_calls"] = marshal(t, c.calls)
		}
		choice := map[string]any{"index": i, "message": c.message, "finish_reason": c.finish}
		if c.logs != nil {
			choice["logprobs"] = map[string]any{"content": c.logs}
		}
		out = append(out, choice)
	}
	whole["choices"] = marshal(t, out)
	return marshal(t, whole)
}

func (c *chatChoice) add(t *testing.T, delta map[string]json.RawMessage) {
	t.Helper()
	for key, raw := range delta {
		switch key {
		case "content", "refusal", "reasoning_content":
			var text *string
			parse(t, raw, &text)
			if text != nil {
				c.text[key] += *text
			}
		case "tool_calls":
			var calls []struct {
				Index            int
				ID, Type         string
				Function, Custom map[string]string
				Extra            json.RawMessage `json:"extra_content"`
			}
			parse(t, raw, &calls)
			for _, call := range calls {
				for len(c.calls) <= call.Index {
					c.calls = append(c.calls, map[string]any{})
				}
				into := c.calls[call.Index]
				if call.ID != "" {
					into["id"], into["type"] = call.ID, call.Type
				}
				if call.Extra != nil {
					into["extra_content"] = call.Extra
				}
				gather := func(kind string, body map[string]string) {
					if body == nil {
						return
					}
					have, _ := into[kind].(map[string]string)
					if have == nil {
						have = map[string]string{}
					}
					for k, v := range body {
						have[k] += v
					}
					into[kind] = have
				}
				gather("function", call.Function)
				gather("custom", call.Custom)
			}
		default:
			c.message[key] = raw
		}
	}
}

// tokens gathers what the chunks tell of their tokens.
func (c *chatChoice) tokens(t *testing.T, raw json.RawMessage) {
	t.Helper()
	if compact(raw) == "" {
		return
	}
	var logs struct{ Content []json.RawMessage }
	parse(t, raw, &logs)
	c.logs = append(c.logs, logs.Content...)
}
