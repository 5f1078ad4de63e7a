package schema

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/rawjson"
)

func TestLight(t *testing.T) {
	cases := []struct {
		name, in, want string
		removed        []string
	}{
		{"documented words stay", `{"type":"object","properties":{"a":{"type":"string","enum":["x",1]}},"required":["a"],"additionalProperties":false}`,
			`{"type":"object","properties":{"a":{"type":"string","enum":["x",1]}},"required":["a"],"additionalProperties":false}`, nil},
		{"property named like a keyword survives (pitfall 25)", `{"properties":{"pattern":{"type":"string"},"format":{"type":"string"},"allOf":{"type":"string"}}}`,
			`{"properties":{"pattern":{"type":"string"},"format":{"type":"string"},"allOf":{"type":"string"}}}`, nil},
		{"const becomes an enum", `{"const":"x"}`, `{"enum":["x"]}`, []string{"const"}},
		{"a constant no enum can hold", `{"const":true}`, `{"description":"(enum: [true])"}`, []string{"const", "enum"}},
		{"integer bounds", `{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10}`, `{"type":"integer","minimum":1,"maximum":9}`,
			[]string{"exclusiveMaximum", "exclusiveMinimum"}},
		{"draft 4 bound", `{"type":"integer","minimum":3,"exclusiveMinimum":true}`, `{"type":"integer","minimum":4}`, []string{"exclusiveMinimum"}},
		{"number bound is told", `{"type":"number","exclusiveMinimum":0}`, `{"type":"number","description":"(exclusiveMinimum: 0)"}`, []string{"exclusiveMinimum"}},
		{"words move to the description", `{"$schema":"x","type":"string","description":"A name.","minLength":1,"pattern":"^a"}`,
			`{"type":"string","description":"A name. (minLength: 1; pattern: \"^a\")"}`, []string{"$schema", "minLength", "pattern"}},
		{"definitions", `{"definitions":{"N":{"type":"object","properties":{"next":{"$ref":"#/definitions/N"}}}},"$ref":"#/definitions/N"}`,
			`{"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}},"$ref":"#/$defs/N"}`, nil},
		{"a reference stands alone", `{"$ref":"#/$defs/N","description":"next"}`, `{"description":"next","anyOf":[{"$ref":"#/$defs/N"}]}`, nil},
		{"a reference beside the definitions", `{"$ref":"#/$defs/N","description":"next","$defs":{"N":{"type":"string"}}}`,
			`{"description":"next","$defs":{"N":{"type":"string"}},"anyOf":[{"$ref":"#/$defs/N"}]}`, nil},
		{"references to other places become definitions", `{"type":"object","properties":{"a":{"type":"object","properties":{"x":{"type":"string","minLength":1}}},"b":{"$ref":"#/properties/a"},"c":{"$ref":"#/properties/a/properties/x"}},"$defs":{"properties_a":{"type":"null"}}}`,
			`{"type":"object","properties":{"a":{"type":"object","properties":{"x":{"type":"string","description":"(minLength: 1)"}}},"b":{"$ref":"#/$defs/properties_a_"},"c":{"$ref":"#/$defs/properties_a_properties_x"}},` +
				`"$defs":{"properties_a":{"type":"null"},"properties_a_":{"type":"object","properties":{"x":{"type":"string","description":"(minLength: 1)"}}},"properties_a_properties_x":{"type":"string","description":"(minLength: 1)"}}}`, []string{"minLength"}},
		{"a reference to the whole", `{"type":"object","properties":{"next":{"$ref":"#"}},"$defs":{"n":{}}}`,
			`{"type":"object","properties":{"next":{"$ref":"#/$defs/root"}},"$defs":{"n":{},"root":{"type":"object","properties":{"next":{"$ref":"#/$defs/root"}}}}}`, nil},
		{"a reference to nowhere", `{"$ref":"#/properties/none"}`, `{"description":"(a none)"}`, []string{"$ref"}},
		{"both words for definitions", `{"$defs":{"a":{"type":"null"}},"definitions":{"b":{"type":"string"}}}`, `{"$defs":{"a":{"type":"null"},"b":{"type":"string"}}}`, nil},
		{"allOf of references", `{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/b"}],"$defs":{"a":{"properties":{"x":{}}},"b":{"properties":{"y":{}}}}}`,
			`{"$defs":{"a":{"properties":{"x":{}}},"b":{"properties":{"y":{}}}},"properties":{"x":{},"y":{}}}`, []string{"allOf"}},
		{"nullable without a type", `{"anyOf":[{"type":"string"}],"nullable":true}`, `{"anyOf":[{"type":"string"},{"type":"null"}]}`, []string{"nullable"}},
		{"allOf is merged", `{"allOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b","a"]}]}`,
			`{"properties":{"a":{},"b":{}},"required":["a","b"]}`, []string{"allOf"}},
		{"boolean schemas", `{"properties":{"yes":true,"no":false},"required":["yes","no"]}`, `{"properties":{"yes":{}},"required":["yes"]}`, nil},
		{"nullable", `{"type":"string","nullable":true}`, `{"type":["string","null"]}`, []string{"nullable"}},
		{"tuple items", `{"items":[{"type":"string"}]}`, `{"prefixItems":[{"type":"string"}]}`, nil},
		{"no property is added (pitfall 26)", `{"type":"object","properties":{}}`, `{"type":"object","properties":{}}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, removed := Light([]byte(c.in))
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.removed, removed); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromGemini(t *testing.T) {
	in := `{"type":"OBJECT","properties":{"type":{"type":"STRING","nullable":true},"n":{"type":"ARRAY","items":{"type":"INTEGER"},"minItems":"1"}},"propertyOrdering":["n","type"]}`
	want := `{"type":"object","properties":{"type":{"type":["string","null"]},"n":{"type":"array","items":{"type":"integer"},"minItems":1}}}`
	if diff := cmp.Diff(want, string(FromGemini([]byte(in)))); diff != "" {
		t.Error(diff)
	}
	in = `{"type":"STRING","nullable":true,"enum":["a"]}`
	want = `{"type":["string","null"],"enum":["a",null]}`
	if diff := cmp.Diff(want, string(FromGemini([]byte(in)))); diff != "" {
		t.Error(diff)
	}
}

func TestObject(t *testing.T) {
	for in, want := range map[string]string{
		``:                    `{"type":"object","properties":{}}`,
		`{"type":"object"}`:   `{"type":"object","properties":{}}`,
		`{"properties":{}}`:   `{"type":"object","properties":{}}`,
		`{"type":"string"}`:   `{"type":"string"}`,
		`{"anyOf":[{"a":1}]}`: `{"type":"object","anyOf":[{"a":1}],"properties":{}}`,
		// What a root refers to is the root: a closed object without properties would take none.
		`{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"a":{}}}}}`: `{"$defs":{"N":{"type":"object","properties":{"a":{}}}},"type":"object","properties":{"a":{}}}`,
		`{"$ref":"#"}`: `{"type":"object","$ref":"#","properties":{}}`,
	} {
		if got := string(Object([]byte(in))); got != want {
			t.Errorf("Object(%s) = %s, want %s", in, got, want)
		}
	}
}

// FuzzLight: the result is valid JSON whose schema nodes hold documented words
// only, and cleaning it once more changes nothing.
func FuzzLight(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/definitions/a","default":1}},"definitions":{"a":{"not":{}}}}`)
	f.Add(`{"allOf":[{"$ref":"#"},{"$ref":"#"}],"properties":{"a":{"$ref":"#/allOf/0"}}}`)
	f.Add(`{"allOf":[{"allOf":[{"const":null}]}],"enum":[null,1,"x"],"items":[true]}`)
	f.Add(strings.Repeat(`{"items":`, 80) + `{}` + strings.Repeat(`}`, 80))
	f.Fuzz(func(t *testing.T, in string) {
		if rawjson.Check([]byte(in), 1000) != nil {
			t.Skip()
		}
		out, _ := Light([]byte(in))
		if !json.Valid(out) {
			t.Fatalf("Light(%s) = %s is not JSON", in, out)
		}
		again, removed := Light(out)
		if string(again) != string(out) || len(removed) > 0 {
			t.Fatalf("not idempotent: %s then %s (%v)", out, again, removed)
		}
	})
}
