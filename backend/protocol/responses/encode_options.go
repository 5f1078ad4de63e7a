package responses

import (
	"slices"
	"strconv"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/rawjson"
)

// minTokens is the lowest max_output_tokens that the service takes.
const minTokens = 16

// options writes limits, sampling, reasoning, format and what else stands
// beside the conversation.
func (e *requestEncoder) options() error {
	e.textOptions()
	e.reasoning()
	if e.count {
		return nil
	}
	e.limit()
	include := e.sampling()
	e.unknownHere()
	if err := e.modalities(); err != nil {
		return err
	}
	e.included(include)
	if !e.own {
		e.w.BoolField("store", false)
	}
	if e.target.Stream {
		e.w.BoolField("stream", true)
	}
	e.vendorOptions()
	return nil
}

// textOptions writes the output format and the verbosity.
func (e *requestEncoder) textOptions() {
	w, f := e.w, e.req.Format
	verbosity := e.req.Sampling.Verbosity
	if verbosity != "" && !e.own && !(e.target.Caps.VendorOptions && e.target.Caps.CustomTools) {
		e.losses.Drop("verbosity", "verbosity", "")
		verbosity = ""
	}
	if e.format.Kind == llm.FormatUnset && verbosity == "" {
		return
	}
	w.Key("text")
	w.Obj()
	defer w.End()
	if verbosity != "" {
		w.StrField("verbosity", verbosity)
	}
	if e.format.Kind == llm.FormatUnset {
		return
	}
	w.Key("format")
	w.Obj()
	defer w.End()
	switch e.format.Kind {
	case llm.FormatText:
		w.StrField("type", "text")
		return
	case llm.FormatJSON:
		w.StrField("type", "json_object")
		return
	}
	w.StrField("type", "json_schema")
	w.StrField("name", oai.FormatName(f))
	if f.Description != "" {
		w.StrField("description", f.Description)
	}
	w.RawField("schema", e.format.Schema)
	if e.format.Strict != nil || !e.own {
		w.BoolField("strict", e.format.Strict != nil && *e.format.Strict)
	}
}

// reasoning writes the effort, and whether a summary is to be shown.
func (e *requestEncoder) reasoning() {
	effort, show := string(e.settled.Level), e.settled.Show
	if e.settled.Off {
		effort = "none"
	}
	caps := e.target.Caps
	if e.own && caps.Reasoning.Dialect == family.DialectNone { // nothing is known of the model
		effort, show = string(e.req.Reasoning.Effort), e.req.Reasoning.Visible == llm.VisibleText
		if e.req.Reasoning.Mode == llm.ReasoningOff {
			effort = "none"
		}
	}
	if caps.Reasoning.Dialect == family.DialectNone && !e.own {
		return
	}
	if show && caps.NoSummary {
		e.losses.Drop("option", "reasoning.summary", "the account may not have summaries")
		show = false
	}
	rest := rawjson.Members(nil)
	if raw, ok := rawjson.Get(e.req.Native.For(llm.Responses), "reasoning"); ok {
		rest = rawjson.Members(raw)
	}
	w, open := e.w, false
	begin := func() {
		if !open {
			open = true
			w.Key("reasoning")
			w.Obj()
		}
	}
	if effort != "" {
		begin()
		w.StrField("effort", effort)
	}
	if show {
		begin()
		w.StrField("summary", "auto")
	}
	for key, raw := range rest {
		begin()
		w.RawField(key, raw)
	}
	if open {
		w.End()
	}
}

func (e *requestEncoder) limit() {
	n := e.settled.MaxTokens
	if n == nil {
		return
	}
	limit := *n
	if limit < minTokens && !e.own {
		e.losses.Adapt("max_tokens", "max_tokens", strconv.FormatInt(limit, 10)+" -> "+strconv.Itoa(minTokens))
		limit = minTokens
	}
	e.w.IntField("max_output_tokens", limit)
}

// sampling writes the knobs; logprobs tells that log probabilities are to be
// included.
func (e *requestEncoder) sampling() (logprobs bool) {
	s, w := &e.req.Sampling, e.w
	if !oai.TakesSampling(e.own, e.target.Caps, e.settled) {
		oai.DropSampling(s, e.losses)
		return false
	}
	if s.Temperature != "" {
		w.RawField("temperature", []byte(s.Temperature))
	}
	if s.TopP != "" {
		w.RawField("top_p", []byte(s.TopP))
	}
	asked := s.Logprobs != nil && *s.Logprobs
	if s.TopLogprobs != nil && (e.own || s.Logprobs == nil || asked) {
		w.IntField("top_logprobs", *s.TopLogprobs)
		asked = asked || !e.own
	}
	e.drop(s.PresencePenalty != "", "penalty", "presence_penalty")
	e.drop(s.FrequencyPenalty != "", "penalty", "frequency_penalty")
	e.drop(s.LogitBias != nil, "logit_bias", "logit_bias")
	return asked
}

func (e *requestEncoder) drop(given bool, code, path string) {
	if given {
		e.losses.Drop(code, path, "")
	}
}

// unknownHere records the knobs that this protocol does not have.
func (e *requestEncoder) unknownHere() {
	s := &e.req.Sampling
	e.drop(len(s.Stop) > 0, "stop", "stop")
	e.drop(s.TopK != "", "top_k", "top_k")
	e.drop(s.Seed != "", "seed", "seed")
	e.drop(e.req.CacheAuto != nil, "cache", "cache_control")
}

func (e *requestEncoder) modalities() error {
	if e.own {
		return nil
	}
	if slices.Contains(e.req.Modalities, "audio") {
		return oai.Refuse("audio.out", "modalities", "this model does not speak")
	}
	if slices.Contains(e.req.Modalities, "image") {
		e.losses.Drop("option", "modalities", "image")
	}
	return nil
}

// included asks for what the service leaves out otherwise. A model that does
// not reason refuses to be asked for its reasoning.
func (e *requestEncoder) included(logprobs bool) {
	reasons := e.target.Caps.Reasoning.Dialect != family.DialectNone
	if e.own {
		reasons = e.req.SealsInBand
	}
	if !reasons && !logprobs && !e.req.SearchSources {
		return
	}
	w := e.w
	w.Key("include")
	w.Arr()
	if reasons {
		w.Str(includeReasoning)
	}
	if logprobs {
		w.Str(includeLogprobs)
	}
	if e.req.SearchSources {
		w.Str(includeSources)
	}
	w.EndArr()
}

// Words of "include".
const (
	includeReasoning = "reasoning.encrypted_content"
	includeLogprobs  = "message.output_text.logprobs"
	includeSources   = "web_search_call.action.sources"
)

// vendorOptions writes what OpenAI itself takes; of other servers only the
// user's identifier is known by all.
func (e *requestEncoder) vendorOptions() {
	r, w := e.req, e.w
	vendor := e.target.Caps.VendorOptions
	if r.EndUser != "" {
		key := "user"
		if vendor {
			key = "safety_identifier"
		}
		w.StrField(key, oai.UserID(r.EndUser))
	}
	if r.Affinity != "" && vendor {
		w.StrField("prompt_cache_key", oai.CacheKey(r))
	}
	if len(r.Metadata) > 0 {
		if vendor || e.own {
			w.RawField("metadata", r.Metadata)
		} else {
			e.losses.Drop("metadata", "metadata", "")
		}
	}
	if tier := oai.Tier(r, e.own, vendor, e.losses); tier != "" {
		w.StrField("service_tier", tier)
	}
}
