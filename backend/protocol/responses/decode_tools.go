package responses

import (
	"encoding/json"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// toolList reads an array of tools. Those that came in an item of the input
// were to be loaded later.
func (d *requestDecoder) toolList(raw []byte, path string, late bool) error {
	return wire.Each(raw, func(i int, raw []byte) error {
		at := path + "[" + strconv.Itoa(i) + "]"
		var t tool
		if err := wire.Members(raw, t.member); err != nil {
			return err
		}
		if late {
			d.losses.Adapt("tool.deferred", at, t.name)
			t.deferred = false
		}
		return d.tool(&t, raw, at)
	})
}

// tool holds the members of one tool; which of them count depends on its type,
// and that may stand last.
type tool struct {
	kind, name, description string
	parameters              json.RawMessage
	strict                  *bool
	deferred                bool
	format, tools, env      json.RawMessage
	execution               string
	external                *bool
	rest                    wire.Rest
	lost                    bool // a member that has no place elsewhere
}

func (t *tool) member(key string, raw []byte) error {
	switch key {
	case "type":
		return wire.Str(raw, &t.kind)
	case "name":
		return wire.Str(raw, &t.name)
	case "description":
		return wire.Str(raw, &t.description)
	case "parameters":
		return wire.Obj(raw, &t.parameters)
	case "strict":
		return wire.BoolPtr(raw, &t.strict)
	case "defer_loading":
		return wire.Bool(raw, &t.deferred)
	case "external_web_access":
		return wire.BoolPtr(raw, &t.external)
	case "execution":
		return wire.Str(raw, &t.execution)
	case "format":
		t.format = raw
	case "tools":
		t.tools = raw
	case "environment":
		t.env = raw
	default:
		t.rest.Add(key, raw)
		t.lost = true
	}
	return nil
}

func (d *requestDecoder) tool(t *tool, raw []byte, at string) error {
	switch t.kind {
	case "":
		return wire.Missing("type")
	case "function", "custom":
		return d.callable(t, at, "", "")
	case "namespace":
		return d.namespace(t, at)
	case toolLocalShell, toolApplyPatch:
		d.addTool(trainedTool(t.kind, raw))
		return nil
	case toolShell:
		return d.shell(t, raw)
	case "web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11":
		if t.external != nil && !*t.external {
			// Codex declares it so: a search in what OpenAI has cached.
			d.losses.Drop("tool.builtin", at, t.kind)
			return nil
		}
		d.addTool(serverTool(llm.BuiltinWebSearch, "web_search", raw))
	case "code_interpreter":
		d.addTool(serverTool(llm.BuiltinCodeExecution, t.kind, raw))
	case "image_generation":
		d.addTool(serverTool(llm.BuiltinImage, t.kind, raw))
	case toolSearch:
		d.search(t, raw)
	default: // file_search, computer, mcp and what is yet to come
		d.addTool(serverTool(llm.BuiltinOther, t.kind, raw))
	}
	return nil
}

func (d *requestDecoder) addTool(t llm.Tool) { d.req.Tools = append(d.req.Tools, t) }

func serverTool(builtin llm.Builtin, name string, raw []byte) llm.Tool {
	return llm.Tool{Kind: llm.ToolServer, Builtin: builtin, Name: name, Native: native(raw)}
}

// search is the upstream's to run, unless the client says that it searches
// itself: then it is a function, whose calls and results are items of their own.
func (d *requestDecoder) search(t *tool, raw []byte) {
	if t.execution != executionClient {
		d.addTool(serverTool(llm.BuiltinToolSearch, toolSearch, raw))
		return
	}
	out := trainedTool(toolSearch, raw)
	if t.description != "" {
		out.Description = t.description
	}
	if t.parameters != nil {
		out.Schema = t.parameters
	}
	d.addTool(out)
}

// executionClient is the word for what a client runs itself.
const executionClient = "client"

// shell is the client's to run, unless it asks for a container of OpenAI's.
func (d *requestDecoder) shell(t *tool, raw []byte) error {
	where := "local"
	if t.env != nil {
		err := wire.Members(t.env, func(key string, raw []byte) error {
			if key == "type" {
				return wire.Str(raw, &where)
			}
			return nil
		})
		if err != nil {
			return wire.At("environment", err)
		}
	}
	if where == "local" {
		d.addTool(trainedTool(toolShell, raw))
	} else {
		d.addTool(serverTool(llm.BuiltinOther, toolShell, raw))
	}
	return nil
}

// callable reads a function or a freeform tool.
func (d *requestDecoder) callable(t *tool, at, group, groupText string) error {
	if t.name == "" {
		return wire.Missing("name")
	}
	out := llm.Tool{
		Kind: llm.ToolFunction, Namespace: group, GroupText: groupText, Name: t.name,
		Description: t.description, Deferred: t.deferred,
	}
	if t.kind == "custom" {
		out.Kind = llm.ToolCustom
		if t.format != nil {
			t.rest.Add("format", t.format)
			if err := wire.At("format", grammar(t.format, &out.Grammar)); err != nil {
				return err
			}
		}
	} else {
		out.Schema, out.Strict = t.parameters, t.strict
		if out.Strict == nil {
			out.Strict = llm.Ptr(true) // the protocol's default
		}
	}
	if t.lost {
		d.losses.Drop("tool.option", at, t.name)
	}
	out.Native = t.rest.Native(llm.Responses)
	d.addTool(out)
	return nil
}

func grammar(raw []byte, dst *string) error {
	return wire.Members(raw, func(key string, raw []byte) error {
		if key == "definition" {
			return wire.Str(raw, dst)
		}
		return nil
	})
}

func (d *requestDecoder) namespace(group *tool, at string) error {
	if group.name == "" {
		return wire.Missing("name")
	}
	if group.tools == nil {
		return wire.Missing("tools")
	}
	return wire.At("tools", wire.Each(group.tools, func(i int, raw []byte) error {
		var t tool
		if err := wire.Members(raw, t.member); err != nil {
			return err
		}
		switch t.kind {
		case "":
			return wire.Missing("type")
		case "function", "custom":
			path := at + ".tools[" + strconv.Itoa(i) + "]"
			return d.callable(&t, path, group.name, group.description)
		}
		return wire.At("type", wire.Unknown(t.kind, "function", "custom"))
	}))
}

func (d *requestDecoder) toolChoice(raw []byte) error {
	c := &d.req.ToolChoice
	switch rawjson.KindOf(raw) {
	case rawjson.KindString:
		return oai.ChoiceWord(raw, &c.Mode)
	case rawjson.KindObject:
	default:
		return wire.Wrong("a string or an object", raw)
	}
	var kind, name, mode string
	var tools json.RawMessage
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &kind)
		case "name":
			return wire.Str(raw, &name)
		case "mode":
			return wire.Word(raw, &mode, "auto", "required")
		case "tools":
			tools = raw
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case kind == "allowed_tools" && mode == "":
		return wire.Missing("mode")
	case kind == "allowed_tools" && tools == nil:
		return wire.Missing("tools")
	case kind == "allowed_tools":
		c.Mode = llm.ChoiceAuto
		if mode == "required" {
			c.Mode = llm.ChoiceAny
		}
		c.Names = nil
		return wire.At("tools", wire.Each(tools, allowedNames(c)))
	}
	if name, err = choiceName(kind, name); err != nil {
		return err
	}
	c.Mode, c.Names = llm.ChoiceAny, []string{name}
	if kind != "function" && kind != "custom" {
		c.Native = native(raw)
	}
	return nil
}

// allowedNames returns the reader of the list of allowed tools.
func allowedNames(c *llm.ToolChoice) func(int, []byte) error {
	return func(_ int, raw []byte) error {
		var kind, name string
		err := wire.Members(raw, func(key string, raw []byte) error {
			switch key {
			case "type":
				return wire.Str(raw, &kind)
			case "name":
				return wire.Str(raw, &name)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if name, err = choiceName(kind, name); err != nil {
			return err
		}
		c.Names = append(c.Names, name)
		return nil
	}
}

// choiceName is how the model calls a tool that a choice names: functions by
// their name, all others by their type.
func choiceName(kind, name string) (string, error) {
	switch kind {
	case "":
		return "", wire.Missing("type")
	case "function", "custom":
		if name == "" {
			return "", wire.Missing("name")
		}
		return name, nil
	case "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11":
		return "web_search", nil
	}
	return kind, nil
}
