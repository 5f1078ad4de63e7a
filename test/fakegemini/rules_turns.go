package fakegemini

import (
	"fmt"
	"slices"
)

// Source: seen (`contents is not specified`).
func contentsPresent(c *check) *Error {
	if len(c.req.Contents) == 0 {
		return invalidFields("* GenerateContentRequest.contents: contents is not specified\n",
			[]fieldViolation{{Field: "contents", Description: "contents is not specified"}})
	}
	return nil
}

// Source: seen (`contents.parts must not be empty.`).
func partsPresent(c *check) *Error {
	for i, t := range c.req.Contents {
		if len(t.Parts) == 0 {
			return Invalid("* GenerateContentRequest.contents[%d].parts: contents.parts must not be empty.\n", i)
		}
	}
	if s := c.req.SystemInstruction; s != nil && len(s.Parts) == 0 {
		return Invalid("* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.\n")
	}
	return nil
}

func (p part) data() []string {
	var out []string
	add := func(on bool, name string) {
		if on {
			out = append(out, name)
		}
	}
	add(p.Text != nil, "text")
	add(p.InlineData != nil, "inlineData")
	add(p.FileData != nil, "fileData")
	add(p.FunctionCall != nil, "functionCall")
	add(p.FunctionResponse != nil, "functionResponse")
	add(p.ExecutableCode != nil, "executableCode")
	add(p.CodeExecutionResult != nil, "codeExecutionResult")
	add(p.ToolCall != nil, "toolCall")
	add(p.ToolResponse != nil, "toolResponse")
	return out
}

// A part holds exactly one datum: a protobuf oneof. Source: types ("exactly
// one datum"); both wordings seen.
func oneDatum(c *check) *Error {
	check := func(path string, parts []part) *Error {
		for j, p := range parts {
			switch d := p.data(); {
			case len(d) == 0:
				return Invalid("* GenerateContentRequest.%s.parts[%d].data: required oneof field 'data' must have one initialized field\n", path, j)
			case len(d) > 1:
				return Invalid("Invalid value at '%s.parts[%d]' (oneof), oneof field 'data' is already set. Cannot set '%s'", path, j, d[1])
			}
		}
		return nil
	}
	for i, t := range c.req.Contents {
		if err := check(fmt.Sprintf("contents[%d]", i), t.Parts); err != nil {
			return err
		}
	}
	if s := c.req.SystemInstruction; s != nil {
		return check("system_instruction", s.Parts)
	}
	return nil
}

// Source: seen (one-api 1385, CLIProxyAPI 17: "Please use a valid role: user,
// model."). An absent role is user; the system instruction's is not looked at.
func validRole(c *check) *Error {
	for _, t := range c.req.Contents {
		if !slices.Contains([]string{"", "user", "model"}, t.Role) {
			return Invalid("Please use a valid role: user, model.")
		}
	}
	return nil
}

// Blob and file data name their type, a function response its function
// (types: fields marked required).
func mediaTyped(c *check) *Error {
	for i, t := range c.req.Contents {
		for j, p := range t.Parts {
			at := fmt.Sprintf("GenerateContentRequest.contents[%d].parts[%d]", i, j)
			switch {
			case p.InlineData != nil && p.InlineData.MIMEType == "":
				return Invalid("* %s.inline_data.mime_type: mime_type is required\n", at)
			case p.InlineData != nil && p.InlineData.Data == "":
				return Invalid("* %s.inline_data.data: data must not be empty\n", at)
			case p.FileData != nil && p.FileData.FileURI == "":
				return Invalid("* %s.file_data.file_uri: file_uri is required\n", at)
			case p.FunctionResponse != nil && p.FunctionResponse.Name == "":
				return Invalid("* %s.function_response.name: Name cannot be empty.\n", at)
			case p.FunctionResponse != nil && p.FunctionResponse.Response == nil:
				return Invalid("* %s.function_response.response: response is required\n", at)
			case p.FunctionCall != nil && p.FunctionCall.Name == "":
				return Invalid("* %s.function_call.name: Name cannot be empty.\n", at)
			}
		}
	}
	return nil
}

func (t content) isModel() bool { return t.Role == "model" }

func (t content) calls() []*functionCall {
	var out []*functionCall
	for _, p := range t.Parts {
		if p.FunctionCall != nil {
			out = append(out, p.FunctionCall)
		}
	}
	return out
}

func (t content) results() []*functionResult {
	var out []*functionResult
	for _, p := range t.Parts {
		if p.FunctionResponse != nil {
			out = append(out, p.FunctionResponse)
		}
	}
	return out
}

// The history begins with the user. Source: seen (hermes-agent 55427; for a
// first turn with calls gemini-cli 11814). A last model turn of text is let
// pass: reports differ (crewAI 6973 says refused), prefilling is common.
func firstTurnUser(c *check) *Error {
	t := c.req.Contents[0]
	switch {
	case len(t.calls()) > 0:
		return Invalid("%s", msgCallTurn)
	case t.isModel():
		return Invalid("Please ensure that multiturn requests alternate between user and model.")
	}
	return nil
}

const (
	msgCallTurn     = "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
	msgResponseTurn = "Please ensure that function response turn comes immediately after a function call turn."
	msgCount        = "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
)

// Source: seen (gemini-cli 26486 and many). Calls stand in model turns only.
func callsAfterUser(c *check) *Error {
	for i, t := range c.req.Contents {
		if len(t.calls()) == 0 {
			continue
		}
		if !t.isModel() || i == 0 || c.req.Contents[i-1].isModel() {
			return Invalid("%s", msgCallTurn)
		}
	}
	return nil
}

// Source: seen (langchain 27799, litellm 26755).
func responsesAfterCalls(c *check) *Error {
	for i, t := range c.req.Contents {
		if len(t.results()) == 0 {
			continue
		}
		if t.isModel() || i == 0 || len(c.req.Contents[i-1].calls()) == 0 {
			return Invalid("%s", msgResponseTurn)
		}
	}
	return nil
}

// Number (seen: gemini-cli 13292), names and ids agree by position. Order and
// ids: choice (docs: "the id must match"), what a careful client does anyway.
func responsesMatchCalls(c *check) *Error {
	for i := 1; i < len(c.req.Contents); i++ {
		calls, results := c.req.Contents[i-1].calls(), c.req.Contents[i].results()
		if len(results) == 0 {
			continue
		}
		if len(calls) != len(results) {
			return Invalid("%s", msgCount)
		}
		for j, call := range calls {
			r := results[j]
			if r.Name != call.Name {
				return Invalid("Please ensure that the function response name matches the function call name: expected `%s`, got `%s` at position %d.", call.Name, r.Name, j)
			}
			if r.ID != call.ID {
				return Invalid("Please ensure that the function response id matches the id of its function call `%s` at position %d.", call.Name, j)
			}
		}
	}
	return nil
}

// Every call turn is followed by its responses, the last one included: a turn
// that only waits for results cannot be continued. Source: seen, msgCount with
// zero responses; for the last turn choice.
func callsAnswered(c *check) *Error {
	for i, t := range c.req.Contents {
		if len(t.calls()) == 0 {
			continue
		}
		if i+1 == len(c.req.Contents) || len(c.req.Contents[i+1].results()) == 0 {
			return Invalid("%s", msgCount)
		}
	}
	return nil
}
