package fakevertex

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"antigravity-tools/test/fakegemini"
)

// Models of predict and embedContent beside conversation.
const (
	Embedder    = "text-embedding-005"
	OneEmbedder = "gemini-embedding-001" // takes one text at a time
	NewEmbedder = "gemini-embedding-2"   // has embedContent
)

// predictModels are on the shelf with the models that converse.
func predictModels() []string {
	return []string{fakegemini.Painter, Embedder, OneEmbedder, NewEmbedder}
}

// Vector is the start of what the fake makes of its ith text.
func Vector(i int) []float64 { return []float64{0.5, -0.25, float64(i)} }

// predict answers the methods of models that know no conversation (sdk:
// embedContentParametersPrivateToVertex, generateImages…ToVertex).
func predict(x *fakegemini.Exchange, model, op string) {
	var out []byte
	var refused *fakegemini.Error
	switch {
	case model == fakegemini.Painter && op == "predict":
		out, refused = fakegemini.Predict(x.Body)
	case (model == Embedder || model == OneEmbedder) && op == "predict":
		out, refused = instances(model, x.Body)
	case model == NewEmbedder && op == "embedContent":
		out, refused = content(x.Body)
	default:
		refused = &fakegemini.Error{Code: 400, Status: "FAILED_PRECONDITION", Message: "The model " + model + " does not support " + op + "."}
	}
	if refused != nil {
		x.Refuse("predict", refused)
		return
	}
	x.JSON(http.StatusOK, json.RawMessage(out))
}

func strict(body []byte, into any) *fakegemini.Error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fakegemini.Invalid("Invalid JSON payload received. %s", err)
	}
	return nil
}

type statistics struct {
	Tokens    int  `json:"token_count"`
	Truncated bool `json:"truncated"`
}

type embedding struct {
	Values     []float64   `json:"values"`
	Statistics *statistics `json:"statistics,omitempty"`
}

// sized is a vector of the length asked for; 0: not asked.
func sized(i, size int) []float64 {
	v := Vector(i)
	if size == 0 {
		return v
	}
	return append(v, make([]float64, 768)...)[:size]
}

// instances: at most 250 texts, one for OneEmbedder ("Get text embeddings").
func instances(model string, body []byte) ([]byte, *fakegemini.Error) {
	var req struct {
		Instances []struct {
			Content string `json:"content"`
			Task    string `json:"task_type"`
			Title   string `json:"title"`
		} `json:"instances"`
		Parameters struct {
			Size         int   `json:"outputDimensionality"`
			AutoTruncate *bool `json:"autoTruncate"`
		} `json:"parameters"`
	}
	if e := strict(body, &req); e != nil {
		return nil, e
	}
	most := 250
	if model == OneEmbedder {
		most = 1
	}
	if len(req.Instances) == 0 || len(req.Instances) > most {
		return nil, fakegemini.Invalid("%d instance(s) is allowed per prediction. Actual: %d", most, len(req.Instances))
	}
	type prediction struct {
		Embeddings embedding `json:"embeddings"`
	}
	var out struct {
		Predictions []prediction `json:"predictions"`
	}
	for i, in := range req.Instances {
		if in.Content == "" {
			return nil, fakegemini.Invalid("The text content is empty.")
		}
		out.Predictions = append(out.Predictions, prediction{embedding{sized(i, req.Parameters.Size), &statistics{Tokens: len(strings.Fields(in.Content))}}})
	}
	return encode(out), nil
}

func content(body []byte) ([]byte, *fakegemini.Error) {
	var req struct {
		Content struct {
			Role  string `json:"role"`
			Parts []struct {
				Text string `json:"text"`
			} `json:"parts"`
		} `json:"content"`
		Config struct {
			Task  string `json:"taskType"`
			Title string `json:"title"`
			Size  int    `json:"outputDimensionality"`
		} `json:"embedContentConfig"`
	}
	if e := strict(body, &req); e != nil {
		return nil, e
	}
	if len(req.Content.Parts) == 0 || req.Content.Parts[0].Text == "" {
		return nil, fakegemini.Invalid("The content is empty.")
	}
	var out struct {
		Embedding embedding `json:"embedding"`
		Usage     struct {
			Prompt int `json:"promptTokenCount"`
		} `json:"usageMetadata"`
	}
	out.Embedding.Values = sized(0, req.Config.Size)
	out.Usage.Prompt = len(strings.Fields(req.Content.Parts[0].Text))
	return encode(out), nil
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // own values alone
	}
	return b
}
