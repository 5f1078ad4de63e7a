package fakegemini

// currentTurn is the index from which the present turn counts: behind the last
// user content that brings no function response. (A user content with both
// responses and text continues the turn: choice, the stricter reading.)
func currentTurn(contents []content) int {
	for i := len(contents) - 1; i >= 0; i-- {
		t := contents[i]
		if !t.isModel() && len(t.results()) == 0 {
			return i + 1
		}
	}
	return 0
}

// Gemini 3 and later: in the current turn the first function call of every
// model content carries its signature; parallel calls beside it need none.
// Source: docs, "Thought signatures"; wording seen (continue 8785).
func signaturesPresent(c *check) *Error {
	if !c.model.gemini3() {
		return nil
	}
	start := currentTurn(c.req.Contents)
	for i, t := range c.req.Contents {
		if i < start || !t.isModel() {
			continue
		}
		for _, p := range t.Parts {
			if p.FunctionCall == nil {
				continue
			}
			if p.ThoughtSignature == nil || *p.ThoughtSignature == "" {
				return Invalid("Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call `default_api:%s` , position %d. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.", p.FunctionCall.Name, i+1)
			}
			break
		}
	}
	return nil
}

// A signature is one that this service gave, to this model family, for this
// part. Source: seen ("Corrupted thought signature."); that it is bound to its
// content: docs ("do not merge a part with a signature with another"), the
// project's pitfalls 3 to 5. Signatures stand in model turns only.
func signaturesGenuine(c *check) *Error {
	for _, t := range c.req.Contents {
		for _, p := range t.Parts {
			if p.ThoughtSignature == nil || *p.ThoughtSignature == "" {
				continue
			}
			if !t.isModel() || !c.genuine(p) {
				return Invalid("Corrupted thought signature.")
			}
		}
	}
	return nil
}

func (c *check) genuine(p part) bool {
	if *p.ThoughtSignature == placeholder {
		// The placeholder is for calls alone (docs).
		return p.FunctionCall != nil && !c.srv.dialect().NoPlaceholder
	}
	known, ok := c.srv.seals.find(*p.ThoughtSignature)
	switch {
	case !ok, known.family != c.model.Family:
		return false
	case c.srv.opts.BindSignaturesToKey && known.key != c.key:
		return false
	case known.call == nil:
		return p.FunctionCall == nil
	}
	return p.FunctionCall != nil && sameCall(known.call, p.FunctionCall)
}
