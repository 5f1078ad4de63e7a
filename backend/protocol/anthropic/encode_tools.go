package anthropic

import (
	"slices"
	"strconv"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// toolPlan is what of the tool set this target can take.
type toolPlan struct {
	tools []plannedTool
	mode  llm.ChoiceMode
	name  string // the one tool that must be called
}

// plannedTool is a tool, or one that the service runs as it is declared.
type plannedTool struct {
	tool *llm.Tool
	raw  []byte
}

func (e *requestEncoder) planTools() (plan toolPlan, err error) {
	for i := range e.flat.Tools {
		tool := &e.flat.Tools[i]
		native := tool.Native.For(llm.Anthropic)
		if native != nil {
			e.losses.Kept("tools[" + strconv.Itoa(i) + "]") // its options
		}
		switch {
		case native != nil && (tool.Kind == llm.ToolServer && e.has(tool.Builtin) || tool.Trained != ""):
			plan.tools = append(plan.tools, plannedTool{raw: native, tool: tool})
		case tool.Kind == llm.ToolServer:
			if err := e.serverTool(&plan, tool, "tools["+strconv.Itoa(i)+"]"); err != nil {
				return plan, err
			}
		default:
			plan.tools = append(plan.tools, plannedTool{tool: tool})
		}
	}
	return plan, e.planChoice(&plan)
}

// serverTool adds a tool that the service runs, if it has it.
func (e *requestEncoder) serverTool(plan *toolPlan, tool *llm.Tool, at string) error {
	kind, name := "", ""
	switch tool.Builtin {
	case llm.BuiltinWebSearch:
		kind, name = "web_search_20250305", "web_search"
	case llm.BuiltinURLContext:
		kind, name = "web_fetch_20250910", "web_fetch"
	case llm.BuiltinCodeExecution:
		kind, name = "code_execution_20250825", "code_execution"
	case llm.BuiltinToolSearch:
		kind, name = "tool_search_tool_bm25_20251119", "tool_search_tool_bm25"
	}
	if kind != "" && e.runs(tool.Builtin) {
		w := rawjson.NewWriter(128)
		w.Obj()
		w.StrField("type", kind)
		w.StrField("name", name)
		search := crossing.ServerOptions(tool, at, crossing.SearchTakes{Domains: true, Location: true}, e.losses)
		if search.Domains != nil {
			w.RawField("allowed_domains", search.Domains)
		}
		search.WriteLocation(w, false)
		w.End()
		plan.tools = append(plan.tools, plannedTool{raw: w.Bytes(), tool: tool})
		return nil
	}
	choice := e.req.ToolChoice
	other := func(n string) bool { return n != tool.Name && n != string(tool.Builtin) }
	if choice.Mode == llm.ChoiceAny && len(choice.Names) > 0 && !slices.ContainsFunc(choice.Names, other) {
		return refuse("tool.builtin", at, "the tool that must be called is one that this model does not have")
	}
	label := string(tool.Builtin)
	if label == "" || tool.Builtin == llm.BuiltinOther {
		label = tool.Name
	}
	e.losses.Drop("tool.builtin", at, label)
	return nil
}

// has tells whether a tool of the client's own protocol may go up as it was
// declared.
func (e *requestEncoder) has(kind llm.Builtin) bool {
	known := kind == llm.BuiltinURLContext || kind == llm.BuiltinCodeExecution
	return e.asked || !known || e.runs(kind)
}

// runs tells whether the service runs a tool of that kind.
func (e *requestEncoder) runs(kind llm.Builtin) bool {
	c := e.target.Caps
	switch kind {
	case llm.BuiltinWebSearch:
		return c.ServerTools && !c.NoSearch
	case llm.BuiltinCodeExecution:
		return c.ServerTools && !c.SearchOnly && !c.NoCode
	}
	return c.ServerTools && !c.SearchOnly && !c.AnnouncedTools
}

// planChoice settles the choice among the tools. Of several names only those
// tools are sent: the protocol can name one.
func (e *requestEncoder) planChoice(plan *toolPlan) error {
	choice := e.req.ToolChoice
	plan.mode = choice.Mode
	if len(plan.tools) == 0 {
		plan.mode = llm.ChoiceUnset
		return nil
	}
	names := e.allowed()
	if choice.Mode == llm.ChoiceAny && !e.own {
		for _, name := range choice.Names {
			if !slices.ContainsFunc(e.req.Tools, func(t llm.Tool) bool { return t.Name == name || string(t.Builtin) == name }) {
				return fault.Invalid("tool_choice", "the tool %q that must be called is not among the tools", name)
			}
		}
	}
	forced := choice.Mode == llm.ChoiceAny
	refused := forced && !e.target.Caps.ForcedTool && !e.own
	switch {
	case forced && len(names) == 1 && !refused:
		plan.name = names[0]
	case len(names) > 0 && (forced || choice.Mode == llm.ChoiceAuto):
		if !refused || len(names) > 1 {
			e.losses.Adapt("tool_choice.subset", "tool_choice", "")
		}
		plan.tools = slices.DeleteFunc(plan.tools, func(t plannedTool) bool {
			return t.raw == nil && !slices.Contains(names, t.tool.Name) || t.raw != nil && refused && !slices.Contains(names, serverName(t.tool))
		})
	}
	if refused { // narrowed to what has to be called, the model is asked for it in words
		e.losses.Adapt("tool_choice.forced", "tool_choice", "")
		e.notes = append(e.notes, "Use a tool.")
		plan.mode, plan.name = llm.ChoiceAuto, ""
	}
	return nil
}

// allowed gives the target's names of the tools that the choice names.
func (e *requestEncoder) allowed() (names []string) {
	for _, name := range e.req.ToolChoice.Names {
		for i := range e.req.Tools {
			t := &e.req.Tools[i]
			switch {
			case t.Kind != llm.ToolServer && t.Name == name:
				names = append(names, e.flat.Name(t.Namespace, t.Name))
			case t.Kind == llm.ToolServer && (t.Name == name || string(t.Builtin) == name) && e.runs(t.Builtin):
				names = append(names, serverName(t))
			}
		}
	}
	return names
}

func serverName(t *llm.Tool) string {
	switch t.Builtin {
	case llm.BuiltinWebSearch:
		return "web_search"
	case llm.BuiltinURLContext:
		return "web_fetch"
	case llm.BuiltinCodeExecution:
		return "code_execution"
	case llm.BuiltinToolSearch:
		return "tool_search_tool_bm25"
	}
	return t.Name
}

func (e *requestEncoder) tools(plan toolPlan) {
	if len(plan.tools) == 0 {
		return
	}
	w := e.w
	w.Key("tools")
	w.Arr()
	for _, t := range plan.tools {
		if t.raw != nil {
			w.Raw(t.raw)
			continue
		}
		e.tool(t.tool)
	}
	w.EndArr()
}

func (e *requestEncoder) tool(t *llm.Tool) {
	w := e.w
	w.Obj()
	w.StrField("name", t.Name)
	if t.Description != "" {
		w.StrField("description", t.Description)
	}
	strict := t.Strict != nil && *t.Strict
	switch {
	case e.own:
		w.RawField("input_schema", t.Schema)
		switch {
		case strict && !e.asked && !e.target.Caps.StrictTools:
			e.losses.Drop("tool.strict", "tools", t.Name)
		case t.Strict != nil:
			w.BoolField("strict", *t.Strict)
		}
	case strict && e.target.Caps.StrictTools:
		closed, ok := schema.Closed(schema.Object(t.Schema))
		w.RawField("input_schema", closed)
		if ok {
			w.BoolField("strict", true)
		} else {
			e.losses.Drop("tool.strict", "tools", t.Name)
		}
	default:
		if strict {
			e.losses.Drop("tool.strict", "tools", t.Name)
		}
		root, changed := schema.FlatRoot(schema.Object(t.Schema))
		if changed {
			e.losses.Adapt("schema.root", "tools", t.Name)
		}
		w.RawField("input_schema", root)
	}
	if t.Deferred {
		w.BoolField("defer_loading", true)
	}
	e.cache(t.Cache, "tools."+t.Name)
	e.members(t.Native.For(llm.Anthropic))
	w.End()
}

// choice writes tool_choice, and with it whether calls may be parallel.
func (e *requestEncoder) choice(plan toolPlan) {
	serial := e.req.ToolChoice.Parallel != nil && !*e.req.ToolChoice.Parallel
	if len(plan.tools) == 0 || plan.mode == llm.ChoiceUnset && !serial {
		return
	}
	w := e.w
	w.Key("tool_choice")
	w.Obj()
	defer w.End()
	switch {
	case plan.mode == llm.ChoiceNone:
		w.StrField("type", "none")
		return
	case plan.name != "":
		w.StrField("type", "tool")
		w.StrField("name", plan.name)
	case plan.mode == llm.ChoiceAny:
		w.StrField("type", "any")
	default:
		w.StrField("type", "auto")
	}
	if serial {
		w.BoolField("disable_parallel_tool_use", true)
	}
}
