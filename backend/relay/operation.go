package relay

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"antigravity-tools/backend/account"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/provider"
)

// OperationKey names a client's operation: what is asked for, in whose
// protocol.
type OperationKey struct {
	Operation provider.Operation
	Protocol  llm.Protocol
}

// ask reads as much of an operation's request as routing needs.
func (x *exchange) ask() *fault.Error {
	asked, err := x.op.Ask(x.call.Inbound)
	if err != nil {
		return fault.From(err)
	}
	x.model, x.stream = asked.Model, asked.Stream
	return nil
}

// able tells the pool which accounts can do what is asked for: a reason for
// the record if one cannot, "" if it can.
func (x *exchange) able(acc *account.Account, model string) string {
	op := x.call.Operation
	p := x.relay.opts.Providers[acc.Provider]
	if p == nil {
		return "no such provider"
	}
	way := provider.WayOf(p, acc.Credential, op, model)
	if way == provider.Cannot {
		return "cannot " + op.Verb()
	}
	_, apart := p.(provider.Drawer)
	if x.many.embed != nil {
		_, apart = p.(provider.Embedder)
	}
	if x.partial && way == provider.Native && !apart {
		return "would answer the whole request, of which a part is asked for"
	}
	return ""
}

// chooseWay decides how this attempt's upstream does the operation.
func (a *attempt) chooseWay() {
	x := a.x
	if x.op == nil {
		a.identity = a.upstream.Name() == x.call.Protocol
		return
	}
	a.way = provider.WayOf(a.provider, a.lease.Account.Credential, x.call.Operation, a.lease.Model)
	a.identity = a.way == provider.Native
	if d := drawer(a.provider, x.call.Operation, a.way); d != nil {
		a.upstream, a.draws = d.Pictures(), true
		a.identity = a.upstream.Name() == x.call.Protocol
	}
	if _, ok := x.op.(protocol.EmbedClient); !ok {
		return
	}
	if e, ok := a.provider.(provider.Embedder); ok {
		a.embeds = e.Embeddings(a.lease.Model)
		a.identity = a.embeds.Name() == x.call.Protocol && x.many.from == 0 && !x.partial
	}
}

// asked is the operation that the upstream is asked for.
func (a *attempt) asked() provider.Operation {
	op := a.x.call.Operation
	switch {
	case a.x.op == nil || a.identity || a.draws:
		return op
	case a.embeds != nil:
		return provider.EmbedBatch
	}
	return provider.Generate
}

// encodeNative prepares the body of an operation that the upstream has too:
// the client's own bytes, but for the name of the model.
func (a *attempt) encodeNative() *fault.Error {
	in := a.x.call.Inbound
	a.encoded.Body = in.Body
	if a.lease.Model == a.x.model {
		return nil
	}
	body, err := a.x.op.WithModel(in, a.lease.Model)
	if err != nil {
		return fault.From(err)
	}
	a.encoded.Body = body
	return nil
}

// passBytes copies an answer of any kind as it comes, piece by piece. Its
// first byte commits the call.
func (a *attempt) passBytes(resp *http.Response) *fault.Error {
	x := a.x
	buf := make([]byte, 32<<10)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			a.watch.touch()
			x.record.FirstEvent(x.relay.opts.Now())
			if werr := x.down.piece(resp.Header.Get("Content-Type"), buf[:n]); werr != nil {
				return werr
			}
		}
		switch {
		case errors.Is(err, io.EOF) && !x.down.started():
			return incomplete()
		case errors.Is(err, io.EOF):
			x.down.endPieces()
			return nil
		case err != nil:
			return broke(err, "the provider's answer broke off")
		}
	}
}

// observer watches the answer that passes.
func (a *attempt) observer() protocol.Observer {
	if a.x.op != nil {
		return a.x.op.NewObserver()
	}
	return a.upstream.NewObserver()
}

// passesBytes tells whether the answer is neither JSON nor events.
func (x *exchange) passesBytes() bool {
	r, ok := x.op.(protocol.Raw)
	return ok && !x.stream && r.PassesBytes(x.call.Inbound)
}

// streams tells whether the upstream's answer is a stream: some models ignore
// that one was asked for.
func streams(resp *http.Response) bool {
	return strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream")
}

// responseType is the media type of a whole answer.
func (x *exchange) responseType() string {
	if t, ok := x.client.(protocol.Typed); ok {
		return t.ResponseType(x.reply())
	}
	return "application/json"
}

