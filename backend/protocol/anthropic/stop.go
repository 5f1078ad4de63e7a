package anthropic

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// stopping is how a message ends.
type stopping struct {
	reason, sequence string
	refusal          bool
	explanation      string
}

func (s *replyState) stopping() stopping {
	end := s.end
	if end == nil {
		end = &llm.Close{Reason: llm.ReasonEnd}
	}
	out := stopping{reason: stopReason(end.Reason)}
	if end.Reason == llm.ReasonEnd && s.refused {
		out.reason = "refusal"
	}
	switch out.reason {
	case "stop_sequence":
		out.sequence = end.StopSequence
	case "refusal":
		out.refusal, out.explanation = true, s.refusal.String()
		if details, ok := rawjson.Get(end.Native.For(llm.Anthropic), "stop_details"); ok && out.explanation == "" {
			out.explanation = member(details, "explanation")
		}
	}
	return out
}

// stopReason gives the protocol's word (mapping rules, section 16).
func stopReason(r llm.Reason) string {
	switch r {
	case llm.ReasonStopSequence:
		return "stop_sequence"
	case llm.ReasonTool:
		return "tool_use"
	case llm.ReasonLength:
		return "max_tokens"
	case llm.ReasonContext:
		return "model_context_window_exceeded"
	case llm.ReasonFilter, llm.ReasonRecitation:
		return "refusal"
	case llm.ReasonPause:
		return "pause_turn"
	}
	return "end_turn"
}
