package gemini

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/crossing/schema"
	"antigravity-tools/backend/rawjson"
)

// tool reads one entry of tools[]: functions, and one tool for each other
// member.
func (d *requestDecoder) tool(raw []byte) error {
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return err
	}
	for key, v := range rawjson.Members(raw) {
		if camel(key) != "functionDeclarations" {
			d.serverTool(key, v)
			continue
		}
		err := eachItem(key, v, func(_ int, item []byte) error {
			tool, err := decodeFunction(item)
			d.req.Tools = append(d.req.Tools, tool)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *requestDecoder) serverTool(key string, raw []byte) {
	var entry rest
	entry.add(key, raw)
	d.req.Tools = append(d.req.Tools, llm.Tool{
		Kind: llm.ToolServer, Builtin: builtinOf(camel(key)), Name: camel(key), Native: entry.native(),
	})
}

func builtinOf(member string) llm.Builtin {
	switch member {
	case "googleSearch", "googleSearchRetrieval":
		return llm.BuiltinWebSearch
	case "urlContext":
		return llm.BuiltinURLContext
	case "codeExecution":
		return llm.BuiltinCodeExecution
	}
	return llm.BuiltinOther
}

func decodeFunction(raw []byte) (llm.Tool, error) {
	tool := llm.Tool{Kind: llm.ToolFunction}
	if err := wantKind(raw, rawjson.KindObject); err != nil {
		return tool, err
	}
	var inner rest
	for key, v := range rawjson.Members(raw) {
		var err error
		switch camel(key) {
		case "name":
			err = readStr(&tool.Name, key, v)
		case "description":
			err = readStr(&tool.Description, key, v)
		case "parametersJsonSchema":
			var ok bool
			if ok, err = readObject(key, v); ok {
				tool.Schema = v
			}
		case "parameters":
			var ok bool
			if ok, err = readObject(key, v); ok {
				tool.Schema = schema.FromGemini(v)
				inner.add("parameters", v)
			}
		default:
			inner.add(key, v)
		}
		if err != nil {
			return tool, err
		}
	}
	if tool.Name == "" {
		return tool, fault.Invalid("name", "a function needs a name")
	}
	tool.Native = llm.Native{Protocol: llm.Gemini, Rest: inner.json()}
	return tool, nil
}

// toolConfig reads the choice of functions and keeps the whole as it came:
// VALIDATED and the settings of the upstream's own tools have no place in the
// model.
func (d *requestDecoder) toolConfig(key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	choice := &d.req.ToolChoice
	choice.Native = llm.Native{Protocol: llm.Gemini, Rest: raw}
	for k, v := range rawjson.Members(raw) {
		if camel(k) != "functionCallingConfig" {
			continue
		}
		if err := decodeChoice(choice, k, v); err != nil {
			return within(err, key)
		}
	}
	return nil
}

func decodeChoice(choice *llm.ToolChoice, key string, raw []byte) error {
	ok, err := readObject(key, raw)
	if !ok {
		return err
	}
	for k, v := range rawjson.Members(raw) {
		var err error
		switch camel(k) {
		case "mode":
			var mode string
			if err = readStr(&mode, k, v); err == nil {
				choice.Mode, err = choiceMode(mode)
			}
		case "allowedFunctionNames":
			err = readStrings(&choice.Names, k, v)
		}
		if err != nil {
			return within(err, key)
		}
	}
	return nil
}

func choiceMode(mode string) (llm.ChoiceMode, error) {
	switch mode {
	case "", "MODE_UNSPECIFIED":
		return llm.ChoiceUnset, nil
	case "AUTO", "auto", "VALIDATED", "validated":
		return llm.ChoiceAuto, nil
	case "ANY", "any":
		return llm.ChoiceAny, nil
	case "NONE", "none":
		return llm.ChoiceNone, nil
	}
	return "", fault.Invalid("mode", "expected AUTO, ANY, NONE or VALIDATED")
}
