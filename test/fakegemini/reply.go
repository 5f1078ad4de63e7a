package fakegemini

import "encoding/json"

// The shapes of a reply on the wire, in the order in which the service writes
// them.

type wireCall struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
}

type wireBlob struct {
	MIMEType string `json:"mimeType"`
	Data     string `json:"data"`
}

type wirePart struct {
	Text      *string   `json:"text,omitempty"`
	Thought   bool      `json:"thought,omitempty"`
	Call      *wireCall `json:"functionCall,omitempty"`
	Inline    *wireBlob `json:"inlineData,omitempty"`
	Signature string    `json:"thoughtSignature,omitempty"`
	raw       json.RawMessage
}

func (p wirePart) MarshalJSON() ([]byte, error) {
	if p.raw != nil {
		return p.raw, nil
	}
	type plain wirePart
	return json.Marshal(plain(p))
}

type wireContent struct {
	Parts []wirePart `json:"parts,omitempty"`
	Role  string     `json:"role"`
}

type wireCandidate struct {
	Content       *wireContent    `json:"content,omitempty"`
	Finish        string          `json:"finishReason,omitempty"`
	FinishMessage string          `json:"finishMessage,omitempty"`
	Token         string          `json:"continuationToken,omitempty"`
	Index         int             `json:"index"`
	SafetyRatings json.RawMessage `json:"safetyRatings,omitempty"`
	Citations     json.RawMessage `json:"citationMetadata,omitempty"`
	Grounding     json.RawMessage `json:"groundingMetadata,omitempty"`
	Logprobs      json.RawMessage `json:"logprobsResult,omitempty"`
}

type wireReply struct {
	Candidates     []wireCandidate `json:"candidates,omitempty"`
	PromptFeedback json.RawMessage `json:"promptFeedback,omitempty"`
	Usage          *Usage          `json:"usageMetadata,omitempty"`
	ModelVersion   string          `json:"modelVersion"`
	ResponseID     string          `json:"responseId"`
}
