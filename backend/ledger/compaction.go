package ledger

import (
	"bytes"
	"context"
	"net/http"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/responses"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/relay"
	"antigravity-tools/backend/sse"
)

// answer has the relay answer the turn, as a stream or whole. Where the client
// wants the conversation compacted that comes first, or is all there is to do.
func (t *turn) answer(ctx context.Context, w http.ResponseWriter, stream bool) {
	if t.ask.Compacts && !t.lost() {
		t.compact(ctx, w, stream)
		return
	}
	if t.ask.Threshold > 0 {
		t.makeRoom(ctx, w, stream)
	}
	t.ledger.opts.Relay.Serve(ctx, w, t.call)
}

// worthFolding is the share of a conversation, one in so many bytes, that a
// compaction has to stand for: where it is the user's words that are long, it
// would cost a call for each turn and win nothing.
const worthFolding = 4

// makeRoom compacts a conversation that is over its client's threshold. If that
// fails the conversation stays as it is: the upstream may take it yet.
func (t *turn) makeRoom(ctx context.Context, w http.ResponseWriter, stream bool) {
	input, ok := rawjson.Get(t.call.Inbound.Body, "input")
	if !ok || rawjson.KindOf(input) != rawjson.KindArray || responses.Foldable(input)*worthFolding < len(input) {
		return
	}
	req, err := responses.Client{}.DecodeRequest(t.call.Inbound, nil)
	if err != nil || relay.EstimateInput(req) < t.ask.Threshold {
		return // what is wrong the relay will tell
	}
	alive := t.stayAlive(w, stream)
	summed := t.sumUp(ctx, input)
	t.call.Opened = alive.stop() // before opening changes what the writer does
	summary := responses.OutputText(summed.body.Bytes())
	if summed.status != http.StatusOK || summary == "" {
		t.ledger.opts.Log.Warn("a conversation could not be compacted", "request_id", t.call.RequestID, "status", summed.status)
		return
	}
	item := responses.CompactionItem(summary, wire.Mint)
	t.opening = &opening{item: item}
	folded := responses.Fold(responses.Join([][]byte{input, array(item)}))
	t.call.Inbound.Body = responses.Edit{Input: folded}.Apply(t.call.Inbound.Body)
}

func array(item []byte) []byte { return append(append([]byte{'['}, item...), ']') }

// sumUp asks for a summary of the items of an input. The call stands in the
// records by itself.
func (t *turn) sumUp(ctx context.Context, input []byte) *capture {
	call := t.call
	call.RequestID += "_sum"
	call.Inbound.Body = responses.CompactRequest(t.body, input)
	c := &capture{header: http.Header{}}
	t.ledger.opts.Relay.Serve(ctx, c, call)
	return c
}

// compact answers a request whose last item asks for a compaction: that is the
// output.
func (t *turn) compact(ctx context.Context, w http.ResponseWriter, stream bool) {
	input, _ := rawjson.Get(t.call.Inbound.Body, "input")
	alive := t.stayAlive(w, stream)
	summed := t.sumUp(ctx, responses.WithoutTrigger(input))
	opened := alive.stop()
	if summed.status == 0 {
		return // the client left
	}
	summary := responses.OutputText(summed.body.Bytes())
	if summed.status != http.StatusOK || summary == "" {
		status, body := summed.status, summed.body.Bytes()
		if status == http.StatusOK {
			status, body = responses.Client{}.EncodeError(errNoSummary(), t.call.RequestID)
		}
		if opened {
			send(w, responses.ErrorEvent(body))
			return
		}
		if wait := summed.header.Get("Retry-After"); wait != "" {
			w.Header().Set("Retry-After", wait)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write(body) // a client that left
		return
	}
	id := responses.NewResponseID(wire.Mint)
	empty := func(status string) []byte {
		return responses.EmptyResponse(t.body, id, t.start.Unix(), status)
	}
	item := responses.CompactionItem(summary, wire.Mint)
	usage, _ := rawjson.Get(summed.body.Bytes(), "usage")
	whole := responses.CompactionResponse(empty(responses.StatusCompleted), item, usage)
	if !stream {
		writeJSON(w, whole)
		return
	}
	if !opened {
		startStream(w)
	}
	begun := empty(responses.StatusInProgress)
	var out []byte
	for n, kind := range [...]string{"response.created", "response.in_progress"} {
		out = sse.AppendEvent(out, kind, responses.Numbered(responses.EventOf(kind, begun), n))
	}
	out = appendCompaction(out, item, 2)
	const last = "response.completed"
	out = sse.AppendEvent(out, last, responses.Numbered(responses.EventOf(last, whole), 2+responses.CompactionEvents))
	_, _ = w.Write(out) // a client that left
}

func errNoSummary() *fault.Error {
	return fault.New(fault.UpstreamProtocol, "the provider gave no summary of the conversation").WithCode("no_summary")
}

func appendCompaction(dst, item []byte, sequence int64) []byte {
	for i, kind := range responses.CompactionKinds() {
		dst = sse.AppendEvent(dst, kind, responses.CompactionEvent(kind, item, sequence+int64(i)))
	}
	return dst
}

// opening puts the compaction that came before an answer in front of it.
type opening struct {
	item  []byte
	shown bool
}

// stream gives the frames of a part of a stream with the compaction among them.
// A nil opening gives frames back.
func (o *opening) stream(frames []byte) []byte {
	if o == nil {
		return frames
	}
	scan := sse.NewScanner(bytes.NewReader(frames), len(frames)+1)
	defer scan.Release()
	var out []byte
	for {
		f, err := scan.Next()
		if err != nil {
			return out // the end of frames
		}
		kind := eventType(&f)
		holds, last := responses.HoldsResponse(kind)
		switch {
		case len(f.Data) == 0 || kind == "error":
			out = append(out, f.Raw...)
			continue
		case !o.shown && holds && !last: // created, in_progress
			out = append(out, f.Raw...)
			continue
		case !o.shown:
			o.shown = true
			out = appendCompaction(out, o.item, responses.Sequence(f.Data))
		}
		out = sse.AppendEvent(out, f.Event, responses.Behind(f.Data, o.item))
	}
}

// whole is stream for an answer that is no stream.
func (o *opening) whole(response []byte) []byte {
	if o == nil {
		return response
	}
	return responses.WithFirst(response, o.item)
}
