package openai

import (
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/rawjson"
)

// Upstream is the side of Chat Completions that faces OpenAI and the servers
// that speak its protocol. The zero value is ready.
type Upstream struct{}

var _ protocol.Upstream = Upstream{}

// provider names this protocol in faults; the relay puts the account's own
// kind in its place.
const upstreamName = "openai"

// Name returns llm.OpenAIChat.
func (Upstream) Name() llm.Protocol { return llm.OpenAIChat }

// NewObserver returns an observer of one answer that passes through.
func (Upstream) NewObserver() protocol.Observer { return &observer{} }

// requestEncoder writes one request.
type requestEncoder struct {
	req    *llm.Request
	target protocol.Target
	losses *llm.Losses
	w      *rawjson.Writer
	flat   *crossing.Flat
	own    bool // a chat client made it: what it wrote goes out as it was
	system []llm.Part
	turns  []llm.Turn

	prompt  string // schema in words, for the system text
	cache   *oai.Breakpoints
	pending []llm.Part // the model's own images, for the user's next message
	images  int        // of tool results, counted within one step
}

// EncodeRequest writes the body of a chat completion for the target.
func (Upstream) EncodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	e := &requestEncoder{req: req, target: target, losses: losses, own: req.Native.Protocol == llm.OpenAIChat}
	e.w = rawjson.NewWriter(crossing.SizeHint(req))
	toolLosses := losses
	if e.own {
		toolLosses = nil // it declared them so
	}
	e.flat = crossing.FlattenTools(req, oai.NameRule(target.Caps.CustomTools || e.own), toolLosses)
	e.system, e.turns = crossing.Turns(req, crossing.Rules{}, losses)
	e.turns = crossing.LegalCallIDs(e.turns, oai.LegalCallID)
	if err := e.encode(); err != nil {
		return protocol.Encoded{}, err
	}
	return protocol.Encoded{Body: e.w.Bytes(), Tools: e.flat.Table}, nil
}

func (e *requestEncoder) encode() error {
	if n := e.req.Sampling.MaxTokens; n != nil && *n == 0 {
		return oai.Refuse("max_tokens.zero", "max_tokens", "this model cannot warm a cache with max_tokens 0")
	}
	if err := crossing.ForeignOptions(e.req, e.losses); err != nil {
		return err
	}
	format := oai.PlanFormat(e.req.Format, e.target.Caps, e.own, "response_format", e.losses)
	e.prompt = format.Prompt
	e.cache = oai.PlanBreakpoints(e.req, e.system, e.turns, e.own, e.target, e.losses)
	w := e.w
	w.Obj()
	w.StrField("model", e.target.Model)
	w.Key("messages")
	if err := e.messages(); err != nil {
		return err
	}
	if err := e.tools(); err != nil {
		return err
	}
	e.format(format)
	if err := e.options(); err != nil {
		return err
	}
	if e.target.Stream {
		w.BoolField("stream", true)
		w.Key("stream_options")
		w.Obj()
		w.BoolField("include_usage", true)
		w.End()
	}
	for key, raw := range rawjson.Members(e.req.Native.For(llm.OpenAIChat)) {
		if key != "functions" { // they went out as tools
			w.RawField(key, raw)
			e.losses.Kept(key)
		}
	}
	w.End()
	return nil
}
