package openai

import (
	"unicode/utf8"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// EncodeResponse implements protocol.Client.
func (Completions) EncodeResponse(resp *llm.Response, reply protocol.Reply, losses *llm.Losses) ([]byte, error) {
	w := rawjson.NewWriter(1024)
	w.Obj()
	writeHead(w, "text_completion", completionID(reply), reply.Model, reply.Created.Unix())
	w.Key("choices")
	w.Arr()
	for i := range resp.Choices {
		c := &resp.Choices[i]
		text := wire.Text{}
		text.Add(echoOf(reply.Request, i, len(resp.Choices)))
		for j := range c.Parts {
			switch p := &c.Parts[j]; p.Kind {
			case llm.KindText:
				text.Add(p.Text)
			case llm.KindReasoning: // not asked for
			default:
				losses.Drop("completion.part", "", string(p.Kind))
			}
		}
		writeTextChoice(w, i, text.String(), c.Logprobs, 0, finishReason(c.Close.Reason, false))
	}
	w.EndArr()
	if resp.Usage != nil {
		w.Key("usage")
		writeUsage(w, resp.Usage)
	}
	w.End()
	return w.Bytes(), nil
}

func writeTextChoice(w *rawjson.Writer, index int, text string, probs []llm.TokenLogprob, offset int, finish string) {
	if finish == "tool_calls" { // nothing is called here
		finish = "stop"
	}
	w.Obj()
	w.StrField("text", text)
	w.IntField("index", int64(index))
	w.Key("logprobs")
	writeOldLogprobs(w, probs, offset)
	wire.StrOrNull(w, "finish_reason", finish)
	w.End()
}

// writeOldLogprobs writes probabilities as completions have them: lists side by
// side, and where in the text each token stands.
func writeOldLogprobs(w *rawjson.Writer, probs []llm.TokenLogprob, offset int) {
	if len(probs) == 0 {
		w.Null()
		return
	}
	number := func(n llm.Number) {
		if n == "" {
			w.Int(unlikely)
			return
		}
		w.Raw([]byte(n))
	}
	w.Obj()
	w.Key("tokens")
	w.Arr()
	for i := range probs {
		w.Str(probs[i].Token)
	}
	w.EndArr()
	w.Key("token_logprobs")
	w.Arr()
	for i := range probs {
		number(probs[i].Logprob)
	}
	w.EndArr()
	w.Key("top_logprobs")
	w.Arr()
	for i := range probs {
		w.Obj()
		for _, top := range probs[i].Top {
			w.Key(top.Token)
			number(top.Logprob)
		}
		w.End()
	}
	w.EndArr()
	w.Key("text_offset")
	w.Arr()
	for i := range probs {
		w.Int(int64(offset))
		offset += utf8.RuneCountInString(probs[i].Token)
	}
	w.EndArr()
	w.End()
}

// NewStreamEncoder implements protocol.Client.
func (Completions) NewStreamEncoder(reply protocol.Reply, losses *llm.Losses) protocol.StreamEncoder {
	inner := &streamEncoder{
		id: completionID(reply), model: reply.Model, created: reply.Created.Unix(),
		usage: reply.Request != nil && reply.Request.StreamUsage,
	}
	return &completionEncoder{streamEncoder: inner, req: reply.Request, losses: losses}
}

// completionEncoder streams choices of text; the frames around them are those
// of the chat protocol.
type completionEncoder struct {
	*streamEncoder
	req     *llm.Request
	losses  *llm.Losses
	meter   *llm.Usage
	choices []textChoice
}

type textChoice struct {
	text   map[int]bool // parts that are shown
	offset int          // runes so far
	begun  bool
}

func (e *completionEncoder) choice(i int) *textChoice {
	for len(e.choices) <= i {
		e.choices = append(e.choices, textChoice{text: map[int]bool{}})
	}
	return &e.choices[i]
}

// Encode implements protocol.StreamEncoder.
func (e *completionEncoder) Encode(dst []byte, ev llm.Event) ([]byte, error) {
	switch ev.Kind {
	case llm.EventMeter:
		e.meter = ev.Usage
	case llm.EventPartOpen:
		switch c := e.choice(ev.Choice); ev.Part.Kind {
		case llm.KindText:
			c.text[ev.Index] = true
			if ev.Part.Text != "" {
				return e.say(dst, ev.Choice, ev.Part.Text, nil), nil
			}
		case llm.KindReasoning:
		default:
			e.losses.Drop("completion.part", "", string(ev.Part.Kind))
		}
	case llm.EventDelta:
		if e.choice(ev.Choice).text[ev.Index] && (ev.Text != "" || len(ev.Logprobs) > 0) {
			return e.say(dst, ev.Choice, ev.Text, ev.Logprobs), nil
		}
	case llm.EventClose:
		reason := llm.ReasonEnd
		if ev.Close != nil {
			reason = ev.Close.Reason
		}
		return e.chunk(e.begin(dst, ev.Choice), ev.Choice, "", ev.Logprobs, finishReason(reason, false)), nil
	}
	return dst, nil
}

// begin shows the prompt, if it was asked for.
func (e *completionEncoder) begin(dst []byte, i int) []byte {
	c := e.choice(i)
	if c.begun {
		return dst
	}
	c.begun = true
	if prompt := echoOf(e.req, 0, 1); prompt != "" {
		return e.chunk(dst, i, prompt, nil, "")
	}
	return dst
}

func (e *completionEncoder) say(dst []byte, i int, text string, probs []llm.TokenLogprob) []byte {
	return e.chunk(e.begin(dst, i), i, text, probs, "")
}

func (e *completionEncoder) chunk(dst []byte, i int, text string, probs []llm.TokenLogprob, finish string) []byte {
	c := e.choice(i)
	w := e.head()
	w.Key("choices")
	w.Arr()
	writeTextChoice(w, i, text, probs, c.offset, finish)
	w.EndArr()
	if e.usage {
		w.Key("usage")
		w.Null()
	}
	w.End()
	c.offset += utf8.RuneCountInString(text)
	return sse.AppendData(dst, w.Bytes())
}

func (e *completionEncoder) head() *rawjson.Writer {
	e.w.Reset()
	e.w.Obj()
	writeHead(&e.w, "text_completion", e.id, e.model, e.created)
	return &e.w
}

// End implements protocol.StreamEncoder.
func (e *completionEncoder) End(dst []byte) []byte {
	if e.usage && e.meter != nil {
		w := e.head()
		w.Key("choices")
		w.Arr()
		w.EndArr()
		w.Key("usage")
		writeUsage(w, e.meter)
		w.End()
		dst = sse.AppendData(dst, w.Bytes())
	}
	return appendDone(dst)
}
