package anthropic

import (
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// EncodeResponse writes a whole message. It is made of the same blocks as the
// stream.
func (Client) EncodeResponse(resp *llm.Response, reply protocol.Reply, losses *llm.Losses) ([]byte, error) {
	id := mintID(reply)
	g := gatherer{losses: losses}
	state := newReplyState(reply, losses, &g)
	for ev, err := range llm.Replay(resp) {
		if err != nil {
			return nil, err
		}
		state.event(ev)
	}
	w := rawjson.NewWriter(1024 + g.size)
	w.Obj()
	writeHead(w, id, reply.Model)
	w.Key("content")
	w.Arr()
	for i := range g.blocks {
		g.blocks[i].write(w, i, losses)
	}
	w.EndArr()
	stop := state.stopping()
	writeTail(w, &stop, counts(state.usage, reply), state.searches)
	w.End()
	return w.Bytes(), nil
}

// writeHead writes the members in front of the content.
func writeHead(w *rawjson.Writer, id, model string) {
	w.StrField("id", id)
	w.StrField("type", "message")
	w.StrField("role", "assistant")
	w.StrField("model", model)
}

// writeTail writes the members behind the content; a nil stop is a message
// that goes on.
func writeTail(w *rawjson.Writer, stop *stopping, usage *llm.Usage, searches int) {
	writeStop(w, stop)
	w.Key("container")
	w.Null()
	w.Key("usage")
	writeUsage(w, usage, searches)
}

// gatherer is the sink of a whole message.
type gatherer struct {
	losses *llm.Losses
	blocks []*wholeBlock
	size   int // of all text
}

type wholeBlock struct {
	blockHead
	body  wire.Text // text, thinking or input
	sign  string
	cites []*llm.Citation
}

func (g *gatherer) start(b blockHead) { g.blocks = append(g.blocks, &wholeBlock{blockHead: b}) }

func (g *gatherer) last() *wholeBlock { return g.blocks[len(g.blocks)-1] }

func (g *gatherer) add(s string) {
	g.size += len(s)
	g.last().body.Add(s)
}

func (g *gatherer) text(s string)      { g.add(s) }
func (g *gatherer) thinking(s string)  { g.add(s) }
func (g *gatherer) input(s string)     { g.add(s) }
func (g *gatherer) signature(s string) { g.size += len(s); g.last().sign = s }
func (g *gatherer) citation(c *llm.Citation) {
	cite := *c
	g.last().cites = append(g.last().cites, &cite)
}
func (g *gatherer) stop() {}

func (b *wholeBlock) write(w *rawjson.Writer, index int, losses *llm.Losses) {
	w.Obj()
	w.StrField("type", b.kind)
	switch b.kind {
	case "text":
		b.writeText(w)
	case "thinking":
		w.StrField("thinking", b.body.String())
		w.StrField("signature", b.sign)
	case "redacted_thinking":
		w.StrField("data", b.data)
	case "tool_use", "server_tool_use":
		w.StrField("id", b.id)
		w.StrField("name", b.name)
		w.RawField("input", b.object(index, losses))
	case "web_search_tool_result", codeResultType, toolSearchResult:
		b.writeResult(w)
	}
	w.End()
}

func (b *wholeBlock) writeText(w *rawjson.Writer) {
	if len(b.cites) > 0 {
		w.Key("citations")
		w.Arr()
		for _, c := range b.cites {
			writeCitation(w, c)
		}
		w.EndArr()
	}
	w.StrField("text", b.body.String())
}

// object returns the input of a call. One that was cut off is left empty: the
// message has to stay valid JSON.
func (b *wholeBlock) object(index int, losses *llm.Losses) []byte {
	raw := []byte(b.body.String())
	if rawjson.KindOf(raw) == rawjson.KindObject && rawjson.Check(raw, maxInputDepth) == nil {
		return raw
	}
	losses.Adapt("call.truncated", "content["+strconv.Itoa(index)+"].input", "")
	return []byte("{}")
}

// maxInputDepth bounds the nesting of a call's input.
const maxInputDepth = 200
