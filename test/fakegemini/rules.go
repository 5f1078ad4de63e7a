package fakegemini

import "encoding/json"

// check is one request on its way through the rules.
type check struct {
	srv   *Server
	model Model
	key   string
	req   *generateRequest
	body  json.RawMessage // in canonical names
}

// rule refuses a request or lets it pass (nil). One rule, one reason.
type rule struct {
	name  string
	check func(*check) *Error
}

// generateRules run in this order after the field tables; the first refusal
// is the answer.
func generateRules() []rule {
	return []rule{
		{"contents present", contentsPresent},
		{"parts present", partsPresent},
		{"one datum", oneDatum},
		{"valid role", validRole},
		{"media typed", mediaTyped},
		{"first turn user", firstTurnUser},
		{"calls after user", callsAfterUser},
		{"responses after calls", responsesAfterCalls},
		{"responses match calls", responsesMatchCalls},
		{"calls answered", callsAnswered},
		{"signatures present", signaturesPresent},
		{"signatures genuine", signaturesGenuine},
		{"method supported", methodSupported},
		{"thinking either or", thinkingEitherOr},
		{"thinking supported", thinkingSupported},
		{"thinking budget", thinkingBudgetRange},
		{"thinking level", thinkingLevelAllowed},
		{"sampling ranges", samplingRanges},
		{"penalty ranges", penaltyRanges},
		{"output limit", outputLimit},
		{"stop sequences", stopSequences},
		{"candidate count", candidateCount},
		{"logprobs", logprobsRule},
		{"schema needs mime", schemaNeedsMIME},
		{"one response schema", oneResponseSchema},
		{"response mime", responseMIME},
		{"response schema", responseSchemaWords},
		{"image config", imageConfigRule},
		{"modalities", modalitiesRule},
		{"speech", speechRule},
		{"recordings", recordingsRule},
		{"function names", functionNames},
		{"function count", functionCount},
		{"one parameter schema", oneParameterSchema},
		{"parameter schema", parameterSchema},
		{"parameter json schema", parameterJSONSchema},
		{"calling mode", callingMode},
		{"built-in mixing", builtInMixing},
		{"json with functions", jsonWithFunctions},
		{"safety settings", safetySettings},
		{"cached content", cachedContentRule},
		{"continuation token", continuationGenuine},
	}
}

// dialectRules are of services behind a [Front].
func dialectRules() []rule {
	return []rule{
		{"call ids", callIDs},
		{"function name length", functionNameLength},
	}
}

func runRules(rules []rule, c *check) (string, *Error) {
	for _, r := range rules {
		if err := r.check(c); err != nil {
			return r.name, err
		}
	}
	return "", nil
}
