package anthropic_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"antigravity-tools/backend/protocol/anthropic"
)

var codec = anthropic.Client{}

// message is a reply as a client of either form ends up with it.
type message struct {
	ID, Type, Role, Model string
	Content               []block
	StopReason            *string         `json:"stop_reason"`
	StopSequence          *string         `json:"stop_sequence"`
	StopDetails           json.RawMessage `json:"stop_details"`
	Usage                 json.RawMessage
}

type block struct {
	Type, Text, Thinking, Signature, Data, ID, Name string

	Input     json.RawMessage
	Citations []json.RawMessage
}

type event struct {
	Type    string
	Index   int
	Message *message
	Block   *block `json:"content_block"`
	Delta   *struct {
		Type, Text, Thinking, Signature string

		Partial      string `json:"partial_json"`
		Citation     json.RawMessage
		StopReason   *string         `json:"stop_reason"`
		StopSequence *string         `json:"stop_sequence"`
		StopDetails  json.RawMessage `json:"stop_details"`
	}
	Usage json.RawMessage
}

// gatherer is a client of the stream, written after what the vendors' SDKs do
// and knowing nothing of the encoder. It fails on everything that a strict
// client would stumble over.
type gatherer struct {
	msg     *message
	open    bool // a block is
	signed  bool // the open block has its signature
	partial strings.Builder
	ended   bool // message_delta came
	stopped bool
}

func gather(stream []byte) (*message, error) {
	g := &gatherer{}
	for _, frame := range bytes.Split(stream, []byte("\n\n")) {
		if len(frame) == 0 {
			continue
		}
		head, data, ok := bytes.Cut(frame, []byte("\ndata: "))
		name, ok2 := bytes.CutPrefix(head, []byte("event: "))
		if !ok || !ok2 {
			return nil, fmt.Errorf("bad frame %q", frame)
		}
		var ev event
		if err := json.Unmarshal(data, &ev); err != nil {
			return nil, fmt.Errorf("%w in %s", err, data)
		}
		if ev.Type != string(name) {
			return nil, fmt.Errorf("event %q holds type %q", name, ev.Type)
		}
		if err := g.add(&ev); err != nil {
			return nil, fmt.Errorf("%w: %s", err, data)
		}
	}
	if !g.stopped {
		return nil, fmt.Errorf("no message_stop")
	}
	return g.msg, nil
}

func (g *gatherer) add(ev *event) error {
	switch {
	case g.stopped:
		return fmt.Errorf("event behind message_stop")
	case ev.Type == "ping":
		return nil
	case ev.Type == "message_start":
		if g.msg != nil || ev.Message.StopReason != nil || len(ev.Message.Content) != 0 {
			return fmt.Errorf("bad start")
		}
		g.msg = ev.Message
		return nil
	case g.msg == nil:
		return fmt.Errorf("event before message_start")
	}
	switch ev.Type {
	case "content_block_start":
		if g.open || g.ended || ev.Index != len(g.msg.Content) {
			return fmt.Errorf("block %d starts out of order", ev.Index)
		}
		g.open, g.signed = true, false
		g.partial.Reset()
		g.msg.Content = append(g.msg.Content, *ev.Block)
	case "content_block_delta":
		return g.delta(ev)
	case "content_block_stop":
		if !g.open || ev.Index != len(g.msg.Content)-1 {
			return fmt.Errorf("no such block is open")
		}
		g.open = false
		return g.closeBlock()
	case "message_delta":
		if g.open || ev.Delta.StopReason == nil {
			return fmt.Errorf("message_delta with an open block or without a reason")
		}
		g.ended = true
		g.msg.StopReason, g.msg.StopSequence = ev.Delta.StopReason, ev.Delta.StopSequence
		g.msg.StopDetails, g.msg.Usage = ev.Delta.StopDetails, ev.Usage
	case "message_stop":
		if !g.ended {
			return fmt.Errorf("message_stop without message_delta")
		}
		g.stopped = true
	default:
		return fmt.Errorf("unknown event")
	}
	return nil
}

func (g *gatherer) delta(ev *event) error {
	if !g.open || ev.Index != len(g.msg.Content)-1 {
		return fmt.Errorf("no such block is open")
	}
	b := &g.msg.Content[ev.Index]
	want := map[string]string{
		"text_delta": "text", "citations_delta": "text", "thinking_delta": "thinking",
		"signature_delta": "thinking", "input_json_delta": "tool_use",
	}[ev.Delta.Type]
	if want != b.Type || g.signed {
		return fmt.Errorf("%s in a %s block", ev.Delta.Type, b.Type)
	}
	switch ev.Delta.Type {
	case "text_delta":
		b.Text += ev.Delta.Text
	case "thinking_delta":
		b.Thinking += ev.Delta.Thinking
	case "signature_delta": // stands last
		b.Signature, g.signed = ev.Delta.Signature, true
	case "input_json_delta":
		g.partial.WriteString(ev.Delta.Partial)
	case "citations_delta":
		b.Citations = append(b.Citations, ev.Delta.Citation)
	}
	return nil
}

func (g *gatherer) closeBlock() error {
	b := &g.msg.Content[len(g.msg.Content)-1]
	switch b.Type {
	case "tool_use":
		if g.partial.Len() == 0 {
			return fmt.Errorf("a call without input")
		}
		// A call that the token limit cut has no usable input in either form.
		if b.Input = json.RawMessage(g.partial.String()); !json.Valid(b.Input) {
			b.Input = json.RawMessage("{}")
		}
	case "text":
		if b.Text == "" {
			return fmt.Errorf("an empty text block, which would be refused when it comes back")
		}
	}
	return nil
}
