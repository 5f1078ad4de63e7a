package openai

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// declined is the refusal shown where a filter ended a reply without a word.
const declined = "The model declined to answer."

func (c *choiceState) close(end *llm.Close) {
	if end == nil {
		end = &llm.Close{Reason: llm.ReasonEnd}
	}
	finish := finishReason(end.Reason, c.old)
	if finish == "content_filter" && !c.content && !c.refused && c.calls == 0 && c.audioID == "" {
		c.send(delta{choice: c.index, refusal: explanation(end)})
	}
	c.send(delta{choice: c.index, finish: finish})
}

// explanation is what an Anthropic upstream said about a refusal.
func explanation(end *llm.Close) string {
	raw, ok := rawjson.Get(end.Native.For(llm.Anthropic), "stop_details", "explanation")
	if text, err := rawjson.String(raw); ok && err == nil && text != "" {
		return text
	}
	return declined
}

// finishReason gives the protocol's word (mapping rules, section 16).
func finishReason(r llm.Reason, old bool) string {
	switch r {
	case llm.ReasonTool:
		if old {
			return "function_call"
		}
		return "tool_calls"
	case llm.ReasonLength, llm.ReasonContext, llm.ReasonPause:
		return "length"
	case llm.ReasonFilter, llm.ReasonRecitation:
		return "content_filter"
	}
	return "stop"
}
