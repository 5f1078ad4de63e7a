package schema

import "testing"

func TestChoice(t *testing.T) {
	got := string(Choice([]byte(`{"type":"STRING", "enum":["blue", "red"]}`)))
	if want := `{"type":"object","properties":{"value":{"type":"string","enum":["blue","red"]}},"required":["value"],"additionalProperties":false}`; got != want {
		t.Errorf("%s", got)
	}
	if closed, ok := Strict([]byte(got)); !ok || string(closed) != got {
		t.Errorf("not strict: %s", closed)
	}
	for in, want := range map[string]string{
		`{"value":"blue"}`: "blue", ` {"value": "gr\u00fcn"}` + "\n": "grün", `"blue"`: "blue", "blue": "blue", `{"value":1}`: `{"value":1}`,
		`{"other":"blue"}`: `{"other":"blue"}`, "": "", `{"value":"blue"`: `{"value":"blue"`, "7": "7", `["blue"]`: `["blue"]`,
	} {
		if got := Chosen(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
