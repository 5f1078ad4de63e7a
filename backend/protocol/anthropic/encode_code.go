package anthropic

import (
	"bytes"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/wire"
	"antigravity-tools/backend/rawjson"
)

const codeResultType = "code_execution_tool_result"

// showCode shows code that another upstream ran, or its output, in the blocks of
// the tool that the client declared; false leaves it to the text: the tool was
// not declared, or it is the output of nothing.
func (s *replyState) showCode(c *llm.Code) bool {
	if !s.declares(llm.BuiltinCodeExecution) || c.Output && s.ran == "" {
		return false
	}
	if c.Output {
		s.begin(blockHead{kind: codeResultType, id: s.ran, data: codeOutput(c)})
		s.ran = ""
		s.finish()
		return true
	}
	s.ran = ourID + s.reply.Mint(20, wire.Base62)
	s.begin(blockHead{kind: "server_tool_use", id: s.ran, name: "code_execution"})
	var w rawjson.Writer
	w.Obj()
	w.StrField("code", c.Text)
	w.End()
	s.sink.input(string(w.Bytes()))
	s.finish()
	return true
}

// codeOutput writes the content of a result (anthropic-sdk-go,
// CodeExecutionResultBlock).
func codeOutput(c *llm.Code) string {
	var w rawjson.Writer
	status, out, failed := int64(0), c.Text, ""
	if c.Outcome != "" && c.Outcome != codeRan {
		status, out, failed = 1, "", c.Text
	}
	w.Obj()
	w.StrField("type", "code_execution_result")
	w.StrField("stdout", out)
	w.StrField("stderr", failed)
	w.IntField("return_code", status)
	w.Key("content")
	w.Arr()
	w.EndArr()
	w.End()
	return string(w.Bytes())
}

// asText makes text of the blocks that showCode made, wherever they come back.
func asText(block []byte) ([]byte, bool) {
	if !ours(block) {
		return block, false
	}
	code := codeOf(block)
	if code == nil {
		return block, false
	}
	var w rawjson.Writer
	w.Obj()
	w.StrField("type", "text")
	w.StrField("text", wire.CodeMarkdown(code))
	w.End()
	return bytes.Clone(w.Bytes()), true
}
