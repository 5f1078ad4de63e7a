package fakegemini

import (
	"errors"
	"fmt"
)

// Check judges a generateContent body by the rules of the service without a
// server: nil if it would be answered. Signatures of the history are genuine
// if genuine names them, or if they are the documented placeholder.
func Check(model string, body []byte, genuine ...string) error {
	s := &Server{cat: newCatalogue(), models: DefaultModels(), seals: sealer{known: map[string]issued{}}, tokens: tokens{known: map[string]tokenFor{}}}
	m, ok := s.model(model)
	if !ok {
		return fmt.Errorf("no model %q", model)
	}
	canonical, e := decodeBody(s.cat, body, "GenerateContentRequest")
	if e != nil {
		return errors.New("fields: " + e.Message)
	}
	req, e := typed[generateRequest](canonical)
	if e != nil {
		return errors.New("fields: " + e.Message)
	}
	for _, t := range req.Contents {
		for _, p := range t.Parts {
			for _, seal := range genuine {
				if raw, ok := unbase64(seal); ok && p.ThoughtSignature != nil && *p.ThoughtSignature == seal {
					s.seals.known[string(raw)] = issued{family: m.Family, call: p.FunctionCall}
				}
			}
		}
	}
	if name, e := runRules(generateRules(), &check{srv: s, model: m, req: req, body: canonical}); e != nil {
		return errors.New(name + ": " + e.Message)
	}
	return nil
}
