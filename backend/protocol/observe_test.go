package protocol_test

import (
	"strings"
	"testing"

	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/anthropic"
	"antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/sse"
)

// A frame that is an error, or no JSON, ends the look at a stream: what else it
// says does not count, and what was said before it does.
func TestBadFramesTellNothing(t *testing.T) {
	const (
		chatTalk = `{"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}],"usage":{"prompt_tokens":7,"completion_tokens":50}}`
		chatEnd  = `{"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":90}`
		talk     = `{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":50}}`
		end      = `{"candidates":[{"content":{"role":"model","parts":[{"text":"!"}]},"finishReason":"STOP","index":0}]`
		start    = `{"type":"message_start","message":{"model":"m","usage":{"input_tokens":7,"output_tokens":50}}}`
		delta    = `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":90}`
		item     = `{"type":"response.output_item.added","output_index":0,"item":{"type":"message"}}`
		ended    = `{"type":"response.completed","response":{"status":"completed","model":"m","usage":{"input_tokens":7,"output_tokens":90}}`
	)
	for name, c := range map[string]struct {
		up         interface{ NewObserver() protocol.Observer }
		first, bad string
	}{
		"chat, cut":                 {openai.Upstream{}, chatTalk, chatEnd},
		"chat, an error":            {openai.Upstream{}, chatTalk, `{"error":{"message":"x","code":502},"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`},
		"gemini, cut":               {gemini.Upstream{}, talk, end},
		"gemini, cut in its usage":  {gemini.Upstream{}, talk, end + `,"usageMetadata":{"promptTok`},
		"gemini, an error":          {gemini.Upstream{}, talk, end + `,"error":{"code":500,"message":"x","status":"INTERNAL"}}`},
		"anthropic, cut":            {anthropic.Upstream{}, start, delta},
		"anthropic, an error":       {anthropic.Upstream{}, start, `{"type":"error","error":{"type":"api_error","message":"x"},"delta":{"stop_reason":"end_turn"}}`},
		"responses, cut":            {responses.Upstream{}, item, ended},
		"responses, an error":       {responses.Upstream{}, item, `{"type":"error","message":"x","response":{"status":"completed"}}`},
		"responses, it failed":      {responses.Upstream{}, item, `{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"}}}`},
		"responses, without a type": {responses.Upstream{}, item, `{"error":{"message":"x"},"response":{"status":"completed"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			o := c.up.NewObserver()
			if err := o.Frame(sse.Frame{Data: []byte(c.first)}); err != nil {
				t.Fatal(err)
			}
			before := o.Seen()
			if err := o.Frame(sse.Frame{Data: []byte(c.bad), Unterminated: strings.HasSuffix(name, "cut")}); err == nil {
				t.Fatal("no fault")
			}
			after := o.Seen()
			if after.Complete || after.Reason != before.Reason || after.Started != before.Started {
				t.Errorf("%+v became %+v", before, after)
			}
			if before.Usage != nil && *after.Usage != *before.Usage {
				t.Errorf("usage %+v became %+v", before.Usage, after.Usage)
			}
		})
	}
}
