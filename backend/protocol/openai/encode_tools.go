package openai

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
	tools  []*llm.Tool // functions, freeform tools and whole native entries
	search []byte      // web_search_options, nil if not asked for
	names  []string    // the target's names that the choice is limited to
	cut    bool        // the choice was carried out by leaving tools out
}

// tools writes the tools and the choice among them.
func (e *requestEncoder) tools() error {
	plan, err := e.planTools()
	if err != nil {
		return err
	}
	w := e.w
	if plan.search != nil {
		w.RawField("web_search_options", plan.search)
	}
	if len(plan.tools) == 0 {
		return nil // a choice without tools means nothing
	}
	w.Key("tools")
	w.Arr()
	for _, tool := range plan.tools {
		e.tool(tool)
	}
	w.EndArr()
	return e.choice(plan)
}

func (e *requestEncoder) planTools() (toolPlan, error) {
	var plan toolPlan
	for i := range e.flat.Tools {
		tool := &e.flat.Tools[i]
		if tool.Native.For(llm.OpenAIChat) != nil {
			e.losses.Kept("tools[" + strconv.Itoa(i) + "]") // its options
		}
		if tool.Kind == llm.ToolServer {
			if err := e.serverTool(&plan, tool, "tools["+strconv.Itoa(i)+"]"); err != nil {
				return plan, err
			}
			continue
		}
		plan.tools = append(plan.tools, tool)
	}
	if !e.own {
		if err := oai.CheckCount(len(plan.tools), e.target.Caps.MaxTools); err != nil {
			return plan, err
		}
		if err := oai.CheckNamed(e.req); err != nil {
			return plan, err
		}
	}
	plan.names = oai.Allowed(e.req, e.flat.Name)
	if e.subset(&plan) {
		e.losses.Adapt("tool_choice.subset", "tool_choice", "")
	}
	return plan, nil
}

// subset leaves only the tools of the choice, for a target that cannot be told
// of several by name.
func (e *requestEncoder) subset(plan *toolPlan) bool {
	choice := e.req.ToolChoice
	one := choice.Mode == llm.ChoiceAny && len(plan.names) == 1
	if e.own || len(plan.names) == 0 || one || e.target.Caps.ToolSubset {
		return false
	}
	if choice.Mode != llm.ChoiceAny && choice.Mode != llm.ChoiceAuto {
		return false
	}
	plan.tools = slices.DeleteFunc(plan.tools, func(t *llm.Tool) bool { return !slices.Contains(plan.names, t.Name) })
	plan.names, plan.cut = nil, true
	return true
}

// serverTool adds a tool that the upstream runs, if it has it.
func (e *requestEncoder) serverTool(plan *toolPlan, tool *llm.Tool, at string) error {
	if native := tool.Native.For(llm.OpenAIChat); native != nil {
		if _, typed := rawjson.Get(native, "type"); typed {
			plan.tools = append(plan.tools, tool)
		} else {
			plan.search = native
		}
		return nil
	}
	if tool.Builtin == llm.BuiltinWebSearch && e.target.Caps.WebSearch {
		plan.search = searchOptions(tool, at, e.losses)
		return nil
	}
	return oai.DropServerTool(e.req.ToolChoice, tool, at, e.losses)
}

// searchOptions writes what another protocol's search has in common with this
// one's.
func searchOptions(tool *llm.Tool, at string, losses *llm.Losses) []byte {
	search := crossing.ServerOptions(tool, at, crossing.SearchTakes{Size: true, Location: true}, losses)
	var w rawjson.Writer
	w.Obj()
	if search.Size != nil {
		w.RawField("search_context_size", search.Size)
	}
	search.WriteLocation(&w, true)
	w.End()
	return w.Bytes()
}

func (e *requestEncoder) tool(tool *llm.Tool) {
	w := e.w
	native := tool.Native.For(llm.OpenAIChat)
	if tool.Kind == llm.ToolServer {
		w.Raw(native)
		return
	}
	kind := "function"
	if tool.Kind == llm.ToolCustom {
		kind = "custom"
	}
	w.Obj()
	w.StrField("type", kind)
	w.Key(kind)
	w.Obj()
	w.StrField("name", tool.Name)
	if tool.Description != "" {
		w.StrField("description", tool.Description)
	}
	if tool.Kind == llm.ToolCustom {
		e.customFormat(tool, native)
	} else {
		e.parameters(tool)
	}
	w.End()
	for key, raw := range rawjson.Members(native) {
		if key != "format" {
			w.RawField(key, raw)
		}
	}
	w.End()
	if tool.Cache != nil {
		e.losses.Drop("cache", "tools", tool.Name)
	}
}

func (e *requestEncoder) parameters(tool *llm.Tool) {
	w := e.w
	if e.own {
		if tool.Schema != nil {
			w.RawField("parameters", tool.Schema)
		}
		if tool.Strict != nil {
			w.BoolField("strict", *tool.Strict)
		}
		return
	}
	raw, strict := oai.Parameters(tool, e.target.Caps, e.losses)
	w.RawField("parameters", raw)
	if strict {
		w.BoolField("strict", true)
	}
}

// customFormat writes the grammar of a freeform tool.
func (e *requestEncoder) customFormat(tool *llm.Tool, native []byte) {
	w := e.w
	if raw, ok := rawjson.Get(native, "format"); ok {
		w.RawField("format", raw)
		return
	}
	if tool.Grammar == "" {
		return
	}
	w.Key("format")
	w.Obj()
	w.StrField("type", "grammar")
	w.Key("grammar")
	w.Obj()
	w.StrField("definition", tool.Grammar)
	w.StrField("syntax", oai.Syntax(tool))
	w.End()
	w.End()
}

// choice writes tool_choice and parallel_tool_calls.
func (e *requestEncoder) choice(plan toolPlan) error {
	w, choice := e.w, e.req.ToolChoice
	if choice.Parallel != nil && !(e.own && e.oldTools()) {
		w.BoolField("parallel_tool_calls", *choice.Parallel)
	}
	if native := choice.Native.For(llm.OpenAIChat); native != nil {
		w.RawField("tool_choice", native)
		return nil
	}
	switch {
	case choice.Mode == llm.ChoiceUnset:
	case choice.Mode == llm.ChoiceNone:
		w.StrField("tool_choice", "none")
	case len(choice.Names) > 0 && len(plan.names) == 0 && !plan.cut:
		// Only tools that the upstream runs were named.
		e.losses.Adapt("tool_choice.forced", "tool_choice", "the upstream's own tools cannot be forced")
	case choice.Mode == llm.ChoiceAny && len(plan.names) == 1:
		w.Key("tool_choice")
		e.named(plan, plan.names[0])
	case len(plan.names) > 0:
		e.allowedTools(plan)
	case choice.Mode == llm.ChoiceAny:
		w.StrField("tool_choice", "required")
	default:
		w.StrField("tool_choice", "auto")
	}
	return nil
}

func (e *requestEncoder) oldTools() bool {
	_, old := rawjson.Get(e.req.Native.For(llm.OpenAIChat), "functions")
	return old
}

// named writes {type, function:{name}}.
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
	w.Key(kind)
	w.Obj()
	w.StrField("name", name)
	w.End()
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
	w.Key("allowed_tools")
	w.Obj()
	w.StrField("mode", mode)
	w.Key("tools")
	w.Arr()
	for _, name := range plan.names {
		e.named(plan, name)
	}
	w.EndArr()
	w.End()
	w.End()
}
