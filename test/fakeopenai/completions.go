package fakeopenai

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// completionRequest is CompletionNewParams of openai-go v3.
type completionRequest struct {
	Model            string             `json:"model"`
	Prompt           json.RawMessage    `json:"prompt"`
	BestOf           *int               `json:"best_of"`
	Echo             *bool              `json:"echo"`
	FrequencyPenalty *float64           `json:"frequency_penalty"`
	LogitBias        map[string]float64 `json:"logit_bias"`
	Logprobs         *int               `json:"logprobs"`
	MaxTokens        *int               `json:"max_tokens"`
	N                *int               `json:"n"`
	PresencePenalty  *float64           `json:"presence_penalty"`
	Seed             *int64             `json:"seed"`
	Stop             json.RawMessage    `json:"stop"`
	Stream           bool               `json:"stream"`
	StreamOptions    *streamOptions     `json:"stream_options"`
	Suffix           *string            `json:"suffix"`
	Temperature      *float64           `json:"temperature"`
	TopP             *float64           `json:"top_p"`
	User             string             `json:"user"`
}

// completeText continues a text with the models that know nothing else.
func (s *Server) completeText(w http.ResponseWriter, r *http.Request, body []byte) error {
	var req completionRequest
	if err := strictBody(r, body, &req); err != nil {
		return err
	}
	if req.Model == Model || req.Model == Reasoner {
		return &refusal{404, "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?", "model"}
	}
	if err := needModel(req.Model, Completer); err != nil {
		return err
	}
	const use = `{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8}`
	if !req.Stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"cmpl-1","object":"text_completion","created":1,"model":%q,"choices":[{"text":" upon a time","index":0,"logprobs":null,"finish_reason":"stop"}],"usage":%s}`, req.Model, use)
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	chunk := func(text, finish string) {
		fmt.Fprintf(w, "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":%q,\"choices\":[{\"text\":%q,\"index\":0,\"logprobs\":null,\"finish_reason\":%s}]}\n\n", req.Model, text, orNull(finish))
		w.(http.Flusher).Flush()
	}
	chunk(" upon", "")
	chunk(" a time", "stop")
	if req.StreamOptions != nil && req.StreamOptions.IncludeUsage {
		fmt.Fprintf(w, "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":%q,\"choices\":[],\"usage\":%s}\n\n", req.Model, use)
	}
	io.WriteString(w, "data: [DONE]\n\n")
	return nil
}
