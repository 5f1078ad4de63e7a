package responses_test

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

// No body ends the program, every error is the caller's and explains itself,
// and what was read can be answered.
func FuzzDecodeRequest(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/request.json")
	for _, file := range files {
		if body, err := os.ReadFile(file); err == nil {
			f.Add(body)
		}
	}
	f.Add([]byte("{" + hi + `,"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}}`))
	f.Add([]byte("{" + hi + `,"previous_response_id":"r","include":["message.output_text.logprobs"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := codec.DecodeRequest(protocol.Inbound{Body: body}, &llm.Losses{})
		valid := rawjson.Check(body, 100) == nil
		if err == nil {
			_ = protocoltest.Dump(req)
			if out, _ := codec.EncodeResponse(&llm.Response{}, reply(req), nil); valid && rawjson.Check(out, 110) != nil {
				t.Fatalf("%s", out)
			}
			return
		}
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Class != fault.InvalidRequest || e.Message == "" {
			t.Fatalf("%T %v", err, err)
		}
		if valid && rawjson.KindOf(body) == rawjson.KindObject && e.Param == "" {
			t.Fatalf("no field named: %v", err)
		}
	})
}

// agentBody is what Codex sends after thirty tool rounds: about 100 KB with
// twenty tools.
func agentBody() []byte {
	var b strings.Builder
	b.WriteString(`{"model":"gemini-3-pro","stream":true,"store":false,"include":["reasoning.encrypted_content"],"tools":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","name":"tool_%d","strict":false,"description":%q,"parameters":{"type":"object","properties":{"path":{"type":"string"},"limit":{"type":"integer","minimum":1}},"required":["path"]}}`, i, strings.Repeat("Reads a file. ", 40))
	}
	b.WriteString(`],"instructions":"You are a coding agent.","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Fix it."}]}`)
	seal := (&llm.Seal{Issuer: llm.IssuerGoogle, Data: strings.Repeat("c2ln", 100)}).Envelope("call:0")
	for i := range 30 {
		fmt.Fprintf(&b, `,{"type":"reasoning","summary":[],"encrypted_content":"%s"},{"type":"function_call","call_id":"call_%d","name":"tool_1","arguments":"{\"path\":\"a/b.go\"}"},{"type":"function_call_output","call_id":"call_%d","output":%q}`, seal, i, i, strings.Repeat("line of code\n", 200))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func imageBody() []byte {
	image := base64.StdEncoding.EncodeToString(make([]byte, 5<<20*3/4))
	return []byte(`{"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":"What is this?"},{"type":"input_image","image_url":"data:image/png;base64,` + image + `"}]}]}`)
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

// The base64 text of an image is not copied at all while decoding, and once
// while a whole reply is encoded.
func TestImageIsNotCopied(t *testing.T) {
	body := imageBody()
	var req *llm.Request
	read := allocated(func() { req, _ = codec.DecodeRequest(protocol.Inbound{Body: body}, nil) })
	if read > 1<<16 {
		t.Errorf("%d bytes allocated for a body of %d", read, len(body))
	}
	image := llm.Part{Kind: llm.KindMedia, Media: req.Turns[0].Parts[1].Media}
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{image}}}}
	written := allocated(func() { _, _ = codec.EncodeResponse(resp, reply(req), nil) })
	if written > uint64(len(body)+1<<17) {
		t.Errorf("%d bytes allocated to write %d", written, len(body))
	}
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func BenchmarkStream(b *testing.B) {
	enc := codec.NewStreamEncoder(protocoltest.Reply(nil), nil)
	var dst []byte
	for _, ev := range []llm.Event{{Kind: llm.EventOpen}, {Kind: llm.EventPartOpen, Part: &llm.Part{Kind: llm.KindText}}} {
		dst, _ = enc.Encode(dst, ev)
	}
	delta := llm.Event{Kind: llm.EventDelta, Text: "some words of a reply"}
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = enc.Encode(dst[:0], delta)
	}
}
