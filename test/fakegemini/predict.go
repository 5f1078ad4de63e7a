package fakegemini

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Painter draws and knows no conversation.
const Painter = "imagen-4.0-generate-001"

// predictRequest is what genai v1.77.0 writes (generateImages…ToVertex).
type predictRequest struct {
	Instances []struct {
		Prompt string `json:"prompt"`
	} `json:"instances"`
	Parameters struct {
		SampleCount      *int    `json:"sampleCount"`
		AspectRatio      string  `json:"aspectRatio"`
		SampleImageSize  string  `json:"sampleImageSize"`
		NegativePrompt   string  `json:"negativePrompt"`
		IncludeRaiReason bool    `json:"includeRaiReason"`
		PersonGeneration string  `json:"personGeneration"`
		SafetySetting    string  `json:"safetySetting"`
		AddWatermark     *bool   `json:"addWatermark"`
		EnhancePrompt    *bool   `json:"enhancePrompt"`
		Seed             *uint32 `json:"seed"`
		OutputOptions    *struct {
			MimeType           string `json:"mimeType"`
			CompressionQuality int    `json:"compressionQuality"`
		} `json:"outputOptions"`
	} `json:"parameters"`
}

// Predict judges a call of Painter and draws: a point for each picture, and the
// filter's reason for those whose prompt speaks of something "forbidden".
// Bounds: "Imagen API" and "VisionGenerativeModelParams" of the Vertex AI
// reference.
func Predict(body []byte) (reply []byte, refused *Error) {
	var req predictRequest
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil {
		return nil, Invalid("Invalid JSON payload received. %s", err)
	}
	p := req.Parameters
	switch {
	case len(req.Instances) != 1 || req.Instances[0].Prompt == "":
		return nil, Invalid("Image generation needs exactly one instance with a prompt.")
	case p.SampleCount != nil && (*p.SampleCount < 1 || *p.SampleCount > 4):
		return nil, Invalid("Number of images %d is out of range. Supported values: 1 to 4.", *p.SampleCount)
	case p.AspectRatio != "" && !slices.Contains([]string{"1:1", "3:4", "4:3", "9:16", "16:9"}, p.AspectRatio):
		return nil, Invalid("Aspect ratio %s is not supported.", p.AspectRatio)
	case p.SampleImageSize != "" && p.SampleImageSize != "1K" && p.SampleImageSize != "2K":
		return nil, Invalid("Image size %s is not supported.", p.SampleImageSize)
	}
	n := 4
	if p.SampleCount != nil {
		n = *p.SampleCount
	}
	type prediction struct {
		MIME   string `json:"mimeType,omitempty"`
		Data   string `json:"bytesBase64Encoded,omitempty"`
		Reason string `json:"raiFilteredReason,omitempty"`
	}
	out := struct {
		Predictions []prediction `json:"predictions,omitempty"`
	}{}
	for range n {
		if !strings.Contains(req.Instances[0].Prompt, "forbidden") {
			out.Predictions = append(out.Predictions, prediction{MIME: "image/png", Data: onePixel})
		} else if p.IncludeRaiReason {
			out.Predictions = append(out.Predictions, prediction{Reason: "Unable to show generated images."})
		}
	}
	return detail(out), nil
}

func (s *Server) predict(w *replyWriter, m Model, body []byte) {
	if m.Methods[0] != "predict" {
		w.refuse("method supported", modelNotFound("v1beta", m.Name))
		return
	}
	out, e := Predict(body)
	if e != nil {
		w.refuse("predict", e)
		return
	}
	if step, ok := s.script.take(w.rec.Key, "predict", m.Name); ok && w.preamble(step) {
		return
	}
	w.json(http.StatusOK, out)
}
