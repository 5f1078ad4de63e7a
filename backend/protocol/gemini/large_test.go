package gemini

import (
	"bytes"
	"testing"

	"antigravity-tools/backend/protocol"
)

func largeBody(size int) []byte {
	body := []byte(`{"contents":[{"role":"user","parts":[{"text":"see"},{"inlineData":{"mimeType":"image/png","data":"`)
	body = append(body, bytes.Repeat([]byte("A"), size)...)
	return append(body, `"}}]}]}`...)
}

// An image is not copied while a request is read, and once when it is written.
func TestLargeMediaIsNotCopied(t *testing.T) {
	const size = 5 << 20
	body := largeBody(size)
	target := modern("gemini-3-pro")
	decode := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (Client{}).DecodeRequest(protocol.Inbound{Body: body}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	if n := decode.AllocedBytesPerOp(); n > 1<<16 {
		t.Errorf("decoding allocates %d bytes", n)
	}
	req, err := Client{}.DecodeRequest(protocol.Inbound{Body: body}, nil)
	if err != nil {
		t.Fatal(err)
	}
	encode := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := (Upstream{}).EncodeRequest(req, target, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	if n := encode.AllocedBytesPerOp(); n > size+size/8 {
		t.Errorf("encoding allocates %d bytes", n)
	}
	if n := encode.AllocsPerOp(); n > 60 {
		t.Errorf("encoding allocates %d times", n)
	}
}

func BenchmarkDecodeLarge(b *testing.B) {
	body := largeBody(5 << 20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, _ = Client{}.DecodeRequest(protocol.Inbound{Body: body}, nil)
	}
}

func BenchmarkEncodeLarge(b *testing.B) {
	body := largeBody(5 << 20)
	req, _ := Client{}.DecodeRequest(protocol.Inbound{Body: body}, nil)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, _ = Upstream{}.EncodeRequest(req, modern("gemini-3-pro"), nil)
	}
}

func BenchmarkDecodeStreamText(b *testing.B) {
	var in []byte
	for range 200 {
		in = append(in, frames(`{"candidates":[{"content":{"parts":[{"text":"some words of an answer"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"totalTokenCount":7},"modelVersion":"m","responseId":"r"}`)...)
	}
	in = append(in, frames(`{"candidates":[{"finishReason":"STOP","index":0}]}`)...)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range (Upstream{}).DecodeStream(bytes.NewReader(in), nil) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
