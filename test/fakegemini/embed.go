package fakegemini

import (
	"encoding/json"
	"net/http"
	"strconv"
)

type embedValues struct {
	Values []float64 `json:"values"`
}

type embedRequest struct {
	Model      string   `json:"model"`
	Content    *content `json:"content"`
	Task       string   `json:"taskType"`
	Title      string   `json:"title"`
	Dimensions *int     `json:"outputDimensionality"`
}

// maxBatch is the service's bound on the requests of a batch: "at most 100
// requests can be in one batch" (its own error message).
const maxBatch = 100

// maxDimensions is the length of gemini-embedding-001's whole vector (docs,
// Embeddings).
const maxDimensions = 3072

// Vector is the start of what the fake makes of its ith request.
func Vector(i int) []float64 { return []float64{0.25, -0.5, float64(i)} }

// embed answers both embedding calls with small, fixed vectors.
func (s *Server) embed(w *replyWriter, m Model, op string, body []byte) {
	msg := "EmbedContentRequest"
	if op == "batchEmbedContents" {
		msg = "BatchEmbedContentsRequest"
	}
	canonical, e := decodeBody(s.cat, body, msg)
	if e != nil {
		w.refuse("fields", e)
		return
	}
	if m.Methods[0] != "embedContent" {
		w.refuse("method supported", modelNotFound("v1beta", m.Name))
		return
	}
	requests, e := readEmbed(canonical, op)
	if e == nil {
		e = embedRules(m, requests, op)
	}
	if e != nil {
		w.refuse("embed", e)
		return
	}
	if step, ok := s.script.take(w.rec.Key, "embed", m.Name); ok && w.preamble(step) {
		return
	}
	out := struct {
		Embedding  *embedValues  `json:"embedding,omitempty"`
		Embeddings []embedValues `json:"embeddings,omitempty"`
	}{}
	for i, r := range requests {
		v := embedValues{Vector(i)}
		if r.Dimensions != nil {
			v.Values = append(v.Values, make([]float64, maxDimensions)...)[:*r.Dimensions]
		}
		out.Embeddings = append(out.Embeddings, v)
	}
	if msg == "EmbedContentRequest" {
		out.Embedding, out.Embeddings = &out.Embeddings[0], nil
	}
	w.json(http.StatusOK, detail(out))
}

func readEmbed(canonical json.RawMessage, op string) ([]embedRequest, *Error) {
	if op != "batchEmbedContents" {
		one, e := typed[embedRequest](canonical)
		if e != nil {
			return nil, e
		}
		return []embedRequest{*one}, nil
	}
	batch, e := typed[struct {
		Requests []embedRequest `json:"requests"`
	}](canonical)
	if e != nil {
		return nil, e
	}
	return batch.Requests, nil
}

// embedRules refuses what the service refuses: an empty or too large batch, a
// request without content, a model that is not the path's (types,
// BatchEmbedContents: "The model must match"), a title without a document
// task, parts that are no text, a size out of range.
func embedRules(m Model, requests []embedRequest, op string) *Error {
	if len(requests) == 0 || len(requests) > maxBatch {
		return Invalid("* BatchEmbedContentsRequest.requests: at most %d requests can be in one batch\n", maxBatch)
	}
	for i, r := range requests {
		at := "EmbedContentRequest"
		if op == "batchEmbedContents" {
			at = "BatchEmbedContentsRequest.requests[" + strconv.Itoa(i) + "]"
			if r.Model == "" {
				return Invalid("* %s.model: unexpected model name format\n", at)
			}
		}
		switch {
		case r.Model != "" && r.Model != "models/"+m.Name:
			return Invalid("* %s.model: The model must match the model of the URL.\n", at)
		case r.Content == nil || len(r.Content.Parts) == 0:
			return Invalid("* %s.content: contents is not specified\n", at)
		case r.Title != "" && r.Task != "RETRIEVAL_DOCUMENT":
			return Invalid("* %s.title: title is only supported for RETRIEVAL_DOCUMENT\n", at)
		case r.Dimensions != nil && (*r.Dimensions < 1 || *r.Dimensions > maxDimensions):
			return Invalid("* %s.output_dimensionality: must be between 1 and %d\n", at, maxDimensions)
		}
		for _, p := range r.Content.Parts {
			if p.Text == nil || *p.Text == "" {
				return Invalid("* %s.content.parts: text is required\n", at)
			}
		}
	}
	return nil
}
