package fakegemini

import (
	"fmt"
	"slices"
	"strings"
)

// Source: docs, models.list (supportedGenerationMethods); wording seen.
func methodSupported(c *check) *Error {
	if !slices.Contains(c.model.Methods, "generateContent") {
		return modelNotFound("v1beta", c.model.Name)
	}
	return nil
}

func (c *check) thinkingConfig() thinkingConfig {
	if t := c.req.config().Thinking; t != nil {
		return *t
	}
	return thinkingConfig{}
}

// Source: seen (eclipse-peon-ai 115, the service's own words).
func thinkingEitherOr(c *check) *Error {
	if t := c.thinkingConfig(); t.Budget != nil && t.Level != "" {
		return Invalid("You can only set only one of thinking budget and thinking level.")
	}
	return nil
}

// Source: types ("error on models without thinking").
func thinkingSupported(c *check) *Error {
	if t := c.req.config().Thinking; t == nil || c.model.thinking() {
		return nil
	}
	return Invalid("Thinking is not enabled for models/%s", c.model.Name)
}

// Source: docs, "Gemini thinking" (ranges per model); wording seen (Roo-Code
// 4399, vercel/ai 8027). A budget on a Gemini 3 model is tolerated in range.
func thinkingBudgetRange(c *check) *Error {
	t := c.thinkingConfig()
	if t.Budget == nil || *t.Budget == -1 {
		return nil
	}
	b := *t.Budget
	switch {
	case b == 0 && !c.model.ZeroBudget:
		return Invalid("Budget 0 is invalid. This model only works in thinking mode.")
	case b == 0:
		return nil
	case b < c.model.MinBudget || b > c.model.MaxBudget:
		return Invalid("The thinking budget %d is invalid. Please choose a value between %d and %d.", b, c.model.MinBudget, c.model.MaxBudget)
	}
	return nil
}

// Source: seen (mcp-mesh 1346); levels per model: docs and the project's
// translation notes, section 11.
func thinkingLevelAllowed(c *check) *Error {
	t := c.thinkingConfig()
	switch {
	case t.Level == "" || t.Level == "THINKING_LEVEL_UNSPECIFIED":
		return nil
	case len(c.model.Levels) == 0:
		return Invalid("Thinking level is not supported for this model.")
	case !slices.Contains(c.model.Levels, t.Level):
		return Invalid("Thinking level %s is not supported for this model. Please retry with other thinking level.", t.Level)
	}
	return nil
}

func inRange(name string, v *float64, low, high float64) *Error {
	if v == nil || (*v >= low && *v <= high) {
		return nil
	}
	return Invalid("* GenerateContentRequest.generation_config.%s: %s must be in the range [%.1f, %.1f].\n", name, name, low, high)
}

// Source: types (temperature 0–2); docs (topP 0–1, topK positive).
func samplingRanges(c *check) *Error {
	g := c.req.config()
	if err := inRange("temperature", g.Temperature, 0, 2); err != nil {
		return err
	}
	if err := inRange("top_p", g.TopP, 0, 1); err != nil {
		return err
	}
	return inRange("top_k", g.TopK, 1, 1000)
}

// Source: types (−2…2).
func penaltyRanges(c *check) *Error {
	g := c.req.config()
	if err := inRange("presence_penalty", g.PresencePenalty, -2, 2); err != nil {
		return err
	}
	return inRange("frequency_penalty", g.FrequencyPenalty, -2, 2)
}

// Source: docs, outputTokenLimit of each model; the wording is Vertex's (seen).
func outputLimit(c *check) *Error {
	m := c.req.config().MaxOutputTokens
	if m == nil {
		return nil
	}
	if *m < 1 {
		return Invalid("* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must be positive.\n")
	}
	if *m > c.model.OutputLimit {
		return Invalid("Unable to submit request because it has a maxOutputTokens value of %d but the supported range is from 1 (inclusive) to %d (exclusive). Update the value and try again.", *m, c.model.OutputLimit+1)
	}
	return nil
}

