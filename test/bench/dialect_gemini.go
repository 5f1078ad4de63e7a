package main

import "fmt"

func geminiDialect() dialect {
	const model = "gemini-2.5-flash"
	piece := func(text, finish string, out int) string {
		return fmt.Sprintf(`{"candidates":[{"content":{"role":"model","parts":[{"text":"%s"}]}%s,"index":0}],"usageMetadata":{"promptTokenCount":200,"candidatesTokenCount":%d,"totalTokenCount":%d},"modelVersion":"%s"}`,
			text, finish, out, 200+out, model)
	}
	const stop = `,"finishReason":"STOP"`
	return dialect{
		name: "gemini", model: model, base: "/g", request: geminiRequest,
		account: []string{"--provider", "gemini"},
		path: func(model string, stream bool) string {
			if stream {
				return "/v1beta/models/" + model + ":streamGenerateContent?alt=sse"
			}
			return "/v1beta/models/" + model + ":generateContent"
		},
		models: `{"models":[{"name":"models/` + model + `","supportedGenerationMethods":["generateContent"]}]}`,
		whole:  piece(answer, stop, 7),
		frames: frames("", func(i int) string {
			finish := ""
			if i == chunkCount-1 {
				finish = stop
			}
			return "data: " + piece(word(i), finish, i+1) + "\r\n\r\n"
		}, ""),
	}
}

func geminiRequest(c conversation, _ string, _ bool) []byte {
	parts := []object{{"text": c.user}}
	if c.image != "" {
		parts = append(parts, object{"inlineData": object{"mimeType": "image/png", "data": c.image}})
	}
	contents := []object{{"role": "user", "parts": parts}}
	for i := range c.rounds {
		name := toolName(i % c.tools)
		contents = append(contents,
			object{"role": "model", "parts": []object{{"functionCall": object{"name": name, "args": callArgs}}}},
			object{"role": "user", "parts": []object{{"functionResponse": object{"name": name, "response": object{"output": resultText}}}}})
	}
	body := object{"contents": contents}
	if c.system != "" {
		body["systemInstruction"] = object{"parts": []object{{"text": c.system}}}
	}
	var tools []object
	for i := range c.tools {
		tools = append(tools, object{"name": toolName(i), "description": toolText, "parametersJsonSchema": toolSchema})
	}
	if tools != nil {
		body["tools"] = []object{{"functionDeclarations": tools}}
	}
	return encode(body)
}
