package openai

import (
	"encoding/json"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

// allTools reads the three members that declare tools.
func (d *requestDecoder) allTools() error {
	if d.tools != nil {
		if err := wire.At("tools", wire.Each(d.tools, d.tool)); err != nil {
			return err
		}
	}
	if d.functions != nil {
		if err := wire.At("functions", wire.Each(d.functions, d.oldTool)); err != nil {
			return err
		}
	}
	if d.search != nil {
		d.req.Tools = append(d.req.Tools, llm.Tool{
			Kind: llm.ToolServer, Builtin: llm.BuiltinWebSearch, Name: "web_search", Native: native(d.search),
		})
	}
	return nil
}

// toolMembers gathers what the model does not hold of a tool.
type toolMembers struct {
	wire.Rest
	lost bool // one of them has no place elsewhere either
}

func (m *toolMembers) unknown(key string, raw []byte) error {
	m.Add(key, raw)
	m.lost = true
	return nil
}

func (d *requestDecoder) tool(i int, raw []byte) error {
	var tool llm.Tool
	var kind string
	var function, custom json.RawMessage
	var rest toolMembers
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &kind)
		case "function":
			function = raw
		case "custom":
			custom = raw
		default:
			return rest.unknown(key, raw)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case kind == "function" && function == nil:
		return wire.Missing("function")
	case kind == "custom" && custom == nil:
		return wire.Missing("custom")
	case kind == "function":
		err = wire.At("function", functionTool(function, &tool, &rest))
	case kind == "custom":
		err = wire.At("custom", customTool(custom, &tool, &rest))
	default:
		tool = llm.Tool{Kind: llm.ToolServer, Builtin: builtin(kind), Name: kind, Native: native(raw)}
		d.req.Tools = append(d.req.Tools, tool)
		return nil
	}
	tool.Native = rest.Native(llm.OpenAIChat)
	if rest.lost {
		d.losses.Drop("tool.option", "tools["+strconv.Itoa(i)+"]", "")
	}
	d.req.Tools = append(d.req.Tools, tool)
	return err
}

// builtin knows the tools that clients of compatible servers send in the form
// of Responses.
func builtin(kind string) llm.Builtin {
	switch kind {
	case "web_search", "web_search_preview":
		return llm.BuiltinWebSearch
	case "code_interpreter":
		return llm.BuiltinCodeExecution
	case "image_generation":
		return llm.BuiltinImage
	}
	return llm.BuiltinOther
}

func functionTool(raw []byte, tool *llm.Tool, rest *toolMembers) error {
	tool.Kind = llm.ToolFunction
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "name":
			return wire.Str(raw, &tool.Name)
		case "description":
			return wire.Str(raw, &tool.Description)
		case "parameters":
			return wire.Obj(raw, &tool.Schema)
		case "strict":
			return wire.BoolPtr(raw, &tool.Strict)
		}
		return rest.unknown(key, raw)
	})
	if err == nil && tool.Name == "" {
		err = wire.Missing("name")
	}
	return err
}

func customTool(raw []byte, tool *llm.Tool, rest *toolMembers) error {
	tool.Kind = llm.ToolCustom
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "name":
			return wire.Str(raw, &tool.Name)
		case "description":
			return wire.Str(raw, &tool.Description)
		case "format":
			rest.Add(key, raw)
			return wire.Members(raw, func(key string, raw []byte) error {
				if key != "grammar" {
					return nil
				}
				return wire.Members(raw, func(key string, raw []byte) error {
					if key == "definition" {
						return wire.Str(raw, &tool.Grammar)
					}
					return nil
				})
			})
		}
		return rest.unknown(key, raw)
	})
	if err == nil && tool.Name == "" {
		err = wire.Missing("name")
	}
	return err
}

// oldTool reads one of the deprecated functions; the request's native
// "functions" tells the encoder to answer in that form.
func (d *requestDecoder) oldTool(_ int, raw []byte) error {
	var tool llm.Tool
	var rest toolMembers
	err := functionTool(raw, &tool, &rest)
	d.req.Tools = append(d.req.Tools, tool)
	return err
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
	var kind string
	var body json.RawMessage
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &kind)
		case "function", "custom", "allowed_tools":
			body = raw
			if rawjson.KindOf(raw) != rawjson.KindObject {
				return wire.Wrong("an object", raw)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case kind == "function" || kind == "custom":
		c.Mode = llm.ChoiceAny
		var name string
		name, err = choiceName(kind, raw)
		c.Names = []string{name}
		return err
	case kind == "allowed_tools" && body == nil:
		return wire.Missing("allowed_tools")
	case kind == "allowed_tools":
		return wire.At("allowed_tools", d.allowedTools(body))
	}
	c.Mode, c.Names, c.Native = llm.ChoiceAny, []string{kind}, native(raw)
	return nil
}

// choiceName reads the name in {type, function:{name}}.
func choiceName(kind string, raw []byte) (name string, err error) {
	val, ok := rawjson.Get(raw, kind, "name")
	if !ok {
		return "", wire.Missing(kind + ".name")
	}
	return name, wire.At(kind, wire.At("name", wire.Str(val, &name)))
}

func (d *requestDecoder) allowedTools(raw []byte) error {
	c := &d.req.ToolChoice
	c.Names = nil
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "mode":
			return oai.ChoiceWord(raw, &c.Mode)
		case "tools":
			return wire.Each(raw, func(_ int, raw []byte) error {
				kind := "function"
				if val, ok := rawjson.Get(raw, "type"); ok {
					if err := wire.At("type", wire.Str(val, &kind)); err != nil {
						return err
					}
				}
				if kind != "function" && kind != "custom" {
					c.Names = append(c.Names, kind)
					return nil
				}
				name, err := choiceName(kind, raw)
				c.Names = append(c.Names, name)
				return err
			})
		}
		return nil
	})
	if err == nil && c.Mode == llm.ChoiceUnset {
		err = wire.Missing("mode")
	}
	return err
}

// oldChoice reads the deprecated function_call; tool_choice outranks it.
func (d *requestDecoder) oldChoice(raw []byte) error {
	c := &d.req.ToolChoice
	if rawjson.KindOf(raw) == rawjson.KindString {
		var word string
		err := wire.Word(raw, &word, "none", "auto")
		if c.Mode == llm.ChoiceUnset {
			c.Mode = llm.ChoiceMode(word)
		}
		return err
	}
	var name string
	err := wire.Members(raw, func(key string, raw []byte) error {
		if key == "name" {
			return wire.Str(raw, &name)
		}
		return nil
	})
	if err == nil && name == "" {
		err = wire.Missing("name")
	}
	if c.Mode == llm.ChoiceUnset {
		c.Mode, c.Names = llm.ChoiceAny, []string{name}
	}
	return err
}
