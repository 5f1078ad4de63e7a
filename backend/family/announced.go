package family

import (
	"slices"

	"antigravity-tools/backend/llm"
)

// Announced is what an upstream says of a model; it overrides what the name
// tells. Nil and empty mean that it did not say.
type Announced struct {
	InputLimit  int64 `json:"input_limit,omitempty"`  // tokens
	OutputLimit int64 `json:"output_limit,omitempty"` // tokens
	Thinking    *bool `json:"thinking,omitempty"`
	// The ways of thinking that the model takes (Anthropic).
	ThinkingTypes []ThinkingType `json:"thinking_types,omitempty"`
	// Effort tells whether the model takes an effort at all, Efforts which, in
	// rising order.
	Effort     *bool        `json:"effort,omitempty"`
	Efforts    []llm.Effort `json:"efforts,omitempty"`
	Structured *bool        `json:"structured,omitempty"` // output in a JSON Schema
	Images     *bool        `json:"images,omitempty"`     // looks at pictures
	PDF        *bool        `json:"pdf,omitempty"`        // reads PDF documents
	// Tools that the service runs with the model.
	WebSearch     *bool `json:"web_search,omitempty"`
	CodeExecution *bool `json:"code_execution,omitempty"`
}

// ThinkingType is one of Anthropic's ways of thinking.
type ThinkingType string

// Types of thinking.
const (
	ThinkingEnabled  ThinkingType = "enabled" // with a budget
	ThinkingAdaptive ThinkingType = "adaptive"
	ThinkingDisabled ThinkingType = "disabled"
	ThinkingBetween  ThinkingType = "between_tools"
)

// With returns the caps as the upstream announces them.
func (c Caps) With(a Announced) Caps {
	if a.OutputLimit > 0 {
		c.MaxOutput = a.OutputLimit
	}
	if a.InputLimit > 0 {
		c.MaxInput = a.InputLimit
	}
	if a.Structured != nil {
		c.Structured = *a.Structured
		c.StrictTools = c.StrictTools && *a.Structured
	}
	c.NoImages = a.Images != nil && !*a.Images
	c.NoPDF = a.PDF != nil && !*a.PDF
	if a.WebSearch != nil && a.CodeExecution != nil && c.Issuer == llm.IssuerAnthropic {
		c.NoSearch, c.NoCode = !*a.WebSearch, !*a.CodeExecution
		// Of a server that is not known to run tools those alone that it announces.
		c.AnnouncedTools = !c.ServerTools
		c.ServerTools = *a.WebSearch || *a.CodeExecution
	}
	if a.Thinking != nil && !*a.Thinking {
		c.Reasoning = ReasoningCaps{}
		return c
	}
	if c.Issuer == llm.IssuerAnthropic && len(a.ThinkingTypes) > 0 {
		c.Reasoning = announcedThinking(c, a)
	}
	return c
}

// announcedThinking takes the newest dialect among the announced types.
func announcedThinking(c Caps, a Announced) ReasoningCaps {
	has := func(t ThinkingType) bool { return slices.Contains(a.ThinkingTypes, t) }
	old := c.Reasoning
	switch {
	case has(ThinkingAdaptive):
		r := ReasoningCaps{Dialect: DialectAdaptive, ZeroOff: has(ThinkingDisabled), Between: has(ThinkingBetween), Levels: a.Efforts}
		if len(r.Levels) == 0 && a.Effort == nil && old.Dialect == DialectAdaptive {
			r.Levels = old.Levels
		}
		return r
	case has(ThinkingEnabled):
		r := ReasoningCaps{Dialect: DialectBudget, Min: claudeMinBudget, ZeroOff: true, NoDynamic: true, Max: c.MaxOutput - 1}
		if c.MaxOutput <= claudeMinBudget {
			r.Max = claudeMaxOutput - 1
		}
		return r
	}
	return old
}
