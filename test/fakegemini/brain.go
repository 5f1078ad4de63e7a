package fakegemini

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// think is the default brain: deterministic and just clever enough for a
// coding client to finish a small task.
//
//   - the last content holds function responses → a final text
//   - mode ANY → a call of the first allowed function
//   - functions, and the last user text asks to `write the file X` → a call of
//     the client's file-writing tool
//   - JSON output wanted → the smallest value that fits the schema
//   - a title wanted → a short one
//   - else → a text that repeats the question
func think(m Model, req *generateRequest) *Reply {
	reply := answer(m, req)
	if t := req.config().Thinking; t != nil && t.IncludeThoughts {
		thought := Part{Text: "**Thinking**\n\nThe request is simple.", Thought: true}
		reply.Parts = append([]Part{thought}, reply.Parts...)
	}
	return reply
}

func answer(m Model, req *generateRequest) *Reply {
	last := req.Contents[len(req.Contents)-1]
	text := lastUserText(req)
	if slices.Contains(req.config().ResponseModalities, "IMAGE") || strings.Contains(m.Name, "-image") {
		return &Reply{Parts: []Part{{Text: "Here is the picture."}, {Inline: &Inline{MIME: "image/png", Data: onePixel}}}}
	}
	if results := last.results(); len(results) > 0 {
		return Text(afterTools(results))
	}
	if c := forced(req); c != nil {
		return Calls(*c)
	}
	if name, body, ok := fileTask(text); ok && req.mode() != "NONE" {
		if c := writeCall(req.declared(), inDirectory(name, allText(req)), body); c != nil {
			return Calls(*c)
		}
	}
	if g := req.config(); g.ResponseMIMEType == "application/json" {
		schema := g.ResponseJSONSchema
		if schema == nil {
			schema = g.ResponseSchema
		}
		return Text(string(instance(schema, schema, 0)))
	}
	if len(req.declared()) == 0 && strings.Contains(strings.ToLower(allText(req)), "title") {
		return Text("Small test task")
	}
	return Text("You said: " + clipText(text, 200))
}

const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func clipText(s string, n int) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) > n {
		r = r[:n]
	}
	return string(r)
}

// lastUserText joins the texts of the last user content that has any.
func lastUserText(req *generateRequest) string {
	for _, c := range slices.Backward(req.Contents) {
		if c.isModel() {
			continue
		}
		if t := c.text(); t != "" {
			return t
		}
	}
	return ""
}

func (t content) text() string {
	var out []string
	for _, p := range t.Parts {
		if p.Text != nil && !p.Thought {
			out = append(out, *p.Text)
		}
	}
	return strings.Join(out, "\n")
}

func allText(req *generateRequest) string {
	var b strings.Builder
	if req.SystemInstruction != nil {
		b.WriteString(req.SystemInstruction.text())
	}
	for _, c := range req.Contents {
		b.WriteString("\n" + c.text())
	}
	return b.String()
}

func afterTools(results []*functionResult) string {
	var names []string
	for _, r := range results {
		names = append(names, r.Name)
	}
	return "Done. The tool " + strings.Join(names, ", ") + " has answered."
}

func forced(req *generateRequest) *Call {
	if req.mode() != "ANY" {
		return nil
	}
	allowed := req.ToolConfig.FunctionCalling.Allowed
	for _, d := range req.declared() {
		if len(allowed) == 0 || slices.Contains(allowed, d.Name) {
			return &Call{Name: d.Name, Args: instance(d.schema(), d.schema(), 0)}
		}
	}
	return nil
}

var filePattern = regexp.MustCompile("(?i)write (?:the|a) file [`'\"]?([A-Za-z0-9_./-]*[A-Za-z0-9_])[`'\"]?(?: with(?: the)? (?:content|text)[: ]+[`'\"]?([^`'\"\n]+)[`'\"]?)?")

func fileTask(text string) (name, body string, ok bool) {
	all := filePattern.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return "", "", false
	}
	m := all[len(all)-1]
	body = strings.TrimSpace(m[2])
	if body == "" {
		body = "hello"
	}
	return m[1], body, true
}

// directoryPattern finds what clients tell the model about their working
// directory (Claude Code, Kilo and opencode, Codex, Gemini CLI). The path has
// to follow at once: prompts speak of working directories in prose as well.
var directoryPattern = regexp.MustCompile("(?i)(?:working directory|in the directory|workspace (?:root|root folder|directories)|<cwd>)(?: is)?[:*\\s`\"'-]*(/[^\\s<>\"'`,;]+)")

func inDirectory(name, text string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	if m := directoryPattern.FindStringSubmatch(text); m != nil {
		return strings.TrimRight(strings.TrimSuffix(m[1], "."), "/") + "/" + name
	}
	return name
}

