package fakeanthropic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// request is the body as Anthropic documents it (anthropic-sdk-go v1,
// MessageNewParams); members that it does not name are refused.
type request struct {
	Model         string        `json:"model"`
	MaxTokens     *int          `json:"max_tokens"`
	Messages      []message     `json:"messages"`
	System        []block       `json:"system"`
	Tools         []tool        `json:"tools"`
	ToolChoice    *toolChoice   `json:"tool_choice"`
	Thinking      *thinking     `json:"thinking"`
	OutputConfig  *outputConfig `json:"output_config"`
	StopSequences []string      `json:"stop_sequences"`
	Temperature   *float64      `json:"temperature"`
	TopP          *float64      `json:"top_p"`
	TopK          *int          `json:"top_k"`
	Metadata      *struct {
		UserID string `json:"user_id"`
	} `json:"metadata"`
	CacheControl *cacheControl `json:"cache_control"`
	ServiceTier  string        `json:"service_tier"`
	Stream       bool          `json:"stream"`

	// Behind the beta header of that name (anthropic-sdk-go,
	// AnthropicBetaContextManagement2025_06_27).
	ContextManagement json.RawMessage `json:"context_management"`
}

type toolChoice struct {
	Type            string `json:"type"`
	Name            string `json:"name"`
	DisableParallel *bool  `json:"disable_parallel_tool_use"`
}

type thinking struct {
	Type         string `json:"type"`
	BudgetTokens *int   `json:"budget_tokens"`
	Display      string `json:"display"`
}

type outputConfig struct {
	Effort string `json:"effort"`
	Format *struct {
		Type   string          `json:"type"`
		Schema json.RawMessage `json:"schema"`
	} `json:"format"`
}

type cacheControl struct {
	Type string `json:"type"`
	TTL  string `json:"ttl"`
}

type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
	blocks  []block
}

type block struct {
	Type         string          `json:"type"`
	Text         string          `json:"text"`
	Thinking     *string         `json:"thinking"`
	Signature    string          `json:"signature"`
	Data         string          `json:"data"`
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Input        json.RawMessage `json:"input"`
	ToolUseID    string          `json:"tool_use_id"`
	Content      json.RawMessage `json:"content"`
	IsError      bool            `json:"is_error"`
	Source       json.RawMessage `json:"source"`
	Title        string          `json:"title"`
	Context      string          `json:"context"`
	CacheControl *cacheControl   `json:"cache_control"`
}

