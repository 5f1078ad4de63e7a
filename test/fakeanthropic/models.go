package fakeanthropic

import (
	"encoding/json"
	"slices"
)

type supported struct {
	Supported bool `json:"supported"`
}

// capabilities is ModelCapabilities of anthropic-sdk-go v1.84.0; all of its
// members are required there.
type capabilities struct {
	Batch             supported `json:"batch"`
	Citations         supported `json:"citations"`
	CodeExecution     supported `json:"code_execution"`
	ContextManagement struct {
		supported
		ClearThinking supported `json:"clear_thinking_20251015"`
		ClearToolUses supported `json:"clear_tool_uses_20250919"`
		Compact       supported `json:"compact_20260112"`
	} `json:"context_management"`
	Effort struct {
		supported
		Low    supported `json:"low"`
		Medium supported `json:"medium"`
		High   supported `json:"high"`
		XHigh  supported `json:"xhigh"`
		Max    supported `json:"max"`
	} `json:"effort"`
	ImageInput  supported `json:"image_input"`
	PDFInput    supported `json:"pdf_input"`
	ServerTools struct {
		supported
		CodeExecution supported `json:"code_execution"`
		WebSearch     supported `json:"web_search"`
	} `json:"server_tools"`
	StructuredOutputs supported `json:"structured_outputs"`
	Thinking          struct {
		supported
		Types struct {
			Adaptive     supported `json:"adaptive"`
			BetweenTools supported `json:"between_tools"`
			Disabled     supported `json:"disabled"`
			Enabled      supported `json:"enabled"`
		} `json:"types"`
	} `json:"thinking"`
}

type modelInfo struct {
	Type         string       `json:"type"`
	ID           string       `json:"id"`
	DisplayName  string       `json:"display_name"`
	CreatedAt    string       `json:"created_at"`
	MaxInput     int          `json:"max_input_tokens"`
	MaxTokens    int          `json:"max_tokens"`
	Capabilities capabilities `json:"capabilities"`
}

// models is the list, with what the rules of this fake hold each to.
func models() []modelInfo {
	yes := supported{true}
	base := capabilities{Batch: yes, Citations: yes, PDFInput: yes, ImageInput: yes, StructuredOutputs: yes}
	base.Thinking.supported, base.Thinking.Types.Disabled = yes, yes
	base.ServerTools.supported, base.ServerTools.WebSearch = yes, yes
	adaptive, manual := base, base
	adaptive.Thinking.Types.Adaptive = yes
	e := &adaptive.Effort
	e.supported, e.Low, e.Medium, e.High, e.XHigh, e.Max = yes, yes, yes, yes, yes, yes
	manual.Thinking.Types.Enabled = yes
	plain := manual
	plain.ImageInput, plain.PDFInput, plain.StructuredOutputs = supported{}, supported{}, supported{}
	plain.ServerTools.supported, plain.ServerTools.WebSearch = supported{}, supported{}
	return []modelInfo{
		{"model", Adaptive, "A", "2026-01-02T00:00:00Z", 200_000, 128_000, adaptive},
		{"model", Manual, "M", "2025-09-29T00:00:00Z", 200_000, 64_000, manual},
		{"model", Plain, "P", "2026-11-01T00:00:00Z", 100_000, PlainOutput, plain},
	}
}

func modelList() string {
	list := models()
	out, err := json.Marshal(struct {
		Data    []modelInfo `json:"data"`
		HasMore bool        `json:"has_more"`
		FirstID string      `json:"first_id"`
		LastID  string      `json:"last_id"`
	}{list, false, list[0].ID, list[len(list)-1].ID})
	if err != nil {
		panic(err) // own values alone
	}
	return string(out)
}

// can tells what the list announces of a model.
func can(model string) capabilities {
	list := models()
	i := slices.IndexFunc(list, func(m modelInfo) bool { return m.ID == model })
	if i < 0 {
		return capabilities{}
	}
	return list[i].Capabilities
}
