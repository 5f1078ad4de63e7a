package main

import "fmt"

func anthropicDialect() dialect {
	const model = "claude-sonnet-4-5"
	event := func(kind, rest string) string {
		return "event: " + kind + "\ndata: {\"type\":\"" + kind + `"` + rest + "}\n\n"
	}
	message := func(content, stop string, output int) string {
		return fmt.Sprintf(`{"id":"msg_bench","type":"message","role":"assistant","model":"%s","content":[%s],"stop_reason":%s,"stop_sequence":null,"usage":{"input_tokens":200,"output_tokens":%d}}`,
			model, content, stop, output)
	}
	return dialect{
		name: "messages", model: model, base: "/m", path: fixed("/v1/messages"), request: anthropicRequest,
		account: []string{"--provider", "anthropic"},
		models:  `{"data":[{"type":"model","id":"` + model + `","display_name":"Bench","created_at":"2026-01-01T00:00:00Z"}],"first_id":"` + model + `","last_id":"` + model + `","has_more":false}`,
		whole:   message(`{"type":"text","text":"`+answer+`"}`, `"end_turn"`, 7),
		frames: frames(
			event("message_start", `,"message":`+message("", "null", 1))+
				event("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`),
			func(i int) string {
				return event("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":"`+word(i)+`"}`)
			},
			event("content_block_stop", `,"index":0`)+
				event("message_delta", `,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":20}`)+
				event("message_stop", "")),
	}
}

func anthropicRequest(c conversation, model string, stream bool) []byte {
	content := []object{{"type": "text", "text": c.user}}
	if c.image != "" {
		content = append(content, object{"type": "image", "source": object{"type": "base64", "media_type": "image/png", "data": c.image}})
	}
	messages := []object{{"role": "user", "content": content}}
	for i := range c.rounds {
		messages = append(messages,
			object{"role": "assistant", "content": []object{{"type": "tool_use", "id": callID(i), "name": toolName(i % c.tools), "input": callArgs}}},
			object{"role": "user", "content": []object{{"type": "tool_result", "tool_use_id": callID(i), "content": resultText}}})
	}
	body := object{"model": model, "max_tokens": 4096, "stream": stream, "messages": messages}
	if c.system != "" {
		body["system"] = c.system
	}
	var tools []object
	for i := range c.tools {
		tools = append(tools, object{"name": toolName(i), "description": toolText, "input_schema": toolSchema})
	}
	if tools != nil {
		body["tools"] = tools
	}
	return encode(body)
}
