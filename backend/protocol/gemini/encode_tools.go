package gemini

import (
	"slices"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

func upper(s string) string { return strings.ToUpper(s) }

// toolPlan is what of the tool set this target can take.
type toolPlan struct {
	functions []llm.Tool
	servers   [][]byte // whole tools[] entries
	image     bool     // an image-making tool, which is an output modality here
	strict    bool
}

// writeTools writes the tools and the choice among them.
func (e *requestEncoder) writeTools() error {
	plan, err := e.planTools()
	if err != nil {
		return err
	}
	w := e.w
	if len(plan.functions)+len(plan.servers) > 0 {
		w.Key("tools")
		w.Arr()
		if len(plan.functions) > 0 {
			w.Obj()
			w.Key("functionDeclarations")
			w.Arr()
			for i := range plan.functions {
				e.function(&plan.functions[i])
			}
			w.EndArr()
			w.End()
		}
		for _, entry := range plan.servers {
			w.Raw(entry)
		}
		w.EndArr()
	}
	return e.writeChoice(plan)
}

func (e *requestEncoder) planTools() (toolPlan, error) {
	var plan toolPlan
	for i := range e.flat.Tools {
		if tool := &e.flat.Tools[i]; tool.Kind != llm.ToolServer {
			plan.functions = append(plan.functions, *tool)
			plan.strict = plan.strict || (tool.Strict != nil && *tool.Strict)
		}
	}
	if limit := e.target.Caps.MaxTools; limit > 0 && len(plan.functions) > limit {
		return plan, refuse("tool.count", "tools", "this model takes at most %d tools, the request has %d", limit, len(plan.functions))
	}
	for i := range e.flat.Tools {
		tool := &e.flat.Tools[i]
		if tool.Kind != llm.ToolServer {
			continue
		}
		if err := e.serverTool(&plan, tool, "tools"+index(i)); err != nil {
			return plan, err
		}
	}
	return plan, nil
}

// serverTool adds a tool that the upstream runs, if it has it and takes it
// beside the functions.
func (e *requestEncoder) serverTool(plan *toolPlan, tool *llm.Tool, at string) error {
	if native := tool.Native.For(llm.Gemini); native != nil {
		plan.servers = append(plan.servers, native)
		return nil
	}
	entry := ""
	switch tool.Builtin {
	case llm.BuiltinWebSearch:
		entry = `{"googleSearch":{}}`
	case llm.BuiltinURLContext:
		entry = `{"urlContext":{}}`
	case llm.BuiltinCodeExecution:
		entry = `{"codeExecution":{}}`
	case llm.BuiltinImage:
		if e.target.Caps.ImageOut {
			plan.image = true
			return nil
		}
	}
	if entry != "" && (len(plan.functions) == 0 || e.target.Caps.MixTools) {
		plan.servers = append(plan.servers, []byte(entry))
		crossing.ServerOptions(tool, at, crossing.SearchTakes{}, e.losses) // the public API's tools of that kind take none
		return nil
	}
	if e.forces(tool) {
		return refuse("tool.builtin", at, "the tool that must be called is one that this model does not have")
	}
	e.losses.Drop("tool.builtin", at, toolLabel(tool))
	return nil
}

func toolLabel(t *llm.Tool) string {
	if t.Builtin != "" && t.Builtin != llm.BuiltinOther {
		return string(t.Builtin)
	}
	return t.Name
}

// forces tells whether the request demands that this tool be called.
func (e *requestEncoder) forces(tool *llm.Tool) bool {
	choice := e.req.ToolChoice
	if choice.Mode != llm.ChoiceAny || len(choice.Names) == 0 {
		return false
	}
	for _, name := range choice.Names {
		if name != tool.Name && name != string(tool.Builtin) {
			return false
		}
	}
	return true
}

func (e *requestEncoder) function(tool *llm.Tool) {
	w := e.w
	native := tool.Native.For(llm.Gemini)
	w.Obj()
	w.StrField("name", tool.Name)
	if tool.Description != "" {
		w.StrField("description", tool.Description)
	}
	if tool.Cache != nil {
		e.losses.Drop("cache", "tools", tool.Name)
	}
	at, own := "tools."+tool.Name, tool.Native.Protocol == llm.Gemini
	// What a Gemini client declared in Schema's words goes up as it was, where there are that many.
	if kept := e.target.Caps.JSONSchema && member(native, "parameters") != nil; len(tool.Schema) > 0 && !kept {
		raw := tool.Schema
		if !own {
			raw = schema.Rooted(raw)
		}
		e.schemaField(raw, "parametersJsonSchema", "parameters", own, at)
	}
	if e.target.Caps.JSONSchema {
		writeRest(w, native)
	} else {
		writeRest(w, native, e.lateFields(native, at)...)
	}
	w.End()
}

// lateFields are the members of a declaration that a service of an older day
// does not know, or not in these words.
func (e *requestEncoder) lateFields(native []byte, at string) []string {
	for _, key := range []string{"response", "responseJsonSchema", "behavior"} {
		if member(native, key) != nil {
			e.losses.Drop("tool.option", at, key)
		}
	}
	return []string{"parameters", "response", "responseJsonSchema", "behavior"}
}

// schemaField writes a schema under the name that the target knows; own
// schemas, which a Gemini client wrote, are not cleaned.
func (e *requestEncoder) schemaField(raw []byte, jsonKey, plainKey string, own bool, at string) {
	key := jsonKey
	if !e.target.Caps.JSONSchema {
		key = plainKey
	}
	e.w.RawField(key, e.cleaned(raw, own, at))
}

// cleaned is a schema in the words that the target takes; what a Gemini client
// wrote for a target like its own stays as it is.
func (e *requestEncoder) cleaned(raw []byte, own bool, at string) []byte {
	clean := schema.Light
	switch {
	case !e.target.Caps.JSONSchema:
		clean = schema.Full
	case own:
		return raw
	}
	raw, removed := clean(raw)
	if len(removed) > 0 {
		e.losses.Adapt("schema.clean", at, strings.Join(removed, " "))
	}
	return raw
}

// writeChoice writes toolConfig. A Gemini client's own goes out as it was,
// unless functions were renamed.
func (e *requestEncoder) writeChoice(plan toolPlan) error {
	choice := e.req.ToolChoice
	if native := choice.Native.For(llm.Gemini); native != nil && e.flat.Table == nil {
		e.w.RawField("toolConfig", e.knownConfig(native))
		return nil
	}
	if choice.Parallel != nil && !*choice.Parallel {
		e.losses.Drop("tool_choice.parallel", "parallel_tool_calls", "")
	}
	if len(plan.functions) == 0 {
		return nil
	}
	if name := e.missing(); name != "" {
		return fault.Invalid("tool_choice", "the tool %q that must be called is not among the tools", name)
	}
	mode, names := e.choiceMode(plan)
	mixed := len(plan.servers) > 0
	if mode == "" && !mixed {
		return nil
	}
	w := e.w
	w.Key("toolConfig")
	w.Obj()
	if mode != "" {
		w.Key("functionCallingConfig")
		w.Obj()
		w.StrField("mode", mode)
		if len(names) > 0 {
			w.Key("allowedFunctionNames")
			writeStrings(w, names)
		}
		w.End()
	}
	if mixed && e.target.Caps.Public {
		w.BoolField("includeServerSideToolInvocations", true)
	}
	w.End()
	return nil
}

// knownConfig leaves out of a client's own toolConfig what the target lacks.
func (e *requestEncoder) knownConfig(native []byte) []byte {
	if e.target.Caps.Public {
		return native
	}
	for _, key := range []string{"includeServerSideToolInvocations", "include_server_side_tool_invocations"} {
		if out, err := rawjson.Delete(native, key); err == nil {
			native = out
		}
	}
	return native
}

func (e *requestEncoder) choiceMode(plan toolPlan) (mode string, names []string) {
	choice := e.req.ToolChoice
	names = e.allowed(plan)
	switch choice.Mode {
	case llm.ChoiceNone:
		return "NONE", nil
	case llm.ChoiceAny:
		if len(choice.Names) > 0 && len(names) == 0 {
			e.losses.Adapt("tool_choice.forced", "tool_choice", "the upstream's own tools cannot be forced")
			break
		}
		return "ANY", names
	case llm.ChoiceAuto:
		if len(names) > 0 {
			return "VALIDATED", names
		}
		mode = "AUTO"
	}
	if plan.strict || len(plan.servers) > 0 {
		mode = "VALIDATED"
	}
	return mode, nil
}

// missing is a tool that has to be called although the request has no tool of
// that name, "" if there is none.
func (e *requestEncoder) missing() string {
	choice := e.req.ToolChoice
	if choice.Mode != llm.ChoiceAny || e.own {
		return ""
	}
	for _, name := range choice.Names {
		if !slices.ContainsFunc(e.req.Tools, func(t llm.Tool) bool { return t.Name == name || string(t.Builtin) == name }) {
			return name
		}
	}
	return ""
}

// allowed gives the target's names of the tools that the choice names.
func (e *requestEncoder) allowed(plan toolPlan) (names []string) {
	for _, name := range e.req.ToolChoice.Names {
		for i := range e.req.Tools {
			t := &e.req.Tools[i]
			if t.Kind != llm.ToolServer && t.Name == name {
				names = append(names, e.flat.Name(t.Namespace, t.Name))
			}
		}
	}
	return names
}

func writeStrings(w *rawjson.Writer, list []string) {
	w.Arr()
	for _, s := range list {
		w.Str(s)
	}
	w.EndArr()
}
