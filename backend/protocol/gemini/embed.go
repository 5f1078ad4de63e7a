package gemini

import (
	"encoding/json"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
	"antigravity-tools/backend/sse"
)

// Embeddings is embedContent (the zero value) and batchEmbedContents (Batch),
// of the client's side; the upstream is always asked for a batch.
type Embeddings struct {
	Client
	Batch bool
}

var (
	_ protocol.EmbedClient   = Embeddings{}
	_ protocol.EmbedUpstream = Embeddings{}
)

// maxInputs is the service's bound on the requests of a batch.
const maxInputs = 100

// MaxInputs implements protocol.EmbedUpstream.
func (Embeddings) MaxInputs() int { return maxInputs }

// Ask implements protocol.Operation: the path names the model.
func (Embeddings) Ask(in protocol.Inbound) (protocol.Asked, error) {
	return protocol.Asked{Model: BareModel(in.Model)}, nil
}

// WithModel implements protocol.Operation. The path names the model; the body
// may repeat it, and then has to name the same.
func (e Embeddings) WithModel(in protocol.Inbound, model string) ([]byte, error) {
	var name rawjson.Writer
	name.Str("models/" + BareModel(model))
	if !e.Batch {
		return renamed(in.Body, name.Bytes())
	}
	list, ok := rawjson.Get(in.Body, "requests")
	if !ok {
		return in.Body, nil
	}
	w := rawjson.NewWriter(len(list) + 256)
	w.Arr()
	for item := range rawjson.Items(list) {
		out, err := renamed(item, name.Bytes())
		if err != nil {
			return nil, err
		}
		w.Raw(out)
	}
	w.EndArr()
	return rawjson.Set(in.Body, w.Bytes(), "requests")
}

func renamed(body, name []byte) ([]byte, error) {
	if _, ok := rawjson.Get(body, "model"); !ok {
		return body, nil
	}
	out, err := rawjson.Set(body, name, "model")
	if err != nil {
		return nil, fault.Invalid("model", "expected an object")
	}
	return out, nil
}

// NewObserver implements protocol.Operation.
func (Embeddings) NewObserver() protocol.Observer { return &embedObserver{} }

type embedObserver struct{ seen protocol.Seen }

func (o *embedObserver) Seen() protocol.Seen   { return o.seen }
func (o *embedObserver) Frame(sse.Frame) error { return nil } // vectors are never streamed
func (o *embedObserver) Body(body []byte) error {
	o.seen.Started, o.seen.Complete = true, true
	if rawjson.Check(body, maxDepth) != nil {
		return malformed("the upstream's vectors are not JSON", nil)
	}
	o.seen.Usage = embedUsage(body)
	return nil
}

// embedUsage reads what newer models say; older ones say nothing.
func embedUsage(body []byte) *llm.Usage {
	raw, ok := rawjson.Get(body, "usageMetadata")
	if !ok {
		return nil
	}
	usage, _, err := decodeUsage(raw)
	if err != nil {
		return nil
	}
	return usage
}

// DecodeEmbed implements protocol.EmbedClient.
func (e Embeddings) DecodeEmbed(in protocol.Inbound, losses *llm.Losses) (*llm.EmbedRequest, error) {
	req := &llm.EmbedRequest{Model: BareModel(in.Model)}
	if !e.Batch {
		err := decodeEmbed(in.Body, req, losses)
		return req, wire.Explain(err)
	}
	found := false
	for key, v := range rawjson.Members(in.Body) {
		if key != "requests" {
			losses.Drop("option", key, "")
			continue
		}
		found = true
		err := eachItem(key, v, func(i int, item []byte) error {
			if i == maxInputs {
				return fault.Invalid("", "at most %d requests can be in one batch", maxInputs)
			}
			return decodeEmbed(item, req, losses)
		})
		if err != nil {
			return nil, wire.Explain(err)
		}
	}
	if !found || len(req.Inputs) == 0 {
		return nil, wire.Explain(fault.Invalid("requests", "the batch has no requests"))
	}
	return req, nil
}

