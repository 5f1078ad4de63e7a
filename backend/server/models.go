package server

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"antigravity-tools/backend/doctor"
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/provider"
)

// Shapes of a model list, one a protocol family (contract.md section 3).
type openAIModel struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

type openAIList struct {
	Object string        `json:"object"`
	Data   []openAIModel `json:"data"`
}

type anthropicModel struct {
	Type        string `json:"type"`
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	CreatedAt   string `json:"created_at"`
	MaxInput    *int64 `json:"max_input_tokens"`
	MaxTokens   *int64 `json:"max_tokens"`
}

type anthropicList struct {
	Data    []anthropicModel `json:"data"`
	FirstID *string          `json:"first_id"`
	LastID  *string          `json:"last_id"`
	HasMore bool             `json:"has_more"`
}

type geminiModel struct {
	Name        string   `json:"name"`
	Version     string   `json:"version,omitempty"`
	DisplayName string   `json:"displayName"`
	Description string   `json:"description,omitempty"`
	InputLimit  int64    `json:"inputTokenLimit,omitempty"`
	OutputLimit int64    `json:"outputTokenLimit,omitempty"`
	Methods     []string `json:"supportedGenerationMethods"`
	Temperature float64  `json:"temperature,omitempty"`
	MaxTemp     float64  `json:"maxTemperature,omitempty"`
	TopP        float64  `json:"topP,omitempty"`
	TopK        int64    `json:"topK,omitempty"`
	Thinking    bool     `json:"thinking,omitempty"`
}

type geminiList struct {
	Models        []geminiModel `json:"models"`
	NextPageToken string        `json:"nextPageToken,omitempty"`
}

// unknownCreation stands where a list must have a time and the provider gives
// none: the epoch, which nobody takes for a release date.
const unknownCreation = 0

func (s *Server) listModels(w http.ResponseWriter, r *http.Request, shape llm.Protocol) *fault.Error {
	models := s.sortedModels()
	q := r.URL.Query()
	switch shape {
	case llm.Anthropic:
		page, err := anthropicPage(models, q.Get("limit"), q.Get("after_id"), q.Get("before_id"))
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, page)
	case llm.Gemini:
		page, err := geminiPage(models, q.Get("pageSize"), q.Get("pageToken"))
		if err != nil {
			return err
		}
		writeJSON(w, http.StatusOK, page)
	default:
		list := openAIList{Object: "list", Data: []openAIModel{}}
		for _, m := range models {
			list.Data = append(list.Data, asOpenAI(m))
		}
		writeJSON(w, http.StatusOK, list)
	}
	return nil
}

func (s *Server) oneModel(w http.ResponseWriter, _ *http.Request, shape llm.Protocol, id string) *fault.Error {
	for _, m := range s.opts.Models() {
		if m.ID != id {
			continue
		}
		switch shape {
		case llm.Anthropic:
			writeJSON(w, http.StatusOK, asAnthropic(m))
		case llm.Gemini:
			writeJSON(w, http.StatusOK, asGemini(m))
		default:
			writeJSON(w, http.StatusOK, asOpenAI(m))
		}
		return nil
	}
	return fault.New(fault.NotFound, "The model \""+id+"\" is offered by no account here. GET /v1/models lists the models that are.").
		WithCode("model_not_found").WithParam("model").WithSentence(s.opts.Suggest(id))
}

func (s *Server) sortedModels() []provider.Model {
	models := slices.Clone(s.opts.Models())
	slices.SortFunc(models, func(a, b provider.Model) int { return cmp.Compare(a.ID, b.ID) })
	return models
}

// modelShape chooses the shape of a model list by the caller's headers.
func modelShape(r *http.Request, route doctor.Route) llm.Protocol {
	switch {
	case route.Protocol == doctor.Gemini:
		return llm.Gemini
	case r.Header.Get("Anthropic-Version") != "":
		return llm.Anthropic
	case r.Header.Get("X-Goog-Api-Key") != "" || r.URL.Query().Has("key"):
		return llm.Gemini
	default:
		return llm.OpenAIChat
	}
}

func asOpenAI(m provider.Model) openAIModel {
	return openAIModel{ID: m.ID, Object: "model", Created: m.CreatedUnix, OwnedBy: cmp.Or(m.OwnedBy, m.ProviderKind)}
}

func asAnthropic(m provider.Model) anthropicModel {
	return anthropicModel{
		Type: "model", ID: m.ID, DisplayName: cmp.Or(m.DisplayName, m.ID),
		CreatedAt: time.Unix(cmp.Or(m.CreatedUnix, unknownCreation), 0).UTC().Format(time.RFC3339),
		MaxInput:  known(m.InputLimit), MaxTokens: known(m.OutputLimit),
	}
}

func known(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func asGemini(m provider.Model) geminiModel {
	methods := m.Methods
	if methods == nil {
		methods = []string{"generateContent", "countTokens"}
	}
	return geminiModel{
		Name: "models/" + m.ID, Version: m.Version, DisplayName: cmp.Or(m.DisplayName, m.ID),
		Description: m.Description, InputLimit: m.InputLimit, OutputLimit: m.OutputLimit,
		Methods: methods, Temperature: m.Temperature, MaxTemp: m.MaxTemp, TopP: m.TopP, TopK: m.TopK,
		Thinking: m.Thinking,
	}
}

const (
	anthropicPageSize = 20 // the API's default; 1000 at most
	geminiPageSize    = 50
	maxPageSize       = 1000
)

func anthropicPage(models []provider.Model, limit, after, before string) (anthropicList, *fault.Error) {
	size, err := pageSize("limit", limit, anthropicPageSize)
	if err != nil {
		return anthropicList{}, err
	}
	page := anthropicList{Data: []anthropicModel{}}
	if after != "" {
		i := indexOf(models, after)
		models = models[i+1:]
	}
	if before != "" {
		if i := indexOf(models, before); i >= 0 {
			models = models[max(0, i-size):i]
		}
	}
	page.HasMore = len(models) > size
	for _, m := range models[:min(size, len(models))] {
		page.Data = append(page.Data, asAnthropic(m))
	}
	if n := len(page.Data); n > 0 {
		page.FirstID, page.LastID = &page.Data[0].ID, &page.Data[n-1].ID
	}
	return page, nil
}

func indexOf(models []provider.Model, id string) int {
	return slices.IndexFunc(models, func(m provider.Model) bool { return m.ID == id })
}

// geminiPage pages by the name of the last model seen, so that a list that
// changes in between neither repeats nor skips.
func geminiPage(models []provider.Model, size, token string) (geminiList, *fault.Error) {
	n, err := pageSize("pageSize", size, geminiPageSize)
	if err != nil {
		return geminiList{}, err
	}
	page := geminiList{Models: []geminiModel{}}
	for _, m := range models {
		if token != "" && m.ID <= token {
			continue
		}
		if len(page.Models) == n {
			page.NextPageToken = strings.TrimPrefix(page.Models[n-1].Name, "models/")
			break
		}
		page.Models = append(page.Models, asGemini(m))
	}
	return page, nil
}

func pageSize(name, value string, byDefault int) (int, *fault.Error) {
	if value == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, fault.Invalid(name, "%s must be a whole number", name)
	}
	return min(max(n, 1), maxPageSize), nil
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil { // only our own structs come here
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
