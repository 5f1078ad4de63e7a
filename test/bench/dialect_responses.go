package main

import "fmt"

func responsesDialect() dialect {
	const model = "gpt-4.1-mini"
	item := func(status, content string) string {
		return `{"id":"msg_bench","type":"message","status":"` + status + `","role":"assistant","content":[` + content + `]}`
	}
	part := func(text string) string {
		return `{"type":"output_text","text":"` + text + `","annotations":[],"logprobs":[]}`
	}
	response := func(status, output string) string {
		usage := "null"
		if status == "completed" {
			usage = `{"input_tokens":200,"input_tokens_details":{"cached_tokens":0},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":220}`
		}
		return `{"id":"resp_bench","object":"response","created_at":1760000000,"status":"` + status + `","error":null,"incomplete_details":null,"instructions":null,` +
			`"metadata":{},"model":"` + model + `","output":[` + output + `],"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"usage":` + usage + `}`
	}
	event := func(seq int, kind, rest string) string {
		return "event: " + kind + "\ndata: " + fmt.Sprintf(`{"type":"%s","sequence_number":%d,%s}`, kind, seq, rest) + "\n\n"
	}
	at := `"item_id":"msg_bench","output_index":0,"content_index":0,`
	var text string
	for i := range chunkCount {
		text += word(i)
	}
	done := item("completed", part(text))
	return dialect{
		name: "responses", model: model, base: "/r", path: fixed("/v1/responses"), request: responsesRequest,
		account: []string{"--provider", "openai", "--api", "responses"},
		models:  `{"object":"list","data":[{"id":"` + model + `","object":"model","created":1,"owned_by":"bench"}]}`,
		whole:   response("completed", item("completed", part(answer))),
		frames: frames(
			event(0, "response.created", `"response":`+response("in_progress", ""))+
				event(1, "response.in_progress", `"response":`+response("in_progress", ""))+
				event(2, "response.output_item.added", `"output_index":0,"item":`+item("in_progress", ""))+
				event(3, "response.content_part.added", at+`"part":`+part("")),
			func(i int) string {
				return event(4+i, "response.output_text.delta", at+`"delta":"`+word(i)+`","logprobs":[]`)
			},
			event(4+chunkCount, "response.output_text.done", at+`"text":"`+text+`","logprobs":[]`)+
				event(5+chunkCount, "response.content_part.done", at+`"part":`+part(text))+
				event(6+chunkCount, "response.output_item.done", `"output_index":0,"item":`+done)+
				event(7+chunkCount, "response.completed", `"response":`+response("completed", done))),
	}
}

func responsesRequest(c conversation, model string, stream bool) []byte {
	content := []object{{"type": "input_text", "text": c.user}}
	if c.image != "" {
		content = append(content, object{"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64," + c.image})
	}
	input := []object{{"type": "message", "role": "user", "content": content}}
	for i := range c.rounds {
		input = append(input,
			object{"type": "function_call", "call_id": callID(i), "name": toolName(i % c.tools), "arguments": string(encode(callArgs))},
			object{"type": "function_call_output", "call_id": callID(i), "output": resultText})
	}
	// A coding client keeps its own history: nothing is stored (as Codex does).
	body := object{"model": model, "input": input, "store": false, "stream": stream}
	if c.system != "" {
		body["instructions"] = c.system
	}
	var tools []object
	for i := range c.tools {
		tools = append(tools, object{"type": "function", "name": toolName(i), "description": toolText, "parameters": toolSchema, "strict": false})
	}
	if tools != nil {
		body["tools"] = tools
	}
	return encode(body)
}
