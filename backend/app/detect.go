package app

import (
	"antigravity-tools/backend/account"
	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
	"antigravity-tools/backend/routing"
)

// detection is the answer of /v1/models/detect.
type detection struct {
	Model       string         `json:"model"`
	MappedModel string         `json:"mapped_model"`
	Provider    string         `json:"provider"`
	Found       bool           `json:"found"`
	Error       string         `json:"error,omitempty"`
	Near        []string       `json:"near,omitempty"` // names that an unknown one may have meant
	Steps       []routing.Step `json:"steps"`
	// Candidates stand in the order in which they are tried.
	Candidates []detected `json:"candidates"`
}

// detected is one way to serve the model.
type detected struct {
	Provider     string            `json:"provider"`
	Model        string            `json:"model"`
	Operations   map[string]string `json:"operations"` // native, or as_chat: carried as a conversation
	Clients      []clientFidelity  `json:"clients"`
	Capabilities capabilities      `json:"capabilities"`
}

// clientFidelity tells what becomes of a conversation of one client protocol.
type clientFidelity struct {
	Client   llm.Protocol `json:"client"`
	Upstream llm.Protocol `json:"upstream"`
	// Fidelity is identical (bytes pass) or translated; then the losses are
	// listed in the record of each request.
	Fidelity string `json:"fidelity"`
}

// capabilities are what a translated request may lose by.
type capabilities struct {
	Family           string   `json:"family,omitempty"`
	MaxOutput        int64    `json:"max_output_tokens,omitempty"`
	Reasoning        string   `json:"reasoning,omitempty"` // how it is controlled: budget, level, …
	ReasoningLevels  []string `json:"reasoning_levels,omitempty"`
	JSONSchema       bool     `json:"json_schema"`
	FormatWithTools  bool     `json:"json_schema_with_tools"`
	FetchesImages    bool     `json:"fetches_image_urls"`
	ImageOutput      bool     `json:"image_output"`
	AudioOutput      bool     `json:"audio_output"`
	MaxTools         int      `json:"max_tools,omitempty"`
	MaxStopSequences int      `json:"max_stop_sequences,omitempty"`
}

// detect explains where a model name goes.
func (a *App) detect(model string) any { return a.detection(model) }

func (a *App) detection(model string) detection {
	bare := &llm.Request{Model: model}
	family.ApplySuffix(bare)
	d, err := routing.Resolve(model, bare.Model, a.parts.pool)
	out := detection{Model: model, MappedModel: d.Model, Steps: nonNil(d.Steps), Found: err == nil, Candidates: []detected{}}
	if err != nil {
		out.MappedModel, out.Error = "", err.Message
		out.Near = a.nearModels(model)
		return out
	}
	out.Provider = d.Candidates[0].Provider
	candidates := make([]account.Candidate, 0, len(d.Candidates))
	for _, c := range d.Candidates {
		candidates = append(candidates, account.Candidate{Provider: c.Provider, Model: c.Model})
	}
	for _, s := range a.parts.pool.Survey(candidates) {
		out.Candidates = append(out.Candidates, detectedOf(a.parts.providers[s.Account.Provider], s))
	}
	return out
}

// nearModels lists the names that clients can ask for and that an unknown one may
// have meant.
func (a *App) nearModels(model string) []string {
	var names []string
	for _, m := range a.parts.pool.Models() {
		names = append(names, m.ID)
	}
	return doctor.NearestModels(model, names)
}

// suggest puts them into a sentence.
func (a *App) suggest(model string) string { return doctor.DidYouMean(a.nearModels(model)) }

func detectedOf(p provider.Provider, s account.Surveyed) detected {
	cred := s.Account.Credential
	out := detected{Provider: p.Kind(), Model: s.Model, Operations: map[string]string{}, Clients: []clientFidelity{}}
	for _, op := range provider.Operations() {
		switch provider.WayOf(p, cred, op, s.Model) {
		case provider.Native:
			out.Operations[string(op)] = "native"
		case provider.AsChat:
			out.Operations[string(op)] = "as_chat"
		}
	}
	if out.Operations[string(provider.Generate)] != "" {
		for _, client := range []llm.Protocol{llm.OpenAIChat, llm.Responses, llm.Anthropic, llm.Gemini} {
			up := provider.ProtocolOf(p, cred, provider.Ask{Model: s.Model, Client: client}).Name()
			f := clientFidelity{Client: client, Upstream: up, Fidelity: "translated"}
			if up == client {
				f.Fidelity = "identical"
			}
			out.Clients = append(out.Clients, f)
		}
	}
	out.Capabilities = capabilitiesOf(provider.CapsOf(p, cred, s.Model).With(s.Announced))
	return out
}

func capabilitiesOf(c family.Caps) capabilities {
	out := capabilities{
		Family: c.Family, MaxOutput: c.MaxOutput, Reasoning: string(c.Reasoning.Dialect),
		JSONSchema: c.JSONSchema, FormatWithTools: c.FormatTools, FetchesImages: c.URLMedia || c.URLImages,
		ImageOutput: c.ImageOut, AudioOutput: c.AudioOut, MaxTools: c.MaxTools, MaxStopSequences: c.MaxStops,
	}
	for _, level := range c.Reasoning.Levels {
		out.ReasoningLevels = append(out.ReasoningLevels, string(level))
	}
	return out
}
