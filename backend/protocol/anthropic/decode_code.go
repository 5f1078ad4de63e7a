package anthropic

import (
	"strings"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/rawjson"
)

// Outcomes of a run, in the words that package llm has from Gemini; Anthropic
// tells it by a return code.
const (
	codeFailed = "OUTCOME_FAILED"
	codeRan    = "OUTCOME_OK"
)

// codeOf reads a block of the service's own code execution (anthropic-sdk-go,
// BashCodeExecutionToolResultBlock and its like): what was run, or what came of
// it. It is nil for every other block, among them those that edit files.
func codeOf(raw []byte) *llm.Code {
	switch member(raw, "type") {
	case "server_tool_use":
		return codeRun(raw)
	case "code_execution_tool_result", "bash_code_execution_tool_result":
		content, _ := rawjson.Get(raw, "content")
		return codeResult(content, member(raw, "tool_use_id"))
	}
	return nil
}

func codeRun(raw []byte) *llm.Code {
	var language, key string
	switch member(raw, "name") {
	case "code_execution":
		language, key = "python", "code"
	case "bash_code_execution":
		language, key = "bash", "command"
	default:
		return nil
	}
	input, _ := rawjson.Get(raw, "input")
	text := member(input, key)
	if text == "" {
		return nil
	}
	return &llm.Code{Language: language, Text: text, ID: member(raw, "id")}
}

func codeResult(content []byte, id string) *llm.Code {
	out := &llm.Code{Output: true, ID: id, Text: member(content, "stdout") + member(content, "stderr")}
	status, known := rawjson.Get(content, "return_code")
	if n, err := rawjson.Int(status); known && (err != nil || n != 0) {
		out.Outcome = codeFailed
	}
	if strings.HasSuffix(member(content, "type"), "_error") {
		out.Text, out.Outcome = member(content, "error_code"), codeFailed
	}
	return out
}
