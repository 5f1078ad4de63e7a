package openai

import (
	"slices"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/rawjson"
)

func (e *requestEncoder) format(p oai.Format) {
	w, f := e.w, e.req.Format
	if p.Kind == llm.FormatUnset {
		return
	}
	w.Key("response_format")
	w.Obj()
	defer w.End()
	switch p.Kind {
	case llm.FormatText:
		w.StrField("type", "text")
		return
	case llm.FormatJSON:
		w.StrField("type", "json_object")
		return
	}
	w.StrField("type", "json_schema")
	w.Key("json_schema")
	w.Obj()
	w.StrField("name", oai.FormatName(f))
	if f.Description != "" {
		w.StrField("description", f.Description)
	}
	w.RawField("schema", p.Schema)
	if p.Strict != nil {
		w.BoolField("strict", *p.Strict)
	}
	w.End()
}

// options writes limits, sampling, reasoning and what else stands beside the
// conversation.
func (e *requestEncoder) options() error {
	settled := family.Settle(e.req, e.target.Caps, e.losses)
	e.withoutReasoning(&settled)
	if settled.MaxTokens != nil {
		key := "max_tokens"
		if e.target.Caps.CompletionTokens {
			key = "max_completion_tokens"
		}
		e.w.IntField(key, *settled.MaxTokens)
	}
	e.sampling(settled)
	e.stops()
	e.reasoning(settled)
	if err := e.modalities(); err != nil {
		return err
	}
	e.vendorOptions()
	if e.req.SearchSources {
		e.losses.Drop("option", "include", "web_search_call.action.sources")
	}
	return nil
}

// withoutReasoning switches reasoning off where the model takes function tools
// only so.
func (e *requestEncoder) withoutReasoning(s *family.Settled) {
	hasTools := slices.ContainsFunc(e.flat.Tools, func(t llm.Tool) bool { return t.Kind != llm.ToolServer })
	if !e.target.Caps.ToolsWithoutReasoning || !hasTools || s.Off || e.own {
		return
	}
	if s.Level != "" {
		e.losses.Drop("reasoning.chat_tools", "reasoning", string(s.Level))
	}
	s.Off, s.Level = true, ""
}

func (e *requestEncoder) number(key string, n llm.Number) {
	if n != "" {
		e.w.RawField(key, []byte(n))
	}
}

func (e *requestEncoder) sampling(settled family.Settled) {
	s, w := &e.req.Sampling, e.w
	if oai.TakesSampling(e.own, e.target.Caps, settled) {
		e.number("temperature", s.Temperature)
		e.number("top_p", s.TopP)
		e.number("presence_penalty", s.PresencePenalty)
		e.number("frequency_penalty", s.FrequencyPenalty)
		e.logprobs(s)
		if s.LogitBias != nil {
			w.RawField("logit_bias", s.LogitBias)
		}
	} else {
		oai.DropSampling(s, e.losses)
	}
	if s.TopK != "" {
		if e.own || e.target.Caps.TopK {
			e.number("top_k", s.TopK)
		} else {
			e.losses.Drop("top_k", "top_k", "")
		}
	}
	if _, err := rawjson.Int([]byte(s.Seed)); s.Seed != "" && err != nil && !e.own {
		e.losses.Drop("seed", "seed", "the seed must be an integer")
	} else {
		e.number("seed", s.Seed)
	}
	if s.N != nil {
		w.IntField("n", *s.N)
	}
}

func (e *requestEncoder) logprobs(s *llm.Sampling) {
	if s.Logprobs != nil {
		e.w.BoolField("logprobs", *s.Logprobs)
	}
	if s.TopLogprobs == nil {
		return
	}
	if s.Logprobs == nil && !e.own {
		e.w.BoolField("logprobs", true)
	}
	if e.own || s.Logprobs == nil || *s.Logprobs {
		e.w.IntField("top_logprobs", *s.TopLogprobs)
	}
}

func (e *requestEncoder) stops() {
	stop := e.req.Sampling.Stop
	if len(stop) == 0 {
		return
	}
	if !e.own {
		if e.target.Caps.NoStops {
			e.losses.Drop("stop", "stop", "")
			return
		}
		stop = slices.DeleteFunc(slices.Clone(stop), func(s string) bool { return s == "" })
		if limit := e.target.Caps.MaxStops; limit > 0 && len(stop) > limit {
			stop = stop[:limit]
		}
		if len(stop) < len(e.req.Sampling.Stop) {
			e.losses.Drop("stop.extra", "stop", "")
		}
		if len(stop) == 0 {
			return
		}
	}
	e.w.Key("stop")
	e.w.Arr()
	for _, s := range stop {
		e.w.Str(s)
	}
	e.w.EndArr()
}

