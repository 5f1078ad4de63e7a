package openai_test

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
	f.Add([]byte("{" + hi + `,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}}`))
	f.Add([]byte("{" + hi + `,"functions":[{"name":"f"}],"function_call":{"name":"f"},"stop":["a"],"audio":{"voice":{"id":"v"}}}`))
	f.Add([]byte("{" + hi + `,"extra_body":{"google":{"thinking_config":{"thinking_budget":9}}},"reasoning":{"effort":"low"}}`))
	f.Fuzz(func(t *testing.T, body []byte) { protocoltest.FuzzRequest(t, codec, body) })
}

// agentBody is what a coding client sends after thirty tool rounds: about
// 100 KB with twenty tools.
func agentBody() []byte {
	var b strings.Builder
	b.WriteString(`{"model":"gemini-3-pro","stream":true,"tools":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","description":%q,"parameters":{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"integer","minimum":1}},"required":["path"]}}}`, i, strings.Repeat("Reads a file. ", 40))
	}
	b.WriteString(`],"messages":[{"role":"system","content":"You are a coding agent."},{"role":"user","content":"Fix it."}`)
	for i := range 30 {
		fmt.Fprintf(&b, `,{"role":"assistant","content":"Next.","tool_calls":[{"id":"call_%d","type":"function","function":{"name":"tool_1","arguments":"{\"path\":\"a/b.go\"}"}}]},{"role":"tool","tool_call_id":"call_%d","content":%q}`, i, i, strings.Repeat("line of code\n", 200))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func imageBody() []byte {
	image := base64.StdEncoding.EncodeToString(make([]byte, 5<<20*3/4))
	return []byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,` + image + `"}}]}]}`)
}

func BenchmarkDecodeAgent(b *testing.B) { protocoltest.BenchmarkDecode(b, codec, agentBody()) }
func BenchmarkDecodeImage(b *testing.B) { protocoltest.BenchmarkDecode(b, codec, imageBody()) }

// The base64 text of an image is not copied at all while decoding.
func TestImageIsNotCopied(t *testing.T) { protocoltest.CheckNoCopy(t, codec, imageBody()) }

func BenchmarkStream(b *testing.B) { protocoltest.BenchmarkDeltas(b, codec) }
