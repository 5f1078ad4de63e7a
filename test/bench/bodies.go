package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// Bodies of the cells: small talk of 1 KB, an agent's request of 100 KB (20
// tools, 30 tool rounds) and one with a 5 MB image, for Gemini and for OpenAI
// chat clients.

type obj = map[string]any

func text(n int) string {
	const line = "the quick brown fox jumps over the lazy dog, "
	return strings.Repeat(line, n/len(line)+1)[:n]
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func geminiSmall() []byte {
	return encode(obj{"contents": []obj{{"role": "user", "parts": []obj{{"text": text(900)}}}}})
}

func chatSmall(stream bool) []byte {
	return encode(obj{"model": "gemini-2.5-flash", "stream": stream, "messages": []obj{{"role": "user", "content": text(900)}}})
}

const (
	tools  = 20
	rounds = 30
)

func schema() obj {
	return obj{"type": "object", "properties": obj{
		"path":  obj{"type": "string", "description": text(120)},
		"lines": obj{"type": "integer", "description": text(60)},
		"mode":  obj{"type": "string", "enum": []string{"read", "write", "append"}},
	}, "required": []string{"path"}}
}

func geminiAgent() []byte {
	var decls []obj
	for i := range tools {
		decls = append(decls, obj{"name": fmt.Sprintf("tool_%d", i), "description": text(500), "parametersJsonSchema": schema()})
	}
	contents := []obj{{"role": "user", "parts": []obj{{"text": text(2000)}}}}
	for i := range rounds {
		contents = append(contents,
			obj{"role": "model", "parts": []obj{{"functionCall": obj{"name": fmt.Sprintf("tool_%d", i%tools), "args": obj{"path": text(60)}}}}},
			obj{"role": "user", "parts": []obj{{"functionResponse": obj{"name": fmt.Sprintf("tool_%d", i%tools), "response": obj{"output": text(2200)}}}}})
	}
	return encode(obj{"systemInstruction": obj{"parts": []obj{{"text": text(4000)}}}, "contents": contents, "tools": []obj{{"functionDeclarations": decls}}})
}

func chatAgent(stream bool) []byte {
	var decls []obj
	for i := range tools {
		decls = append(decls, obj{"type": "function", "function": obj{"name": fmt.Sprintf("tool_%d", i), "description": text(500), "parameters": schema()}})
	}
	messages := []obj{{"role": "system", "content": text(4000)}, {"role": "user", "content": text(2000)}}
	for i := range rounds {
		id := fmt.Sprintf("call_%d", i)
		messages = append(messages,
			obj{"role": "assistant", "tool_calls": []obj{{"id": id, "type": "function", "function": obj{"name": fmt.Sprintf("tool_%d", i%tools), "arguments": string(encode(obj{"path": text(60)}))}}}},
			obj{"role": "tool", "tool_call_id": id, "content": text(2200)})
	}
	return encode(obj{"model": "gemini-2.5-flash", "stream": stream, "messages": messages, "tools": decls})
}

func chatImage() []byte {
	raw := make([]byte, 5<<20*3/4)
	for i := range raw {
		raw[i] = byte(i * 31)
	}
	return encode(obj{"model": "gemini-2.5-flash", "messages": []obj{{"role": "user", "content": []obj{
		{"type": "text", "text": "What is in this image?"},
		{"type": "image_url", "image_url": obj{"url": "data:image/png;base64," + base64.StdEncoding.EncodeToString(raw)}},
	}}}})
}
