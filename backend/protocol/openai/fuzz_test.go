package openai_test

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
	f.Add([]byte("{" + hi + `,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}}`))
	f.Add([]byte("{" + hi + `,"functions":[{"name":"f"}],"function_call":{"name":"f"},"stop":["a"],"audio":{"voice":{"id":"v"}}}`))
	f.Add([]byte("{" + hi + `,"extra_body":{"google":{"thinking_config":{"thinking_budget":9}}},"reasoning":{"effort":"low"}}`))
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
	allocated := after.TotalAlloc - before.TotalAlloc
	if allocated > 1<<16 {
		t.Errorf("%d bytes allocated for a body of %d", allocated, len(body))
	}
}

func BenchmarkStream(b *testing.B) {
	events := []llm.Event{{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindText}}}
	enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
	var dst []byte
	for _, ev := range events {
		dst, _ = enc.Encode(dst, ev)
	}
	delta := llm.Event{Kind: llm.EventDelta, Text: "some words of a reply"}
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = enc.Encode(dst[:0], delta)
	}
}
