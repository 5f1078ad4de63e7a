package schema

import "testing"

// TestFlatRoot: what any branch says is kept, behind references too; a property
// that branches see differently is what either says.
func TestFlatRoot(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"no branches": {`{"type":"object","properties":{"a":{}}}`, ""},
		"by kind": {`{"oneOf":[{"properties":{"kind":{"const":"a"},"x":{}},"required":["kind","x"]},{"properties":{"kind":{"const":"b"}},"required":["kind"]},{"properties":{"kind":{"const":"c"},"x":{}},"required":["kind"]}]}`,
			`{"type":"object","properties":{"kind":{"anyOf":[{"const":"a"},{"const":"b"},{"const":"c"}]},"x":{}},"required":["kind"]}`},
		"references": {`{"type":"object","properties":{},"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}],"$defs":{"A":{"properties":{"a":{}}},"B":{"anyOf":[{"properties":{"b":{}}},{"$ref":"#/$defs/A"}]}}}`,
			`{"type":"object","properties":{"a":{},"b":{}},"$defs":{"A":{"properties":{"a":{}}},"B":{"anyOf":[{"properties":{"b":{}}},{"$ref":"#/$defs/A"}]}}}`},
		"all of them": {`{"properties":{"own":{}},"required":["own"],"allOf":[{"properties":{"a":{"type":"string"}},"required":["a","own"]},{"properties":{"a":{"minLength":1}}}]}`,
			`{"properties":{"own":{},"a":{"allOf":[{"type":"string"},{"minLength":1}]}},"required":["own","a"],"type":"object"}`},
		"a cycle": {`{"anyOf":[{"$ref":"#/$defs/A"}],"$defs":{"A":{"$ref":"#/$defs/A"}}}`, `{"$defs":{"A":{"$ref":"#/$defs/A"}},"type":"object","properties":{}}`},
	} {
		got, changed := FlatRoot([]byte(c.in))
		if want := c.want != ""; changed != want || want && string(got) != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestFlatRootEnds: branches that lead to themselves stay bounded.
func TestFlatRootEnds(t *testing.T) {
	wide := `{"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]}`
	if got, _ := FlatRoot([]byte(wide)); len(got) > 1000 {
		t.Errorf("%d bytes", len(got))
	}
}
