package anthropic_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/protocol/protocoltest"
)

// No body ends the program, and every error is the caller's and explains
// itself.
func FuzzDecodeRequest(f *testing.F) {
	protocoltest.SeedRequests(f)
	f.Add([]byte("{" + hi + `,"tools":[{"type":"bash_20250124","name":"bash"}],"tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"between_tools"}}`))
	f.Add([]byte("{" + hi + `,"metadata":{"user_id":"{\"session_id\":\"s\"}"},"output_config":{"format":{"type":"json_schema","schema":{}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzRequest(t, codec, body) })
}

// agentBody is what a coding client sends after thirty tool rounds: about
// 100 KB with twenty tools.
func agentBody() []byte {
	var b strings.Builder
	b.WriteString(`{"model":"claude","stream":true,"max_tokens":32000,"thinking":{"type":"adaptive"},"system":[{"type":"text","text":"You are a coding agent.","cache_control":{"type":"ephemeral"}}],"tools":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"tool_%d","description":%q,"input_schema":{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"integer","minimum":1}},"required":["path"]}}`, i, strings.Repeat("Reads a file. ", 40))
	}
	b.WriteString(`],"messages":[{"role":"user","content":"Fix it."}`)
	for i := range 30 {
		fmt.Fprintf(&b, `,{"role":"assistant","content":[{"type":"text","text":"Next."},{"type":"tool_use","id":"toolu_%d","name":"tool_1","input":{"path":"a/b.go"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":%q}]}`, i, i, strings.Repeat("line of code\n", 200))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func imageBody() []byte {
	image := base64.StdEncoding.EncodeToString(make([]byte, 5<<20*3/4))
	return []byte(`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"` + image + `"}}]}]}`)
}

func BenchmarkDecodeAgent(b *testing.B) { protocoltest.BenchmarkDecode(b, codec, agentBody()) }
func BenchmarkDecodeImage(b *testing.B) { protocoltest.BenchmarkDecode(b, codec, imageBody()) }

// The base64 text of an image is not copied at all while decoding.
func TestImageIsNotCopied(t *testing.T) { protocoltest.CheckNoCopy(t, codec, imageBody()) }

func BenchmarkStream(b *testing.B) { protocoltest.BenchmarkDeltas(b, codec) }
