package openai

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing"
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

	prompt  string     // schema in words, for the system text
	skip    int        // breakpoints still to be left out, only the last count
	pending []llm.Part // the model's own images, for the user's next message
	images  int        // of tool results, counted within one step
}

// EncodeRequest writes the body of a chat completion for the target.
func (Upstream) EncodeRequest(req *llm.Request, target protocol.Target, losses *llm.Losses) (protocol.Encoded, error) {
	e := &requestEncoder{req: req, target: target, losses: losses, own: req.Native.Protocol == llm.OpenAIChat}
	e.w = rawjson.NewWriter(sizeHint(req))
	toolLosses := losses
	if e.own {
		toolLosses = nil // it declared them so
	}
	e.flat = crossing.FlattenTools(req, nameRule(target.Caps.CustomTools || e.own), toolLosses)
	e.system, e.turns = crossing.Turns(req, crossing.Rules{}, losses)
	e.turns = crossing.LegalCallIDs(e.turns, legalCallID)
	if err := e.encode(); err != nil {
		return protocol.Encoded{}, err
	}
	return protocol.Encoded{Body: e.w.Bytes(), Tools: e.flat.Table}, nil
}

// maxCallID is the longest id of a call, in bytes.
const maxCallID = 64

func legalCallID(id string) bool { return len(id) <= maxCallID }

// nameRule is OpenAI's rule for function names.
func nameRule(custom bool) crossing.NameRule {
	word := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
	}
	return crossing.NameRule{First: word, Rest: word, Max: 64, Custom: custom}
}

func (e *requestEncoder) encode() error {
	if n := e.req.Sampling.MaxTokens; n != nil && *n == 0 {
		return refuse("max_tokens.zero", "max_tokens", "this model cannot warm a cache with max_tokens 0")
	}
	if err := crossing.ForeignOptions(e.req, e.losses); err != nil {
		return err
	}
	format := e.planFormat()
	e.planCache()
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
		}
	}
	w.End()
	return nil
}

// refuse is the error of content that cannot cross: a 400 that names the
// field, with the loss's code.
func refuse(code, path, format string, args ...any) error {
	return fault.Invalid(path, format, args...).WithCode(code)
}

// sizeHint estimates the bytes of the body, so that writing a large image does
// not grow the buffer over and over.
func sizeHint(req *llm.Request) int {
	n := 1024 + len(req.Native.Rest) + sizeOf(req.System)
	for i := range req.Turns {
		n += 64 + sizeOf(req.Turns[i].Parts)
	}
	for i := range req.Tools {
		t := &req.Tools[i]
		n += 128 + len(t.Name) + len(t.Description) + len(t.Description)/16 + len(t.Schema) + len(t.Native.Rest)
	}
	return n
}

func sizeOf(parts []llm.Part) (n int) {
	for i := range parts {
		p := &parts[i]
		n += 48 + len(p.Text) + len(p.Text)/16 + len(p.Native.Rest)
		switch {
		case p.Media != nil:
			n += 96 + len(p.Media.Data) + len(p.Media.URL) + len(p.Media.Plain)
		case p.Call != nil:
			n += 96 + len(p.Call.Args) + len(p.Call.Args)/8
		case p.Result != nil:
			n += 96 + sizeOf(p.Result.Parts)
		}
	}
	return n
}
