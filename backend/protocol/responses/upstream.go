package responses

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Upstream is the side of Responses that faces OpenAI and the servers that
// speak its protocol. The zero value is ready.
type Upstream struct{}

var (
	_ protocol.Upstream = Upstream{}
	_ protocol.Counter  = Upstream{}
	_ protocol.Editor   = Upstream{}
)

// upstreamName names this protocol in faults; the relay puts the account's own
// kind in its place.
const upstreamName = "openai"

// Name returns llm.Responses.
func (Upstream) Name() llm.Protocol { return llm.Responses }

// NewObserver returns an observer of one answer that passes through.
func (Upstream) NewObserver() protocol.Observer { return &observer{} }

// requestEncoder writes one request.
type requestEncoder struct {
	req    *llm.Request
	target protocol.Target
	losses *llm.Losses
	w      *rawjson.Writer
	flat   *crossing.Flat // nil for an own request, whose tools stay as they are
	own    bool           // a Responses client made it: what it wrote goes out as it was
	count  bool           // of a token count, which takes no limits and no sampling
	system []llm.Part
	turns  []llm.Turn

	settled family.Settled
	format  oai.Format
	cache   *oai.Breakpoints
	items   bool // instructions stand in the input, where the service looks for them
}

// EncodeRequest writes the body of a response for the target.
func (Upstream) EncodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	return encodeRequest(req, target, losses, false)
}

// EncodeCount writes the body of POST /responses/input_tokens.
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
		req: req, target: target, losses: losses, count: count, own: req.Native.Protocol == llm.Responses,
	}
	e.w = rawjson.NewWriter(crossing.SizeHint(req))
	var table *llm.ToolTable
	if !e.own {
		rule := oai.NameRule(target.Caps.CustomTools)
		// A model that takes freeform tools is one that searches for tools.
		rule.Deferred = target.Caps.CustomTools && target.Caps.ServerTools && crossing.Searches(req)
		e.flat = crossing.FlattenTools(req, rule, losses)
		table = e.flat.Table
	}
	e.system, e.turns = crossing.Turns(req, crossing.Rules{}, losses)
	e.turns = crossing.LegalCallIDs(e.turns, oai.LegalCallID)
	if err := e.encode(); err != nil {
		return protocol.Encoded{}, err
	}
	return protocol.Encoded{Body: e.w.Bytes(), Tools: table}, nil
}

func (e *requestEncoder) encode() error {
	if n := e.req.Sampling.MaxTokens; n != nil && *n == 0 {
		return oai.Refuse("max_tokens.zero", "max_tokens", "this model cannot warm a cache with max_tokens 0")
	}
	if n := e.req.Sampling.N; n != nil && *n > 1 {
		return oai.Refuse("n", "n", "this model gives one answer at a time")
	}
	if err := crossing.ForeignOptions(e.req, e.losses); err != nil {
		return err
	}
	e.settled = family.Settle(e.req, e.target.Caps, e.losses)
	e.format = oai.PlanFormat(e.req.Format, e.target.Caps, e.own, "text.format", e.losses)
	e.cache = oai.PlanBreakpoints(e.req, e.system, e.turns, e.own, e.target, e.losses)
	e.planInstructions()
	w := e.w
	w.Obj()
	w.StrField("model", e.target.Model)
	e.instructions()
	w.Key("input")
	if err := e.input(); err != nil {
		return err
	}
	if err := e.tools(); err != nil {
		return err
	}
	if err := e.options(); err != nil {
		return err
	}
	e.nativeMembers()
	w.End()
	return nil
}

// nativeMembers repeats what a client of this protocol said beside all that the
// model holds. Of a token count only those that one takes are left.
func (e *requestEncoder) nativeMembers() {
	for key, raw := range rawjson.Members(e.req.Native.For(llm.Responses)) {
		switch key {
		case "reasoning", "client_metadata": // written with the effort; notes of the client's own
			continue
		case "stream_options":
			if !e.target.Stream {
				continue
			}
		}
		if !e.count || key == "truncation" || key == "personality" {
			e.w.RawField(key, raw)
			e.losses.Kept(key)
		}
	}
}
