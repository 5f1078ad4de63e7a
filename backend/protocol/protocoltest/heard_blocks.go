package protocoltest

import (
	"encoding/json"
	"strings"
	"testing"
)

type messageBlock struct {
	Type, Text, Thinking, Signature, Data, ID, Name string
	Input                                           json.RawMessage
	Citations                                       []json.RawMessage
}

func (h *Heard) block(b messageBlock) {
	switch b.Type {
	case "text":
		text := b.Text
		for _, c := range b.Citations {
			text += "\n" + compact(c)
		}
		h.Pieces = append(h.Pieces, Piece{Kind: "text", Text: text})
	case "thinking":
		h.Pieces = append(h.Pieces, Piece{Kind: "reasoning", Text: b.Thinking, ID: b.Signature})
	case "tool_use":
		h.Pieces = append(h.Pieces, Piece{Kind: "call", ID: b.ID, Name: b.Name, Text: compact(b.Input)})
	default:
		h.Pieces = append(h.Pieces, Piece{Kind: b.Type, Text: b.Data})
	}
}

type messageBody struct {
	Content      []messageBlock
	StopReason   string          `json:"stop_reason"`
	StopSequence string          `json:"stop_sequence"`
	StopDetails  json.RawMessage `json:"stop_details"`
	Usage        json.RawMessage
}

func (h *Heard) stop(b messageBody) {
	h.Finish = strings.TrimSpace(b.StopReason + " " + b.StopSequence + " " + compact(b.StopDetails))
	h.Usage = compact(b.Usage)
}

func messageWhole(t *testing.T, body []byte) (h Heard) {
	t.Helper()
	var m messageBody
	parse(t, body, &m)
	for _, b := range m.Content {
		h.block(b)
	}
	h.stop(m)
	return h
}

type messageEvent struct {
	Type         string
	Index        int
	ContentBlock messageBlock `json:"content_block"`
	Delta        struct {
		messageBody
		Type, Text, Thinking, Signature string
		PartialJSON                     string `json:"partial_json"`
		Citation                        json.RawMessage
	}
	Usage json.RawMessage
}

func messageStream(t *testing.T, body []byte) (h Heard) {
	t.Helper()
	open := -1
	var b messageBlock
	var args string
	for _, raw := range Frames(t, body) {
		var ev messageEvent
		parse(t, raw, &ev)
		switch ev.Type {
		case "content_block_start":
			if open >= 0 {
				t.Errorf("block %d opens while block %d is open", ev.Index, open)
			}
			open, b, args = ev.Index, ev.ContentBlock, ""
		case "content_block_delta":
			if ev.Index != open {
				t.Errorf("a delta for block %d while block %d is open", ev.Index, open)
			}
			b.Text += ev.Delta.Text
			b.Thinking += ev.Delta.Thinking
			b.Signature += ev.Delta.Signature
			args += ev.Delta.PartialJSON
			if ev.Delta.Citation != nil {
				b.Citations = append(b.Citations, ev.Delta.Citation)
			}
		case "content_block_stop":
			if args != "" {
				b.Input = json.RawMessage(args)
			}
			h.block(b)
			open = -1
		case "message_delta":
			ev.Delta.Usage = ev.Usage
			h.stop(ev.Delta.messageBody)
		}
	}
	return h
}

type geminiPart struct {
	Text             *string
	Thought          bool
	ThoughtSignature string
	FunctionCall     *struct {
		ID, Name string
		Args     json.RawMessage
	}
}

type geminiBody struct {
	Candidates []struct {
		Index        int
		Content      struct{ Parts []json.RawMessage }
		FinishReason string
		Grounding    json.RawMessage `json:"groundingMetadata"`
		Citation     json.RawMessage `json:"citationMetadata"`
		Logprobs     json.RawMessage `json:"logprobsResult"`
	}
	PromptFeedback json.RawMessage
	UsageMetadata  json.RawMessage
}

func geminiStream(t *testing.T, body []byte) Heard {
	t.Helper()
	if strings.HasPrefix(strings.TrimSpace(string(body)), "[") {
		var list []json.RawMessage
		parse(t, body, &list)
		frames := make([][]byte, len(list))
		for i := range list {
			frames[i] = list[i]
		}
		return geminiFrames(t, frames)
	}
	if !strings.HasSuffix(string(body), "\r\n\r\n") && !strings.HasSuffix(string(body), "\n\n") {
		t.Error("the stream does not end in a blank line")
	}
	return geminiFrames(t, Frames(t, body))
}

// geminiFrames joins the frames of a stream, as Google's clients do.
func geminiFrames(t *testing.T, frames [][]byte) (h Heard) {
	t.Helper()
	for _, raw := range frames {
		var b geminiBody
		parse(t, raw, &b)
		for _, c := range b.Candidates {
			for _, p := range c.Content.Parts {
				h.part(t, p)
			}
			if c.FinishReason != "" {
				h.Finish += c.FinishReason + " "
			}
			h.add("grounding", compact(c.Grounding)+compact(c.Citation))
		}
		if u := compact(b.UsageMetadata); u != "" {
			h.Usage = u
		}
		h.Finish += compact(b.PromptFeedback)
	}
	return h
}

func (h *Heard) part(t *testing.T, raw json.RawMessage) {
	t.Helper()
	var p geminiPart
	parse(t, raw, &p)
	switch {
	case p.FunctionCall != nil:
		f := p.FunctionCall
		h.Pieces = append(h.Pieces, Piece{Kind: "call", ID: f.ID, Name: f.Name, Text: compact(f.Args)})
	case p.Text == nil:
		h.Pieces = append(h.Pieces, Piece{Kind: "other", Text: compact(raw)})
		return
	case p.Thought:
		h.add("reasoning", *p.Text)
	default:
		h.add("text", *p.Text)
	}
	h.add("signature", p.ThoughtSignature)
}
