package protocoltest

import "antigravity-tools/backend/llm"

// Replies are canned streams for golden files, by the name of their case.
func Replies() map[string][]llm.Event {
	return map[string][]llm.Event{
		"reply_talk":        talk(),
		"reply_tools":       sealedTools(),
		"reply_interleaved": interleaved(),
		"reply_late":        lateThought(),
		"reply_cited":       cited(),
		"reply_media":       mediaAndCode(),
		"reply_refused":     refused(),
		"reply_cut":         cut(),
	}
}

func usage() llm.Event {
	return llm.Event{Kind: llm.EventMeter, Usage: &llm.Usage{
		Input: 12, CacheRead: 9000, CacheWrite: 500, CacheLong: 100, Output: 230, Reasoning: 120, ReasoningKnown: true,
	}}
}

func open(index int, part llm.Part) llm.Event {
	return llm.Event{Kind: llm.EventPartOpen, Index: index, Part: &part}
}

func text(index int, s string) llm.Event {
	return llm.Event{Kind: llm.EventDelta, Index: index, Text: s}
}

func args(index int, s string) llm.Event {
	return llm.Event{Kind: llm.EventDelta, Index: index, Args: s}
}

func shut(index int) llm.Event { return llm.Event{Kind: llm.EventPartClose, Index: index} }

func reply(reason llm.Reason, events ...llm.Event) []llm.Event {
	out := append([]llm.Event{{Kind: llm.EventOpen, ID: "up_1", Model: "served"}}, events...)
	return append(out, llm.Event{Kind: llm.EventClose, Close: &llm.Close{Reason: reason}}, usage())
}

func function(id, name string) *llm.Call {
	return &llm.Call{Kind: llm.CallFunction, ID: id, Name: name}
}

func google(data string) *llm.Seal {
	return &llm.Seal{Issuer: llm.IssuerGoogle, Model: "gemini-3", Realm: "0011aabb", Data: data}
}

func talk() []llm.Event {
	return reply(llm.ReasonEnd, usage(),
		open(0, llm.Part{Kind: llm.KindText}), text(0, "Hello"), text(0, " \"日本\" \n🙂"), shut(0))
}

// sealedTools is a Gemini step: a thought, then two calls of which the first
// is signed, the second without arguments.
func sealedTools() []llm.Event {
	return reply(llm.ReasonTool,
		open(0, llm.Part{Kind: llm.KindReasoning}), text(0, "I need "), text(0, "the weather."), shut(0),
		open(1, llm.Part{Kind: llm.KindCall, Call: function("call_a", "weather"), Seal: google("SIG+/==")}),
		args(1, `{"city":"Zürich"}`), shut(1),
		open(2, llm.Part{Kind: llm.KindCall, Call: function("", "now")}), shut(2))
}

func interleaved() []llm.Event {
	return reply(llm.ReasonTool,
		open(0, llm.Part{Kind: llm.KindText}), text(0, "Both: "),
		open(1, llm.Part{Kind: llm.KindCall, Call: function("call_a", "a")}),
		open(2, llm.Part{Kind: llm.KindCall, Call: function("call_b", "b")}),
		args(2, `{"y"`), args(1, `{"x"`), text(0, "go."), args(2, `:2}`), shut(2), args(1, `:1}`), shut(0), shut(1))
}

func lateThought() []llm.Event {
	return reply(llm.ReasonTool,
		open(0, llm.Part{Kind: llm.KindText}), text(0, "First text."), shut(0),
		open(1, llm.Part{Kind: llm.KindReasoning}), text(1, "then a thought"), shut(1),
		open(2, llm.Part{Kind: llm.KindCall, Call: function("call_a", "a"), Seal: google("S")}), args(2, `{}`), shut(2))
}

func cited() []llm.Event {
	cite := func(i, from, to int, url string) llm.Event {
		return llm.Event{Kind: llm.EventDelta, Index: i, Citation: &llm.Citation{
			Start: from, End: to, URL: url, Title: "A page", Cited: "as quoted",
		}}
	}
	return reply(llm.ReasonEnd,
		open(0, llm.Part{Kind: llm.KindText}), text(0, "🙂 "), shut(0),
		open(1, llm.Part{Kind: llm.KindText}), text(1, "It rains"), cite(1, 0, 2, "https://example.com/1"),
		text(1, " today."), cite(1, 0, 0, "https://example.com/2"), shut(1))
}

func mediaAndCode() []llm.Event {
	return reply(llm.ReasonEnd,
		open(0, llm.Part{Kind: llm.KindText}), text(0, "A picture:"), shut(0),
		open(1, llm.Part{Kind: llm.KindMedia, Media: &llm.Media{MIME: "image/png", Data: "iVBORw0KGgo="}}), shut(1),
		open(2, llm.Part{Kind: llm.KindCode, Code: &llm.Code{Language: "python", Text: "print('```')\n"}}), shut(2),
		open(3, llm.Part{Kind: llm.KindCode, Code: &llm.Code{Output: true, Text: "```\n"}}), shut(3),
		open(4, llm.Part{Kind: llm.KindOpaque}), shut(4))
}

func refused() []llm.Event {
	return reply(llm.ReasonFilter,
		open(0, llm.Part{Kind: llm.KindText, Refusal: true}), text(0, "The prompt was blocked (SAFETY)."), shut(0))
}

// cut ends by the token limit within the arguments of a call.
func cut() []llm.Event {
	return reply(llm.ReasonLength,
		open(0, llm.Part{Kind: llm.KindCall, Call: function("call_a", "write")}), args(0, `{"path":"a`), shut(0))
}
