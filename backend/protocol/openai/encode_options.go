package openai

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// formatPlan is how structured output is asked for.
type formatPlan struct {
	kind   llm.FormatKind
	schema []byte
	strict *bool
}

// planFormat settles the output format; what the target has no member for is
// said in the system text.
func (e *requestEncoder) planFormat() formatPlan {
	f := e.req.Format
	plan := formatPlan{kind: f.Kind, schema: f.Schema, strict: f.Strict}
	if e.own {
		return plan
	}
	switch f.Kind {
	case llm.FormatText:
		plan.kind = llm.FormatUnset // what a reply is anyway
	case llm.FormatEnum:
		e.losses.Adapt("format.enum", "response_format", "")
		plan.kind = llm.FormatSchema
	}
	if plan.kind != llm.FormatSchema {
		return plan
	}
	if !e.target.Caps.Structured {
		e.losses.Adapt("format.prompt", "response_format", "")
		e.prompt = "Answer with JSON that fits this JSON Schema and nothing else:\n" + string(rawjson.Compact(nil, f.Schema))
		return formatPlan{kind: llm.FormatJSON}
	}
	if f.Kind == llm.FormatSchema && (f.Strict == nil || *f.Strict) {
		closed, ok := schema.Strict(f.Schema)
		plan.strict = &ok
		switch {
		case ok:
			plan.schema = closed
		case f.Strict != nil:
			e.losses.Drop("tool.strict", "response_format", "")
		}
	}
	return plan
}

func (e *requestEncoder) format(p formatPlan) {
	w, f := e.w, e.req.Format
	if p.kind == llm.FormatUnset {
		return
	}
	w.Key("response_format")
	w.Obj()
	defer w.End()
	switch p.kind {
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
	name := f.Name
	if name == "" {
		name = "response"
	}
	w.StrField("name", name)
	if f.Description != "" {
		w.StrField("description", f.Description)
	}
	w.RawField("schema", p.schema)
	if p.strict != nil {
		w.BoolField("strict", *p.strict)
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
	if e.takesSampling(settled) {
		e.number("temperature", s.Temperature)
		e.number("top_p", s.TopP)
		e.number("presence_penalty", s.PresencePenalty)
		e.number("frequency_penalty", s.FrequencyPenalty)
		e.logprobs(s)
		if s.LogitBias != nil {
			w.RawField("logit_bias", s.LogitBias)
		}
	} else {
		e.dropSampling(s)
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

func (e *requestEncoder) takesSampling(settled family.Settled) bool {
	switch e.target.Caps.Sampling {
	case family.SamplingNever:
		return e.own
	case family.SamplingWhenOff:
		return e.own || settled.Off
	}
	return true
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

// dropSampling records the knobs that a reasoning model refuses.
func (e *requestEncoder) dropSampling(s *llm.Sampling) {
	drop := func(given bool, path string) {
		if given {
			e.losses.Drop("sampling", path, "")
		}
	}
	drop(s.Temperature != "", "temperature")
	drop(s.TopP != "", "top_p")
	drop(s.PresencePenalty != "", "presence_penalty")
	drop(s.FrequencyPenalty != "", "frequency_penalty")
	drop(s.Logprobs != nil && *s.Logprobs || s.TopLogprobs != nil, "logprobs")
	drop(s.LogitBias != nil, "logit_bias")
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
// known of.
func (e *requestEncoder) ownReasoning() {
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
			return refuse("audio.out", "modalities", "this model does not speak")
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

// maxUser is the longest safety_identifier, maxCacheKey the longest
// prompt_cache_key, in bytes.
const (
	maxUser     = 128
	maxCacheKey = 64
)

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
		w.StrField(key, userID(r.EndUser))
	}
	if r.Affinity != "" && e.target.Caps.VendorOptions {
		w.StrField("prompt_cache_key", e.cacheKey())
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
	e.tier(vendor)
}

func userID(id string) string {
	if len(id) <= maxUser && !strings.HasPrefix(id, "{") {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// cacheKey is the client's own key, or one that tells its conversation.
func (e *requestEncoder) cacheKey() string {
	given := e.own || e.req.Native.Protocol == llm.Responses
	if given && len(e.req.Affinity) <= maxCacheKey {
		return e.req.Affinity
	}
	sum := sha256.Sum256([]byte(e.req.Affinity))
	return hex.EncodeToString(sum[:16])
}

func (e *requestEncoder) tier(vendor bool) {
	tier := e.req.ServiceTier
	switch {
	case tier == "":
	case e.own:
		e.w.StrField("service_tier", tier)
	case tier == "auto":
	case vendor && (tier == "flex" || tier == "priority" || tier == "default"):
		e.w.StrField("service_tier", tier)
	case vendor && (tier == "standard_only" || tier == "standard"):
		e.w.StrField("service_tier", "default")
	default:
		e.losses.Drop("service_tier", "service_tier", tier)
	}
}
