// Package gemini speaks Google's generateContent protocol, to clients and to
// upstreams. Field names are those of the public API (v1beta); snake_case
// spellings are understood wherever a client may write them.
//
// What the canonical model does not hold stays in Native members of protocol
// Gemini, laid out as the object it came from with the known members taken
// out:
//
//   - Request.Native mirrors the request (safetySettings, labels, the unknown
//     members of generationConfig under that key, …),
//   - Tool.Native the function declaration, or the whole tools[] entry of a
//     tool that the upstream runs,
//   - ToolChoice.Native the whole toolConfig,
//   - Part.Native the part (unknown members of its datum under the datum's
//     key); of an opaque part, the whole,
//   - Close.Native is {"candidate":{…},"response":{…}}, both with the known
//     members taken out.
//
// Where Native holds a member that the model also expresses (responseSchema,
// thinkingConfig, toolConfig, a structured functionResponse.response), the
// native form is written back to a Gemini upstream.
package gemini

import "antigravity-tools/backend/llm"

// Client is the side that faces Gemini clients.
type Client struct{}

// Upstream is the side that faces Gemini upstreams.
type Upstream struct{}

// Name is llm.Gemini.
func (Client) Name() llm.Protocol { return llm.Gemini }

// Name is llm.Gemini.
func (Upstream) Name() llm.Protocol { return llm.Gemini }

// Placeholder is what Google accepts in place of a thought signature for
// calls that another model made.
const Placeholder = "skip_thought_signature_validator"

// Roles of contents. Anything but roleModel is the user's.
const (
	roleUser  = "user"
	roleModel = "model"
)