// several is the state of a request for vectors, or of a part of one. A part
// that meets an upstream which takes fewer texts than the one it was made for
// takes more than one call: one after another, each with the whole of the
// attempt loop.
type several struct {
	embed   *llm.EmbedRequest
	from    int // first input of the present call
	vectors llm.EmbedResponse
	used    llm.Usage // by the calls so far
}

// one makes the request that goes up of what the client asked for, and lets the
// stream's encoder know it, which routing did not need.
func (a *attempt) one() *llm.Request {
	x := a.x
	if x.op != nil && x.stream {
		x.down.encoder(x.reply(), x.losses)
	}
	if s, ok := x.client.(protocol.Splitter); ok && !x.partial {
		return s.Split(x.request, a.most())[0] // of several, apart would have known
	}
	return x.request
}

// most is how many answers one call of the upstream gives.
func (a *attempt) most() int {
	if d, ok := a.provider.(provider.Drawer); ok && a.draws {
		return d.MaxPictures()
	}
	return 1
}

// drawer is the provider's own operation for pictures, nil if it does not take
// part.
func drawer(p provider.Provider, op provider.Operation, way provider.Way) provider.Drawer {
	if op != provider.MakeImage || way != provider.Native {
		return nil
	}
	d, _ := p.(provider.Drawer)
	return d
}

func (m *several) spend(u *llm.Usage) {
	if u == nil {
		return
	}
	m.used = m.used.Plus(*u)
}

// meter notes the usage of the present call on top of those before.
func (x *exchange) meter(u *llm.Usage) {
	if x.many.embed != nil {
		sum := x.many.used.Plus(*u)
		u = &sum
	}
	x.record.Meter(u)
}

// unfinished tells whether a call that succeeded was not the last.
func (x *exchange) unfinished() bool {
	m := &x.many
	return m.embed != nil && m.from < len(m.embed.Inputs)
}

// encodeEmbed prepares the next texts of a request for vectors.
func (a *attempt) encodeEmbed(context.Context) *fault.Error {
	x := a.x
	if err := x.decodeEmbed(x.op.(protocol.EmbedClient)); err != nil { // chooseWay has checked that it is one
		return err
	}
	part := *x.many.embed
	part.Inputs = part.Inputs[x.many.from:]
	part.Inputs = part.Inputs[:min(len(part.Inputs), a.embeds.MaxInputs())]
	body, err := a.embeds.EncodeEmbedRequest(&part, a.target, x.losses)
	if err != nil {
		return fault.From(err)
	}
	a.encoded.Body, a.inputs = body, len(part.Inputs)
	return nil
}

// decodeEmbed reads a request for vectors, once.
func (x *exchange) decodeEmbed(client protocol.EmbedClient) *fault.Error {
	if x.many.embed != nil {
		return nil
	}
	req, err := client.DecodeEmbed(x.call.Inbound, x.losses)
	if err != nil {
		return fault.From(err)
	}
	x.many.embed, x.decoded = req, x.losses.List()
	return nil
}

// answerEmbed takes the vectors and answers when they are all there.
func (a *attempt) answerEmbed(resp *http.Response) *fault.Error {
	x, m := a.x, &a.x.many
	body, ferr := readAll(resp)
	if ferr != nil {
		return ferr
	}
	x.record.FirstEvent(x.relay.opts.Now())
	got, err := a.embeds.DecodeEmbedResponse(body, a.inputs)
	if err != nil {
		return fault.From(err)
	}
	if got.Usage == nil {
		got.Usage = &llm.Usage{Input: estimateTexts(m.embed.Inputs[m.from : m.from+a.inputs]), Estimated: true}
	}
	x.meter(got.Usage)
	m.spend(got.Usage)
	m.vectors.Vectors = append(m.vectors.Vectors, got.Vectors...)
	if m.from += a.inputs; x.unfinished() || x.partial {
		return nil
	}
	return x.answerVectors()
}

// answerVectors answers with all vectors.
func (x *exchange) answerVectors() *fault.Error {
	m := &x.many
	if m.used.Estimated {
		x.down.header("X-Antigravity-Estimate", "1")
	}
	m.vectors.Usage = &m.used
	out, err := x.op.(protocol.EmbedClient).EncodeEmbed(&m.vectors, m.embed, x.reply())
	if err != nil {
		return fault.From(err)
	}
	return x.down.whole(http.StatusOK, "application/json", out)
}

func estimateTexts(inputs []llm.EmbedInput) int64 {
	n := 0
	for i := range inputs {
		n += len(inputs[i].Text)
	}
	return int64(max(n/bytesPerToken, len(inputs)))
}
