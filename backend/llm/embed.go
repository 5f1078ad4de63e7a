package llm

import "encoding/json"

// EmbedRequest asks for the vectors of some texts.
type EmbedRequest struct {
	Model  string
	Inputs []EmbedInput
	// Dimensions of the vectors; nil: the model's own.
	Dimensions *int64
	// Base64: the client wants each vector as little-endian 32-bit floats in
	// base64, not as a list of numbers.
	Base64  bool
	EndUser string
}

// EmbedInput is one text, or the token numbers of one, which only the model's
// own tokenizer understands.
type EmbedInput struct {
	Text   string
	Tokens json.RawMessage // a JSON array of integers, nil for a text
	// Task and Title are Gemini's: what the vector is for.
	Task, Title string
}

// EmbedResponse holds the vectors, one an input and in their order.
type EmbedResponse struct {
	// Vectors are JSON arrays of numbers, as the upstream wrote them.
	Vectors []json.RawMessage
	Usage   *Usage // nil if the upstream reported none
}

// ImageOut asks for a picture of some form.
type ImageOut struct {
	Aspect string // "16:9"; "" if not asked for
	Size   string // 1K, 2K, 4K; "" if not asked for
}