// Source: docs (at most 5); empty ones: seen.
func stopSequences(c *check) *Error {
	s := c.req.config().StopSequences
	if len(s) > 5 {
		return Invalid("* GenerateContentRequest.generation_config.stop_sequences: the number of stop_sequences must not exceed 5.\n")
	}
	if slices.Contains(s, "") {
		return Invalid("* GenerateContentRequest.generation_config.stop_sequences: stop sequence must not be empty.\n")
	}
	return nil
}

// Source: docs (1 to 8).
func candidateCount(c *check) *Error {
	if n := c.req.config().CandidateCount; n != nil && (*n < 1 || *n > 8) {
		return Invalid("* GenerateContentRequest.generation_config.candidate_count: candidate_count must be in the range [1, 8].\n")
	}
	return nil
}

// Source: docs (logprobs 0–20, valid only with responseLogprobs).
func logprobsRule(c *check) *Error {
	g := c.req.config()
	switch {
	case g.Logprobs == nil:
		return nil
	case !g.ResponseLogprobs:
		return Invalid("* GenerateContentRequest.generation_config.logprobs: logprobs can only be set when response_logprobs is true.\n")
	case *g.Logprobs < 0 || *g.Logprobs > 20:
		return Invalid("* GenerateContentRequest.generation_config.logprobs: logprobs must be in the range [0, 20].\n")
	}
	return nil
}

// Source: types ("need responseMimeType").
func schemaNeedsMIME(c *check) *Error {
	g := c.req.config()
	if g.ResponseSchema == nil && g.ResponseJSONSchema == nil {
		return nil
	}
	if g.ResponseMIMEType == "application/json" || (g.ResponseMIMEType == "text/x.enum" && g.ResponseSchema != nil) {
		return nil
	}
	return Invalid("* GenerateContentRequest.generation_config.response_schema: only allowed when response_mime_type is application/json\n")
}

// Source: types ("responseSchema or responseJsonSchema").
func oneResponseSchema(c *check) *Error {
	if g := c.req.config(); g.ResponseSchema != nil && g.ResponseJSONSchema != nil {
		return Invalid("* GenerateContentRequest.generation_config: only one of response_schema and response_json_schema may be set.\n")
	}
	return nil
}

// Source: docs (allowed types); wording seen.
func responseMIME(c *check) *Error {
	allowed := []string{"text/plain", "application/json", "application/xml", "application/yaml", "text/x.enum"}
	m := c.req.config().ResponseMIMEType
	if m == "" || slices.Contains(allowed, m) {
		return nil
	}
	return Invalid("* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `%s`.\n", strings.Join(allowed, "`, `"))
}

// Source: types (documented ratios and sizes).
func imageConfigRule(c *check) *Error {
	img := c.req.config().Image
	if img == nil {
		return nil
	}
	ratios := []string{"", "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"}
	if !slices.Contains(ratios, img.AspectRatio) {
		return Invalid("* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be one of %v.\n", ratios[1:])
	}
	if !slices.Contains([]string{"", "512", "1K", "2K", "4K"}, img.Size) {
		return Invalid("* GenerateContentRequest.generation_config.image_config.image_size: image_size must be one of 1K, 2K, 4K.\n")
	}
	return nil
}

// Source: docs (each category once).
func safetySettings(c *check) *Error {
	seen := map[string]bool{}
	for i, s := range c.req.SafetySettings {
		if s.Category == "" || s.Threshold == "" {
			return Invalid("* GenerateContentRequest.safety_settings[%d]: category and threshold are required.\n", i)
		}
		if seen[s.Category] {
			return Invalid("* GenerateContentRequest.safety_settings[%d]: duplicate safety setting for category %s.\n", i, s.Category)
		}
		seen[s.Category] = true
	}
	return nil
}

// No cache exists here, so any handle is unknown. Source: seen.
func cachedContentRule(c *check) *Error {
	if c.req.CachedContent == "" {
		return nil
	}
	return &Error{Code: 403, Status: "PERMISSION_DENIED",
		Message: fmt.Sprintf("CachedContent not found (or permission denied): %s", c.req.CachedContent)}
}
