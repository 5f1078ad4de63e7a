package protocoltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/sse"
)

// Heard is what a client makes of a reply, whatever form it came in: the
// pieces in order, how it ended and what it cost. It is read with none of the
// codecs' code.
type Heard struct {
	Pieces []Piece
	Finish string
	Usage  string // compact JSON, "" if the client was told none
}

// Piece is a stretch of one kind.
type Piece struct {
	Kind string // text, reasoning, refusal, call, other
	ID   string // of a call
	Name string
	Text string // also the arguments of a call, a citation, a signature
}

// add appends text to the last piece of its kind, or starts one.
func (h *Heard) add(kind, text string) {
	if text == "" {
		return
	}
	if n := len(h.Pieces); n > 0 && h.Pieces[n-1].Kind == kind {
		h.Pieces[n-1].Text += text
		return
	}
	h.Pieces = append(h.Pieces, Piece{Kind: kind, Text: text})
}

// HeardStream reads a streamed reply.
func HeardStream(t *testing.T, p llm.Protocol, body []byte) Heard {
	t.Helper()
	switch p {
	case llm.OpenAIChat:
		return chatStream(t, body)
	case llm.Anthropic:
		return messageStream(t, body)
	case llm.Responses:
		return responsesStream(t, body)
	}
	return geminiStream(t, body)
}

// HeardWhole reads a reply that came at once.
func HeardWhole(t *testing.T, p llm.Protocol, body []byte) Heard {
	t.Helper()
	switch p {
	case llm.OpenAIChat:
		return chatWhole(t, body)
	case llm.Anthropic:
		return messageWhole(t, body)
	case llm.Responses:
		return responsesWhole(t, body)
	}
	return geminiFrames(t, [][]byte{body})
}

// Frames are the data of all events of a stream.
func Frames(t *testing.T, body []byte) (out [][]byte) {
	t.Helper()
	s := sse.NewScanner(bytes.NewReader(body), 0)
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("reading the stream: %v", err)
		}
		if len(f.Data) > 0 {
			out = append(out, bytes.Clone(f.Data))
		}
	}
}

func parse(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("the client cannot read %s: %v", raw, err)
	}
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if len(raw) == 0 || string(raw) == "null" || json.Compact(&b, raw) != nil {
		return ""
	}
	return b.String()
}

type chatCall struct {
	Index    int
	ID       string
	Function *struct{ Name, Arguments string }
	Custom   *struct{ Name, Input string }
	Extra    json.RawMessage `json:"extra_content"`
}

type chatMessage struct {
	Content     string
	Reasoning   string `json:"reasoning_content"`
	Refusal     string
	ToolCalls   []chatCall      `json:"tool_calls"`
	OldCall     json.RawMessage `json:"function_call"`
	Annotations []json.RawMessage
}

type chatBody struct {
	Choices []struct {
		Index          int
		Delta, Message chatMessage
		Logprobs       json.RawMessage
		FinishReason   string `json:"finish_reason"`
	}
	Usage json.RawMessage
}

// chatParts keeps the channels of a completion apart: it has no order between
// them.
type chatParts struct {
	text, reasoning, refusal, annotations, finish string
	calls                                         []Piece
}

func (c *chatParts) add(m *chatMessage) {
	c.text += m.Content
	c.reasoning += m.Reasoning
	c.refusal += m.Refusal
	for _, a := range m.Annotations {
		c.annotations += compact(a) + "\n"
	}
	for _, call := range m.ToolCalls {
		c.call(call)
	}
	if m.OldCall != nil {
		var old struct{ Name, Arguments string }
		_ = json.Unmarshal(m.OldCall, &old)
		c.call(chatCall{Function: &old})
	}
}

func (c *chatParts) call(call chatCall) {
	for len(c.calls) <= call.Index {
		c.calls = append(c.calls, Piece{Kind: "call"})
	}
	p := &c.calls[call.Index]
	p.ID += call.ID
	if f := call.Function; f != nil {
		p.Name += f.Name
		p.Text += f.Arguments
	}
	if f := call.Custom; f != nil {
		p.Name += f.Name
		p.Text += f.Input
	}
	if len(call.Extra) > 0 {
		p.Kind = "call " + compact(call.Extra)
	}
}

func chatHeard(t *testing.T, bodies [][]byte, stream bool) (h Heard) {
	t.Helper()
	var choices []*chatParts
	for _, raw := range bodies {
		var b chatBody
		parse(t, raw, &b)
		if u := compact(b.Usage); u != "" {
			h.Usage = u
		}
		for i, ch := range b.Choices {
			for len(choices) <= ch.Index {
				choices = append(choices, &chatParts{})
			}
			if !stream { // in a whole reply the index of a call is its place
				for j := range ch.Message.ToolCalls {
					b.Choices[i].Message.ToolCalls[j].Index = j
				}
			}
			c := choices[ch.Index]
			c.add(&ch.Delta)
			c.add(&ch.Message)
			c.finish += ch.FinishReason
		}
	}
	for _, c := range choices {
		h.add("reasoning", c.reasoning)
		h.add("text", c.text)
		h.add("refusal", c.refusal)
		h.add("citations", c.annotations)
		h.Pieces = append(h.Pieces, c.calls...)
		h.Finish += c.finish + " "
	}
	return h
}

func chatStream(t *testing.T, body []byte) Heard {
	t.Helper()
	frames := Frames(t, body)
	if n := len(frames); n == 0 || string(frames[n-1]) != "[DONE]" {
		t.Fatal("the stream does not end in [DONE]")
	}
	frames = frames[:len(frames)-1]
	return chatHeard(t, frames, true)
}

func chatWhole(t *testing.T, body []byte) Heard {
	t.Helper()
	return chatHeard(t, [][]byte{body}, false)
}
