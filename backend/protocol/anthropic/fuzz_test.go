package anthropic_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// No body ends the program, and every error is the caller's and explains
// itself.
func FuzzDecodeRequest(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/request.json")
	for _, file := range files {
		if body, err := os.ReadFile(file); err == nil {
			f.Add(body)
		}
	}
	f.Add([]byte("{" + hi + `,"tools":[{"type":"bash_20250124","name":"bash"}],"tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"between_tools"}}`))
	f.Add([]byte("{" + hi + `,"metadata":{"user_id":"{\"session_id\":\"s\"}"},"output_config":{"format":{"type":"json_schema","schema":{}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := codec.DecodeRequest(protocol.Inbound{Body: body}, &llm.Losses{})
		if err == nil {
			_ = protocoltest.Dump(req)
			return
		}
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.InvalidRequest || e.Message == "" {
			t.Fatalf("%T %v", err, err)
		}
		if rawjson.Check(body, 100) == nil && rawjson.KindOf(body) == rawjson.KindObject && e.Param == "" {
			t.Fatalf("no field named: %v", err)
		}
	})
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

func benchmarkDecode(b *testing.B, body []byte) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.DecodeRequest(protocol.Inbound{Body: body}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeAgent(b *testing.B) { benchmarkDecode(b, agentBody()) }
func BenchmarkDecodeImage(b *testing.B) { benchmarkDecode(b, imageBody()) }

// The base64 text of an image is not copied at all while decoding.
func TestImageIsNotCopied(t *testing.T) {
	body := imageBody()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := codec.DecodeRequest(protocol.Inbound{Body: body}, nil); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 1<<16 {
		t.Errorf("%d bytes allocated for a body of %d", allocated, len(body))
	}
}

func BenchmarkStream(b *testing.B) {
	enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
	var dst []byte
	for _, ev := range respond(llm.ReasonEnd, llm.TextPart("x"))[:3] {
		dst, _ = enc.Encode(dst, ev)
	}
	delta := llm.Event{Kind: llm.EventDelta, Text: "some words of a reply"}
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = enc.Encode(dst[:0], delta)
	}
}
