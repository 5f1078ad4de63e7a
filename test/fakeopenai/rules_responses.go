package fakeopenai

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// responsesRequest is the body as OpenAI documents it (openai-go v3,
// responses.ResponseNewParams); members that it does not name are refused.
type responsesRequest struct {
	Model             string            `json:"model"`
	Input             json.RawMessage   `json:"input"`
	Instructions      *string           `json:"instructions"`
	Tools             []responsesTool   `json:"tools"`
	ToolChoice        json.RawMessage   `json:"tool_choice"`
	ParallelToolCalls *bool             `json:"parallel_tool_calls"`
	Text              *responsesText    `json:"text"`
	Reasoning         *responsesThink   `json:"reasoning"`
	MaxOutputTokens   *int              `json:"max_output_tokens"`
	Temperature       *float64          `json:"temperature"`
	TopP              *float64          `json:"top_p"`
	TopLogprobs       *int              `json:"top_logprobs"`
	Include           []string          `json:"include"`
	Store             *bool             `json:"store"`
	Stream            bool              `json:"stream"`
	PromptCacheKey    string            `json:"prompt_cache_key"`
	SafetyIdentifier  string            `json:"safety_identifier"`
	User              string            `json:"user"`
	Metadata          map[string]string `json:"metadata"`
	ServiceTier       string            `json:"service_tier"`
	Truncation        string            `json:"truncation"`

	// Of Codex: notes of its own, which the service takes from it.
	ClientMetadata json.RawMessage `json:"client_metadata"`
}

type responsesText struct {
	Verbosity string `json:"verbosity"`
	Format    *struct {
		Type        string          `json:"type"`
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Schema      json.RawMessage `json:"schema"`
		Strict      *bool           `json:"strict"`
	} `json:"format"`
}

type responsesThink struct {
	Effort  string `json:"effort"`
	Summary string `json:"summary"`
}

type responsesTool struct {
	Type        string          `json:"type"`
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
	Strict      *bool           `json:"strict"`
	Format      json.RawMessage `json:"format"`
	Tools       []responsesTool `json:"tools"` // of a namespace

	Defer bool `json:"defer_loading"`

	// Of web_search.
	WebAccess *bool           `json:"external_web_access"`
	Filters   json.RawMessage `json:"filters"`
	Location  json.RawMessage `json:"user_location"`
	Context   string          `json:"search_context_size"`
	// Of code_interpreter.
	Container json.RawMessage `json:"container"`
}

type responsesItem struct {
	Type      string          `json:"type"`
	ID        string          `json:"id"`
	Role      string          `json:"role"`
	Status    string          `json:"status"`
	Phase     string          `json:"phase"`
	Content   json.RawMessage `json:"content"`
	Summary   *[]summaryPart  `json:"summary"`
	Encrypted string          `json:"encrypted_content"`
	CallID    string          `json:"call_id"`
	Name      string          `json:"name"`
	Namespace string          `json:"namespace"`
	Arguments *string         `json:"arguments"`
	Input     *string         `json:"input"`
	Output    json.RawMessage `json:"output"`
}

type summaryPart struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type responsesPart struct {
	Type        string          `json:"type"`
	Text        *string         `json:"text"`
	Refusal     *string         `json:"refusal"`
	Annotations json.RawMessage `json:"annotations"`
	Logprobs    json.RawMessage `json:"logprobs"`
	ImageURL    string          `json:"image_url"`
	FileID      string          `json:"file_id"`
	FileData    string          `json:"file_data"`
	FileURL     string          `json:"file_url"`
	Filename    string          `json:"filename"`
	Detail      string          `json:"detail"`
	Breakpoint  json.RawMessage `json:"prompt_cache_breakpoint"`
}

// sealError is the refusal of another organisation's reasoning ("The encrypted
// content … could not be verified", openai/openai-agents-python #2063).
type sealError struct{ what string }

func (e *sealError) Error() string {
	return "The encrypted content " + e.what + " could not be verified."
}

