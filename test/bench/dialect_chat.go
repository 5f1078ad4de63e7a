package main

func chatDialect() dialect {
	const model = "gpt-4.1"
	piece := func(delta, finish string) string {
		return `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"` + model +
			`","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + "}]}\n\n"
	}
	usage := `"usage":{"prompt_tokens":200,"completion_tokens":20,"total_tokens":220}`
	return dialect{
		name: "chat", model: model, base: "/c", path: fixed("/v1/chat/completions"), request: chatRequest,
		account: []string{"--provider", "openai", "--api", "chat"},
		models:  `{"object":"list","data":[{"id":"` + model + `","object":"model","created":1,"owned_by":"bench"}]}`,
		whole: `{"id":"chatcmpl-bench","object":"chat.completion","created":1760000000,"model":"` + model +
			`","choices":[{"index":0,"message":{"role":"assistant","content":"` + answer + `"},"finish_reason":"stop"}],` + usage + `}`,
		frames: frames(piece(`{"role":"assistant","content":""}`, "null"),
			func(i int) string { return piece(`{"content":"`+word(i)+`"}`, "null") },
			piece(`{}`, `"stop"`)+`data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"`+model+
				`","choices":[],`+usage+"}\n\ndata: [DONE]\n\n"),
	}
}

func chatRequest(c conversation, model string, stream bool) []byte {
	var messages, tools []object
	if c.system != "" {
		messages = append(messages, object{"role": "system", "content": c.system})
	}
	if c.image == "" {
		messages = append(messages, object{"role": "user", "content": c.user})
	} else {
		messages = append(messages, object{"role": "user", "content": []object{{"type": "text", "text": c.user},
			{"type": "image_url", "image_url": object{"url": "data:image/png;base64," + c.image}}}})
	}
	for i := range c.rounds {
		messages = append(messages,
			object{"role": "assistant", "tool_calls": []object{{"id": callID(i), "type": "function",
				"function": object{"name": toolName(i % c.tools), "arguments": string(encode(callArgs))}}}},
			object{"role": "tool", "tool_call_id": callID(i), "content": resultText})
	}
	for i := range c.tools {
		tools = append(tools, object{"type": "function", "function": object{"name": toolName(i), "description": toolText, "parameters": toolSchema}})
	}
	body := object{"model": model, "messages": messages}
	if stream {
		body["stream"], body["stream_options"] = true, object{"include_usage": true}
	}
	if tools != nil {
		body["tools"] = tools
	}
	return encode(body)
}
