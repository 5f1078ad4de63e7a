package fakeopenai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"antigravity-tools/test/fakecontrol"
)

// Models of the operations beside conversation.
const (
	Embedder    = "text-embedding-3-small"
	OldEmbedder = "text-embedding-ada-002"
	Painter     = "gpt-image-1"
	Listener    = "whisper-1"
	Listener4o  = "gpt-4o-transcribe"
	Speaker     = "gpt-4o-mini-tts"
	Completer   = "gpt-3.5-turbo-instruct"
)

func operationModels() []string {
	return []string{Embedder, OldEmbedder, Painter, Listener, Listener4o, Speaker, Completer}
}

// refusal is a request that the service would refuse.
type refusal struct {
	status         int
	message, param string
}

func (r *refusal) Error() string { return r.message }

func refuse(param, format string, args ...any) error {
	return &refusal{400, fmt.Sprintf(format, args...), param}
}

// operate answers the operations beside conversation; ok is false for a path
// that is none.
func (s *Server) operate(w http.ResponseWriter, r *http.Request) (ok bool) {
	handlers := map[string]func(http.ResponseWriter, *http.Request, []byte) error{
		"/v1/embeddings": s.embed, "/v1/images/generations": s.generateImages, "/v1/images/edits": s.editImages,
		"/v1/audio/transcriptions": s.transcribe, "/v1/audio/speech": s.speak, "/v1/completions": s.completeText,
	}
	handler := handlers[r.URL.Path]
	if handler == nil || r.Method != http.MethodPost {
		return false
	}
	body, err := s.Record(r)
	if err != nil {
		return true
	}
	if scripted, ok := s.Take(func(r Reply) bool { return r.Status != 0 }); ok {
		fakecontrol.WriteJSON(w, scripted.Status, scripted.Body)
		return true
	}
	if err := handler(w, r, body); err != nil {
		var ref *refusal
		if !errors.As(err, &ref) {
			ref = &refusal{400, err.Error(), ""}
		}
		s.Refuse(r.URL.Path + ": " + ref.message)
		fakecontrol.WriteJSON(w, ref.status, fmt.Sprintf(`{"error":{"message":%s,"type":"invalid_request_error","param":%s,"code":null}}`, quote(ref.message), orNull(ref.param)))
	}
	return true
}

// strictBody decodes JSON whose members must all be known.
func strictBody(r *http.Request, body []byte, v any) error {
	if ct := r.Header.Get("Content-Type"); ct != "application/json" {
		return &refusal{415, "Unsupported content type " + ct, ""}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return refuse("", "Unrecognized request argument supplied: %s", err)
	}
	return nil
}

func needModel(model string, allowed ...string) error {
	if !slices.Contains(operationModels(), model) {
		return &refusal{404, fmt.Sprintf("The model '%s' does not exist or you do not have access to it.", model), "model"}
	}
	if !slices.Contains(allowed, model) {
		return &refusal{400, fmt.Sprintf("The model '%s' does not support this endpoint.", model), "model"}
	}
	return nil
}

func oneOf(param, value string, allowed ...string) error {
	if value != "" && !slices.Contains(allowed, value) {
		return refuse(param, "Invalid value: '%s'. Supported values are: %v.", value, allowed)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