func parseResponses(body []byte) (*responsesRequest, error) {
	var r responsesRequest
	if err := strict(body, &r); err != nil {
		return nil, err
	}
	for _, check := range []func() error{r.options, r.tools, r.items} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

// options: limits below 16 are "integer below minimum value"; reasoning models
// take no sampling; others no reasoning ("Unsupported parameter:
// 'reasoning.effort' is not supported with this model"), nor their encrypted
// content ("Encrypted content is not supported with this model").
func (r *responsesRequest) options() error {
	off := r.Model == Newest && r.Reasoning != nil && r.Reasoning.Effort == "none"
	reasons := r.Model == Reasoner || r.Model == Thinker || r.Model == Newest
	switch {
	case r.Model != Model && !reasons:
		return fmt.Errorf("the model %q does not exist", r.Model)
	case r.MaxOutputTokens != nil && *r.MaxOutputTokens < 16:
		return errors.New("invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16")
	case reasons && !off && (r.Temperature != nil || r.TopP != nil || r.TopLogprobs != nil):
		return errors.New("unsupported parameter with this model")
	case !reasons && r.Reasoning != nil:
		return errors.New("unsupported parameter: 'reasoning' is not supported with this model")
	case len(r.SafetyIdentifier) > 128 || len(r.PromptCacheKey) > 64:
		return errors.New("an identifier is too long")
	}
	for _, word := range r.Include {
		switch word {
		case "reasoning.encrypted_content":
			if !reasons {
				return errors.New("encrypted content is not supported with this model")
			}
		case "message.output_text.logprobs":
		default:
			return fmt.Errorf("include: %q", word)
		}
	}
	if t := r.Text; t != nil && t.Format != nil {
		switch f := t.Format; f.Type {
		case "text":
		case "json_object":
			if !strings.Contains(strings.ToLower(string(r.Input)), "json") {
				return errors.New("input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'")
			}
		case "json_schema":
			if !name.MatchString(f.Name) {
				return errors.New("text.format.name")
			}
			return schema(f.Schema, f.Strict)
		default:
			return errors.New("text.format.type")
		}
	}
	return nil
}

// tools: strict is the default here ("Invalid schema for function"), so a
// schema that is not closed needs strict:false.
func (r *responsesRequest) tools() error {
	if len(r.Tools) > 128 {
		return errors.New("tools: too many")
	}
	if len(r.Tools) == 0 && (r.ToolChoice != nil || r.ParallelToolCalls != nil) {
		return errors.New("'tool_choice' is only allowed when 'tools' are specified")
	}
	return checkTools(r.Tools, "tools", false)
}

func checkTools(list []responsesTool, path string, grouped bool) error {
	seen := map[string]bool{}
	for i, t := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		err := t.check(at, grouped)
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		if t.Name == "" {
			continue
		}
		if seen[t.Name] {
			return fmt.Errorf("%s: the name %q twice", at, t.Name)
		}
		seen[t.Name] = true
	}
	return nil
}

func (t *responsesTool) check(at string, grouped bool) error {
	if (t.WebAccess != nil || t.Filters != nil || t.Location != nil || t.Context != "") && t.Type != "web_search" ||
		(t.Container != nil) != (t.Type == "code_interpreter") || t.Tools != nil && t.Type != "namespace" {
		return errors.New("a member of another type, or none of its own")
	}
	switch {
	case t.Defer && t.Type != "function" && t.Type != "custom":
		return fmt.Errorf("defer_loading of %q", t.Type)
	case t.Context != "" && !strings.Contains(" low medium high ", " "+t.Context+" "):
		return fmt.Errorf("search_context_size: %q", t.Context)
	case t.Type == "function":
		isStrict := t.Strict == nil || *t.Strict
		if t.Parameters == nil {
			return errors.New("missing required parameter: parameters")
		}
		if err := schema(t.Parameters, &isStrict); err != nil {
			return err
		}
	case t.Type == "custom":
	case grouped:
		return fmt.Errorf("invalid value: %q", t.Type)
	case t.Type == "namespace": // openai-go v3, NamespaceToolParam: all of them are required
		if t.Description == "" || len(t.Tools) == 0 {
			return errors.New("missing required parameter of a namespace")
		}
		if err := checkTools(t.Tools, at+".tools", true); err != nil {
			return err
		}
	case t.Type == "web_search", t.Type == "code_interpreter":
		return nil
	case t.Type == "tool_search": // openai-go v3, ToolSearchTool: the members that a client's search has are not read here
		if t.Name != "" || t.Parameters != nil || t.Description != "" {
			return errors.New("a search that the service makes has no member but its type")
		}
		return nil
	default:
		return fmt.Errorf("invalid value: %q", t.Type)
	}
	if !name.MatchString(t.Name) {
		return fmt.Errorf("the name %q", t.Name)
	}
	return nil
}

