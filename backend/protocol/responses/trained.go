package responses

import (
	"encoding/json"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// A trained tool is one that OpenAI's models know without a declaration and
// that the client runs. For other models it is a function of that name, with
// the documented fields of the call item as its arguments; their calls turn
// back into the item.

const (
	localShellText = "Runs one command on the user's machine and returns its output."
	shellText      = "Runs shell commands on the user's machine, in order, and returns the output of each."
	toolSearchText = "Searches for tools that are not loaded yet and loads those that it finds."
	applyPatchText = "Creates, updates or deletes one file. diff is in the V4A format: a line that begins with a space is context, " +
		"with - is removed, with + is added, and @@ begins a section; every line of a new file begins with +."
)

// Schemas of the arguments (wire-types.md section 4, items).
const (
	localShellSchema = `{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"},"description":"The program and its arguments."},` +
		`"env":{"type":"object","additionalProperties":{"type":"string"}},"timeout_ms":{"type":"integer"},"user":{"type":"string"},` +
		`"working_directory":{"type":"string"}},"required":["command"]}`
	shellSchema = `{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},"timeout_ms":{"type":"integer"},` +
		`"max_output_length":{"type":"integer"}},"required":["commands"]}`
	toolSearchSchema = `{"type":"object","properties":{"query":{"type":"string"}},"required":["query"]}`
	applyPatchSchema = `{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","delete_file"]},` +
		`"path":{"type":"string"},"diff":{"type":"string"}},"required":["type","path"]}`
)

func trainedTool(kind string, raw []byte) llm.Tool {
	t := llm.Tool{Kind: llm.ToolFunction, Name: kind, Trained: kind, Native: native(raw)}
	switch kind {
	case toolLocalShell:
		t.Description, t.Schema = localShellText, json.RawMessage(localShellSchema)
	case toolShell:
		t.Description, t.Schema = shellText, json.RawMessage(shellSchema)
	case toolSearch:
		t.Description, t.Schema = toolSearchText, json.RawMessage(toolSearchSchema)
	default:
		t.Description, t.Schema = applyPatchText, json.RawMessage(applyPatchSchema)
	}
	return t
}

// trainedItem says how a trained tool's call stands in the output.
type trainedItem struct {
	kind   string // of the item
	key    string // member that holds the arguments
	prefix string // of its id
	more   string // what else it says: where it runs
}

func trainedItemOf(tool string) (it trainedItem, ok bool) {
	switch tool {
	case toolLocalShell:
		return trainedItem{"local_shell_call", "action", "lsh_", ""}, true
	case toolShell:
		return trainedItem{"shell_call", "action", "sh_", `"environment":{"type":"local"}`}, true
	case toolApplyPatch:
		return trainedItem{"apply_patch_call", "operation", "apc_", ""}, true
	case toolSearch:
		return trainedItem{"tool_search_call", "arguments", "tsc_", `"execution":"client"`}, true
	}
	return trainedItem{}, false
}

// trainedArgs makes the item's action of a call's arguments. ok is false if
// they are not what the client could run: then the call stays a function call,
// whose failure the model gets to see.
func trainedArgs(tool, args string) (action []byte, ok bool) {
	raw := []byte(args)
	if rawjson.Check(raw, maxArgsDepth) != nil || rawjson.KindOf(raw) != rawjson.KindObject {
		return nil, false
	}
	switch tool {
	case toolLocalShell:
		return localShellAction(raw)
	case toolShell:
		return shellAction(raw)
	case toolSearch:
		return raw, true
	default:
		kind, okKind := stringAt(raw, "type")
		_, okPath := stringAt(raw, "path")
		_, okDiff := stringAt(raw, "diff")
		known := kind == "delete_file" || okDiff && (kind == "create_file" || kind == "update_file")
		return raw, okKind && okPath && known
	}
}

const maxArgsDepth = 200

func stringAt(obj []byte, key string) (string, bool) {
	val, ok := rawjson.Get(obj, key)
	if !ok {
		return "", false
	}
	s, err := rawjson.String(val)
	return s, err == nil
}

// localShellAction adds what the item must have: its type and an environment.
func localShellAction(args []byte) ([]byte, bool) {
	command, ok := rawjson.Get(args, "command")
	if !ok || !isStrings(command) {
		return nil, false
	}
	var w rawjson.Writer
	w.Obj()
	w.StrField("type", "exec")
	w.RawField("command", command)
	if env, ok := rawjson.Get(args, "env"); ok && rawjson.KindOf(env) == rawjson.KindObject {
		w.RawField("env", env)
	} else {
		w.RawField("env", []byte("{}"))
	}
	rawjson.AppendRest(&w, rawjson.Rest(args, func(key string) bool {
		return key == "type" || key == "command" || key == "env"
	}))
	w.End()
	return w.Bytes(), true
}

// shellAction adds the members that may be null but not absent.
func shellAction(args []byte) ([]byte, bool) {
	commands, ok := rawjson.Get(args, "commands")
	if !ok || !isStrings(commands) {
		return nil, false
	}
	var w rawjson.Writer
	w.Obj()
	w.RawField("commands", commands)
	for _, key := range [...]string{"timeout_ms", "max_output_length"} {
		val, _ := rawjson.Get(args, key)
		w.RawField(key, val)
	}
	w.End()
	return w.Bytes(), true
}

// isStrings reports whether raw is an array of strings that is not empty.
func isStrings(raw []byte) bool {
	n := 0
	for item := range rawjson.Items(raw) {
		if rawjson.KindOf(item) != rawjson.KindString {
			return false
		}
		n++
	}
	return n > 0
}
