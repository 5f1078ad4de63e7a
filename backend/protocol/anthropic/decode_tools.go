package anthropic

import (
	"encoding/json"
	"strconv"
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
)

func (d *requestDecoder) tool(i int, raw []byte) error {
	tool := llm.Tool{Kind: llm.ToolFunction}
	kind := "custom"
	var rest wire.Rest
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Str(raw, &kind)
		case "name":
			return wire.Str(raw, &tool.Name)
		case "description":
			return wire.Str(raw, &tool.Description)
		case "input_schema":
			return wire.Obj(raw, &tool.Schema)
		case "strict":
			return wire.BoolPtr(raw, &tool.Strict)
		case "defer_loading":
			return wire.Bool(raw, &tool.Deferred)
		case "cache_control":
			return wire.Cache(raw, &tool.Cache)
		}
		rest.Add(key, raw)
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind != "custom":
		d.knownTool(kind, raw, &tool)
	case tool.Name == "":
		return wire.Missing("name")
	case tool.Schema == nil:
		return wire.Missing("input_schema")
	default:
		if tool.Native = rest.Native(llm.Anthropic); tool.Native.Rest != nil {
			d.losses.Drop("tool.option", "tools["+strconv.Itoa(i)+"]", "")
		}
	}
	d.req.Tools = append(d.req.Tools, tool)
	return nil
}

// knownTool reads a tool that Anthropic defined: one that the client runs and
// the model was trained on, or one that the service runs. Types end in a date,
// which is no part of what they are.
func (d *requestDecoder) knownTool(kind string, raw []byte, tool *llm.Tool) {
	tool.Native = native(raw)
	family := kind
	if i := strings.LastIndexByte(kind, '_'); i > 0 && isDate(kind[i+1:]) {
		family = kind[:i]
	}
	if tool.Name == "" {
		tool.Name = family
	}
	switch family {
	case "bash":
		d.train(tool, "bash", "Runs commands in a bash shell that keeps its state.", bashSchema)
	case "text_editor":
		d.train(tool, "text_editor", "Views, creates and edits text files.", editorSchema)
	case "memory":
		d.train(tool, "memory", "Keeps notes in files of a memory directory.", memorySchema)
	case "web_search":
		tool.Kind, tool.Builtin = llm.ToolServer, llm.BuiltinWebSearch
	case "web_fetch":
		tool.Kind, tool.Builtin = llm.ToolServer, llm.BuiltinURLContext
	case "tool_search_tool_regex", "tool_search_tool_bm25":
		tool.Kind, tool.Builtin = llm.ToolServer, llm.BuiltinToolSearch
	case "code_execution":
		tool.Kind, tool.Builtin = llm.ToolServer, llm.BuiltinCodeExecution
	default:
		tool.Kind, tool.Builtin = llm.ToolServer, llm.BuiltinOther
	}
}

func (d *requestDecoder) train(tool *llm.Tool, trained, description, schema string) {
	tool.Trained, tool.Schema = trained, json.RawMessage(schema)
	if tool.Description == "" {
		tool.Description = description
	}
	if d.trained == nil {
		d.trained = map[string]string{}
	}
	d.trained[tool.Name] = trained
}

func isDate(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil && len(s) == 8
}

// The documented inputs of the tools that clients run themselves.
const (
	bashSchema = `{"type":"object","properties":{` +
		`"command":{"type":"string","description":"The command to run; not needed with restart."},` +
		`"restart":{"type":"boolean","description":"True starts the shell anew."}}}`
	editorSchema = `{"type":"object","properties":{` +
		`"command":{"type":"string","enum":["view","create","str_replace","insert","undo_edit"]},` +
		`"path":{"type":"string","description":"Absolute path of the file or directory."},` +
		`"file_text":{"type":"string","description":"For create: the content of the file."},` +
		`"old_str":{"type":"string","description":"For str_replace: the text to replace, which must occur once."},` +
		`"new_str":{"type":"string","description":"For str_replace: the new text."},` +
		`"insert_line":{"type":"integer","description":"For insert: the line after which to insert, 0 for the start."},` +
		`"insert_text":{"type":"string","description":"For insert: the text to insert."},` +
		`"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line, -1 for the end."}},` +
		`"required":["command","path"]}`
	memorySchema = `{"type":"object","properties":{` +
		`"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},` +
		`"path":{"type":"string","description":"Path below /memories."},` +
		`"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line."},` +
		`"file_text":{"type":"string","description":"For create: the content of the file."},` +
		`"old_str":{"type":"string","description":"For str_replace: the text to replace."},` +
		`"new_str":{"type":"string","description":"For str_replace: the new text."},` +
		`"insert_line":{"type":"integer","description":"For insert: the line at which to insert."},` +
		`"insert_text":{"type":"string","description":"For insert: the text to insert."},` +
		`"old_path":{"type":"string","description":"For rename: the path so far."},` +
		`"new_path":{"type":"string","description":"For rename: the new path."}},` +
		`"required":["command"]}`
)

func (d *requestDecoder) toolChoice(raw []byte) error {
	c := &d.req.ToolChoice
	var kind, name string
	var disable *bool
	err := wire.Members(raw, func(key string, raw []byte) error {
		switch key {
		case "type":
			return wire.Word(raw, &kind, "auto", "any", "tool", "none")
		case "name":
			return wire.Str(raw, &name)
		case "disable_parallel_tool_use":
			return wire.BoolPtr(raw, &disable)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case kind == "":
		return wire.Missing("type")
	case kind == "tool" && name == "":
		return wire.Missing("name")
	case kind == "tool":
		c.Mode, c.Names = llm.ChoiceAny, []string{name}
	default:
		c.Mode = llm.ChoiceMode(kind)
	}
	if disable != nil {
		c.Parallel = llm.Ptr(!*disable)
	}
	return nil
}