// writers are the tools of real clients that write a file or run a command, in
// order of preference; a gateway may have put a group's name in front (`ns__`).
func writers() []string {
	return []string{"write", "write_file", "write_to_file", "create_file", "writefile",
		"exec_command", "shell_command", "shell", "local_shell", "bash", "run_shell_command", "run_command", "execute_command"}
}

func writeCall(decls []declaration, path, body string) *Call {
	for _, want := range writers() {
		for _, d := range decls {
			name := strings.ToLower(d.Name)
			if i := strings.LastIndex(name, "__"); i >= 0 {
				name = name[i+2:]
			}
			if name != want {
				continue
			}
			if args := writeArgs(d.schema(), path, body); args != nil {
				return &Call{Name: d.Name, Args: args}
			}
		}
	}
	return nil
}

// writeArgs fills a tool's arguments by the names of its properties.
func writeArgs(schema json.RawMessage, path, body string) json.RawMessage {
	var s struct {
		Properties map[string]struct {
			Type json.RawMessage `json:"type"`
		} `json:"properties"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return nil
	}
	pick := func(names ...string) string {
		i := slices.IndexFunc(names, func(n string) bool { _, ok := s.Properties[n]; return ok })
		if i < 0 {
			return ""
		}
		return names[i]
	}
	set := map[string]json.RawMessage{}
	file, content := pick("file_path", "filePath", "path", "absolute_path", "filename"), pick("content", "contents", "text", "file_text")
	command := pick("cmd", "command")
	line := "printf '%s\\n' '" + body + "' > '" + path + "'"
	switch {
	case file != "" && content != "":
		set[file], set[content] = detail(path), detail(body+"\n")
	case command != "" && strings.Contains(strings.ToLower(string(s.Properties[command].Type)), "array"):
		set[command] = detail([]string{"bash", "-lc", line})
	case command != "":
		set[command] = detail(line)
	default:
		return nil
	}
	return fill(schema, set)
}

// fill adds the smallest values for required properties that set lacks.
func fill(schema json.RawMessage, set map[string]json.RawMessage) json.RawMessage {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
	}
	_ = json.Unmarshal(schema, &s)
	for _, r := range s.Required {
		if _, ok := set[r]; !ok {
			set[r] = instance(s.Properties[r], schema, 1)
		}
	}
	return detail(set)
}

// instance is the smallest JSON value that fits a schema of either form.
func instance(schema, root json.RawMessage, depth int) json.RawMessage {
	var s struct {
		Type       json.RawMessage            `json:"type"`
		Enum       []json.RawMessage          `json:"enum"`
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
		Items      json.RawMessage            `json:"items"`
		MinItems   json.Number                `json:"minItems"`
		Minimum    json.Number                `json:"minimum"`
		AnyOf      []json.RawMessage          `json:"anyOf"`
		OneOf      []json.RawMessage          `json:"oneOf"`
		Ref        string                     `json:"$ref"`
	}
	if len(schema) == 0 || json.Unmarshal(schema, &s) != nil || depth > 12 {
		return json.RawMessage(`{}`)
	}
	if s.Ref != "" {
		return instance(resolve(root, s.Ref), root, depth+1)
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	if alt := append(s.AnyOf, s.OneOf...); len(alt) > 0 {
		return instance(alt[0], root, depth+1)
	}
	typ := strings.ToLower(strings.Trim(string(s.Type), `[]"`))
	switch {
	case strings.HasPrefix(typ, "string"):
		return json.RawMessage(`"text"`)
	case strings.HasPrefix(typ, "integer"), strings.HasPrefix(typ, "number"):
		if s.Minimum != "" {
			return json.RawMessage(s.Minimum)
		}
		return json.RawMessage(`1`)
	case strings.HasPrefix(typ, "boolean"):
		return json.RawMessage(`true`)
	case strings.HasPrefix(typ, "null"):
		return json.RawMessage(`null`)
	case strings.HasPrefix(typ, "array"):
		if n, _ := s.MinItems.Int64(); n > 0 {
			return json.RawMessage(`[` + string(instance(s.Items, root, depth+1)) + `]`)
		}
		return json.RawMessage(`[]`)
	}
	out := map[string]json.RawMessage{}
	for _, r := range s.Required {
		out[r] = instance(s.Properties[r], root, depth+1)
	}
	return detail(out)
}

func resolve(root json.RawMessage, ref string) json.RawMessage {
	at := root
	for _, step := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		var m map[string]json.RawMessage
		if json.Unmarshal(at, &m) != nil {
			return nil
		}
		at = m[step]
	}
	return at
}
