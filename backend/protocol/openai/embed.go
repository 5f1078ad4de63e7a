package openai

import (
	"encoding/json"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// Embeddings is POST /v1/embeddings, of the client's and of the upstream's
// side.
type Embeddings struct{ JSONOperation }

var (
	_ protocol.EmbedClient   = Embeddings{}
	_ protocol.EmbedUpstream = Embeddings{}
)

// Ask implements protocol.Operation: vectors are never streamed.
func (e Embeddings) Ask(in protocol.Inbound) (protocol.Asked, error) {
	asked, err := e.JSONOperation.Ask(in)
	asked.Stream = false
	return asked, err
}

// maxInputs is OpenAI's own bound on the texts of one request.
const maxInputs = 2048

// MaxInputs implements protocol.EmbedUpstream.
func (Embeddings) MaxInputs() int { return maxInputs }

// DecodeEmbed implements protocol.EmbedClient.
func (Embeddings) DecodeEmbed(in protocol.Inbound, losses *llm.Losses) (*llm.EmbedRequest, error) {
	req := &llm.EmbedRequest{}
	err := wire.Members(in.Body, func(key string, raw []byte) error {
		switch key {
		case "model":
			return wire.Str(raw, &req.Model)
		case "input":
			return embedInputs(raw, req)
		case "dimensions":
			return wire.Int(raw, 1, &req.Dimensions)
		case "encoding_format":
			var form string
			err := wire.Word(raw, &form, "float", "base64")
			req.Base64 = form == "base64"
			return err
		case "user":
			return wire.Str(raw, &req.EndUser)
		}
		losses.Drop("option", key, "")
		return nil
	})
	if err == nil && len(req.Inputs) == 0 {
		err = wire.Missing("input")
	}
	return req, wire.Explain(err)
}

// embedInputs reads a text, texts, the tokens of a text or those of several.
func embedInputs(raw []byte, req *llm.EmbedRequest) error {
	if rawjson.KindOf(raw) == rawjson.KindString {
		req.Inputs = make([]llm.EmbedInput, 1)
		return embedText(raw, &req.Inputs[0])
	}
	first := rawjson.KindInvalid
	for item := range rawjson.Items(raw) {
		first = rawjson.KindOf(item)
		break
	}
	switch {
	case rawjson.KindOf(raw) != rawjson.KindArray:
		return wire.Wrong("a string, an array of strings or an array of tokens", raw)
	case first == rawjson.KindInvalid:
		return fault.Invalid("", "expected at least one text")
	case first == rawjson.KindNumber:
		req.Inputs = []llm.EmbedInput{{Tokens: raw}}
		return checkTokens(raw)
	}
	return wire.Each(raw, func(i int, item []byte) error {
		if i == maxInputs {
			return fault.Invalid("", "a request may hold at most %d texts", maxInputs)
		}
		var in llm.EmbedInput
		var err error
		if first == rawjson.KindArray {
			in.Tokens = item
			err = checkTokens(item)
		} else {
			err = embedText(item, &in)
		}
		req.Inputs = append(req.Inputs, in)
		return err
	})
}

func embedText(raw []byte, in *llm.EmbedInput) error {
	if err := wire.Str(raw, &in.Text); err != nil {
		return err
	}
	if in.Text == "" {
		return fault.Invalid("", "expected a text that is not empty")
	}
	return nil
}

func checkTokens(raw []byte) error {
	n := 0
	err := wire.Each(raw, func(_ int, item []byte) error {
		n++
		var token *int64
		return wire.Int(item, 0, &token)
	})
	if err == nil && n == 0 {
		err = fault.Invalid("", "expected at least one token")
	}
	return err
}

// EncodeEmbed implements protocol.EmbedClient.
func (Embeddings) EncodeEmbed(resp *llm.EmbedResponse, req *llm.EmbedRequest, reply protocol.Reply) ([]byte, error) {
	size := 512
	for _, v := range resp.Vectors {
		size += len(v) + 64
	}
	w := rawjson.NewWriter(size)
	w.Obj()
	w.StrField("object", "list")
	w.Key("data")
	w.Arr()
	for i, v := range resp.Vectors {
		w.Obj()
		w.StrField("object", "embedding")
		w.IntField("index", int64(i))
		if req.Base64 {
			data, err := wire.VectorToBase64(v)
			if err != nil {
				return nil, wire.Malformed("", "the upstream's vectors cannot be read", err)
			}
			w.StrField("embedding", data)
		} else {
			w.RawField("embedding", v)
		}
		w.End()
	}
	w.EndArr()
	w.StrField("model", reply.Model)
	w.Key("usage")
	w.Obj()
	var used int64
	if resp.Usage != nil {
		used = resp.Usage.TotalInput()
	}
	w.IntField("prompt_tokens", used)
	w.IntField("total_tokens", used)
	w.End()
	w.End()
	return w.Bytes(), nil
}

// EncodeEmbedRequest implements protocol.EmbedUpstream. Numbers are asked for
// as such: some compatible servers know no other form.
func (Embeddings) EncodeEmbedRequest(req *llm.EmbedRequest, target protocol.Target, losses *llm.Losses) ([]byte, error) {
	w := rawjson.NewWriter(1024)
	w.Obj()
	w.StrField("model", target.Model)
	w.Key("input")
	w.Arr()
	for i := range req.Inputs {
		in := &req.Inputs[i]
		if in.Task != "" {
			losses.Drop("embed.task", "taskType", in.Task)
		}
		if in.Title != "" {
			losses.Drop("embed.title", "title", "")
		}
		if in.Tokens != nil {
			w.Raw(in.Tokens)
		} else {
			w.Str(in.Text)
		}
	}
	w.EndArr()
	if req.Dimensions != nil {
		w.IntField("dimensions", *req.Dimensions)
	}
	w.StrField("encoding_format", "float")
	if req.EndUser != "" {
		w.StrField("user", req.EndUser)
	}
	w.End()
	return w.Bytes(), nil
}

// DecodeEmbedResponse implements protocol.EmbedUpstream.
func (Embeddings) DecodeEmbedResponse(body []byte, n int) (*llm.EmbedResponse, error) {
	if err := rawjson.Check(body, wire.MaxDepth); err != nil {
		return nil, wire.Malformed(upstreamName, "the upstream's vectors are not JSON", err)
	}
	if err := streamFault(body); err != nil {
		return nil, err
	}
	resp := &llm.EmbedResponse{Vectors: make([]json.RawMessage, n)}
	list, _ := rawjson.Get(body, "data")
	at, have := 0, 0
	for item := range rawjson.Items(list) {
		i := at
		at++
		if raw, ok := rawjson.Get(item, "index"); ok {
			if v, err := rawjson.Int(raw); err == nil {
				i = int(v)
			}
		}
		vector, err := readVector(item)
		if err != nil || i < 0 || i >= n || resp.Vectors[i] != nil {
			return nil, wire.Malformed(upstreamName, "the upstream's vectors cannot be read", err)
		}
		resp.Vectors[i] = vector
		have++
	}
	if have != n {
		return nil, wire.Malformed(upstreamName, "the upstream answered with another number of vectors than asked for", nil)
	}
	var o OperationObserver
	o.usage(body)
	resp.Usage = o.seen.Usage
	return resp, nil
}

// readVector takes either form: some servers answer in base64 unasked.
func readVector(item []byte) (json.RawMessage, error) {
	raw, _ := rawjson.Get(item, "embedding")
	if rawjson.KindOf(raw) == rawjson.KindString {
		data, err := rawjson.String(raw)
		if err != nil {
			return nil, err
		}
		return wire.VectorFromBase64(data)
	}
	return raw, wire.CheckVector(raw)
}