// idPrefixes: "Invalid 'input[2].id': … Expected an ID that begins with 'fc'."
var idPrefixes = map[string]string{"message": "msg", "reasoning": "rs", "function_call": "fc", "custom_tool_call": "ctc"}

// items: "No tool call found for function call output with call_id …", "No tool
// output found for function call …", and "Item 'rs_…' of type 'reasoning' was
// provided without its required following item".
func (r *responsesRequest) items() error {
	var text string
	if json.Unmarshal(r.Input, &text) == nil && text != "" {
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(r.Input, &raw); err != nil || len(raw) == 0 {
		return errors.New("input: expected a string or items")
	}
	open, ids := map[string]bool{}, map[string]bool{}
	thought := false
	for i, one := range raw {
		var it responsesItem
		if err := strict(one, &it); err != nil {
			return fmt.Errorf("input[%d]: %w", i, err)
		}
		if it.Type == "" && it.Role != "" {
			it.Type = "message"
		}
		if want := idPrefixes[it.Type]; it.ID != "" && !strings.HasPrefix(it.ID, want) {
			return fmt.Errorf("invalid 'input[%d].id': %q. Expected an ID that begins with %q", i, it.ID, want)
		}
		if thought && !(it.Type == "reasoning" || it.Type == "message" && it.Role == "assistant" || strings.HasSuffix(it.Type, "_call")) {
			return fmt.Errorf("input[%d]: reasoning was provided without its required following item", i)
		}
		thought = it.Type == "reasoning"
		if err := it.check(open, ids); err != nil {
			return fmt.Errorf("input[%d]: %w", i, err)
		}
	}
	if thought {
		return errors.New("reasoning was provided without its required following item")
	}
	if len(open) > 0 {
		return fmt.Errorf("no tool output found for %v", open)
	}
	return nil
}

func (it *responsesItem) check(open, ids map[string]bool) error {
	switch it.Type {
	case "message":
		return it.message()
	case "reasoning":
		switch {
		case it.Summary == nil:
			return errors.New("missing required parameter: summary")
		case it.Encrypted == "":
			return fmt.Errorf("Item with id '%s' not found. Items are not persisted when `store` is set to false", it.ID)
		case !strings.HasPrefix(it.Encrypted, "gAAA-"+Org+"-"):
			return &sealError{it.Encrypted}
		}
		return nil
	case "function_call", "custom_tool_call":
		args := it.Arguments
		if it.Type == "custom_tool_call" {
			args = it.Input
		}
		if it.CallID == "" || len(it.CallID) > 64 || ids[it.CallID] || args == nil || !name.MatchString(it.Name) {
			return fmt.Errorf("a call %q of %q", it.CallID, it.Name)
		}
		open[it.CallID], ids[it.CallID] = true, true
		return nil
	case "function_call_output", "custom_tool_call_output":
		if !open[it.CallID] {
			return fmt.Errorf("no tool call found for function call output with call_id %s", it.CallID)
		}
		delete(open, it.CallID)
		return parts(it.Output, "input_text input_image input_file")
	}
	return fmt.Errorf("invalid value: %q", it.Type)
}

func (it *responsesItem) message() error {
	switch it.Role {
	case "system", "developer":
		return parts(it.Content, "input_text")
	case "user":
		return parts(it.Content, "input_text input_image input_file")
	case "assistant": // "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'."
		return parts(it.Content, "output_text refusal")
	}
	return fmt.Errorf("role %q", it.Role)
}

func parts(raw json.RawMessage, allowed string) error {
	var text string
	if json.Unmarshal(raw, &text) == nil && len(raw) > 0 && raw[0] == '"' {
		return nil
	}
	var list []responsesPart
	if err := strict(raw, &list); err != nil {
		return err
	}
	if len(list) == 0 {
		return errors.New("content: empty")
	}
	for _, p := range list {
		ok := strings.Contains(" "+allowed+" ", " "+p.Type+" ")
		switch p.Type {
		case "input_text", "output_text":
			ok = ok && p.Text != nil
		case "refusal":
			ok = ok && p.Refusal != nil
		case "input_image":
			ok = ok && (p.FileID != "" || strings.HasPrefix(p.ImageURL, "https://") || strings.HasPrefix(p.ImageURL, "data:image/"))
		case "input_file": // a file's data goes with its name
			ok = ok && (p.FileID != "" || p.FileURL != "" || p.Filename != "" && strings.HasPrefix(p.FileData, "data:"))
		}
		if !ok {
			return fmt.Errorf("content: a part of type %q", p.Type)
		}
	}
	return nil
}
