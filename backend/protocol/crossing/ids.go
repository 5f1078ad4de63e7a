package crossing

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"antigravity-tools/backend/llm"
)

// AnthropicCallID tells whether Anthropic's models take id as that of a call,
// behind whatever protocol: word characters and dashes, at least one.
func AnthropicCallID(id string) bool {
	return id != "" && strings.IndexFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) < 0
}

// LegalCallIDs returns the turns with every call id legal for a target. An
// illegal or overlong id becomes a hash of itself, an absent one a hash of its
// place, on the call and on its result alike; cutting ids would make some
// collide. The turns must have been normalised.
func LegalCallIDs(turns []llm.Turn, legal func(id string) bool) []llm.Turn {
	out := make([]llm.Turn, len(turns))
	var minted []string // for the id-less calls of the step before
	for i, turn := range turns {
		parts := make([]llm.Part, len(turn.Parts))
		var next []string
		for j, part := range turn.Parts {
			switch part.Kind {
			case llm.KindCall:
				call := *part.Call
				call.ID = legalID(call.ID, fmt.Sprintf("%d/%d/%s", i, j, call.Name), legal)
				next = append(next, call.ID)
				part.Call = &call
			case llm.KindResult:
				result := *part.Result
				if result.CallID == "" && len(minted) > 0 {
					result.CallID = minted[0]
				} else {
					result.CallID = legalID(result.CallID, "", legal)
				}
				if len(minted) > 0 {
					minted = minted[1:]
				}
				part.Result = &result
			}
			parts[j] = part
		}
		if turn.Role == llm.RoleModel {
			minted = next
		}
		turn.Parts = parts
		out[i] = turn
	}
	return out
}

func legalID(id, place string, legal func(string) bool) string {
	if id != "" && legal(id) {
		return id
	}
	seed := id
	if seed == "" {
		seed = place
	}
	sum := sha256.Sum256([]byte(seed))
	return "call_" + base64.RawURLEncoding.EncodeToString(sum[:])[:40]
}
