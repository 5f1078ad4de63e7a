package vertex

import (
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/rawjson"
)

// claudeVersion is the version of Anthropic's protocol that this service
// speaks; it stands in the body (anthropic-sdk-go v1.84.0, package vertex).
const claudeVersion = "vertex-2023-10-16"

// claudeBody is a message as this service takes it: the version in the body,
// and the model in the path. model is written for the one call that reads it.
func claudeBody(body []byte, model string) ([]byte, error) {
	if rawjson.KindOf(body) != rawjson.KindObject {
		return nil, fault.Invalid("", "expected an object")
	}
	w := rawjson.NewWriter(len(body) + 128)
	w.Obj()
	w.StrField("anthropic_version", claudeVersion)
	if model != "" {
		w.StrField("model", model)
	}
	for key, raw := range rawjson.Members(body) {
		if key != "model" && key != "anthropic_version" {
			w.RawField(key, raw)
		}
	}
	w.End()
	return w.Bytes(), nil
}

// countBody is a token count as this service takes it: what the public API
// puts into generateContentRequest stands at the top (genai v1.77.0,
// countTokensConfigToVertex).
func countBody(body []byte) ([]byte, error) {
	inner := body
	for _, key := range []string{"generateContentRequest", "generate_content_request"} {
		if raw, ok := rawjson.Get(body, key); ok {
			inner = raw
		}
	}
	if rawjson.KindOf(inner) != rawjson.KindObject {
		return nil, fault.Invalid("generateContentRequest", "expected an object")
	}
	w := rawjson.NewWriter(len(inner))
	w.Obj()
	for key, raw := range rawjson.Members(inner) {
		switch key {
		case "contents", "tools", "systemInstruction", "system_instruction", "generationConfig", "generation_config":
			w.RawField(key, raw)
		}
	}
	w.End()
	return w.Bytes(), nil
}

// betas are the optional features that this service is known to take; an
// unknown one is a 400 there. Published by the maintainers of LiteLLM for
// Vertex AI, who gathered them from refusals.
func betas() []string {
	return []string{
		"compact-2026-01-12", "compact-2026-09-04", "computer-use-2025-01-24", "computer-use-2025-11-24",
		"context-1m-2025-08-07", "context-management-2025-06-27", "interleaved-thinking-2025-05-14",
		"per-turn-control-2026-07-01", "thinking-binding-controls-2026-08-01", "thinking-display-updates-2026-08-18",
		"tool-search-tool-2025-10-19", "web-search-2025-03-05",
	}
}

// knownBetas is the header with what this service takes of it.
func knownBetas(values []string) string {
	known := betas()
	var kept []string
	for _, beta := range strings.Split(strings.Join(values, ","), ",") {
		if beta = strings.TrimSpace(beta); slices.Contains(known, beta) && !slices.Contains(kept, beta) {
			kept = append(kept, beta)
		}
	}
	return strings.Join(kept, ",")
}
