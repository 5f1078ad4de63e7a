package fakevertex

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"antigravity-tools/test/fakeanthropic"
	"antigravity-tools/test/fakegemini"
)

// claudeVersion is the one version of the protocol (sdk, DefaultVersion).
const claudeVersion = "vertex-2023-10-16"

// claudeNames gives the models by their names here, which write a date behind
// "@" (sdk, the names in the README of package vertex).
func claudeNames() map[string]string {
	return map[string]string{
		"claude-opus-5":              fakeanthropic.Adaptive,
		"claude-sonnet-4-5":          fakeanthropic.Manual,
		"claude-sonnet-4-5@20250929": fakeanthropic.Manual,
	}
}

// claude opens what this service asks for beside a message, and lets the other
// judge answer the rest.
func (s *Server) claude(x *fakegemini.Exchange, name, verb string) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(x.Body, &body); err != nil {
		refuseClaude(x, "body", "the body is not an object")
		return
	}
	counts := name == "count-tokens"
	model, stated := body["model"]
	switch {
	case string(body["anthropic_version"]) != `"`+claudeVersion+`"`:
		// Source: sdk; the words: seen.
		refuseClaude(x, "anthropic_version", "anthropic_version: Field required")
		return
	case counts != stated:
		// Source: sdk; it takes the model out of a message's body and leaves it
		// in that of a count.
		refuseClaude(x, "model in the path", "model: Extra inputs are not permitted")
		return
	case string(body["stream"]) == "true" != (verb == "streamRawPredict"):
		// Source: sdk, which chooses the verb by the member.
		refuseClaude(x, "verb", "stream: does not fit "+verb)
		return
	case counts:
		name = ""
		_ = json.Unmarshal(model, &name)
	}
	known, ok := claudeNames()[name]
	if !ok {
		x.Refuse("unknown model", &fakegemini.Error{Code: 404, Status: "NOT_FOUND", Message: "Publisher Model `publishers/anthropic/models/" + name + "` was not found."})
		return
	}
	delete(body, "anthropic_version")
	body["model"], _ = json.Marshal(known)
	if member := absent(body); member != "" {
		refuseClaude(x, "feature of another service", member+": Extra inputs are not permitted")
		return
	}
	inner, err := json.Marshal(body)
	if err != nil {
		refuseClaude(x, "body", "the body cannot be read")
		return
	}
	call := x.R.Clone(x.R.Context())
	call.Body = io.NopCloser(bytes.NewReader(inner))
	x.Answered(s.Claude.Answer(x.W, call, counts))
}

// absent names a member for what this service does not have, "" if there is
// none. Source: the project's translation notes, sections 2 (system text in the
// middle), 5 (media by address) and 12 (automatic caching), and Anthropic's
// overview of features (fetching, code execution): not on Vertex AI. Schemas for
// the answer and strict tools: "disabled by default" there (Google Cloud,
// "Structured outputs with Anthropic Claude models"); the words: seen
// (anthropic-sdk-python 1188).
func absent(body map[string]json.RawMessage) string {
	var in struct {
		OutputConfig struct {
			Format json.RawMessage `json:"format"`
		} `json:"output_config"`
		Tools []struct {
			Type   string `json:"type"`
			Strict bool   `json:"strict"`
		} `json:"tools"`
		Messages []struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
		} `json:"messages"`
	}
	raw, _ := json.Marshal(body)
	_ = json.Unmarshal(raw, &in) // what is no message is refused by the judge behind
	switch {
	case body["cache_control"] != nil:
		return "cache_control"
	case in.OutputConfig.Format != nil:
		return "output_config.format"
	}
	for i, t := range in.Tools {
		switch {
		case strings.HasPrefix(t.Type, "web_fetch_"), strings.HasPrefix(t.Type, "code_execution_"):
			return "tools." + strconv.Itoa(i) + ".type"
		case t.Strict:
			return "tools." + strconv.Itoa(i) + ".strict"
		}
	}
	for _, m := range in.Messages {
		var blocks []struct {
			Source struct {
				Type string `json:"type"`
			} `json:"source"`
		}
		_ = json.Unmarshal(m.Content, &blocks) // text alone has no blocks
		if m.Role == "system" {
			return "messages.role"
		}
		for _, b := range blocks {
			if b.Source.Type == "url" {
				return "source.url"
			}
		}
	}
	return ""
}

// refuseClaude answers in the words of the service's front; what stands behind
// it refuses in Anthropic's own form.
func refuseClaude(x *fakegemini.Exchange, rule, message string) {
	x.Refuse(rule, &fakegemini.Error{Code: http.StatusBadRequest, Status: "INVALID_ARGUMENT", Message: message})
}
