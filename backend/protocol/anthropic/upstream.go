package anthropic

import (
	"slices"

	"antigravity-tools/backend/family"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Upstream is the side of Messages that faces Anthropic and the servers that
// speak its protocol. The zero value is ready.
type Upstream struct{}

var (
	_ protocol.Upstream = Upstream{}
	_ protocol.Counter  = Upstream{}
)

// upstreamName names this protocol in faults; the relay puts the account's own
// kind in its place.
const upstreamName = "anthropic"

// Name returns llm.Anthropic.
func (Upstream) Name() llm.Protocol { return llm.Anthropic }

// NewObserver returns an observer of one answer that passes through.
func (Upstream) NewObserver() protocol.Observer { return &observer{} }

// requestEncoder writes one request.
type requestEncoder struct {
	req    *llm.Request
	target protocol.Target
	losses *llm.Losses
	w      *rawjson.Writer
	flat   *crossing.Flat
	own    bool // an Anthropic client made it: what it wrote goes out as it was
	asked  bool // and what it asks for is had where it goes
	count  bool // of a token count, which takes no sampling
	system []llm.Part
	turns  []llm.Turn

	limit   int64 // max_tokens
	settled family.Settled
	notes   []string   // lines for the system text
	marks   int        // breakpoints written so far
	skip    int        // breakpoints still to be left out, only the last count
	pending []llm.Part // the model's own images, for the user's next turn
}

// EncodeRequest writes the body of a message for the target.
func (Upstream) EncodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	return encodeRequest(req, target, losses, false)
}

// EncodeCount writes the request of a token count.
func (Upstream) EncodeCount(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	target.Stream = false
	return encodeRequest(req, target, losses, true)
}

// DecodeCount reads the answer of a token count.
func (Upstream) DecodeCount(body []byte) (llm.Usage, error) {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return llm.Usage{}, wire.Malformed(upstreamName, "the upstream's token count is not JSON", err)
	}
	raw, _ := rawjson.Get(body, "input_tokens")
	n, err := rawjson.Int(raw)
	if err != nil || n < 0 {
		return llm.Usage{}, wire.Malformed(upstreamName, "the upstream's answer holds no token count", err)
	}
	return llm.Usage{Input: n}, nil
}

func encodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses, count bool) (protocol.Encoded, error) {
	e := &requestEncoder{
		req: req, target: target, losses: losses, count: count, own: req.Native.Protocol == llm.Anthropic,
	}
	e.asked = e.own && !target.Caps.Restricted()
	e.w = rawjson.NewWriter(crossing.SizeHint(req))
	toolLosses := losses
	if e.own {
		toolLosses = nil // it declared them so
	}
	e.flat = crossing.FlattenTools(req, nameRule(e.own, e.runs(llm.BuiltinToolSearch) && crossing.Searches(req)), toolLosses)
	rules := crossing.Rules{UserFirst: true, WrapSystem: !target.Caps.MidSystem && !e.asked, SystemAfterUser: !e.own && target.Caps.MidSystem}
	e.system, e.turns = crossing.Turns(req, rules, losses)
	e.turns = crossing.LegalCallIDs(e.turns, crossing.AnthropicCallID)
	if err := e.encode(); err != nil {
		return protocol.Encoded{}, err
	}
	return protocol.Encoded{Body: e.w.Bytes(), Tools: e.flat.Table}, nil
}

func wordRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
}

// nameRule is Anthropic's rule for tool names. late tells that the service
// searches for tools itself.
func nameRule(own, late bool) crossing.NameRule {
	return crossing.NameRule{First: wordRune, Rest: wordRune, Max: 128, Deferred: own || late, Own: own}
}

// refuse is the error of content that cannot cross: a 400 that names the
// field, with the loss's code.
func refuse(code, path, format string, args ...any) error {
	return fault.Invalid(path, format, args...).WithCode(code)
}

func (e *requestEncoder) encode() error {
	if err := crossing.ForeignOptions(e.req, e.losses); err != nil {
		return err
	}
	if err := e.foreignOptions(); err != nil {
		return err
	}
	plan, err := e.planTools()
	if err != nil {
		return err
	}
	e.arrange()
	format := e.planFormat()
	e.settle(&plan)
	e.planCache(plan)
	w := e.w
	w.Obj()
	w.StrField("model", e.target.Model)
	if !e.count {
		w.IntField("max_tokens", e.limit)
	}
	// Tools, system and messages: the order in which the prompt is cached.
	e.tools(plan)
	e.choice(plan)
	e.writeSystem()
	if err := e.messages(); err != nil {
		return err
	}
	e.thinking()
	e.outputConfig(format)
	e.options(plan)
	if e.target.Stream {
		w.BoolField("stream", true)
	}
	for key, raw := range rawjson.Members(e.req.Native.For(llm.Anthropic)) {
		if key != "output_config" && !(e.count && key == "container") {
			w.RawField(key, raw)
			e.losses.Kept(key)
		}
	}
	w.End()
	return nil
}

// foreignOptions records what Messages has no place for.
func (e *requestEncoder) foreignOptions() error {
	r, s := e.req, &e.req.Sampling
	if e.own {
		return nil
	}
	if s.N != nil && *s.N > 1 {
		return refuse("n", "n", "this model gives one answer a request")
	}
	if slices.Contains(r.Modalities, "audio") {
		return refuse("audio.out", "modalities", "this model does not speak")
	}
	drop := func(given bool, code, path string) {
		if given {
			e.losses.Drop(code, path, "")
		}
	}
	drop(slices.Contains(r.Modalities, "image"), "option", "modalities")
	drop(s.Seed != "", "seed", "seed")
	drop(s.PresencePenalty != "", "penalty", "presence_penalty")
	drop(s.FrequencyPenalty != "", "penalty", "frequency_penalty")
	drop(len(s.LogitBias) > 0, "logit_bias", "logit_bias")
	drop(s.Logprobs != nil && *s.Logprobs || s.TopLogprobs != nil, "logprobs", "logprobs")
	drop(s.Verbosity != "", "verbosity", "verbosity")
	drop(len(r.Metadata) > 0, "metadata", "metadata")
	return nil
}
