package loopback

import (
	"strings"

	"antigravity-tools/backend/rawjson"
)

// sample builds a value that fits a JSON Schema as far as its common words go:
// what is required, and nothing else. The same schema gives the same value.
func sample(schema []byte) []byte {
	s := sampler{root: schema}
	var w rawjson.Writer
	if len(schema) == 0 {
		w.Obj()
		w.End()
		return w.Bytes()
	}
	s.value(&w, schema, 0)
	return w.Bytes()
}

type sampler struct{ root []byte }

// maxDepth ends recursive schemas.
const maxDepth = 8

func (s sampler) value(w *rawjson.Writer, schema []byte, depth int) {
	schema = s.resolve(schema)
	for _, key := range []string{"const", "default", "example"} {
		if v, ok := rawjson.Get(schema, key); ok && !rawjson.IsNull(v) {
			w.Raw(v)
			return
		}
	}
	for _, key := range []string{"enum", "examples"} {
		if v, ok := firstItem(schema, key); ok {
			w.Raw(v)
			return
		}
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		list, _ := rawjson.Get(schema, key)
		for branch := range rawjson.Items(list) {
			if depth < maxDepth && kindOf(branch) != "null" {
				s.value(w, branch, depth+1)
				return
			}
		}
	}
	switch kindOf(schema) {
	case "object":
		s.object(w, schema, depth)
	case "array":
		s.array(w, schema, depth)
	case "integer", "number":
		if v, ok := rawjson.Get(schema, "minimum"); ok {
			w.Raw(v)
			return
		}
		w.Int(1)
	case "boolean":
		w.Bool(true)
	case "null":
		w.Null()
	default:
		w.Str(stringFor(schema))
	}
}

func firstItem(schema []byte, key string) ([]byte, bool) {
	list, _ := rawjson.Get(schema, key)
	for v := range rawjson.Items(list) {
		if !rawjson.IsNull(v) {
			return v, true
		}
	}
	return nil, false
}

func (s sampler) object(w *rawjson.Writer, schema []byte, depth int) {
	w.Obj()
	defer w.End()
	if depth >= maxDepth {
		return
	}
	props, _ := rawjson.Get(schema, "properties")
	required, _ := rawjson.Get(schema, "required")
	for item := range rawjson.Items(required) {
		name, err := rawjson.String(item)
		if err != nil {
			continue
		}
		w.Key(name)
		prop, _ := rawjson.Get(props, name)
		s.value(w, prop, depth+1)
	}
}

func (s sampler) array(w *rawjson.Writer, schema []byte, depth int) {
	w.Arr()
	defer w.EndArr()
	least, _ := rawjson.Get(schema, "minItems")
	n, err := rawjson.Int(least)
	if err != nil || depth >= maxDepth {
		return
	}
	items, _ := rawjson.Get(schema, "items")
	for range min(n, 3) {
		s.value(w, items, depth+1)
	}
}

// resolve follows local references, a few steps deep.
func (s sampler) resolve(schema []byte) []byte {
	for range maxDepth {
		ref, ok := rawjson.Get(schema, "$ref")
		if !ok {
			return schema
		}
		path, err := rawjson.String(ref)
		if err != nil || !strings.HasPrefix(path, "#/") {
			return schema
		}
		target, ok := rawjson.Get(s.root, strings.Split(path[2:], "/")...)
		if !ok {
			return schema
		}
		schema = target
	}
	return nil
}

// kindOf is the first type that is not null; without one it is told by the
// other words.
func kindOf(schema []byte) string {
	v, ok := rawjson.Get(schema, "type")
	if ok {
		if name, err := rawjson.String(v); err == nil {
			return strings.ToLower(name)
		}
		for item := range rawjson.Items(v) {
			if name, err := rawjson.String(item); err == nil && name != "null" {
				return strings.ToLower(name)
			}
		}
	}
	if _, ok := rawjson.Get(schema, "properties"); ok {
		return "object"
	}
	if _, ok := rawjson.Get(schema, "items"); ok {
		return "array"
	}
	return "string"
}

func stringFor(schema []byte) string {
	v, _ := rawjson.Get(schema, "format")
	format, _ := rawjson.String(v)
	switch format {
	case "date-time":
		return "2025-01-01T00:00:00Z"
	case "date":
		return "2025-01-01"
	case "uri", "url":
		return "https://example.com/"
	case "email":
		return "user@example.com"
	}
	text := "loopback"
	if least, ok := rawjson.Get(schema, "minLength"); ok {
		if n, err := rawjson.Int(least); err == nil && int(n) > len(text) && n < 1000 {
			text += strings.Repeat(".", int(n)-len(text))
		}
	}
	return text
}
