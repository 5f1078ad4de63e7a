package family

import "antigravity-tools/backend/llm"

// Vertex gives what a model can do on Vertex AI, where Google's own models
// speak its protocol with fewer members (the …ToVertex converters of genai
// v1.77.0) and Claude speaks Anthropic's with fewer features (the vertex
// package of anthropic-sdk-go v1.84.0, mapping.md sections 2, 5, 7 and 12).
func Vertex(model string) Caps {
	if IsClaude(model) {
		return vertexClaude(model)
	}
	c := Gemini(model)
	gen3 := c.SealRequired
	c.CallIDs, c.Placeholder, c.Public = gen3, false, false
	c.Refused = []string{"includeServerSideToolInvocations", "include_server_side_tool_invocations", `"store"`}
	if !gen3 {
		c.Refused = append(c.Refused, `"id"`)
	}
	return c
}

// vertexClaude leaves out what Anthropic announces for its own service alone:
// files by address, automatic caching, and of the tools that the service runs
// all but web search; and schemas for the output and strict tools, which a
// project has only if its organisation's policy says so (Google Cloud,
// "Structured outputs with Anthropic Claude models": disabled by default).
func vertexClaude(model string) Caps {
	c := Anthropic(model)
	c.MidSystem, c.URLMedia, c.URLImages, c.CacheAuto = false, false, false, false
	c.Structured, c.StrictTools, c.SearchOnly = false, false, true
	c.Refused = []string{
		`"role":"system"`, `"role": "system"`, `"type":"url"`, `"type": "url"`, `"json_schema"`, `"strict":true`, `"strict": true`,
		`"web_fetch_2`, `"code_execution_2`, // each with the date of its version
	}
	c.RefusedMembers = []string{"cache_control"}
	return c
}

// codeAssistName is the longest name of a function there, in bytes (wire.md
// (d), row 17).
const codeAssistName = 64

// codeAssistBudget is the highest thinking budget that every reasoning Gemini
// takes there.
const codeAssistBudget = 32768

// CodeAssist gives what a model can do behind Google's Code-Assist protocol:
// generateContent of an older day, with schemas as OpenAPI subset only, and
// reasoning in budgets whatever the model (wire.md (a), (d) and (h)).
func CodeAssist(model string) Caps {
	c := Gemini(model)
	c.JSONSchema, c.URLMedia, c.PartDetail, c.MixTools = false, false, false, false
	c.CallIDs, c.Public, c.Tiers = false, false, false
	c.MaxName = codeAssistName
	c.Refused = []string{
		"JsonSchema", "json_schema", `"parameters"`, "responseSchema", "response_schema", "thinkingLevel", "thinking_level", `"id"`, "mediaResolution", "media_resolution",
		"includeServerSideToolInvocations", "include_server_side_tool_invocations", `"store"`, "serviceTier", "service_tier",
	}
	switch {
	case IsClaude(model):
		// Claude's ids and signatures are Anthropic's; its reasoning takes words.
		claude := Anthropic(model)
		c.Family, c.Issuer, c.MaxOutput = claude.Family, llm.IssuerAnthropic, claude.MaxOutput
		c.CallIDs, c.SealRequired, c.Placeholder, c.ResultMedia, c.FormatTools = true, false, false, false, false
		// A Gemini client's own calls may have no ids, which Claude must have.
		c.Refused = append(c.Refused, "functionCall", "function_call")
		c.Reasoning = levels(llm.EffortLow, llm.EffortMedium, llm.EffortHigh)
	case Parse(model).Series != "gemini":
		c.Family, c.SealRequired, c.Placeholder, c.ResultMedia = "code-assist", false, false, false
		c.Reasoning = ReasoningCaps{}
	case c.Reasoning.Dialect == DialectLevel:
		c.Reasoning = ReasoningCaps{Dialect: DialectBudget, Min: 128, Max: codeAssistBudget}
	}
	return c
}

// IsGemini tells whether a name follows the pattern of the models that
// generateContent takes: Imagen, Veo and the embeddings have methods of their
// own.
func IsGemini(model string) bool {
	switch n := Parse(model); n.Series {
	case "gemini":
		return !n.Has("embedding")
	case "gemma", "learnlm":
		return true
	}
	return false
}
