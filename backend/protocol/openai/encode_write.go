package openai

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// writeHead writes the members that a completion and all chunks of a stream
// begin with.
func writeHead(w *rawjson.Writer, object, id, model string, created int64) {
	w.StrField("id", id)
	w.StrField("object", object)
	w.IntField("created", created)
	w.StrField("model", model)
}

// writeUsage writes the counts; input includes what came from the cache,
// output includes reasoning (mapping rules, section 17).
func writeUsage(w *rawjson.Writer, u *llm.Usage) {
	in, out := u.TotalInput(), u.TotalOutput()
	w.Obj()
	w.IntField("prompt_tokens", in)
	w.IntField("completion_tokens", out)
	w.IntField("total_tokens", in+out)
	w.Key("prompt_tokens_details")
	w.Obj()
	w.IntField("cached_tokens", u.CacheRead)
	w.IntField("cache_write_tokens", u.CacheWrite)
	writeKinds(w, u.InputKinds)
	w.End()
	w.Key("completion_tokens_details")
	w.Obj()
	w.IntField("reasoning_tokens", u.Reasoning)
	writeKinds(w, llm.Modalities{Text: u.OutputKinds.Text, Audio: u.OutputKinds.Audio}) // there is none for images
	w.End()
	w.End()
}

// writeKinds writes the modalities that were told; this protocol has no member
// for video and documents.
func writeKinds(w *rawjson.Writer, m llm.Modalities) {
	for _, kind := range []struct {
		member string
		tokens int64
	}{{"text_tokens", m.Text}, {"image_tokens", m.Image}, {"audio_tokens", m.Audio}} {
		if kind.tokens > 0 {
			w.IntField(kind.member, kind.tokens)
		}
	}
}

func writeLogprobs(w *rawjson.Writer, content, refusal []llm.TokenLogprob) {
	if len(content) == 0 && len(refusal) == 0 {
		w.Null()
		return
	}
	w.Obj()
	w.Key("content")
	writeTokens(w, content)
	w.Key("refusal")
	writeTokens(w, refusal)
	w.End()
}

func writeTokens(w *rawjson.Writer, tokens []llm.TokenLogprob) {
	if len(tokens) == 0 {
		w.Null()
		return
	}
	w.Arr()
	for i := range tokens {
		writeToken(w, &tokens[i], true)
	}
	w.EndArr()
}

func writeToken(w *rawjson.Writer, t *llm.TokenLogprob, withTop bool) {
	w.Obj()
	w.StrField("token", t.Token)
	w.Key("logprob")
	if t.Logprob == "" {
		w.Int(unlikely)
	} else {
		w.Raw([]byte(t.Logprob))
	}
	w.Key("bytes")
	writeBytes(w, t)
	if withTop {
		w.Key("top_logprobs")
		w.Arr()
		for i := range t.Top {
			writeToken(w, &t.Top[i], false)
		}
		w.EndArr()
	}
	w.End()
}

// unlikely is the protocol's value for a token outside the likely ones.
const unlikely = -9999

func writeBytes(w *rawjson.Writer, t *llm.TokenLogprob) {
	w.Arr()
	if t.Bytes != nil {
		for _, b := range t.Bytes {
			w.Int(int64(b))
		}
	} else {
		for _, b := range []byte(t.Token) {
			w.Int(int64(b))
		}
	}
	w.EndArr()
}

func writeAnnotation(w *rawjson.Writer, a *annotation) {
	w.Obj()
	w.StrField("type", "url_citation")
	w.Key("url_citation")
	w.Obj()
	w.IntField("start_index", int64(a.start))
	w.IntField("end_index", int64(a.end))
	w.StrField("url", a.url)
	w.StrField("title", a.title)
	w.End()
	w.End()
}

// writeCall writes one item of tool_calls: whole, or as the delta of a stream,
// which has an index and, after the first, neither id nor name.
func writeCall(w *rawjson.Writer, c *callDelta, stream bool) {
	w.Obj()
	if stream {
		w.IntField("index", int64(c.index))
	}
	kind, args := "function", "arguments"
	if c.custom {
		kind, args = "custom", "input"
	}
	if c.id != "" {
		w.StrField("id", c.id)
		w.StrField("type", kind)
	}
	// Strict clients (the AI SDK) want this object in every delta.
	w.Key(kind)
	w.Obj()
	if c.id != "" {
		w.StrField("name", c.name)
	}
	w.StrField(args, c.args)
	w.End()
	if c.seal != "" {
		writeExtraSeal(w, c.seal)
	}
	w.End()
}

// writeOldCall writes the deprecated function_call.
func writeOldCall(w *rawjson.Writer, c *callDelta) {
	w.Obj()
	if c.id != "" {
		w.StrField("name", c.name)
	}
	w.StrField("arguments", c.args)
	w.End()
}

// writeExtraSeal writes {google:{thought_signature}} as a member of a call.
func writeExtraSeal(w *rawjson.Writer, seal string) {
	w.Key("extra_content")
	w.Obj()
	w.Key("google")
	w.Obj()
	w.StrField("thought_signature", seal)
	w.End()
	w.End()
}
