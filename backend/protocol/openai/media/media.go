// Package media holds OpenAI's operations on pictures and sound, of the
// client's side: images/generations, images/edits, audio/transcriptions and
// audio/speech. An upstream that has the operation gets the client's own
// bytes. For a model that draws, hears or speaks in conversation, each becomes
// a request to converse, and the reply the operation's answer.
//
// What the answer must know of the request stands in Request.Echo, as the
// members of the request.
package media

import (
	"strconv"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/openai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// formOperation is what the operations share whose body is a form.
type formOperation struct{ openai.JSONOperation }

// Ask implements protocol.Operation.
func (o formOperation) Ask(in protocol.Inbound) (protocol.Asked, error) {
	contentType := in.Header.Get("Content-Type")
	if !wire.IsForm(contentType) {
		return o.JSONOperation.Ask(in)
	}
	form, err := wire.ParseForm(contentType, in.Body)
	if err != nil {
		return protocol.Asked{}, err
	}
	var a protocol.Asked
	if p, ok := form.Get("model"); ok {
		a.Model = p.Text()
	}
	if a.Model == "" {
		return a, wire.Explain(wire.Missing("model"))
	}
	if p, ok := form.Get("stream"); ok {
		if a.Stream, err = boolean(p.Text()); err != nil {
			return a, wire.Explain(wire.At("stream", err))
		}
	}
	return a, nil
}

// WithModel implements protocol.Operation.
func (o formOperation) WithModel(in protocol.Inbound, model string) ([]byte, error) {
	contentType := in.Header.Get("Content-Type")
	if !wire.IsForm(contentType) {
		return o.JSONOperation.WithModel(in, model)
	}
	form, err := wire.ParseForm(contentType, in.Body)
	if err != nil {
		return nil, err
	}
	return form.With("model", model), nil
}

func boolean(text string) (bool, error) {
	switch text {
	case "true", "True", "1": // Python clients send the second
		return true, nil
	case "false", "False", "0", "":
		return false, nil
	}
	return false, fault.Invalid("", "expected true or false")
}

func integer(text string, low, high int64) (*int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return nil, fault.Invalid("", "expected an integer from %d to %d", low, high)
	}
	return &n, nil
}

func number(text string, low, high float64) (llm.Number, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= low && f <= high) || rawjson.Check([]byte(text), 1) != nil {
		return "", fault.Invalid("", "expected a number from %g to %g", low, high)
	}
	return llm.Number(text), nil
}

func word(text string, allowed ...string) error {
	for _, a := range allowed {
		if text == a {
			return nil
		}
	}
	return wire.Unknown(text, allowed...)
}

// scalar gives the text of a JSON member that is no list and no object, as a
// field of a form has it.
func scalar(raw []byte) (string, error) {
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		var s string
		err := wire.Str(raw, &s)
		return s, err
	case rawjson.KindNumber, rawjson.KindBool:
		return string(raw), nil
	}
	return "", wire.Wrong("a string, a number or a boolean", raw)
}

// echoed reads a member of what DecodeRequest noted for the answer.
func echoed(reply protocol.Reply, key string) string {
	if reply.Request == nil {
		return ""
	}
	raw, _ := rawjson.Get(reply.Request.Echo, key)
	s, err := rawjson.String(raw)
	if err != nil {
		return ""
	}
	return s
}

// note writes such a member.
func note(req *llm.Request, key, value string) {
	var w rawjson.Writer
	w.Str(value)
	if out, err := rawjson.Set(echoOr(req.Echo), w.Bytes(), key); err == nil {
		req.Echo = out
	}
}

func echoOr(echo []byte) []byte {
	if echo == nil {
		return []byte("{}")
	}
	return echo
}

// writeUsage writes the counts as these operations have them.
func writeUsage(w *rawjson.Writer, u *llm.Usage, kind string) {
	if u == nil {
		return
	}
	w.Key("usage")
	w.Obj()
	if kind != "" {
		w.StrField("type", kind)
	}
	in, out := u.TotalInput(), u.TotalOutput()
	w.IntField("input_tokens", in)
	w.IntField("output_tokens", out)
	w.IntField("total_tokens", in+out)
	w.End()
}

// unsaid is the error of a reply without what was asked for: the model's own
// reason to say nothing, as far as it told one.
func unsaid(resp *llm.Response, what string) error {
	for i := range resp.Choices {
		switch resp.Choices[i].Close.Reason {
		case llm.ReasonFilter, llm.ReasonRecitation:
			return fault.Invalid("", "The provider's safety system refused to answer with %s.", what).WithCode("moderation_blocked")
		}
	}
	return fault.New(fault.UpstreamInvalid, "The model answered without "+what+".").WithCode("no_output")
}
