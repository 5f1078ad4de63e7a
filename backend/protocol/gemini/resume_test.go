package gemini

import (
	"testing"

	"antigravity-tools/backend/llm"
)

func TestResume(t *testing.T) {
	const first = `{"contents":[],"generationConfig":{"maxOutputTokens":9.0}}`
	for name, c := range map[string]struct{ reply, next string }{
		"with a token":       {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"CONTINUATION","continuationToken":"dG9r"}]}`, `{"contents":[],"generationConfig":{"maxOutputTokens":9.0},"continuationToken":"dG9r"}`},
		"no finish reason":   {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"continuationToken":"dG9r"}]}`, `{"contents":[],"generationConfig":{"maxOutputTokens":9.0},"continuationToken":"dG9r"}`},
		"no token":           {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"CONTINUATION"}]}`, ""},
		"an empty token":     {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"CONTINUATION","continuationToken":""}]}`, ""},
		"another shape":      {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"CONTINUATION","continuationToken":7}]}`, ""},
		"too long":           {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"MAX_TOKENS","continuationToken":"dG9r"}]}`, ""},
		"whole":              {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}`, ""},
		"several candidates": {`{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"CONTINUATION","continuationToken":"dG9r"},{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP","index":1}]}`, ""},
	} {
		resp, err := Upstream{}.DecodeResponse([]byte(c.reply), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		next, ok := Upstream{}.Resume([]byte(first), resp, &resp.Choices[0].Close)
		if ok != (c.next != "") || string(next) != c.next {
			t.Errorf("%s: %v %s", name, ok, next)
		}
		if ok && resp.Choices[0].Close.Reason != llm.ReasonLength {
			t.Errorf("%s: ends as %s without the rest", name, resp.Choices[0].Close.Reason)
		}
	}
}
