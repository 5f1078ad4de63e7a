package protocoltest

import (
	"encoding/json"
	"strings"
	"testing"
)

type responsesBody struct {
	Status     string
	Incomplete json.RawMessage `json:"incomplete_details"`
	Error      json.RawMessage
	Output     []struct {
		ID, Type, Name, Namespace, Input, Code, Status string
		Arguments                                      arguments
		Action                                         struct{ Commands []string }
		CallID                                         string `json:"call_id"`
		Encrypted                                      string `json:"encrypted_content"`
		Summary, Content                               []struct {
			Text, Refusal string
			Annotations   []json.RawMessage
		}
		Result string
	}
	Usage json.RawMessage
}

// arguments are a text, but those of a search for tools, which are an object.
type arguments string

func (a *arguments) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		*a = ""
		return nil
	}
	return json.Unmarshal(raw, (*string)(a))
}

func (h *Heard) items(b *responsesBody) {
	for _, item := range b.Output {
		p := Piece{Kind: item.Type + " " + item.Status, ID: item.CallID + item.Encrypted, Name: item.Namespace + item.Name}
		p.Text = string(item.Arguments) + item.Input + item.Code + item.Result
		for _, c := range append(item.Summary, item.Content...) {
			p.Text += c.Text + c.Refusal
			for _, a := range c.Annotations {
				p.Text += "\n" + compact(a)
			}
		}
		h.Pieces = append(h.Pieces, p)
	}
	h.Finish = b.Status + compact(b.Incomplete) + compact(b.Error)
	h.Usage = compact(b.Usage)
}

func responsesWhole(t *testing.T, body []byte) (h Heard) {
	t.Helper()
	var b responsesBody
	parse(t, body, &b)
	h.items(&b)
	return h
}

// responsesStream reads the terminal event, which holds the whole response,
// and checks that the deltas before it said the same.
func responsesStream(t *testing.T, body []byte) (h Heard) {
	t.Helper()
	said := map[int]string{}
	next := 0
	for _, raw := range Frames(t, body) {
		var ev struct {
			Type     string
			Number   int `json:"sequence_number"`
			Index    int `json:"output_index"`
			Delta    string
			Response *responsesBody
		}
		parse(t, raw, &ev)
		if ev.Number != next {
			t.Errorf("event %s has number %d, not %d", ev.Type, ev.Number, next)
		}
		next++
		said[ev.Index] += ev.Delta
		switch ev.Type {
		case "response.completed", "response.incomplete", "response.failed":
			h.items(ev.Response)
			for i, item := range ev.Response.Output {
				whole := string(item.Arguments) + item.Input + item.Code + strings.Join(item.Action.Commands, "")
				for _, c := range append(item.Summary, item.Content...) {
					whole += c.Text + c.Refusal
				}
				if whole != said[i] && item.Type != "image_generation_call" {
					t.Errorf("item %d says %q, its deltas said %q", i, whole, said[i])
				}
			}
		}
	}
	return h
}
