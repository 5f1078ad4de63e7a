package fakegemini

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// openAPINode is a checked `Schema` message.
type openAPINode struct {
	Type       string                     `json:"type"`
	Format     string                     `json:"format"`
	Enum       []string                   `json:"enum"`
	Items      json.RawMessage            `json:"items"`
	Properties map[string]json.RawMessage `json:"properties"`
	Required   []string                   `json:"required"`
	AnyOf      []json.RawMessage          `json:"anyOf"`
	Ordering   []string                   `json:"propertyOrdering"`
}

// openAPISense checks what the field tables cannot: an array names its items,
// enum stands on strings only, required names existing properties, string
// formats are `enum` and `date-time` alone. Source: seen, each of them.
func openAPISense(path string, raw json.RawMessage) *Error {
	var n openAPINode
	if err := json.Unmarshal(raw, &n); err != nil {
		return Invalid("* %s: invalid schema\n", path)
	}
	switch {
	case n.Type == "" && len(n.AnyOf) == 0:
		return Invalid("* %s.type: must be specified\n", path)
	case n.Type == "ARRAY" && n.Items == nil:
		return Invalid("* %s.items: missing field.\n", path)
	case len(n.Enum) > 0 && n.Type != "STRING":
		return Invalid("* %s.enum: only allowed for STRING type\n", path)
	case n.Type == "STRING" && !slices.Contains([]string{"", "enum", "date-time"}, n.Format):
		return Invalid("* %s.format: only 'enum' and 'date-time' are supported for STRING type\n", path)
	case slices.Contains(n.Enum, ""):
		return Invalid("* %s.enum[%d]: cannot be empty\n", path, slices.Index(n.Enum, ""))
	case n.Properties != nil && n.Type != "OBJECT":
		return Invalid("* %s.properties: only allowed for OBJECT type\n", path)
	}
	for i, r := range n.Required {
		if _, ok := n.Properties[r]; !ok {
			return Invalid("* %s.required[%d]: property is not defined\n", path, i)
		}
	}
	for name, p := range n.Properties {
		if err := openAPISense(fmt.Sprintf("%s.properties[%s]", path, name), p); err != nil {
			return err
		}
	}
	for i, a := range n.AnyOf {
		if err := openAPISense(fmt.Sprintf("%s.any_of[%d]", path, i), a); err != nil {
			return err
		}
	}
	if n.Items != nil {
		return openAPISense(path+".items", n.Items)
	}
	return nil
}

// jsonSchemaKeywords are the words documented for responseJsonSchema (types;
// the doc comment of GenerateContentConfig.ResponseJsonSchema in genai
// v1.77.0). The service's docs say that other words are not supported.
func jsonSchemaKeywords() []string {
	return []string{"$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum",
		"items", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf",
		"properties", "additionalProperties", "required", "propertyOrdering"}
}

// cliKeywords are undocumented words that Google's own Gemini CLI 0.61.0 sends
// in the parametersJsonSchema of its built-in tools, so the service takes them
// there (seen on the wire and in its published bundle).
func cliKeywords() []string { return []string{"$schema", "default", "minLength"} }

// schemaWalk checks a JSON Schema against a list of words. lenient lets
// unknown words pass: the service was seen to ignore some of them, but which
// ones is written nowhere.
type schemaWalk struct {
	lenient bool
	words   []string
}

func (w schemaWalk) schema(path string, raw json.RawMessage) *Error {
	if b := first(raw); b == 't' || b == 'f' {
		return nil // a boolean schema
	}
	ms, err := members(raw)
	if err != nil {
		return Invalid("* %s: schema must be an object.\n", path)
	}
	ref := slices.ContainsFunc(ms, func(m member) bool { return m.name == "$ref" })
	for _, m := range ms {
		switch {
		case !w.lenient && !slices.Contains(w.words, m.name):
			return Invalid("* %s: unsupported JSON Schema keyword %q.\n", path, m.name)
		case ref && !strings.HasPrefix(m.name, "$"):
			// types: beside $ref only words that begin with $.
			return Invalid("* %s: a schema with $ref may only have members that start with $, found %q.\n", path, m.name)
		}
		if err := w.member(path, m); err != nil {
			return err
		}
	}
	return nil
}

func (w schemaWalk) member(path string, m member) *Error {
	at := path + "." + m.name
	switch m.name {
	case "properties", "$defs":
		ms, err := members(m.value)
		if err != nil {
			return Invalid("* %s: must be an object.\n", at)
		}
		for _, p := range ms {
			if err := w.schema(at+"["+p.name+"]", p.value); err != nil {
				return err
			}
		}
	case "items", "additionalProperties":
		return w.schema(at, m.value)
	case "anyOf", "oneOf", "prefixItems":
		var list []json.RawMessage
		if json.Unmarshal(m.value, &list) != nil {
			return Invalid("* %s: must be an array.\n", at)
		}
		for i, s := range list {
			if err := w.schema(fmt.Sprintf("%s[%d]", at, i), s); err != nil {
				return err
			}
		}
	case "enum":
		return jsonSchemaEnum(at, m.value)
	case "type":
		return jsonSchemaType(at, m.value)
	}
	return nil
}

// enum holds strings and numbers (types).
func jsonSchemaEnum(path string, raw json.RawMessage) *Error {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return Invalid("* %s: must be an array.\n", path)
	}
	for i, v := range list {
		if b := first(v); b != '"' && b != '-' && (b < '0' || b > '9') {
			return Invalid("* %s[%d]: only strings and numbers are supported.\n", path, i)
		}
	}
	return nil
}

func jsonSchemaType(path string, raw json.RawMessage) *Error {
	var names []string
	var one string
	if json.Unmarshal(raw, &one) == nil {
		names = []string{one}
	} else if json.Unmarshal(raw, &names) != nil {
		return Invalid("* %s: must be a string or an array of strings.\n", path)
	}
	for _, n := range names {
		if !slices.Contains([]string{"string", "number", "integer", "boolean", "array", "object", "null"}, n) {
			return Invalid("* %s: unknown type %q.\n", path, n)
		}
	}
	return nil
}
