package gemini

import (
	"encoding/base64"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// replyWriter holds what the whole and the streamed form of a reply share.
type replyWriter struct {
	reply  protocol.Reply
	losses *llm.Losses
	id     string
}

// open takes over the upstream's id where it can be Google's own; ids of other
// vendors never reach a client.
func (r *replyWriter) open(id string) {
	r.id = id
	if !ownID(id) {
		r.id = r.mint(22)
	}
}

func (r *replyWriter) mint(n int) string {
	if r.reply.Mint == nil {
		return ""
	}
	return r.reply.Mint(n, wire.Base62)
}

func ownID(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, foreign := range []string{"chatcmpl-", "msg_", "resp_", "gen-"} {
		if strings.HasPrefix(id, foreign) {
			return false
		}
	}
	return true
}

// head writes the members that every reply and frame ends with.
func (r *replyWriter) head(w *rawjson.Writer) {
	w.StrField("modelVersion", r.reply.Model)
	if r.id != "" {
		w.StrField("responseId", r.id)
	}
}

// hides tells reasoning that the client asked not to see.
func (r *replyWriter) hides(kind llm.PartKind) bool {
	return kind == llm.KindReasoning && r.reply.Request != nil && r.reply.Request.Reasoning.Visible == llm.VisibleOmit
}

// sealer decides on which part of a choice each signature travels: Google's
// own on its part, those of other vendors in an envelope on the first call
// behind them, or at the end on an empty text part.
type sealer struct {
	held  []string
	calls int
}

// sign gives the signature that the part carries.
func (s *sealer) sign(p *llm.Part) string {
	slot := s.slot(p)
	switch {
	case p.Seal == nil:
	case p.Seal.Issuer == llm.IssuerGoogle:
		return p.Seal.Data
	default:
		s.held = append(s.held, p.Seal.Envelope(slot))
	}
	if p.Kind == llm.KindCall && len(s.held) > 0 {
		first := s.held[0]
		s.held = s.held[1:]
		return first
	}
	return ""
}

func (s *sealer) slot(p *llm.Part) string {
	switch {
	case p.Kind == llm.KindCall:
		s.calls++
		return "call:" + strconv.Itoa(s.calls-1)
	case p.Seal != nil && p.Seal.Redacted:
		return "redacted"
	case p.Kind == llm.KindReasoning:
		return "reasoning"
	}
	return "text"
}

// chooses tells a text that is one word of a list, which other upstreams give in
// an object or in quotes.
func (r *replyWriter) chooses(p *llm.Part) bool {
	return p.Kind == llm.KindText && !p.Refusal && p.Native.For(llm.Gemini) == nil && r.reply.Request != nil && r.reply.Request.Format.Kind == llm.FormatEnum
}

// writeReplyPart writes a whole part of a reply; false means that it has no
// form here.
func (r *replyWriter) writeReplyPart(w *rawjson.Writer, p *llm.Part, sig string) bool {
	switch p.Kind {
	case llm.KindText, llm.KindReasoning:
		if p.Text == "" && sig == "" && p.Native.For(llm.Gemini) == nil {
			return false
		}
		if r.chooses(p) {
			p = &llm.Part{Kind: p.Kind, Text: schema.Chosen(p.Text)}
		}
		writePart(w, p, sig)
	case llm.KindCode:
		writePart(w, p, sig)
	case llm.KindOpaque:
		if p.Native.For(llm.Gemini) == nil {
			if p.Search != nil { // groundingMetadata tells it
				return false
			}
			r.losses.Drop("opaque", "", string(p.Native.Protocol))
			return false
		}
		writePart(w, p, sig)
	case llm.KindMedia:
		writeReplyMedia(w, p, sig)
	case llm.KindCall:
		return r.writeReplyCall(w, p, sig)
	default:
		return false
	}
	return true
}

func writeReplyMedia(w *rawjson.Writer, p *llm.Part, sig string) {
	f := ownForm(p)
	if p.Media.IsPlain {
		f.data = base64.StdEncoding.EncodeToString([]byte(p.Media.Plain))
	}
	w.Obj()
	f.write(w)
	writeTail(w, f.native, sig, f.key)
	w.End()
}

// writeReplyCall writes a call. One whose arguments were cut off is left out:
// there is no form for half a call.
func (r *replyWriter) writeReplyCall(w *rawjson.Writer, p *llm.Part, sig string) bool {
	c := p.Call
	args := c.RawArgs()
	if c.Kind == llm.CallCustom {
		args = []byte(llm.WrapCustom(c.Args))
	}
	if rawjson.KindOf(args) != rawjson.KindObject || rawjson.Check(args, maxDepth) != nil {
		r.losses.Adapt("call.truncated", "", c.Name)
		return false
	}
	native := p.Native.For(llm.Gemini)
	w.Obj()
	w.Key("functionCall")
	w.Obj()
	id := c.ID
	if id == "" && p.Native.Protocol != llm.Gemini {
		id = "call_" + r.mint(24)
	}
	if id != "" {
		w.StrField("id", id)
	}
	w.StrField("name", c.Name)
	w.RawField("args", args)
	writeRest(w, member(native, "functionCall"))
	w.End()
	writeTail(w, native, sig, "functionCall")
	w.End()
	return true
}

// finish writes finishReason and what else ends a candidate.
func writeFinish(w *rawjson.Writer, end *llm.Close, native []byte) {
	word := finishWord(end.Reason)
	if raw := text(native, "finishReason"); raw != "" {
		word = raw
	}
	w.StrField("finishReason", word)
}

// blocked is the promptFeedback of a reply whose prompt Google blocked.
func blocked(end *llm.Close) []byte {
	return member(end.Native.For(llm.Gemini), "response", "promptFeedback", "blockReason")
}

// EncodeResponse writes the answer of generateContent.
func (Client) EncodeResponse(resp *llm.Response, reply protocol.Reply, losses *llm.Losses) ([]byte, error) {
	r := &replyWriter{reply: reply, losses: losses}
	r.open(resp.ID)
	w := rawjson.NewWriter(512)
	w.Obj()
	var response []byte
	isBlocked := false
	for i := range resp.Choices {
		end := &resp.Choices[i].Close
		if rest := member(end.Native.For(llm.Gemini), "response"); rest != nil {
			response = rest
		}
		isBlocked = isBlocked || blocked(end) != nil
	}
	if !isBlocked {
		w.Key("candidates")
		w.Arr()
		for i := range resp.Choices {
			r.candidate(w, &resp.Choices[i], i)
		}
		w.EndArr()
	}
	if resp.Usage != nil {
		writeUsage(w, resp.Usage, member(response, "usageMetadata"))
	}
	r.head(w)
	writeRest(w, response, "usageMetadata")
	w.End()
	return w.Bytes(), nil
}

func (r *replyWriter) candidate(w *rawjson.Writer, c *llm.Choice, i int) {
	native := member(c.Close.Native.For(llm.Gemini), "candidate")
	w.Obj()
	w.Key("content")
	w.Obj()
	w.Key("parts")
	w.Arr()
	var s sealer
	var g grounding
	written := 0
	for j := range c.Parts {
		p := &c.Parts[j]
		sig := s.sign(p)
		if r.hides(p.Kind) {
			if sig == "" {
				continue
			}
			p = &llm.Part{Kind: p.Kind}
		}
		g.part(p, written)
		if r.writeReplyPart(w, p, sig) {
			written++
		}
	}
	for _, envelope := range s.held {
		writeSealPart(w, false, envelope)
		written++
	}
	if written == 0 {
		writeSealPart(w, false, "")
	}
	w.EndArr()
	w.StrField("role", roleModel)
	writeRest(w, member(native, "content"))
	w.End()
	writeFinish(w, &c.Close, native)
	w.IntField("index", int64(i))
	writeLogprobs(w, c.Logprobs, member(native, "logprobsResult"))
	if member(native, "groundingMetadata") == nil && member(native, "citationMetadata") == nil {
		g.write(w, c.Close.Search)
	}
	writeRest(w, native, "finishReason", "content", "logprobsResult")
	w.End()
}

// writeSealPart writes an empty text part, which carries a signature.
func writeSealPart(w *rawjson.Writer, thought bool, sig string) {
	w.Obj()
	w.StrField("text", "")
	if thought {
		w.BoolField("thought", true)
	}
	if sig != "" {
		w.StrField("thoughtSignature", sig)
	}
	w.End()
}
