package oai

import (
	"antigravity-tools/backend/family"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// Format is how structured output is asked for.
type Format struct {
	Kind   llm.FormatKind
	Schema []byte
	Strict *bool // nil: nothing is said
	// Prompt is what the system text has to say, since the target has no member
	// for it; "" if it has.
	Prompt string
}

// PlanFormat settles the output format for a target. path names the member in
// losses.
func PlanFormat(f llm.Format, caps family.Caps, own bool, path string, losses *llm.Losses) Format {
	plan := Format{Kind: f.Kind, Schema: f.Schema, Strict: f.Strict}
	if own {
		return plan
	}
	switch f.Kind {
	case llm.FormatText:
		plan.Kind = llm.FormatUnset // what a reply is anyway
	case llm.FormatEnum:
		return planChoice(f, caps, path, losses)
	}
	if plan.Kind != llm.FormatSchema {
		return plan
	}
	if !caps.Structured {
		losses.Adapt("format.prompt", path, "")
		return Format{
			Kind:   llm.FormatJSON,
			Prompt: "Answer with JSON that fits this JSON Schema and nothing else:\n" + string(rawjson.Compact(nil, f.Schema)),
		}
	}
	if f.Strict == nil || *f.Strict {
		closed, ok := schema.Strict(f.Schema)
		plan.Strict = &ok
		switch {
		case ok:
			plan.Schema = closed
		case f.Strict != nil:
			losses.Drop("tool.strict", path, "")
		}
	}
	return plan
}

// planChoice asks for one word of a list, in an object: the services take no
// other schema.
func planChoice(f llm.Format, caps family.Caps, path string, losses *llm.Losses) Format {
	losses.Adapt("format.enum", path, "")
	if !caps.Structured {
		losses.Adapt("format.prompt", path, "")
		return Format{Prompt: schema.ChoicePrompt(f.Schema)}
	}
	return Format{Kind: llm.FormatSchema, Schema: schema.Choice(f.Schema), Strict: llm.Ptr(true)}
}

// FormatName is the name of a schema, which the services want.
func FormatName(f llm.Format) string {
	if f.Name == "" {
		return "response"
	}
	return f.Name
}

// Parameters is the schema of a function for a target, and whether it is a
// strict one.
func Parameters(tool *llm.Tool, caps family.Caps, losses *llm.Losses) (raw []byte, strict bool) {
	raw = schema.Object(tool.Schema)
	if tool.Strict == nil || !*tool.Strict {
		return raw, false
	}
	closed, ok := schema.Strict(raw)
	if !ok || !caps.StrictTools {
		losses.Drop("tool.strict", "tools", tool.Name)
		return raw, false
	}
	return closed, true
}
