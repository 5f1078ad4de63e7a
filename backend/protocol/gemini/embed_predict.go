package gemini

import (
	"encoding/json"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// VertexEmbeddings is how Vertex AI makes embeddings, of the upstream's side:
// predict, or embedContent for the models that came after gemini-embedding-001
// (genai v1.77.0, embedContentParametersPrivateToVertex). Neither is what a
// client of Gemini's protocol sends.
type VertexEmbeddings struct {
	// Content: the model has embedContent, which takes one text.
	Content bool
	// Inputs is how many texts the model takes at once.
	Inputs int
}

var _ protocol.EmbedUpstream = VertexEmbeddings{}

// Name implements protocol.EmbedUpstream: no client speaks it.
func (VertexEmbeddings) Name() llm.Protocol { return "" }

// MaxInputs implements protocol.EmbedUpstream.
func (v VertexEmbeddings) MaxInputs() int { return v.Inputs }

// EncodeEmbedRequest implements protocol.EmbedUpstream.
func (v VertexEmbeddings) EncodeEmbedRequest(req *llm.EmbedRequest, _ protocol.Target, losses *llm.Losses) ([]byte, error) {
	if req.EndUser != "" {
		losses.Drop("user", "user", "")
	}
	for i := range req.Inputs {
		if req.Inputs[i].Tokens != nil {
			return nil, refuseTokens()
		}
	}
	w := rawjson.NewWriter(1024)
	w.Obj()
	if v.Content {
		v.content(w, req)
	} else {
		v.instances(w, req)
	}
	w.End()
	return w.Bytes(), nil
}

func (VertexEmbeddings) instances(w *rawjson.Writer, req *llm.EmbedRequest) {
	w.Key("instances")
	w.Arr()
	for i := range req.Inputs {
		in := &req.Inputs[i]
		w.Obj()
		w.StrField("content", in.Text)
		if in.Task != "" {
			w.StrField("task_type", in.Task)
		}
		if in.Title != "" {
			w.StrField("title", in.Title)
		}
		w.End()
	}
	w.EndArr()
	if req.Dimensions != nil {
		w.Key("parameters")
		w.Obj()
		w.IntField("outputDimensionality", *req.Dimensions)
		w.End()
	}
}

// content writes the one text that MaxInputs lets through.
func (VertexEmbeddings) content(w *rawjson.Writer, req *llm.EmbedRequest) {
	in := &req.Inputs[0]
	w.Key("content")
	w.Obj()
	w.Key("parts")
	w.Arr()
	w.Obj()
	w.StrField("text", in.Text)
	w.End()
	w.EndArr()
	w.End()
	if in.Task == "" && in.Title == "" && req.Dimensions == nil {
		return
	}
	w.Key("embedContentConfig")
	w.Obj()
	embedOptions(w, in, req.Dimensions)
	w.End()
}

// DecodeEmbedResponse implements protocol.EmbedUpstream.
func (v VertexEmbeddings) DecodeEmbedResponse(body []byte, n int) (*llm.EmbedResponse, error) {
	if err := rawjson.Check(body, maxDepth); err != nil {
		return nil, malformed("the upstream's vectors are not JSON", err)
	}
	resp := &llm.EmbedResponse{Vectors: make([]json.RawMessage, 0, n)}
	if v.Content {
		resp.Usage = embedUsage(body)
		if err := addVector(resp, member(body, "embedding")); err != nil {
			return nil, err
		}
		return resp, countVectors(resp, n)
	}
	used, counted := int64(0), true
	for item := range rawjson.Items(member(body, "predictions")) {
		e := member(item, "embeddings")
		if err := addVector(resp, e); err != nil {
			return nil, err
		}
		tokens, err := rawjson.Int(member(member(e, "statistics"), "token_count"))
		used, counted = used+tokens, counted && err == nil
	}
	if counted {
		resp.Usage = &llm.Usage{Input: floor(used)}
	}
	return resp, countVectors(resp, n)
}

// addVector takes the values of one embedding.
func addVector(resp *llm.EmbedResponse, embedding []byte) error {
	values := member(embedding, "values")
	if err := wire.CheckVector(values); err != nil {
		return malformed("the upstream's vectors cannot be read", err)
	}
	resp.Vectors = append(resp.Vectors, values)
	return nil
}

func countVectors(resp *llm.EmbedResponse, n int) error {
	if len(resp.Vectors) != n {
		return malformed("the upstream answered with another number of vectors than asked for", nil)
	}
	return nil
}

func refuseTokens() error {
	return refuse("embed.tokens", "input", "token numbers belong to another model's tokenizer: send the text itself")
}
