package anthropic

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// writeUsage writes the counts: input excludes what was read from or written
// to a cache, output includes thinking (mapping rules, section 17);
// searches are those of the web that the client was shown.
func writeUsage(w *rawjson.Writer, u *llm.Usage, searches int) {
	w.Obj()
	w.IntField("input_tokens", u.Input)
	w.IntField("cache_creation_input_tokens", u.CacheWrite)
	w.IntField("cache_read_input_tokens", u.CacheRead)
	if u.CacheWrite > 0 {
		w.Key("cache_creation")
		w.Obj()
		w.IntField("ephemeral_5m_input_tokens", max(u.CacheWrite-u.CacheLong, 0))
		w.IntField("ephemeral_1h_input_tokens", u.CacheLong)
		w.End()
	}
	w.IntField("output_tokens", u.TotalOutput())
	if u.ReasoningKnown {
		w.Key("output_tokens_details")
		w.Obj()
		w.IntField("thinking_tokens", u.Reasoning)
		w.End()
	}
	if searches > 0 {
		w.Key("server_tool_use")
		w.Obj()
		w.IntField("web_search_requests", int64(searches))
		w.IntField("web_fetch_requests", 0)
		w.End()
	}
	w.End()
}

// writeStop writes the members that tell how a message ended. A nil stop is a
// message that has not.
func writeStop(w *rawjson.Writer, stop *stopping) {
	w.Key("stop_reason")
	if stop == nil {
		w.Null()
	} else {
		w.Str(stop.reason)
	}
	w.Key("stop_sequence")
	if stop == nil || stop.sequence == "" {
		w.Null()
	} else {
		w.Str(stop.sequence)
	}
	w.Key("stop_details")
	if stop == nil || !stop.refusal {
		w.Null()
		return
	}
	w.Obj()
	w.StrField("type", "refusal")
	w.Key("category")
	w.Null()
	w.Key("explanation")
	if stop.explanation == "" {
		w.Null()
	} else {
		w.Str(stop.explanation)
	}
	w.End()
}

func writeCitation(w *rawjson.Writer, c *llm.Citation) {
	if raw := c.Native.For(llm.Anthropic); raw != nil {
		w.Raw(raw)
		return
	}
	w.Obj()
	w.StrField("type", "web_search_result_location")
	w.StrField("url", c.URL)
	title := c.Title
	if title == "" { // null is allowed, but strict clients (the AI SDK) refuse it
		title = c.URL
	}
	w.StrField("title", title)
	w.StrField("cited_text", c.Cited)
	w.StrField("encrypted_index", "")
	w.End()
}
