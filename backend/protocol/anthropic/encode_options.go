package anthropic

import (
	"strconv"
	"strings"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// defaultMaxTokens is the limit where the client set none: the protocol wants
// one.
const defaultMaxTokens = 32_768

// settle fixes the limit and the thinking, in this order.
func (e *requestEncoder) settle(plan *toolPlan) {
	req := *e.req
	if req.Sampling.MaxTokens == nil {
		limit := int64(defaultMaxTokens)
		if top := e.target.Caps.MaxOutput; top > 0 {
			limit = min(limit, top)
		}
		req.Sampling.MaxTokens = &limit
	}
	e.settled = family.Settle(&req, e.target.Caps, e.losses)
	if e.settled.MaxTokens != nil {
		e.limit = *e.settled.MaxTokens
	}
	if !e.manual() {
		return
	}
	switch {
	case plan.mode == llm.ChoiceAny:
		e.losses.Drop("reasoning.forced_tool", "reasoning", "")
		e.settled = family.Settled{MaxTokens: e.settled.MaxTokens}
	case e.unsignedLoop():
		e.losses.Drop("reasoning.loop", "reasoning", "")
		e.settled = family.Settled{MaxTokens: e.settled.MaxTokens}
	}
}

// manual tells whether thinking goes up with a budget.
func (e *requestEncoder) manual() bool {
	return e.settled.Budget != nil && *e.settled.Budget > 0
}

// unsignedLoop tells a loop of tool calls whose last model turn does not begin
// with thinking: the service refuses it while thinking is manual.
func (e *requestEncoder) unsignedLoop() bool {
	n := len(e.turns)
	if n < 2 || e.turns[n-1].Role != llm.RoleUser || e.turns[n-1].Parts[0].Kind != llm.KindResult {
		return false
	}
	return e.turns[n-2].Role == llm.RoleModel && e.turns[n-2].Parts[0].Kind != llm.KindReasoning
}

// thinking writes the control in the dialect of the model.
func (e *requestEncoder) thinking() {
	s, w := e.settled, e.w
	between := s.Between || e.own && !e.req.Reasoning.FromSuffix && e.req.Reasoning.Effort == llm.EffortMinimal && s.On
	if !s.On && !s.Off && !between && s.Budget == nil || e.own && e.req.Reasoning.Mode == llm.ReasoningUnset {
		return
	}
	w.Key("thinking")
	w.Obj()
	defer w.End()
	switch {
	case s.Off || s.Budget != nil && *s.Budget == 0:
		w.StrField("type", "disabled")
		return
	case between:
		w.StrField("type", "between_tools")
		return
	case s.Budget != nil:
		w.StrField("type", "enabled")
		w.IntField("budget_tokens", *s.Budget)
	default:
		w.StrField("type", "adaptive")
	}
	switch {
	case s.Show && s.Budget == nil:
		w.StrField("display", "summarized")
	case e.req.Reasoning.Visible == llm.VisibleOmit:
		w.StrField("display", "omitted")
	}
}

// planFormat settles structured output; what the target has no member for is
// said in the system text.
func (e *requestEncoder) planFormat() (format []byte) {
	f := e.req.Format
	switch f.Kind {
	case llm.FormatJSON:
		e.losses.Adapt("format.json", "response_format", "")
		e.notes = append(e.notes, "Answer with one JSON object and nothing else.")
		return nil
	case llm.FormatEnum:
		return e.planWord()
	case llm.FormatSchema:
	default:
		return nil
	}
	if e.asked {
		return f.Schema
	}
	if closed, ok := schema.Closed(f.Schema); ok && e.target.Caps.Structured {
		return closed
	}
	e.losses.Adapt("format.prompt", "response_format", "")
	e.notes = append(e.notes, "Answer with JSON that fits this JSON Schema and nothing else:\n"+string(rawjson.Compact(nil, f.Schema)))
	return nil
}

// planWord asks for one word of a list, in an object.
func (e *requestEncoder) planWord() (format []byte) {
	schemaOf := e.req.Format.Schema
	e.losses.Adapt("format.enum", "response_format", "")
	if e.target.Caps.Structured {
		return schema.Choice(schemaOf)
	}
	e.losses.Adapt("format.prompt", "response_format", "")
	e.notes = append(e.notes, schema.ChoicePrompt(schemaOf))
	return nil
}

// outputConfig writes effort and format, with what else the client said there.
func (e *requestEncoder) outputConfig(format []byte) {
	rest, _ := rawjson.Get(e.req.Native.For(llm.Anthropic), "output_config")
	effort := e.settled.Level
	if effort == "" && e.own {
		if effort = e.req.Reasoning.Effort; effort == llm.EffortMinimal {
			effort = "" // stood for another type of thinking
		}
	}
	if effort == "" && format == nil && rest == nil {
		return
	}
	w := e.w
	w.Key("output_config")
	w.Obj()
	if effort != "" {
		w.StrField("effort", string(effort))
	}
	if format != nil {
		w.Key("format")
		w.Obj()
		w.StrField("type", "json_schema")
		w.RawField("schema", format)
		w.End()
	}
	e.members(rest)
	w.End()
}

// options writes sampling and what else stands beside the conversation.
func (e *requestEncoder) options(plan toolPlan) {
	e.autoCache(plan)
	if e.count {
		return
	}
	e.sampling()
	e.stops()
	if id := e.req.EndUser; id != "" {
		e.w.Key("metadata")
		e.w.Obj()
		e.w.StrField("user_id", id)
		e.w.End()
	}
	switch tier := e.req.ServiceTier; {
	case tier == "", tier == "auto" && !e.own:
	case tier == "default":
		e.w.StrField("service_tier", "standard_only")
	case e.own:
		e.w.StrField("service_tier", tier)
	default:
		e.losses.Drop("service_tier", "service_tier", tier)
	}
}

func (e *requestEncoder) sampling() {
	s, caps := e.req.Sampling, e.target.Caps
	if e.own {
		e.number("temperature", s.Temperature)
		e.number("top_p", s.TopP)
		e.number("top_k", s.TopK)
		return
	}
	drop := func(n *llm.Number, path string) {
		if *n != "" {
			e.losses.Drop("sampling", path, "")
			*n = ""
		}
	}
	if caps.Sampling == family.SamplingNever {
		drop(&s.Temperature, "temperature")
		drop(&s.TopP, "top_p")
		drop(&s.TopK, "top_k")
		return
	}
	if v, err := strconv.ParseFloat(string(s.Temperature), 64); err == nil && v > 1 {
		e.losses.Adapt("temperature", "temperature", string(s.Temperature)+" -> 1")
		s.Temperature = "1"
	}
	if e.manual() || e.settled.On {
		if v, err := strconv.ParseFloat(string(s.Temperature), 64); err == nil && v != 1 {
			drop(&s.Temperature, "temperature")
		}
		drop(&s.TopK, "top_k")
	}
	if caps.OneOfTwo && s.Temperature != "" {
		drop(&s.TopP, "top_p")
	}
	e.number("temperature", s.Temperature)
	e.number("top_p", s.TopP)
	e.number("top_k", s.TopK)
}

func (e *requestEncoder) number(key string, n llm.Number) {
	if n != "" {
		e.w.RawField(key, []byte(n))
	}
}

// stops writes the stop sequences; blank ones are refused.
func (e *requestEncoder) stops() {
	all := e.req.Sampling.Stop
	stop := make([]string, 0, len(all))
	for _, s := range all {
		if e.own || strings.TrimSpace(s) != "" {
			stop = append(stop, s)
		}
	}
	if len(stop) < len(all) {
		e.losses.Drop("stop.extra", "stop", "")
	}
	if len(stop) == 0 {
		return
	}
	e.w.Key("stop_sequences")
	e.w.Arr()
	for _, s := range stop {
		e.w.Str(s)
	}
	e.w.EndArr()
}

// writeSystem writes the system text, one block for each part, and the lines
// that stand for what the protocol has no member for.
func (e *requestEncoder) writeSystem() {
	parts := make([]llm.Part, 0, len(e.system)+len(e.notes))
	for i := range e.system {
		p := e.system[i]
		if p.Kind != llm.KindText || strings.TrimSpace(p.Text) == "" {
			if p.Kind != llm.KindText {
				e.losses.Drop("opaque", "system["+strconv.Itoa(i)+"]", string(p.Kind))
			}
			continue
		}
		parts = append(parts, p)
	}
	for _, note := range e.notes {
		parts = append(parts, llm.TextPart(note))
	}
	if len(parts) == 0 {
		return
	}
	e.w.Key("system")
	e.w.Arr()
	for i := range parts {
		e.textBlock(&parts[i], "system["+strconv.Itoa(i)+"]")
	}
	e.w.EndArr()
}
