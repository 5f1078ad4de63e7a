package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"antigravity-tools/backend/rawjson"
)

func TestFull(t *testing.T) {
	cases := []struct {
		name, in, want string
		removed        []string
	}{
		{"known words stay", `{"type":"object","properties":{"a":{"type":"string","enum":["x"]}},"required":["a"]}`,
			`{"type":"object","properties":{"a":{"type":"string","enum":["x"]}},"required":["a"]}`, nil},
		{"properties named like keywords (pitfall 25)", `{"type":"object","properties":{"pattern":{"type":"string"},"format":{"type":"string"},"$ref":{"type":"string"}}}`,
			`{"type":"object","properties":{"pattern":{"type":"string"},"format":{"type":"string"},"$ref":{"type":"string"}}}`, nil},
		{"limits move to the description", `{"type":"string","description":"A name.","minLength":1,"pattern":"^a","$schema":"x"}`,
			`{"type":"string","description":"A name. (minLength: 1; pattern: \"^a\")"}`, []string{"$schema", "minLength", "pattern"}},
		{"a reference is inlined, siblings win", `{"type":"object","properties":{"n":{"$ref":"#/$defs/N","description":"own"}},"$defs":{"N":{"type":"integer","description":"theirs"}}}`,
			`{"type":"object","properties":{"n":{"type":"integer","description":"own"}}}`, []string{"$defs", "$ref"}},
		{"definitions at every level, the first wins", `{"type":"object","properties":{"a":{"$ref":"#/definitions/X"},"b":{"type":"object","definitions":{"X":{"type":"boolean"}},"properties":{}}}}`,
			`{"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":"object","properties":{}}}}`, []string{"$ref", "definitions"}},
		{"a reference to nothing", `{"$ref":"#/$defs/Gone"}`, `{"type":"string","description":"(a Gone)"}`, []string{"$ref"}},
		{"allOf is merged", `{"allOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]}`, []string{"allOf"}},
		{"the richest branch", `{"anyOf":[{"type":"string"},{"type":"object","properties":{"a":{"type":"string"}}},{"type":"null"}]}`,
			`{"type":"object","description":"(accepts: object, string; nullable)","properties":{"a":{"type":"string"}}}`, []string{"anyOf", "nullable"}},
		{"objects of a union count as one", `{"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}],"$defs":{"A":{"type":"object","description":"Add.","properties":{"kind":{"const":"add"},"x":{"type":"string"},"n":{"type":"string","enum":["1"]}},"required":["kind","x"]},` +
			`"B":{"type":"object","description":"Drop.","properties":{"kind":{"const":"drop"},"x":{"type":"integer"},"n":{"type":"string"}},"required":["kind","n"]}}}`,
			`{"type":"object","description":"Add.; or: Drop.","properties":{"kind":{"type":"string","enum":["add","drop"]},"x":{"type":"string","description":"(or integer)"},"n":{"type":"string"}},"required":["kind"]}`, []string{"$defs", "$ref", "anyOf", "const"}},
		{"a reference to another place", `{"type":"object","properties":{"a":{"type":"integer"},"b":{"$ref":"#/properties/a"}}}`,
			`{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}}}`, []string{"$ref"}},
		{"what may be null need not be there", `{"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":"string"}},"required":["a","b","c","b"]}`,
			`{"type":"object","properties":{"a":{"type":"string","description":"(nullable)"},"b":{"type":"string"}},"required":["b"]}`, []string{"nullable"}},
		{"a constant", `{"const":"x"}`, `{"type":"string","enum":["x"]}`, []string{"const"}},
		{"constants of a union", `{"oneOf":[{"const":"and"},{"const":"or"},{"type":"null"}]}`, `{"type":"string","description":"(nullable)","enum":["and","or"]}`, []string{"const", "nullable", "oneOf"}},
		{"a constant beside any text", `{"anyOf":[{"const":"auto"},{"type":"string"}]}`, `{"type":"string"}`, []string{"anyOf", "const"}},
		{"values tell their type", `{"type":"object","properties":{"a":{"const":2},"b":{"enum":[true,null]},"c":{"enum":[1,"x"]},"d":{"enum":[0.5]}}}`,
			`{"type":"object","properties":{"a":{"type":"integer","description":"(enum: [2])"},"b":{"type":"boolean","description":"(enum: [true,null]; nullable)"},` +
				`"c":{"type":"string","description":"(enum: [1,\"x\"])","enum":["x"]},"d":{"type":"number","description":"(enum: [0.5])"}}}`, []string{"const", "enum", "nullable"}},
		{"numbers cannot be an enum", `{"type":"integer","enum":[1,2]}`, `{"type":"integer","description":"(enum: [1,2])"}`, []string{"enum"}},
		{"boolean schemas", `{"type":"object","properties":{"yes":true,"no":{"type":"string"}},"required":["yes","no"]}`,
			`{"type":"object","properties":{"no":{"type":"string"}},"required":["no"]}`, nil},
		{"a bare list of properties", `{"a":{"type":"string"}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, nil},
		{"an array of anything", `{"type":"array"}`, `{"type":"array","items":{"type":"string"}}`, nil},
		{"a tuple", `{"type":"array","items":[{"type":"string"},{"type":"integer"}]}`,
			`{"type":"array","description":"(items: [{\"type\":\"string\"},{\"type\":\"integer\"}])","items":{"type":"string"}}`, []string{"items"}},
		{"a map says what it holds", `{"type":"object","additionalProperties":{"type":"number"}}`,
			`{"type":"object","description":"(additionalProperties: {\"type\":\"number\"})","properties":{}}`, []string{"additionalProperties"}},
		{"no property is added (pitfall 26)", `{"type":"object","properties":{}}`, `{"type":"object","properties":{}}`, nil},
		{"upper-case types", `{"type":"OBJECT","properties":{"n":{"type":"INTEGER"}}}`, `{"type":"object","properties":{"n":{"type":"integer"}}}`, nil},
		{"several types", `{"type":["integer","string"]}`, `{"type":"integer","description":"(or string)"}`, []string{"type"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, removed := Full([]byte(c.in))
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.removed, removed); diff != "" {
				t.Errorf("removed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFullEnds: cycles end, and references that multiply stay bounded.
func TestFullEnds(t *testing.T) {
	cycle := `{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}}`
	if got, _ := Full([]byte(cycle)); len(got) > 2000 {
		t.Errorf("a cycle grew to %d bytes", len(got))
	}
	var wide strings.Builder
	wide.WriteString(`{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{`)
	for i := range 20 {
		if i > 0 {
			wide.WriteByte(',')
		}
		wide.WriteString(`"` + string(rune('a'+i)) + `":{"$ref":"#/$defs/N"}`)
	}
	wide.WriteString(`}}}}`)
	if got, _ := Full([]byte(wide.String())); len(got) > maxNodes*100 {
		t.Errorf("references grew to %d bytes", len(got))
	}
}

// FuzzFull: the result is JSON whose schema nodes hold known words only, each
// with a type, and cleaning it once more changes nothing.
func FuzzFull(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"$ref":"#/definitions/a","default":1}},"definitions":{"a":{"not":{}}}}`)
	f.Add(`{"allOf":[{"$ref":"#"},{"$ref":"#"}],"properties":{"a":{"$ref":"#/allOf/0"}}}`)
	f.Add(`{"anyOf":[{"$ref":"#"},{"$ref":"#/properties/a"}],"properties":{"a":{"properties":{"b":{}}}}}`)
	f.Add(`{"allOf":[{"allOf":[{"const":null}]}],"enum":[null,1,"x"],"items":[true]}`)
	f.Add(`{"anyOf":[{"type":"null"},{"enum":[""]}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		if rawjson.Check([]byte(in), 200) != nil {
			return
		}
		got, _ := Full([]byte(in))
		if err := rawjson.Check(got, 400); err != nil {
			t.Fatalf("%s: %v", got, err)
		}
		plain(t, parse(got, 0))
		if again, _ := Full(got); string(again) != string(got) {
			t.Fatalf("once more: %s, then %s", got, again)
		}
	})
}

func plain(t *testing.T, n *node) {
	t.Helper()
	if n.get("type").text() == "" {
		t.Fatalf("no type: %s", n.bytes())
	}
	for _, m := range n.members {
		if !slices.Contains([]string{"type", "title", "description", "properties", "required", "items", "enum"}, m.key) {
			t.Fatalf("word %q", m.key)
		}
	}
	for _, p := range n.get("properties").list() {
		plain(t, p.value)
	}
	if items := n.get("items"); items != nil {
		plain(t, items)
	}
}

func (n *node) list() []member {
	if n == nil {
		return nil
	}
	return n.members
}
