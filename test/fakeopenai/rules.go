package fakeopenai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// request is the body as OpenAI documents it (openai-go v3,
// ChatCompletionNewParams); members that it does not name are refused.
type request struct {
	Model               string            `json:"model"`
	Messages            []message         `json:"messages"`
	Tools               []tool            `json:"tools"`
	ToolChoice          json.RawMessage   `json:"tool_choice"`
	ParallelToolCalls   *bool             `json:"parallel_tool_calls"`
	ResponseFormat      *responseFormat   `json:"response_format"`
	MaxCompletionTokens *int              `json:"max_completion_tokens"`
	MaxTokens           *int              `json:"max_tokens"`
	Temperature         *float64          `json:"temperature"`
	TopP                *float64          `json:"top_p"`
	PresencePenalty     *float64          `json:"presence_penalty"`
	FrequencyPenalty    *float64          `json:"frequency_penalty"`
	Logprobs            *bool             `json:"logprobs"`
	TopLogprobs         *int              `json:"top_logprobs"`
	LogitBias           map[string]int    `json:"logit_bias"`
	Seed                *int64            `json:"seed"`
	N                   *int              `json:"n"`
	Stop                json.RawMessage   `json:"stop"`
	ReasoningEffort     *string           `json:"reasoning_effort"`
	Verbosity           *string           `json:"verbosity"`
	SafetyIdentifier    string            `json:"safety_identifier"`
	User                string            `json:"user"`
	PromptCacheKey      string            `json:"prompt_cache_key"`
	Metadata            map[string]string `json:"metadata"`
	ServiceTier         string            `json:"service_tier"`
	Store               *bool             `json:"store"`
	Stream              bool              `json:"stream"`
	StreamOptions       *streamOptions    `json:"stream_options"`
	WebSearch           *webSearch        `json:"web_search_options"`
}

type webSearch struct {
	Size     string          `json:"search_context_size"`
	Location json.RawMessage `json:"user_location"`
}

type streamOptions struct {
	IncludeUsage       bool  `json:"include_usage"`
	IncludeObfuscation *bool `json:"include_obfuscation"`
}

type message struct {
	Role       string          `json:"role"`
	Content    json.RawMessage `json:"content"`
	Name       string          `json:"name"`
	Refusal    *string         `json:"refusal"`
	ToolCallID string          `json:"tool_call_id"`
	ToolCalls  []toolCall      `json:"tool_calls"`
	// The service takes its own messages back as they came, which the function
	// calling guide does: messages.append(response.choices[0].message).
	Annotations json.RawMessage `json:"annotations"`
}

type toolCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function *struct {
		Name      string  `json:"name"`
		Arguments *string `json:"arguments"`
	} `json:"function"`
	Custom *struct {
		Name  string  `json:"name"`
		Input *string `json:"input"`
	} `json:"custom"`
}

type tool struct {
	Type     string `json:"type"`
	Function *struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
		Strict      *bool           `json:"strict"`
	} `json:"function"`
	Custom *struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Format      json.RawMessage `json:"format"`
	} `json:"custom"`
}

type responseFormat struct {
	Type       string `json:"type"`
	JSONSchema *struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Schema      json.RawMessage `json:"schema"`
		Strict      *bool           `json:"strict"`
	} `json:"json_schema"`
}

