package fakegemini

import (
	"encoding/json"
	"slices"
	"strconv"
)

// Model is an entry of the model list, with the limits that the rules need.
type Model struct {
	Name        string
	DisplayName string
	InputLimit  int
	OutputLimit int
	Methods     []string

	// Family is the generation that shares signatures: "2.5" or "3".
	Family string
	// MinBudget and MaxBudget bound thinkingBudget; ZeroBudget says whether
	// thinking can be switched off. MaxBudget 0 means no thinking at all.
	MinBudget, MaxBudget int
	ZeroBudget           bool
	// Levels are the thinkingLevel values taken; none means budgets only.
	Levels []string
	// NoCallIDs: calls and their responses have no id. MustCallIDs: they have.
	NoCallIDs, MustCallIDs bool
}

func (m Model) gemini3() bool  { return m.Family == "3" }
func (m Model) thinking() bool { return m.MaxBudget > 0 || len(m.Levels) > 0 }

// DefaultModels is the served list. Limits: docs, "Gemini thinking", and the
// project's translation notes, section 11.
func DefaultModels() []Model {
	chat := []string{"generateContent", "countTokens", "createCachedContent", "batchGenerateContent"}
	const in, out = 1048576, 65536
	flash3 := []string{"MINIMAL", "LOW", "MEDIUM", "HIGH"}
	return []Model{
		{Name: "gemini-2.5-pro", DisplayName: "Gemini 2.5 Pro", InputLimit: in, OutputLimit: out, Methods: chat, Family: "2.5", MinBudget: 128, MaxBudget: 32768},
		{Name: "gemini-2.5-flash", DisplayName: "Gemini 2.5 Flash", InputLimit: in, OutputLimit: out, Methods: chat, Family: "2.5", MinBudget: 1, MaxBudget: 24576, ZeroBudget: true},
		{Name: "gemini-2.5-flash-lite", DisplayName: "Gemini 2.5 Flash-Lite", InputLimit: in, OutputLimit: out, Methods: chat, Family: "2.5", MinBudget: 512, MaxBudget: 24576, ZeroBudget: true},
		{Name: "gemini-2.5-flash-image", DisplayName: "Nano Banana", InputLimit: 32768, OutputLimit: 32768, Methods: chat[:2], Family: "2.5"},
		{Name: "gemini-3-pro-preview", DisplayName: "Gemini 3 Pro Preview", InputLimit: in, OutputLimit: out, Methods: chat, Family: "3", MinBudget: 128, MaxBudget: 32768, Levels: []string{"LOW", "HIGH"}},
		{Name: "gemini-3-flash-preview", DisplayName: "Gemini 3 Flash Preview", InputLimit: in, OutputLimit: out, Methods: chat, Family: "3", MinBudget: 1, MaxBudget: 32768, ZeroBudget: true, Levels: flash3},
		{Name: "gemini-3.1-pro-preview", DisplayName: "Gemini 3.1 Pro Preview", InputLimit: in, OutputLimit: out, Methods: chat, Family: "3", MinBudget: 128, MaxBudget: 32768, Levels: flash3[1:]},
		{Name: "gemini-3-pro-image-preview", DisplayName: "Nano Banana Pro", InputLimit: 65536, OutputLimit: 32768, Methods: chat[:2], Family: "3", Levels: []string{"LOW", "HIGH"}},
		{Name: "gemini-2.5-flash-preview-tts", DisplayName: "Gemini 2.5 Flash Preview TTS", InputLimit: 8192, OutputLimit: 16384, Methods: chat[:2], Family: "2.5"},
		{Name: "gemini-embedding-001", DisplayName: "Gemini Embedding 001", InputLimit: 2048, OutputLimit: 1, Methods: []string{"embedContent", "countTextTokens", "countTokens"}, Family: "2.5"},
		{Name: Painter, DisplayName: "Imagen 4", InputLimit: 480, OutputLimit: 8192, Methods: []string{"predict"}, Family: "2.5"},
	}
}

func (s *Server) model(name string) (Model, bool) {
	i := slices.IndexFunc(s.models, func(m Model) bool { return m.Name == name })
	if i < 0 {
		return Model{}, false
	}
	return s.models[i], true
}

type modelJSON struct {
	Name             string   `json:"name"`
	Version          string   `json:"version"`
	DisplayName      string   `json:"displayName"`
	Description      string   `json:"description"`
	InputTokenLimit  int      `json:"inputTokenLimit"`
	OutputTokenLimit int      `json:"outputTokenLimit"`
	Methods          []string `json:"supportedGenerationMethods"`
	Temperature      float64  `json:"temperature"`
	TopP             float64  `json:"topP"`
	TopK             int      `json:"topK"`
	MaxTemperature   float64  `json:"maxTemperature"`
	Thinking         bool     `json:"thinking,omitempty"`
}

func (m Model) wire() modelJSON {
	return modelJSON{Name: "models/" + m.Name, Version: "001", DisplayName: m.DisplayName,
		Description: "Served by a stand-in for tests", InputTokenLimit: m.InputLimit,
		OutputTokenLimit: m.OutputLimit, Methods: m.Methods, Temperature: 1, TopP: 0.95, TopK: 64,
		MaxTemperature: 2, Thinking: m.thinking()}
}

// listModels pages the list: pageSize 50 by default and 1000 at most, the
// token opaque (docs, models.list).
func (s *Server) listModels(pageSize, pageToken string) ([]byte, *Error) {
	size := 50
	if pageSize != "" {
		n, err := strconv.Atoi(pageSize)
		if err != nil || n < 0 {
			return nil, Invalid("Invalid value at 'page_size' (TYPE_INT32), %q", pageSize)
		}
		if n > 0 {
			size = min(n, 1000)
		}
	}
	start := 0
	if pageToken != "" {
		raw, ok := unbase64(pageToken)
		n, err := strconv.Atoi(string(raw))
		if !ok || err != nil || n < 0 || n > len(s.models) {
			return nil, Invalid("Invalid page token.")
		}
		start = n
	}
	end := min(start+size, len(s.models))
	page := struct {
		Models []modelJSON `json:"models"`
		Next   string      `json:"nextPageToken,omitempty"`
	}{}
	for _, m := range s.models[start:end] {
		page.Models = append(page.Models, m.wire())
	}
	if end < len(s.models) {
		page.Next = b64([]byte(strconv.Itoa(end)))
	}
	out, err := json.MarshalIndent(page, "", "  ")
	if err != nil {
		return nil, Internal()
	}
	return out, nil
}
