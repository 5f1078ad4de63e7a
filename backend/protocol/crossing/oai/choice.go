package oai

import (
	"slices"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// Forces tells whether the request demands that a tool which the upstream runs
// be called.
func Forces(choice llm.ToolChoice, tool *llm.Tool) bool {
	if choice.Mode != llm.ChoiceAny || len(choice.Names) == 0 {
		return false
	}
	return !slices.ContainsFunc(choice.Names, func(name string) bool {
		return name != tool.Name && name != string(tool.Builtin)
	})
}

// DropServerTool leaves out a tool that the upstream should have run and does
// not have; it is an error where the request demands its call.
func DropServerTool(choice llm.ToolChoice, tool *llm.Tool, at string, losses *llm.Losses) error {
	if Forces(choice, tool) {
		return Refuse("tool.builtin", at, "the tool that must be called is one that this model does not have")
	}
	label := string(tool.Builtin)
	if label == "" || tool.Builtin == llm.BuiltinOther {
		label = tool.Name
	}
	losses.Drop("tool.builtin", at, label)
	return nil
}

// CheckCount refuses more tools than a target takes; limit 0 is none.
func CheckCount(have, limit int) error {
	if limit > 0 && have > limit {
		return Refuse("tool.count", "tools", "this model takes at most %d tools, the request has %d", limit, have)
	}
	return nil
}

// Allowed gives the target's names of the tools that the choice names. name
// tells how the target calls a tool.
func Allowed(req *llm.Request, name func(namespace, name string) string) (names []string) {
	for _, want := range req.ToolChoice.Names {
		for i := range req.Tools {
			t := &req.Tools[i]
			if t.Kind != llm.ToolServer && t.Name == want {
				names = append(names, name(t.Namespace, t.Name))
			}
		}
	}
	return names
}

// CheckNamed refuses a choice of a tool that has to be called although the
// request has no tool of that name.
func CheckNamed(req *llm.Request) error {
	choice := req.ToolChoice
	if choice.Mode != llm.ChoiceAny {
		return nil
	}
	for _, name := range choice.Names {
		if !slices.ContainsFunc(req.Tools, func(t llm.Tool) bool { return t.Name == name || string(t.Builtin) == name }) {
			return fault.Invalid("tool_choice", "the tool %q that must be called is not among the tools", name)
		}
	}
	return nil
}

// Syntax is the grammar's language of a freeform tool of either protocol.
func Syntax(tool *llm.Tool) string {
	for _, path := range [][]string{{"format", "syntax"}, {"format", "grammar", "syntax"}} {
		if raw, ok := rawjson.Get(tool.Native.Rest, path...); ok {
			if word, err := rawjson.String(raw); err == nil {
				return word
			}
		}
	}
	return "lark"
}