// decodeEmbed adds one EmbedContentRequest.
func decodeEmbed(raw []byte, req *llm.EmbedRequest, losses *llm.Losses) error {
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return err
	}
	var in llm.EmbedInput
	content := false
	var dimensions *int64
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "content":
			content = true
			in.Text, err = embedText(key, v)
		case "taskType":
			err = readStr(&in.Task, key, v)
		case "title":
			err = readStr(&in.Title, key, v)
		case "outputDimensionality":
			var n int64
			if err = readInt(&n, key, v); err == nil && n != 0 {
				dimensions = &n
			}
		case "model":
		default:
			losses.Drop("option", key, "")
		}
		if err != nil {
			return err
		}
	}
	if !content {
		return fault.Invalid("content", "this field is required")
	}
	if len(req.Inputs) > 0 && !sameInt(req.Dimensions, dimensions) {
		return fault.Invalid("outputDimensionality", "this model makes all vectors of a request of one size").WithCode("embed.dimensions")
	}
	req.Dimensions = dimensions
	req.Inputs = append(req.Inputs, in)
	return nil
}

func sameInt(a, b *int64) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// embedText joins the texts of a content; other parts have no form with a
// model of another protocol.
func embedText(key string, raw []byte) (string, error) {
	turn, err := decodeContent(raw)
	if err != nil {
		return "", within(err, key)
	}
	var texts []string
	for i := range turn.Parts {
		if turn.Parts[i].Kind != llm.KindText {
			return "", refuse("media.kind", key+".parts"+index(i), "this model makes embeddings of texts only")
		}
		texts = append(texts, turn.Parts[i].Text)
	}
	text := strings.Join(texts, "\n")
	if text == "" {
		return "", fault.Invalid(key, "the content holds no text")
	}
	return text, nil
}

// EncodeEmbed implements protocol.EmbedClient.
func (e Embeddings) EncodeEmbed(resp *llm.EmbedResponse, _ *llm.EmbedRequest, _ protocol.Reply) ([]byte, error) {
	w := rawjson.NewWriter(1024)
	w.Obj()
	if e.Batch {
		w.Key("embeddings")
		w.Arr()
	}
	for _, v := range resp.Vectors {
		if !e.Batch {
			w.Key("embedding")
		}
		w.Obj()
		w.RawField("values", v)
		w.End()
	}
	if e.Batch {
		w.EndArr()
	}
	if resp.Usage != nil {
		w.Key("usageMetadata")
		w.Obj()
		w.IntField("promptTokenCount", resp.Usage.TotalInput())
		w.End()
	}
	w.End()
	return w.Bytes(), nil
}

// EncodeEmbedRequest implements protocol.EmbedUpstream, as batchEmbedContents.
func (Embeddings) EncodeEmbedRequest(req *llm.EmbedRequest, target protocol.Target, losses *llm.Losses) ([]byte, error) {
	if req.EndUser != "" {
		losses.Drop("user", "user", "")
	}
	w := rawjson.NewWriter(1024)
	w.Obj()
	w.Key("requests")
	w.Arr()
	for i := range req.Inputs {
		in := &req.Inputs[i]
		if in.Tokens != nil {
			return nil, refuseTokens()
		}
		w.Obj()
		w.StrField("model", "models/"+BareModel(target.Model))
		w.Key("content")
		w.Obj()
		w.Key("parts")
		w.Arr()
		w.Obj()
		w.StrField("text", in.Text)
		w.End()
		w.EndArr()
		w.End()
		embedOptions(w, in, req.Dimensions)
		w.End()
	}
	w.EndArr()
	w.End()
	return w.Bytes(), nil
}

// embedOptions writes what a vector is for and how long it is to be.
func embedOptions(w *rawjson.Writer, in *llm.EmbedInput, dimensions *int64) {
	if in.Task != "" {
		w.StrField("taskType", in.Task)
	}
	if in.Title != "" {
		w.StrField("title", in.Title)
	}
	if dimensions != nil {
		w.IntField("outputDimensionality", *dimensions)
	}
}

// DecodeEmbedResponse implements protocol.EmbedUpstream.
func (Embeddings) DecodeEmbedResponse(body []byte, n int) (*llm.EmbedResponse, error) {
	if err := rawjson.Check(body, maxDepth); err != nil {
		return nil, malformed("the upstream's vectors are not JSON", err)
	}
	resp := &llm.EmbedResponse{Vectors: make([]json.RawMessage, 0, n), Usage: embedUsage(body)}
	for item := range rawjson.Items(member(body, "embeddings")) {
		if err := addVector(resp, item); err != nil {
			return nil, err
		}
	}
	return resp, countVectors(resp, n)
}
