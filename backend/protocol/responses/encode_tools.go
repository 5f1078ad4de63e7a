package responses

import (
	"slices"
	"strconv"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing"
	"antigravity-tools/backend/protocol/crossing/oai"
	"antigravity-tools/backend/rawjson"
)

// toolPlan is what of the tool set this target can take.
type toolPlan struct {
	tools    []*llm.Tool
	names    []string // the target's names that the choice is limited to
	builtins []string // types of the upstream's own tools among them
}

// tools writes the tools and the choice among them.
func (e *requestEncoder) tools() error {
	plan, err := e.planTools()
	if err != nil {
		return err
	}
	if len(plan.tools) == 0 {
		return nil // a choice without tools means nothing
	}
	w := e.w
	w.Key("tools")
	w.Arr()
	e.toolList(plan.tools)
	w.EndArr()
	e.choice(plan)
	return nil
}

func (e *requestEncoder) planTools() (plan toolPlan, err error) {
	if e.own {
		for i := range e.req.Tools {
			plan.tools = append(plan.tools, &e.req.Tools[i])
		}
		plan.names = oai.Allowed(e.req, e.name)
		return plan, nil
	}
	calls := 0
	for i := range e.flat.Tools {
		tool := &e.flat.Tools[i]
		if tool.Kind != llm.ToolServer {
			calls++
		} else if kind := e.builtin(tool); kind == "" {
			if err := oai.DropServerTool(e.req.ToolChoice, tool, "tools["+strconv.Itoa(i)+"]", e.losses); err != nil {
				return plan, err
			}
			continue
		} else if names := e.req.ToolChoice.Names; slices.Contains(names, string(tool.Builtin)) || slices.Contains(names, tool.Name) {
			plan.builtins = append(plan.builtins, kind)
		}
		plan.tools = append(plan.tools, tool)
	}
	if err := oai.CheckCount(calls, e.target.Caps.MaxTools); err != nil {
		return plan, err
	}
	if err := oai.CheckNamed(e.req); err != nil {
		return plan, err
	}
	plan.names = oai.Allowed(e.req, e.name)
	return plan, nil
}

// builtin is this protocol's type of a tool that the upstream runs, "" if it
// has none.
func (e *requestEncoder) builtin(tool *llm.Tool) string {
	switch {
	case tool.Builtin == llm.BuiltinWebSearch && e.target.Caps.WebSearch:
		return "web_search"
	case tool.Builtin == llm.BuiltinCodeExecution && e.target.Caps.ServerTools:
		return "code_interpreter"
	case tool.Builtin == llm.BuiltinToolSearch: // it would not be here otherwise
		return toolSearch
	}
	return ""
}

// toolList writes tools; those of one namespace, which stand together, are one
// group.
func (e *requestEncoder) toolList(tools []*llm.Tool) {
	w := e.w
	for i := 0; i < len(tools); i++ {
		group := tools[i].Namespace
		if group == "" {
			e.tool(tools[i])
			continue
		}
		w.Obj()
		w.StrField("type", "namespace")
		w.StrField("name", group)
		w.StrField("description", tools[i].GroupText)
		w.Key("tools")
		w.Arr()
		for ; i < len(tools) && tools[i].Namespace == group; i++ {
			e.tool(tools[i])
		}
		i--
		w.EndArr()
		w.End()
	}
}

func (e *requestEncoder) tool(tool *llm.Tool) {
	w := e.w
	native := tool.Native.For(llm.Responses)
	switch {
	case e.own && (tool.Kind == llm.ToolServer || tool.Trained != ""):
		w.Raw(native) // the whole tool
		return
	case tool.Kind == llm.ToolServer:
		e.serverTool(tool)
		return
	}
	if tool.Cache != nil {
		e.losses.Drop("cache", "tools", tool.Name)
	}
	w.Obj()
	if tool.Kind == llm.ToolCustom {
		e.customTool(tool)
	} else {
		e.function(tool)
	}
	if tool.Deferred {
		w.BoolField("defer_loading", true)
	}
	for key, raw := range rawjson.Members(native) {
		w.RawField(key, raw)
	}
	w.End()
}

