package fakegemini

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

var functionName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$`)

func eachDeclaration(r *generateRequest, f func(path string, d declaration) *Error) *Error {
	for i, t := range r.Tools {
		for j, d := range t.Functions {
			if err := f(fmt.Sprintf("GenerateContentRequest.tools[%d].function_declarations[%d]", i, j), d); err != nil {
				return err
			}
		}
	}
	return nil
}

// Source: types (characters, at most 128); wording seen. Doubles: seen.
func functionNames(c *check) *Error {
	seen := map[string]bool{}
	return eachDeclaration(c.req, func(path string, d declaration) *Error {
		if !functionName.MatchString(d.Name) {
			return Invalid("* %s.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n", path)
		}
		if seen[d.Name] {
			return Invalid("Duplicate function declaration found: %s", d.Name)
		}
		seen[d.Name] = true
		return nil
	})
}

// Source: the front's dialect.
func functionNameLength(c *check) *Error {
	limit := c.srv.dialect().NameLimit
	return eachDeclaration(c.req, func(path string, d declaration) *Error {
		if limit > 0 && len(d.Name) > limit {
			return Invalid("* %s.name: Invalid function name, with a maximum length of %d.\n", path, limit)
		}
		return nil
	})
}

// Source: the project's translation notes, section on ids (services that have
// none), and its wire notes, "Thought signatures" (Claude's models need them).
func callIDs(c *check) *Error {
	judge := func(content int, field, id string) *Error {
		switch {
		case c.model.NoCallIDs && id != "":
			return Invalid("Invalid JSON payload received. Unknown name \"id\" at 'contents[%d].parts.%s': Cannot find field.", content, field)
		case c.model.MustCallIDs && id == "":
			return Invalid("contents[%d].parts.%s.id: Field required", content, field)
		}
		return nil
	}
	for i, t := range c.req.Contents {
		for _, call := range t.calls() {
			if e := judge(i, "function_call", call.ID); e != nil {
				return e
			}
		}
		for _, r := range t.results() {
			if e := judge(i, "function_response", r.ID); e != nil {
				return e
			}
		}
	}
	return nil
}

// Source: docs (512 declarations at most).
func functionCount(c *check) *Error {
	if n := len(c.req.declared()); n > 512 {
		return Invalid("* GenerateContentRequest.tools.function_declarations: at most 512 function declarations are supported, got %d.\n", n)
	}
	return nil
}

// Source: types ("never both").
func oneParameterSchema(c *check) *Error {
	return eachDeclaration(c.req, func(path string, d declaration) *Error {
		if d.Parameters != nil && d.ParametersJSONSchema != nil {
			return Invalid("* %s: only one of parameters and parameters_json_schema may be set.\n", path)
		}
		if d.Response != nil && d.ResponseJSONSchema != nil {
			return Invalid("* %s: only one of response and response_json_schema may be set.\n", path)
		}
		return nil
	})
}

// The words of `parameters` were checked by the field tables; here its sense.
// A root that is no object: seen.
func parameterSchema(c *check) *Error {
	return eachDeclaration(c.req, func(path string, d declaration) *Error {
		if d.Parameters == nil {
			return nil
		}
		var root struct {
			Type string `json:"type"`
		}
		if err := json.Unmarshal(d.Parameters, &root); err != nil || root.Type != "OBJECT" {
			return Invalid("* %s.parameters: parameters schema should be of type OBJECT.\n", path)
		}
		return openAPISense(path+".parameters", d.Parameters)
	})
}

// Source: types (the documented words); two more: seen, see cliKeywords.
func parameterJSONSchema(c *check) *Error {
	return eachDeclaration(c.req, func(path string, d declaration) *Error {
		if d.ParametersJSONSchema == nil {
			return nil
		}
		w := schemaWalk{c.srv.opts.LenientJSONSchema, append(jsonSchemaKeywords(), cliKeywords()...)}
		if err := w.schema(path+".parameters_json_schema", d.ParametersJSONSchema); err != nil {
			return err
		}
		// Source: types, "The schema must describe an object"; the words: seen of
		// schemas without a type (python-genai 981, OmniRoute 3360).
		var root struct{ Type string }
		if json.Unmarshal(d.ParametersJSONSchema, &root) != nil || root.Type != "object" {
			return Invalid("* %s.parameters_json_schema: functionDeclaration parameters schema should be of type OBJECT.\n", path)
		}
		return nil
	})
}

// Source: types, as above.
func responseSchemaWords(c *check) *Error {
	g := c.req.config()
	if g.ResponseSchema != nil {
		return openAPISense("GenerateContentRequest.generation_config.response_schema", g.ResponseSchema)
	}
	if g.ResponseJSONSchema != nil {
		w := schemaWalk{c.srv.opts.LenientJSONSchema, jsonSchemaKeywords()}
		return w.schema("GenerateContentRequest.generation_config.response_json_schema", g.ResponseJSONSchema)
	}
	return nil
}

// allowedFunctionNames go with ANY or VALIDATED and name declared functions
// (types); a forced call without any function: seen.
func callingMode(c *check) *Error {
	if c.req.ToolConfig == nil || c.req.ToolConfig.FunctionCalling == nil {
		return nil
	}
	f, mode := c.req.ToolConfig.FunctionCalling, c.req.mode()
	declared := c.req.declared()
	if len(declared) == 0 && (mode == "ANY" || mode == "VALIDATED") {
		return Invalid("Function calling config is set without function_declarations.")
	}
	if len(f.Allowed) > 0 && mode != "ANY" && mode != "VALIDATED" {
		return Invalid("Please set allowed_function_names only when function calling mode is ANY or VALIDATED.")
	}
	for _, name := range f.Allowed {
		if !slices.ContainsFunc(declared, func(d declaration) bool { return d.Name == name }) {
			return Invalid("Invalid value in allowed_function_names: function %s is not declared.", name)
		}
	}
	return nil
}

// Source: before Gemini 3 the two never mix (seen, "Tool use with function
// calling is unsupported"); from 3 on the flag is needed (seen, eino-ext 761)
// and AUTO is not taken with it (docs, "Combine built-in tools").
func builtInMixing(c *check) *Error {
	if len(c.req.declared()) == 0 || !slices.ContainsFunc(c.req.Tools, tool.builtIn) {
		return nil
	}
	switch {
	case !c.model.gemini3():
		return Invalid("Tool use with function calling is unsupported")
	case c.srv.dialect().MixesFreely:
		return nil
	case c.req.ToolConfig == nil || !c.req.ToolConfig.IncludeServerSide:
		return Invalid("Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.")
	case c.req.mode() == "AUTO":
		return Invalid("Function calling mode AUTO is not supported with include_server_side_tool_invocations. Please use VALIDATED.")
	}
	return nil
}

// Source: seen ("… is unsupported" on 2.x; Gemini 3 takes both).
func jsonWithFunctions(c *check) *Error {
	if c.model.gemini3() || len(c.req.declared()) == 0 || c.req.config().ResponseMIMEType != "application/json" {
		return nil
	}
	return Invalid("Function calling with a response mime type: 'application/json' is unsupported")
}
