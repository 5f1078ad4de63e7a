package fakegemini

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzDecode: no body crashes the fake, and what it takes once it takes again
// with the same meaning.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{}`, history(hi), params(`{"type":"object","properties":{"a":{"type":"string"}}}`),
		history(hi + `,` + model(call("1", placeholder)) + `,` + user(result("f", "1"))),
		`{"contents":{"parts":{"text":"a"}},"generation_config":{"seed":"1.0","max_output_tokens":1e3}}`, `{"a":`, "\xff", `[]`} {
		f.Add([]byte(seed))
	}
	s := &Server{cat: newCatalogue(), models: DefaultModels(), seals: sealer{known: map[string]issued{}}}
	rules := generateRules()
	f.Fuzz(func(t *testing.T, body []byte) {
		out, e := decodeBody(s.cat, body, "GenerateContentRequest")
		if e != nil {
			return
		}
		again, e := decodeBody(s.cat, out, "GenerateContentRequest")
		if e != nil || !json.Valid(out) || !bytes.Equal(out, again) {
			t.Fatalf("%s became %s, then %s (%v)", body, out, again, e)
		}
		req, e := typed[generateRequest](out)
		if e != nil {
			t.Fatalf("taken by the tables, not by the types: %s: %v", out, e)
		}
		if _, e := runRules(rules, &check{srv: s, model: s.models[4], req: req}); e == nil {
			think(s.models[4], req)
		}
	})
}