// function writes a function. strict is always said: left out it would be true.
func (e *requestEncoder) function(tool *llm.Tool) {
	w := e.w
	w.StrField("type", "function")
	w.StrField("name", tool.Name)
	if tool.Description != "" {
		w.StrField("description", tool.Description)
	}
	if e.own {
		if tool.Schema != nil {
			w.RawField("parameters", tool.Schema)
		}
		w.BoolField("strict", tool.Strict == nil || *tool.Strict)
		return
	}
	raw, strict := oai.Parameters(tool, e.target.Caps, e.losses)
	w.RawField("parameters", raw)
	w.BoolField("strict", strict)
}

func (e *requestEncoder) customTool(tool *llm.Tool) {
	w := e.w
	w.StrField("type", "custom")
	w.StrField("name", tool.Name)
	if tool.Description != "" {
		w.StrField("description", tool.Description)
	}
	if tool.Grammar == "" || e.own { // an own one's format is among its native members
		return
	}
	w.Key("format")
	w.Obj()
	w.StrField("type", "grammar")
	w.StrField("syntax", oai.Syntax(tool))
	w.StrField("definition", tool.Grammar)
	w.End()
}

// serverTool writes a tool that OpenAI runs, with what another protocol's own
// has in common with it.
func (e *requestEncoder) serverTool(tool *llm.Tool) {
	w := e.w
	w.Obj()
	w.StrField("type", e.builtin(tool))
	search := crossing.ServerOptions(tool, "tools", crossing.SearchTakes{Domains: true, Size: true, Location: true}, e.losses)
	if tool.Builtin == llm.BuiltinCodeExecution {
		w.RawField("container", []byte(`{"type":"auto"}`))
		w.End()
		return
	}
	if tool.Builtin == llm.BuiltinToolSearch {
		w.End()
		return
	}
	if search.Domains != nil {
		w.Key("filters")
		w.Obj()
		w.RawField("allowed_domains", search.Domains)
		w.End()
	}
	if search.Size != nil {
		w.RawField("search_context_size", search.Size)
	}
	search.WriteLocation(w, false)
	w.End()
}

// choice writes tool_choice and parallel_tool_calls.
func (e *requestEncoder) choice(plan toolPlan) {
	w, choice := e.w, e.req.ToolChoice
	if choice.Parallel != nil {
		w.BoolField("parallel_tool_calls", *choice.Parallel)
	}
	if native := choice.Native.For(llm.Responses); native != nil {
		w.RawField("tool_choice", native)
		return
	}
	listed := len(plan.names) + len(plan.builtins)
	switch {
	case choice.Mode == llm.ChoiceUnset:
	case choice.Mode == llm.ChoiceNone:
		w.StrField("tool_choice", "none")
	case choice.Mode == llm.ChoiceAny && listed == 1 && len(plan.names) == 1:
		w.Key("tool_choice")
		e.named(plan, plan.names[0])
	case listed > 0:
		e.allowedTools(plan)
	case choice.Mode == llm.ChoiceAny:
		w.StrField("tool_choice", "required")
	default:
		w.StrField("tool_choice", "auto")
	}
}

// named writes {type, name}.
func (e *requestEncoder) named(plan toolPlan, name string) {
	kind := "function"
	for _, t := range plan.tools {
		if t.Name == name && t.Kind == llm.ToolCustom {
			kind = "custom"
		}
	}
	w := e.w
	w.Obj()
	w.StrField("type", kind)
	w.StrField("name", name)
	w.End()
}

func (e *requestEncoder) allowedTools(plan toolPlan) {
	mode := "auto"
	if e.req.ToolChoice.Mode == llm.ChoiceAny {
		mode = "required"
	}
	w := e.w
	w.Key("tool_choice")
	w.Obj()
	w.StrField("type", "allowed_tools")
	w.StrField("mode", mode)
	w.Key("tools")
	w.Arr()
	for _, name := range plan.names {
		e.named(plan, name)
	}
	for _, kind := range plan.builtins {
		w.Obj()
		w.StrField("type", kind)
		w.End()
	}
	w.EndArr()
	w.End()
}
