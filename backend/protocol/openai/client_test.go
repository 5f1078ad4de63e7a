package openai_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"antigravity-tools/backend/protocol/openai"
)

var codec = openai.Client{}

// completion is a reply as a client of either form ends up with it.
type completion struct {
	ID, Model string
	Created   int64
	Choices   []choice
	Usage     *usage
	Done      bool `json:"-"`
}

type usage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
	In         struct {
		Cached  int64 `json:"cached_tokens"`
		Written int64 `json:"cache_write_tokens"`
	} `json:"prompt_tokens_details"`
	Out struct {
		Reasoning int64 `json:"reasoning_tokens"`
	} `json:"completion_tokens_details"`
}

type choice struct {
	Index    int
	Message  message
	Logprobs *logprobs
	Finish   *string `json:"finish_reason"`
}

type logprobs struct {
	Content, Refusal []json.RawMessage
}

type message struct {
	Role         string
	Content      *string
	Refusal      *string
	Reasoning    string `json:"reasoning_content"`
	Annotations  []json.RawMessage
	ToolCalls    []toolCall    `json:"tool_calls"`
	FunctionCall *functionCall `json:"function_call"`
}

type functionCall struct {
	Name, Arguments string
	Input           string
}

type toolCall struct {
	Index    int `json:"index"`
	ID, Type string
	Function *functionCall
	Custom   *functionCall
	Extra    json.RawMessage `json:"extra_content"`
}

// accumulate is a client of the stream, written after what the vendors' SDKs
// do and knowing nothing of the encoder. It fails on everything a strict
// client would stumble over.
func accumulate(stream []byte, usageAsked bool) (*completion, error) {
	out := &completion{}
	for i, frame := range bytes.Split(stream, []byte("\n\n")) {
		switch {
		case len(frame) == 0 || frame[0] == ':':
			continue
		case out.Done:
			return nil, fmt.Errorf("frame after [DONE]: %s", frame)
		}
		data, ok := bytes.CutPrefix(frame, []byte("data: "))
		if !ok {
			return nil, fmt.Errorf("frame %d is no data line: %s", i, frame)
		}
		if string(data) == "[DONE]" {
			out.Done = true
			continue
		}
		if err := out.add(data, usageAsked); err != nil {
			return nil, fmt.Errorf("%w in %s", err, data)
		}
	}
	if !out.Done {
		return nil, fmt.Errorf("no [DONE]")
	}
	return out, nil
}

func (c *completion) add(data []byte, usageAsked bool) error {
	var top map[string]json.RawMessage
	var chunk struct {
		ID, Object, Model string
		Created           int64
		Choices           []struct {
			Index    int
			Delta    message
			Logprobs *logprobs
			Finish   *string `json:"finish_reason"`
		}
		Usage *usage
	}
	if err := json.Unmarshal(data, &top); err != nil {
		return err
	}
	if err := json.Unmarshal(data, &chunk); err != nil {
		return err
	}
	raw, has := top["usage"]
	switch {
	case chunk.Object != "chat.completion.chunk":
		return fmt.Errorf("object %q", chunk.Object)
	case top["error"] != nil:
		return fmt.Errorf("error member")
	case has != usageAsked:
		return fmt.Errorf("usage member: %t", has)
	case has && string(raw) != "null" && len(chunk.Choices) != 0:
		return fmt.Errorf("usage beside choices")
	case c.ID != "" && (c.ID != chunk.ID || c.Model != chunk.Model || c.Created != chunk.Created):
		return fmt.Errorf("head changed")
	}
	c.ID, c.Model, c.Created = chunk.ID, chunk.Model, chunk.Created
	if chunk.Usage != nil {
		c.Usage = chunk.Usage
	}
	for _, d := range chunk.Choices {
		if d.Index > len(c.Choices) {
			return fmt.Errorf("choice %d before %d", d.Index, len(c.Choices))
		}
		if d.Index == len(c.Choices) {
			if d.Delta.Role != "assistant" {
				return fmt.Errorf("choice %d does not begin with its role", d.Index)
			}
			c.Choices = append(c.Choices, choice{Index: d.Index})
		}
		ch := &c.Choices[d.Index]
		if ch.Finish != nil {
			return fmt.Errorf("delta behind finish_reason")
		}
		ch.Finish = d.Finish
		if err := ch.Message.add(&d.Delta); err != nil {
			return err
		}
		if d.Logprobs != nil {
			if ch.Logprobs == nil {
				ch.Logprobs = &logprobs{}
			}
			ch.Logprobs.Content = append(ch.Logprobs.Content, d.Logprobs.Content...)
			ch.Logprobs.Refusal = append(ch.Logprobs.Refusal, d.Logprobs.Refusal...)
		}
	}
	return nil
}

func (m *message) add(d *message) error {
	if d.Role != "" {
		m.Role = d.Role
	}
	join(&m.Content, d.Content)
	join(&m.Refusal, d.Refusal)
	m.Reasoning += d.Reasoning
	m.Annotations = append(m.Annotations, d.Annotations...)
	if f := d.FunctionCall; f != nil {
		if m.FunctionCall == nil {
			m.FunctionCall = &functionCall{}
		}
		m.FunctionCall.add(f)
	}
	for _, t := range d.ToolCalls {
		if t.Index > len(m.ToolCalls) {
			return fmt.Errorf("call %d before %d", t.Index, len(m.ToolCalls))
		}
		if t.Index == len(m.ToolCalls) {
			if t.ID == "" || t.Type == "" {
				return fmt.Errorf("call %d begins without id or type", t.Index)
			}
			m.ToolCalls = append(m.ToolCalls, toolCall{ID: t.ID, Type: t.Type})
		} else if t.ID != "" {
			return fmt.Errorf("call %d has its id twice", t.Index)
		}
		if (t.Function == nil) == (t.Custom == nil) {
			return fmt.Errorf("call %d has not exactly one body", t.Index)
		}
		call := &m.ToolCalls[t.Index]
		for _, side := range [...]struct{ to, from **functionCall }{{&call.Function, &t.Function}, {&call.Custom, &t.Custom}} {
			if *side.from != nil {
				if *side.to == nil {
					*side.to = &functionCall{}
				}
				(*side.to).add(*side.from)
			}
		}
		if t.Extra != nil {
			call.Extra = t.Extra
		}
	}
	return nil
}

func (f *functionCall) add(d *functionCall) {
	f.Name += d.Name
	f.Arguments += d.Arguments
	f.Input += d.Input
}

func join(to **string, from *string) {
	if from == nil {
		return
	}
	if *to == nil {
		*to = new(string)
	}
	**to += *from
}

// normal brings both forms to one: absent and empty text mean the same.
func (c *completion) normal() *completion {
	for i := range c.Choices {
		ch := &c.Choices[i]
		for _, s := range []**string{&ch.Message.Content, &ch.Message.Refusal} {
			if *s != nil && **s == "" {
				*s = nil
			}
		}
		for j := range ch.Message.ToolCalls {
			ch.Message.ToolCalls[j].Index = 0
		}
		if ch.Logprobs != nil && ch.Logprobs.Content == nil && ch.Logprobs.Refusal == nil {
			ch.Logprobs = nil
		}
	}
	c.Done = false
	return c
}

func decodeWhole(body []byte) (*completion, error) {
	var c completion
	dec := json.NewDecoder(strings.NewReader(string(body)))
	return &c, dec.Decode(&c)
}
