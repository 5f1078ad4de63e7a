package responses_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"antigravity-tools/backend/llm"
	"antigravity-tools/backend/protocol/protocoltest"
	"antigravity-tools/backend/rawjson"
)

// No body ends the program, every error is the caller's and explains itself,
// and what was read can be answered.
func FuzzDecodeRequest(f *testing.F) {
	protocoltest.SeedRequests(f)
	f.Add([]byte("{" + hi + `,"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}}`))
	f.Add([]byte("{" + hi + `,"previous_response_id":"r","include":["message.output_text.logprobs"]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req := protocoltest.FuzzRequest(t, codec, body)
		if req == nil || rawjson.Check(body, 100) != nil {
			return
		}
		if out, _ := codec.EncodeResponse(&llm.Response{}, reply(req), nil); rawjson.Check(out, 110) != nil {
			t.Fatalf("%s", out)
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

func BenchmarkDecodeAgent(b *testing.B) { protocoltest.BenchmarkDecode(b, codec, agentBody()) }
func BenchmarkDecodeImage(b *testing.B) { protocoltest.BenchmarkDecode(b, codec, imageBody()) }

// The base64 text of an image is not copied at all while decoding, and once
// while a whole reply is encoded.
func TestImageIsNotCopied(t *testing.T) {
	body := imageBody()
	req := protocoltest.CheckNoCopy(t, codec, body)
	image := llm.Part{Kind: llm.KindMedia, Media: req.Turns[0].Parts[1].Media}
	resp := &llm.Response{Choices: []llm.Choice{{Parts: []llm.Part{image}}}}
	written := protocoltest.Allocated(func() { _, _ = codec.EncodeResponse(resp, reply(req), nil) })
	if written > uint64(len(body)+1<<17) {
		t.Errorf("%d bytes allocated to write %d", written, len(body))
	}
}

func BenchmarkStream(b *testing.B) { protocoltest.BenchmarkDeltas(b, codec) }