type part struct {
	Type     string  `json:"type"`
	Text     *string `json:"text"`
	ImageURL *struct {
		URL    string `json:"url"`
		Detail string `json:"detail"`
	} `json:"image_url"`
	File *struct {
		FileData string `json:"file_data"`
		FileID   string `json:"file_id"`
		Filename string `json:"filename"`
	} `json:"file"`
	InputAudio *struct {
		Data   string `json:"data"`
		Format string `json:"format"`
	} `json:"input_audio"`
	Breakpoint *struct {
		Mode string `json:"mode"`
		TTL  string `json:"ttl"`
	} `json:"prompt_cache_breakpoint"`
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

var name = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func parse(body []byte) (*request, error) {
	var r request
	if err := strict(body, &r); err != nil {
		return nil, err
	}
	for _, check := range []func() error{r.model, r.messages, r.tools, r.options} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return &r, nil
}

var errOldLimit = errors.New("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")

// model: reasoning models take neither sampling nor max_tokens ("Unsupported
// parameter: 'max_tokens' is not supported with this model").
func (r *request) model() error {
	if r.WebSearch != nil && r.Model != Searcher {
		return errors.New("unknown parameter: 'web_search_options'")
	}
	switch r.Model {
	case Newest:
		off := r.ReasoningEffort != nil && *r.ReasoningEffort == "none"
		if r.MaxTokens != nil {
			return errOldLimit
		}
		if !off && (r.Temperature != nil || r.TopP != nil || r.Logprobs != nil) {
			return errors.New("unsupported parameter with this model")
		}
		if len(r.Tools) > 0 && !off {
			return errors.New("function tools with reasoning_effort are not supported for this model in /v1/chat/completions; use /v1/responses instead")
		}
	case Model, Searcher, Hearer:
		if r.ReasoningEffort != nil || r.Verbosity != nil {
			return errors.New("unrecognized request argument supplied: reasoning_effort or verbosity")
		}
	case Reasoner:
		if r.MaxTokens != nil {
			return errOldLimit
		}
		if r.Temperature != nil || r.TopP != nil || r.Logprobs != nil || r.LogitBias != nil || r.PresencePenalty != nil {
			return errors.New("unsupported parameter with this model")
		}
		if r.ReasoningEffort != nil && (*r.ReasoningEffort == "none" || *r.ReasoningEffort == "xhigh") {
			return fmt.Errorf("unsupported value: 'reasoning_effort' does not support %q with this model", *r.ReasoningEffort)
		}
	case Compatible, CompatibleSmall:
		if r.MaxCompletionTokens != nil {
			return errors.New("max_completion_tokens is not known here")
		}
	default:
		return fmt.Errorf("the model %q does not exist", r.Model)
	}
	return nil
}

// messages: results stand directly behind the message that called, one for
// each call ("An assistant message with 'tool_calls' must be followed by tool
// messages responding to each 'tool_call_id'").
func (r *request) messages() error {
	if len(r.Messages) == 0 {
		return errors.New("messages: expected at least one")
	}
	open := map[string]bool{}
	for i, m := range r.Messages {
		if m.Role == "tool" {
			if !open[m.ToolCallID] {
				return fmt.Errorf("messages[%d]: no call %q to answer", i, m.ToolCallID)
			}
			delete(open, m.ToolCallID)
		} else if len(open) > 0 {
			return fmt.Errorf("messages[%d]: calls without results: %v", i, open)
		}
		if err := m.check(open); err != nil {
			return fmt.Errorf("messages[%d]: %w", i, err)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("calls without results: %v", open)
	}
	return nil
}

func (m *message) check(open map[string]bool) error {
	allowed := "text"
	switch m.Role {
	case "system", "developer", "tool":
	case "user":
		allowed = "text image_url file input_audio"
	case "assistant":
		for _, c := range m.ToolCalls {
			if err := c.check(); err != nil {
				return err
			}
			if open[c.ID] {
				return fmt.Errorf("the id %q twice", c.ID)
			}
			open[c.ID] = true
		}
		if string(m.Content) == "null" || m.Content == nil {
			if len(m.ToolCalls) == 0 && m.Refusal == nil {
				return errors.New("content is required")
			}
			return nil
		}
	default:
		return fmt.Errorf("role %q", m.Role)
	}
	if m.Role != "assistant" && (m.ToolCalls != nil || m.Refusal != nil) || m.Role != "tool" && m.ToolCallID != "" {
		return errors.New("a member of another role")
	}
	return content(m.Content, allowed)
}

func content(raw json.RawMessage, allowed string) error {
	var text string
	if json.Unmarshal(raw, &text) == nil && len(raw) > 0 && raw[0] == '"' {
		return nil
	}
	var parts []part
	if err := strict(raw, &parts); err != nil {
		return fmt.Errorf("content: %w", err)
	}
	if len(parts) == 0 {
		return errors.New("content: empty")
	}
	for _, p := range parts {
		set := 0
		for _, has := range []bool{p.Text != nil, p.ImageURL != nil, p.File != nil, p.InputAudio != nil} {
			if has {
				set++
			}
		}
		if !strings.Contains(" "+allowed+" ", " "+p.Type+" ") || set != 1 {
			return fmt.Errorf("content: a part of type %q", p.Type)
		}
		if p.ImageURL != nil && !strings.HasPrefix(p.ImageURL.URL, "https://") && !strings.HasPrefix(p.ImageURL.URL, "data:image/") {
			return errors.New("content: the URL of an image")
		}
		if p.File != nil && p.File.FileID == "" && !strings.HasPrefix(p.File.FileData, "data:application/pdf;base64,") {
			return errors.New("content: the data of a file")
		}
	}
	return nil
}

func (c *toolCall) check() error {
	switch {
	case c.ID == "" || len(c.ID) > 64:
		return fmt.Errorf("the id of a call: %q", c.ID)
	case c.Type == "function" && c.Function != nil && c.Custom == nil:
		if !name.MatchString(c.Function.Name) || c.Function.Arguments == nil {
			return fmt.Errorf("a call of %q", c.Function.Name)
		}
	case c.Type == "custom" && c.Custom != nil && c.Function == nil:
		if !name.MatchString(c.Custom.Name) || c.Custom.Input == nil {
			return fmt.Errorf("a call of %q", c.Custom.Name)
		}
	default:
		return fmt.Errorf("a call of type %q", c.Type)
	}
	return nil
}

func (r *request) tools() error {
	if len(r.Tools) > 128 {
		return errors.New("tools: too many")
	}
	if len(r.Tools) == 0 && (r.ToolChoice != nil || r.ParallelToolCalls != nil || r.Tools != nil) {
		return errors.New("'tool_choice' is only allowed when 'tools' are specified")
	}
	seen := map[string]bool{}
	for i, t := range r.Tools {
		var n string
		switch {
		case t.Type == "function" && t.Function != nil:
			n = t.Function.Name
			if err := schema(t.Function.Parameters, t.Function.Strict); err != nil {
				return fmt.Errorf("tools[%d]: %w", i, err)
			}
		case t.Type == "custom" && t.Custom != nil && (r.Model == Reasoner || r.Model == Newest):
			n = t.Custom.Name
		default:
			return fmt.Errorf("tools[%d]: type %q", i, t.Type)
		}
		if !name.MatchString(n) || seen[n] {
			return fmt.Errorf("tools[%d]: the name %q", i, n)
		}
		seen[n] = true
	}
	return nil
}

// schema: "schema must be a JSON Schema of 'type: \"object\"'"; a strict one
// closes its objects and requires all of their properties.
func schema(raw json.RawMessage, isStrict *bool) error {
	if raw == nil {
		return nil
	}
	var s struct {
		Type       string                     `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
		More       json.RawMessage            `json:"additionalProperties"`
	}
	if err := json.Unmarshal(raw, &s); err != nil || s.Type != "object" {
		return errors.New("the schema must be an object's")
	}
	if isStrict != nil && *isStrict && (string(s.More) != "false" || len(s.Required) != len(s.Properties)) {
		return errors.New("invalid schema for a strict function")
	}
	return nil
}

func (r *request) options() error {
	if r.WebSearch != nil && r.WebSearch.Size != "" && !strings.Contains(" low medium high ", " "+r.WebSearch.Size+" ") {
		return errors.New("web_search_options.search_context_size")
	}
	if r.StreamOptions != nil && !r.Stream {
		return errors.New("'stream_options' is only allowed when 'stream' is enabled")
	}
	var list []string
	if r.Stop != nil && json.Unmarshal(r.Stop, &list) == nil && len(list) > 4 {
		return errors.New("stop: too many")
	}
	if f := r.ResponseFormat; f != nil {
		switch {
		case f.Type == "json_schema" && f.JSONSchema != nil && name.MatchString(f.JSONSchema.Name):
			return schema(f.JSONSchema.Schema, f.JSONSchema.Strict)
		case f.Type == "json_object", f.Type == "text":
		default:
			return errors.New("response_format")
		}
	}
	if len(r.SafetyIdentifier) > 128 || len(r.PromptCacheKey) > 64 {
		return errors.New("an identifier is too long")
	}
	return nil
}
