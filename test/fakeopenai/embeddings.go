package fakeopenai

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
)

// embedRequest is EmbeddingNewParams of openai-go v3.
type embedRequest struct {
	Model      string          `json:"model"`
	Input      json.RawMessage `json:"input"`
	Dimensions *int            `json:"dimensions"`
	Format     string          `json:"encoding_format"`
	User       string          `json:"user"`
}

// maxTexts is the documented bound of the input array.
const maxTexts = 2048

// Vector is the start of what the fake makes of its ith input.
func Vector(i int) []float32 { return []float32{0.25, -0.5, float32(i)} }

func (s *Server) embed(w http.ResponseWriter, r *http.Request, body []byte) error {
	var req embedRequest
	if err := strictBody(r, body, &req); err != nil {
		return err
	}
	n, err := countInputs(req.Input)
	if err := first(needModel(req.Model, Embedder, OldEmbedder), err, oneOf("encoding_format", req.Format, "float", "base64")); err != nil {
		return err
	}
	size := 3
	if req.Dimensions != nil {
		if req.Model == OldEmbedder { // only supported in text-embedding-3 and later models
			return refuse("dimensions", "This model does not support specifying dimensions.")
		}
		if size = *req.Dimensions; size < 1 || size > 1536 {
			return refuse("dimensions", "Invalid value for 'dimensions': must be between 1 and 1536.")
		}
	}
	w.Header().Set("Content-Type", "application/json")
	var out bytes.Buffer
	out.WriteString(`{"object":"list","data":[`)
	for i := range n {
		if i > 0 {
			out.WriteString(",")
		}
		fmt.Fprintf(&out, `{"object":"embedding","index":%d,"embedding":%s}`, i, vectorJSON(i, size, req.Format))
	}
	fmt.Fprintf(&out, `],"model":%q,"usage":{"prompt_tokens":%d,"total_tokens":%d}}`, req.Model, 4*n, 4*n)
	_, err = io.Copy(w, &out)
	return err
}

// countInputs checks the four documented forms of the input.
func countInputs(raw json.RawMessage) (int, error) {
	var text string
	var texts []string
	var tokens []int
	var lists [][]int
	bad := refuse("input", "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.")
	switch {
	case json.Unmarshal(raw, &text) == nil:
		texts = []string{text}
	case json.Unmarshal(raw, &texts) == nil && texts != nil:
	case json.Unmarshal(raw, &tokens) == nil && len(tokens) > 0:
		return 1, nil
	case json.Unmarshal(raw, &lists) == nil && len(lists) > 0 && len(lists) <= maxTexts:
		return len(lists), nil
	default:
		return 0, bad
	}
	if len(texts) == 0 || len(texts) > maxTexts {
		return 0, bad
	}
	for _, t := range texts {
		if t == "" { // "cannot be an empty string"
			return 0, bad
		}
	}
	return len(texts), nil
}

func vectorJSON(i, size int, format string) string {
	v := make([]float32, size)
	copy(v, Vector(i))
	if format != "base64" {
		b, _ := json.Marshal(v)
		return string(b)
	}
	var raw []byte
	for _, f := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(f))
	}
	return quote(base64.StdEncoding.EncodeToString(raw))
}