// reasoning writes the control in the dialect of the model's vendor.
func (e *requestEncoder) reasoning(s family.Settled) {
	w := e.w
	if e.own && e.target.Caps.Reasoning.Dialect == family.DialectNone {
		e.ownReasoning()
		return
	}
	switch e.target.Caps.Reasoning.Dialect {
	case family.DialectLevel:
		if s.Off {
			w.StrField("reasoning_effort", "none")
		} else if s.Level != "" {
			w.StrField("reasoning_effort", string(s.Level))
		}
	case family.DialectSwitch:
		if s.On || s.Off {
			kind := "enabled"
			if s.Off {
				kind = "disabled"
			}
			w.Key("thinking")
			w.Obj()
			w.StrField("type", kind)
			w.End()
		}
	case family.DialectFlag:
		if s.On || s.Off {
			w.BoolField("enable_thinking", s.On)
		}
	}
}

// ownReasoning repeats a chat client's own control for a model that nothing is
// known of. What a suffix of the name asks of a model that does not reason is
// left out.
func (e *requestEncoder) ownReasoning() {
	if e.req.Reasoning.FromSuffix && e.target.Caps.CannotReason() {
		return // told by Settle
	}
	switch r := e.req.Reasoning; {
	case r.Mode == llm.ReasoningOff:
		e.w.StrField("reasoning_effort", "none")
	case r.Effort != "":
		e.w.StrField("reasoning_effort", string(r.Effort))
	case r.Budget != nil:
		e.w.StrField("reasoning_effort", string(family.EffortOf(*r.Budget)))
	}
}

func (e *requestEncoder) modalities() error {
	kinds := e.req.Modalities
	if len(kinds) == 0 {
		return nil
	}
	w, audio := e.w, e.req.Audio
	speaks := slices.Contains(kinds, "audio")
	if !e.own {
		if speaks && !e.target.Caps.AudioOut {
			return oai.Refuse("audio.out", "modalities", "this model does not speak")
		}
		if slices.Contains(kinds, "image") {
			e.losses.Drop("option", "modalities", "image")
		}
		if !speaks {
			return nil
		}
		kinds = []string{"text", "audio"}
	}
	w.Key("modalities")
	w.Arr()
	for _, k := range kinds {
		w.Str(k)
	}
	w.EndArr()
	if !speaks && audio == nil {
		return nil
	}
	e.voice(audio)
	return nil
}

func (e *requestEncoder) voice(audio *llm.AudioOut) {
	voice, format := "", ""
	if audio != nil {
		voice, format = audio.Voice, audio.Format
	}
	if !e.own {
		if voice == "" || e.req.Native.Protocol == llm.Gemini {
			voice = "alloy" // other vendors' voices have no meaning here
		}
		if e.target.Stream {
			format = "pcm16" // the only one that is streamed
		}
		if format == "" {
			format = "wav"
		}
	}
	w := e.w
	w.Key("audio")
	w.Obj()
	if voice != "" {
		w.StrField("voice", voice)
	}
	if format != "" {
		w.StrField("format", format)
	}
	w.End()
}

// vendorOptions writes what OpenAI itself takes; of other servers only the
// user's identifier is known by all.
func (e *requestEncoder) vendorOptions() {
	r, w := e.req, e.w
	vendor := e.target.Caps.VendorOptions || e.own
	if r.EndUser != "" {
		key := "user"
		if e.target.Caps.VendorOptions {
			key = "safety_identifier"
		}
		w.StrField(key, oai.UserID(r.EndUser))
	}
	if r.Affinity != "" && e.target.Caps.VendorOptions {
		w.StrField("prompt_cache_key", oai.CacheKey(r))
	}
	if len(r.Metadata) > 0 {
		if vendor {
			w.RawField("metadata", r.Metadata)
		} else {
			e.losses.Drop("metadata", "metadata", "")
		}
	}
	if v := r.Sampling.Verbosity; v != "" {
		if e.own || e.target.Caps.VendorOptions && e.target.Caps.CustomTools {
			w.StrField("verbosity", v)
		} else {
			e.losses.Drop("verbosity", "verbosity", "")
		}
	}
	if r.CacheAuto != nil {
		e.losses.Drop("cache", "cache_control", "")
	}
	if tier := oai.Tier(r, e.own, vendor, e.losses); tier != "" {
		w.StrField("service_tier", tier)
	}
}
