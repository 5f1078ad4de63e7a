package protocol_test

import (
	"testing"

	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/sse"
)

// BenchmarkObserve reads one event of text of a stream that passes through.
func BenchmarkObserve(b *testing.B) {
	for name, c := range map[string]struct {
		up    interface{ NewObserver() protocol.Observer }
		open  []string
		data  string
		event string
	}{
		"gemini":    {up: gemini.Upstream{}, data: `{"candidates":[{"content":{"role":"model","parts":[{"text":"word 12 of the answer "}]},"index":0}],"usageMetadata":{"promptTokenCount":200,"candidatesTokenCount":12,"totalTokenCount":212},"modelVersion":"gemini-2.5-flash"}`},
		"chat":      {up: openai.Upstream{}, data: `{"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4.1","choices":[{"index":0,"delta":{"content":"word 12 of the answer "},"finish_reason":null}]}`},
		"responses": {up: responses.Upstream{}, event: "response.output_text.delta", data: `{"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_bench","output_index":0,"content_index":0,"delta":"word 12 of the answer ","logprobs":[]}`},
		"anthropic": {up: anthropic.Upstream{}, event: "content_block_delta", data: `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word 12 of the answer "}}`},
	} {
		b.Run(name, func(b *testing.B) {
			o := c.up.NewObserver()
			f := sse.Frame{Event: c.event, Data: []byte(c.data)}
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := o.Frame(f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