type tool struct {
	Type         string          `json:"type"`
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"input_schema"`
	Strict       *bool           `json:"strict"`
	MaxUses      *int            `json:"max_uses"`
	CacheControl *cacheControl   `json:"cache_control"`
	DeferLoading *bool           `json:"defer_loading"`
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

var (
	toolName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	serverID = regexp.MustCompile(`^srvtoolu_[A-Za-z0-9_]+$`)
	callID   = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

func parse(body []byte, count bool) (*request, error) {
	var r request
	if err := strict(body, &r); err != nil {
		return nil, err
	}
	if count && (r.MaxTokens != nil || r.Temperature != nil || r.StopSequences != nil || r.Metadata != nil || r.Stream) {
		return nil, errors.New("Extra inputs are not permitted")
	}
	if !count && (r.MaxTokens == nil || *r.MaxTokens < 1) {
		return nil, errors.New("max_tokens: Field required")
	}
	if r.Model == Plain && !count && *r.MaxTokens > PlainOutput {
		return nil, fmt.Errorf("max_tokens: %d > %d, which is the maximum allowed number of output tokens for %s", *r.MaxTokens, PlainOutput, Plain)
	}
	for _, check := range []func() error{r.conversation, r.toolSet, r.sampling, r.caching, r.format} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if count {
		return &r, nil
	}
	return &r, r.reasoning()
}

// format: the answer's form is a JSON schema, there is no other (package
// anthropic-sdk-go, JSONOutputFormatParam); its objects are closed ("For 'object'
// type, 'additionalProperties' must be explicitly set to false").
func (r *request) format() error {
	if r.OutputConfig == nil || r.OutputConfig.Format == nil {
		return nil
	}
	f := r.OutputConfig.Format
	var root struct {
		Type string `json:"type"`
		More any    `json:"additionalProperties"`
	}
	switch {
	case f.Type != "json_schema":
		return fmt.Errorf("output_config.format: Input tag %q does not match any of the expected tags: 'json_schema'", f.Type)
	case json.Unmarshal(f.Schema, &root) != nil:
		return errors.New("output_config.format.schema: Input should be a valid dictionary")
	case root.Type == "object" && root.More != false:
		return errors.New("output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false")
	}
	return nil
}

// conversation: the user speaks first; thinking is unaltered; every call has
// its result at the head of the next message ("tool_use ids were found without
// tool_result blocks immediately after").
func (r *request) conversation() error {
	if len(r.Messages) == 0 || r.Messages[0].Role != "user" {
		return errors.New("messages: first message must use the user role")
	}
	open := map[string]bool{}
	for i := range r.Messages {
		m := &r.Messages[i]
		mid := m.Role == "system" && r.Model == Adaptive && i > 0 && r.Messages[i-1].Role == "user" && len(open) == 0
		if m.Role != "user" && m.Role != "assistant" && !mid {
			return fmt.Errorf("messages.%d: unexpected role %q", i, m.Role)
		}
		if err := m.read(); err != nil {
			return fmt.Errorf("messages.%d: %w", i, err)
		}
		next := map[string]bool{}
		plain := false
		for j, b := range m.blocks {
			if err := r.block(m.Role, b); err != nil {
				return fmt.Errorf("messages.%d.content.%d: %w", i, j, err)
			}
			switch {
			case b.Type == "tool_result" && (plain || !open[b.ToolUseID]):
				return fmt.Errorf("messages.%d: unexpected tool_result %q", i, b.ToolUseID)
			case b.Type == "tool_result":
				delete(open, b.ToolUseID)
			case b.Type == "tool_use" && next[b.ID]:
				return fmt.Errorf("messages.%d: tool_use ids must be unique", i)
			case b.Type == "tool_use":
				next[b.ID] = true
			default:
				plain = true
			}
		}
		if len(open) > 0 {
			return fmt.Errorf("messages.%d: tool_use ids without tool_result: %v", i, open)
		}
		open = next
	}
	if len(open) > 0 {
		return errors.New("messages: tool_use without tool_result at the end")
	}
	if last := r.Messages[len(r.Messages)-1]; last.Role == "assistant" && r.Model == Adaptive && !paused(last.blocks) {
		return errors.New("This model does not support assistant message prefill")
	}
	for i, b := range r.System {
		if b.Type != "text" || strings.TrimSpace(b.Text) == "" {
			return fmt.Errorf("system.%d: text content blocks must be non-empty", i)
		}
	}
	return nil
}

// paused tells a turn that the service itself broke off and that is sent back to
// go on (anthropic-sdk-go, StopReasonPauseTurn): it ends with the service's tool.
func paused(blocks []block) bool {
	last := blocks[len(blocks)-1].Type
	return last == "server_tool_use" || last == "web_search_tool_result"
}

// search: what the service ran comes back as it was, the result with the
// encrypted content that it was given.
func (r *request) search(role string, b block) error {
	if role != "assistant" {
		return fmt.Errorf("%s in another role", b.Type)
	}
	if b.Type == "server_tool_use" {
		if !serverID.MatchString(b.ID) || b.Name != "web_search" || len(b.Input) == 0 || b.Input[0] != '{' {
			return fmt.Errorf("server_tool_use %q", b.ID)
		}
		return nil
	}
	var found []struct {
		Type    string  `json:"type"`
		URL     string  `json:"url"`
		Title   string  `json:"title"`
		Content string  `json:"encrypted_content"`
		Age     *string `json:"page_age"`
	}
	if err := strict(b.Content, &found); err != nil {
		return fmt.Errorf("web_search_tool_result: %w", err)
	}
	if !serverID.MatchString(b.ToolUseID) {
		return fmt.Errorf("web_search_tool_result %q", b.ToolUseID)
	}
	for _, f := range found {
		if f.Type != "web_search_result" || f.Content != signature(r.Model, f.URL) {
			return errors.New("Invalid `encrypted_content` in `search_result` block")
		}
	}
	return nil
}

func (m *message) read() error {
	var text string
	if json.Unmarshal(m.Content, &text) == nil && len(m.Content) > 0 && m.Content[0] == '"' {
		m.blocks = []block{{Type: "text", Text: text}}
		return nil
	}
	if err := strict(m.Content, &m.blocks); err != nil {
		return err
	}
	if len(m.blocks) == 0 {
		return errors.New("messages must have non-empty content")
	}
	return nil
}

func (r *request) block(role string, b block) error {
	switch b.Type {
	case "text":
		if strings.TrimSpace(b.Text) == "" {
			return errors.New("text content blocks must be non-empty")
		}
	case "thinking":
		if role != "assistant" || b.Thinking == nil || b.Signature != signature(r.Model, *b.Thinking) {
			return errors.New("Invalid `signature` in `thinking` block")
		}
	case "tool_use":
		if role != "assistant" || !callID.MatchString(b.ID) || !toolName.MatchString(b.Name) || len(b.Input) == 0 || b.Input[0] != '{' {
			return fmt.Errorf("tool_use %q", b.ID)
		}
	case "tool_result":
		if role != "user" {
			return errors.New("tool_result in another role")
		}
	case "server_tool_use", "web_search_tool_result":
		return r.search(role, b)
	case "image", "document":
		if c := can(r.Model); b.Type == "image" && !c.ImageInput.Supported || b.Type == "document" && !c.PDFInput.Supported {
			return fmt.Errorf("this model does not support %s input", b.Type)
		}
		return source(role, b)
	default:
		return fmt.Errorf("Input tag %q found", b.Type)
	}
	return nil
}

func source(role string, b block) error {
	var s struct {
		Type      string `json:"type"`
		MediaType string `json:"media_type"`
		Data      string `json:"data"`
		URL       string `json:"url"`
	}
	if err := strict(b.Source, &s); err != nil || role != "user" {
		return errors.New("source")
	}
	images := s.MediaType == "image/png" || s.MediaType == "image/jpeg" || s.MediaType == "image/gif" || s.MediaType == "image/webp"
	switch {
	case s.Type == "url" && strings.HasPrefix(s.URL, "https://"):
	case s.Type == "base64" && s.Data != "" && (b.Type == "image" && images || b.Type == "document" && s.MediaType == "application/pdf"):
	case s.Type == "text" && b.Type == "document" && s.MediaType == "text/plain":
	default:
		return fmt.Errorf("source of type %q, %q", s.Type, s.MediaType)
	}
	return nil
}

func (r *request) toolSet() error {
	seen := map[string]bool{}
	for i, t := range r.Tools {
		if !toolName.MatchString(t.Name) || seen[t.Name] {
			return fmt.Errorf("tools.%d: name %q", i, t.Name)
		}
		seen[t.Name] = true
		if name, ok := strings.CutSuffix(t.Type, "_20251119"); ok && strings.HasPrefix(name, "tool_search_tool_") {
			if t.Name != name || t.InputSchema != nil || t.DeferLoading != nil { // ToolSearchToolBm25_20251119Param
				return fmt.Errorf("tools.%d: %q", i, t.Type)
			}
			continue
		}
		if t.Type == "web_search_20250305" || t.Type == "code_execution_20250825" && t.Name == "code_execution" {
			continue
		}
		var s map[string]json.RawMessage
		if t.Type != "" && t.Type != "custom" || json.Unmarshal(t.InputSchema, &s) != nil || string(s["type"]) != `"object"` {
			return fmt.Errorf("tools.%d.input_schema.type: Field required", i)
		}
		if s["anyOf"] != nil || s["oneOf"] != nil || s["allOf"] != nil {
			return errors.New("input_schema does not support oneOf, allOf, or anyOf at the top level")
		}
		if t.Strict != nil && *t.Strict && string(s["additionalProperties"]) != "false" {
			return errors.New("a strict tool must set additionalProperties to false")
		}
	}
	if c := r.ToolChoice; c != nil {
		if len(r.Tools) == 0 {
			return errors.New("tool_choice may only be specified while providing tools")
		}
		if c.Type == "tool" && !seen[c.Name] || !strings.Contains(" auto any tool none ", " "+c.Type+" ") {
			return fmt.Errorf("tool_choice %q %q", c.Type, c.Name)
		}
	}
	return nil
}

func (r *request) sampling() error {
	switch r.Model {
	case Adaptive:
		if r.Temperature != nil || r.TopP != nil || r.TopK != nil {
			return errors.New("sampling is not supported by this model")
		}
	case Manual, Plain:
		if r.Temperature != nil && r.TopP != nil {
			return errors.New("temperature and top_p cannot both be specified for this model")
		}
		if r.Temperature != nil && (*r.Temperature < 0 || *r.Temperature > 1) {
			return errors.New("temperature: range: 0..1")
		}
	default:
		return fmt.Errorf("model: %s", r.Model)
	}
	for _, s := range r.StopSequences {
		if strings.TrimSpace(s) == "" {
			return errors.New("stop_sequences: each stop sequence must contain non-whitespace")
		}
	}
	return nil
}

func (r *request) reasoning() error {
	t := r.Thinking
	if t == nil {
		return nil
	}
	switch {
	case t.Type == "disabled":
	case t.Type == "adaptive" && can(r.Model).Thinking.Types.Adaptive.Supported:
	case t.Type == "enabled" && can(r.Model).Thinking.Types.Enabled.Supported:
		if t.BudgetTokens == nil || *t.BudgetTokens < 1024 || *t.BudgetTokens >= *r.MaxTokens {
			return errors.New("`max_tokens` must be greater than `thinking.budget_tokens`")
		}
		if r.Temperature != nil && *r.Temperature != 1 || r.TopK != nil {
			return errors.New("`temperature` may only be set to 1 when thinking is enabled")
		}
		if r.ToolChoice != nil && (r.ToolChoice.Type == "any" || r.ToolChoice.Type == "tool") {
			return errors.New("Thinking may not be enabled when tool_choice forces tool use")
		}
		return r.loop()
	default:
		return fmt.Errorf("thinking.type %q is not supported on this model", t.Type)
	}
	return nil
}

// loop: "Expected `thinking` or `redacted_thinking`, but found `tool_use`".
func (r *request) loop() error {
	n := len(r.Messages)
	if n < 2 || r.Messages[n-1].blocks[0].Type != "tool_result" {
		return nil
	}
	if first := r.Messages[n-2].blocks[0].Type; first != "thinking" && first != "redacted_thinking" {
		return fmt.Errorf("Expected `thinking` or `redacted_thinking`, but found `%s`", first)
	}
	return nil
}

func (r *request) caching() error {
	n := 0
	count := func(c *cacheControl) error {
		if c == nil {
			return nil
		}
		n++
		if c.Type != "ephemeral" || c.TTL != "" && c.TTL != "5m" && c.TTL != "1h" {
			return fmt.Errorf("cache_control %+v", *c)
		}
		return nil
	}
	all := []*cacheControl{r.CacheControl}
	for _, t := range r.Tools {
		all = append(all, t.CacheControl)
	}
	for _, b := range r.System {
		all = append(all, b.CacheControl)
	}
	for _, m := range r.Messages {
		for _, b := range m.blocks {
			all = append(all, b.CacheControl)
		}
	}
	for _, c := range all {
		if err := count(c); err != nil {
			return err
		}
	}
	if n > 4 {
		return fmt.Errorf("a maximum of 4 blocks with cache_control may be provided, found %d", n)
	}
	return nil
}
