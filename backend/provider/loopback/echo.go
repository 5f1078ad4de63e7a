package loopback

import (
	"fmt"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// lastTurn is the last thing the user said, tool results aside; -1 if the user
// said nothing.
func (c *call) lastTurn() int {
	for i := len(c.req.Turns) - 1; i >= 0; i-- {
		if c.req.Turns[i].Role == llm.RoleModel {
			continue
		}
		for _, p := range c.req.Turns[i].Parts {
			if p.Kind == llm.KindText && p.Text != "" || p.Kind == llm.KindMedia {
				return i
			}
		}
	}
	return -1
}

func (c *call) lastText() string {
	i := c.lastTurn()
	if i < 0 {
		return ""
	}
	var texts []string
	for _, p := range c.req.Turns[i].Parts {
		if p.Kind == llm.KindText && p.Text != "" {
			texts = append(texts, p.Text)
		}
	}
	return strings.Join(texts, "\n")
}

// echo is the last text and a line for each medium; where JSON is asked for,
// JSON.
func (c *call) echo() string {
	text := c.lastText()
	var lines []string
	if text != "" {
		lines = append(lines, text)
	}
	if i := c.lastTurn(); i >= 0 {
		for _, p := range c.req.Turns[i].Parts {
			if p.Media != nil {
				lines = append(lines, describe(p.Media))
			}
		}
	}
	out := strings.Join(lines, "\n")
	if out == "" {
		out = "(no text)"
	}
	switch c.req.Format.Kind {
	case llm.FormatJSON:
		var w rawjson.Writer
		w.Obj()
		w.StrField("echo", out)
		w.End()
		return string(w.Bytes())
	case llm.FormatSchema:
		return string(sample(c.req.Format.Schema))
	case llm.FormatEnum:
		if s, err := rawjson.String(sample(c.req.Format.Schema)); err == nil {
			return s
		}
	}
	return out
}

func describe(m *llm.Media) string {
	kind := m.MIME
	if kind == "" {
		kind = "unknown type"
	}
	if addr := m.URL + m.FileID; addr != "" {
		return fmt.Sprintf("[%s at %s]", kind, addr)
	}
	return fmt.Sprintf("[%s, %d bytes]", kind, len(m.Data)/4*3-strings.Count(m.Data[max(0, len(m.Data)-2):], "="))
}

// useTools calls a tool once for each thing the user says, then reports the
// results.
func (c *call) useTools() answer {
	if report := c.results(); report != "" {
		return answer{text: report}
	}
	tool := c.pick()
	if tool == nil {
		return answer{text: c.echo() + "\n(no tool was offered)"}
	}
	return answer{call: &llm.Call{
		Kind: llm.CallFunction, ID: "call_" + c.mint(24, "0123456789abcdef"), Name: tool.Name, Args: string(sample(tool.Schema)),
	}}
}

// results words what the tools answered since the user spoke, "" if none did.
func (c *call) results() string {
	var lines []string
	for i := c.lastTurn() + 1; i < len(c.req.Turns); i++ {
		lines = append(lines, report(c.req.Turns[i].Parts)...)
	}
	if i := c.lastTurn(); i >= 0 && len(lines) == 0 {
		lines = report(c.req.Turns[i].Parts) // results and text in one turn
	}
	return strings.Join(lines, "\n")
}

func report(parts []llm.Part) (lines []string) {
	for _, p := range parts {
		if p.Result == nil {
			continue
		}
		var texts []string
		for _, sub := range p.Result.Parts {
			if sub.Media != nil {
				texts = append(texts, describe(sub.Media))
			} else {
				texts = append(texts, sub.Text)
			}
		}
		verb := "answered"
		if p.Result.IsError {
			verb = "failed"
		}
		lines = append(lines, fmt.Sprintf("The tool %s %s: %s", p.Result.Name, verb, strings.Join(texts, "\n")))
	}
	return lines
}

// pick is the tool to call: the first one allowed.
func (c *call) pick() *llm.Tool {
	choice := c.req.ToolChoice
	if choice.Mode == llm.ChoiceNone {
		return nil
	}
	for i := range c.req.Tools {
		t := &c.req.Tools[i]
		if t.Kind == llm.ToolServer {
			continue
		}
		allowed := len(choice.Names) == 0
		for _, name := range choice.Names {
			allowed = allowed || name == t.Name
		}
		if allowed {
			return t
		}
	}
	return nil
}
