package gemini

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/rawjson"
)

// requestEncoder writes one request.
type requestEncoder struct {
	req    *llm.Request
	target protocol.Target
	losses *llm.Losses
	w      *rawjson.Writer
	flat   *crossing.Flat
	own    bool // a Gemini client made it: what it wrote goes out as it was
	calls  map[string]callOrigin
	system []llm.Part
	turns  []llm.Turn
	alien  bool // the last code was in a language that only text can show
}

type callOrigin struct{ namespace, name string }

// EncodeRequest writes the body of generateContent for the target. The model
// and the choice of streaming stand in the path, not in the body.
func (Upstream) EncodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	e := &requestEncoder{req: req, target: target, losses: losses, own: req.Native.Protocol == llm.Gemini}
	e.w = rawjson.NewWriter(crossing.SizeHint(req))
	e.flat = crossing.FlattenTools(req, nameRule(target.Caps.MaxName), losses)
	e.prepare()
	if err := e.encode(); err != nil {
		return protocol.Encoded{}, err
	}
	return protocol.Encoded{Body: e.w.Bytes(), Tools: e.flat.Table}, nil
}

// nameRule is Google's rule for function names (wire.md (d), row 17), with an
// endpoint's own limit of their length; 0: the protocol's.
func nameRule(longest int) crossing.NameRule {
	if longest == 0 {
		longest = 128
	}
	letter := func(r rune) bool { return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
	return crossing.NameRule{
		First: letter,
		Rest: func(r rune) bool {
			return letter(r) || '0' <= r && r <= '9' || r == '.' || r == ':' || r == '-'
		},
		Max: longest,
	}
}

// prepare orders turns as the target demands. A Gemini client's own order is
// left alone.
func (e *requestEncoder) prepare() {
	e.system, e.turns = e.req.System, e.req.Turns
	if !e.own {
		e.system, e.turns = crossing.Turns(e.req, crossing.Rules{UserFirst: true, WrapSystem: true}, e.losses)
	}
	if e.target.Caps.Issuer == llm.IssuerAnthropic {
		e.turns = crossing.LegalCallIDs(e.turns, crossing.AnthropicCallID) // they must have one
	}
	e.calls = map[string]callOrigin{}
	for i := range e.turns {
		for j := range e.turns[i].Parts {
			if c := e.turns[i].Parts[j].Call; c != nil && c.ID != "" {
				e.calls[c.ID] = callOrigin{c.Namespace, c.Name}
			}
		}
	}
	e.callsAsText()
}

func (e *requestEncoder) encode() error {
	if n := e.req.Sampling.MaxTokens; n != nil && *n == 0 && !e.own {
		return refuse("max_tokens.zero", "max_tokens", "this model cannot warm a cache with max_tokens 0")
	}
	e.foreignOptions()
	e.inlineSystem()
	format := e.planFormat()
	w := e.w
	w.Obj()
	w.Key("contents")
	if err := e.contents(); err != nil {
		return err
	}
	e.writeSystem(format)
	if err := e.writeTools(); err != nil {
		return err
	}
	if err := e.writeConfig(format); err != nil {
		return err
	}
	e.writeTier()
	except := []string{"generationConfig", "systemInstruction"}
	if !e.target.Caps.Public {
		except = append(except, "store")
	}
	writeRest(w, e.req.Native.For(llm.Gemini), except...)
	w.End()
	return nil
}

// refuse is the error of content that cannot cross: a 400 that names the
// field, with the loss's code.
func refuse(code, path, format string, args ...any) error {
	return fault.Invalid(path, format, args...).WithCode(code)
}

// foreignOptions records what Gemini has no place for.
func (e *requestEncoder) foreignOptions() {
	r := e.req
	drop := func(missing bool, code, path string) {
		if missing {
			e.losses.Drop(code, path, "")
		}
	}
	drop(r.EndUser != "", "user", "user")
	drop(len(r.Metadata) > 0, "metadata", "metadata")
	drop(r.CacheAuto != nil, "cache", "cache_control")
	drop(len(r.Sampling.LogitBias) > 0, "logit_bias", "logit_bias")
	drop(r.Sampling.Verbosity != "", "verbosity", "verbosity")
}

func (e *requestEncoder) writeTier() {
	tier := e.req.ServiceTier
	if !e.target.Caps.Tiers && tier != "" && tier != "auto" {
		e.losses.Drop("service_tier", "service_tier", tier)
		return
	}
	switch tier {
	case "", "auto":
	case "flex", "priority":
		e.w.StrField("serviceTier", tier)
	case "default":
		e.w.StrField("serviceTier", "standard")
	default:
		e.losses.Drop("service_tier", "service_tier", tier)
	}
}

// inlineSystem puts the system text into the first user turn of a model
// without a system instruction (Gemma).
func (e *requestEncoder) inlineSystem() {
	if e.target.Caps.SystemText || len(e.system) == 0 || e.own {
		return
	}
	e.losses.Adapt("system.position", "system", "the model has no system instruction")
	if len(e.turns) == 0 || e.turns[0].Role != llm.RoleUser {
		e.turns = append([]llm.Turn{{Role: llm.RoleUser}}, e.turns...)
	} else {
		e.turns = append([]llm.Turn(nil), e.turns...)
	}
	first := e.turns[0]
	first.Parts = append(append([]llm.Part(nil), e.system...), first.Parts...)
	e.turns[0], e.system = first, nil
}

// writeSystem writes the system instruction, one part for each block, and the
// schema that the model has to be told in words. Gemini refuses one without
// parts: then there is none.
func (e *requestEncoder) writeSystem(format formatPlan) {
	texts := e.systemTexts()
	if len(texts) == 0 && format.prompt == "" {
		return
	}
	w := e.w
	w.Key("systemInstruction")
	w.Obj()
	writeRest(w, member(e.req.Native.For(llm.Gemini), "systemInstruction"))
	w.Key("parts")
	w.Arr()
	for _, p := range texts {
		w.Obj()
		w.StrField("text", p.Text)
		writeRest(w, p.Native.For(llm.Gemini))
		w.End()
	}
	if format.prompt != "" {
		w.Obj()
		w.StrField("text", format.prompt)
		w.End()
	}
	w.EndArr()
	w.End()
}

// systemTexts are the blocks that a system instruction holds.
func (e *requestEncoder) systemTexts() []*llm.Part {
	texts := make([]*llm.Part, 0, len(e.system))
	for i := range e.system {
		p := &e.system[i]
		e.cacheLoss(p, "system"+index(i))
		if p.Kind == llm.KindText {
			texts = append(texts, p)
		} else {
			e.losses.Drop("opaque", "system"+index(i), string(p.Kind))
		}
	}
	return texts
}

func (e *requestEncoder) cacheLoss(p *llm.Part, path string) {
	if p.Cache != nil {
		e.losses.Drop("cache", path, "")
	}
}
